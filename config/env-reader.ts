import { accessSync, constants, readFileSync } from "node:fs";
import { CountersignError, type Finding } from "../core/errors.ts";
import { type VariableName, variable } from "./env-table.ts";

export type Environment = { readonly [name: string]: string | undefined };

/**
 * Reads variables and collects what is wrong with them, so that one start tells everything. A
 * method that found something wrong returns a stand-in; `settings` never leave with one, because
 * `finish` throws first.
 */
export type EnvReader = {
  production: boolean;
  text(name: VariableName): string;
  optional(name: VariableName): string | null;
  oneOf<T extends string>(name: VariableName, values: readonly T[]): T;
  integer(name: VariableName, min: number, max: number): number;
  url(name: VariableName, protocols: readonly string[]): string;
  optionalUrl(name: VariableName, protocols: readonly string[]): string | null;
  /** A path whose file this process can read. */
  file(name: VariableName): string;
  optionalFile(name: VariableName): string | null;
  problem(name: VariableName, sentence: string): void;
  finish(): void;
};

export function createEnvReader(env: Environment): EnvReader {
  const problems = new Map<VariableName, string>();
  const problem = (name: VariableName, sentence: string) => {
    if (!problems.has(name)) problems.set(name, sentence);
  };
  const production = (env.COUNTERSIGN_MODE || variable("COUNTERSIGN_MODE").default) !== "development";

  const optional = (name: VariableName): string | null => {
    const row = variable(name);
    const given = row.secret ? fromFileOr(env, name, problem) : env[name] || null;
    return given ?? row.default ?? (production ? null : row.developmentDefault);
  };
  const text = (name: VariableName): string => {
    const value = optional(name);
    if (value === null) problem(name, `is not set. ${variable(name).sentence}`);
    return value ?? "";
  };
  const checkedUrl = (name: VariableName, value: string, protocols: readonly string[]): string => {
    const protocol = URL.canParse(value) ? new URL(value).protocol : "";
    if (!protocols.includes(protocol)) problem(name, `must be a URL that begins with ${protocols.join("// or ")}//.`);
    return value;
  };
  const checkedFile = (name: VariableName, path: string): string => {
    if (!isReadable(path)) problem(name, `names ${path}, which this process cannot read. ${variable(name).sentence}`);
    return path;
  };

  return {
    production,
    text,
    optional,
    problem,
    oneOf(name, values) {
      const value = text(name);
      const found = values.find((one) => one === value);
      if (found === undefined) problem(name, `must be ${values.join(" or ")}.`);
      return found ?? (values[0] as (typeof values)[number]);
    },
    integer(name, min, max) {
      const value = text(name);
      const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
      if (!(number >= min && number <= max)) problem(name, `must be a whole number from ${min} to ${max}.`);
      return number;
    },
    url: (name, protocols) => {
      const value = text(name);
      return value === "" ? value : checkedUrl(name, value, protocols);
    },
    optionalUrl: (name, protocols) => {
      const value = optional(name);
      return value === null ? null : checkedUrl(name, value, protocols);
    },
    file: (name) => {
      const path = text(name);
      return path === "" ? path : checkedFile(name, path);
    },
    optionalFile: (name) => {
      const path = optional(name);
      return path === null ? null : checkedFile(name, path);
    },
    finish() {
      if (problems.size === 0) return;
      const findings = [...problems].map(([name, sentence]) => findingOf(`${name} ${sentence}`));
      const lines = findings.map(({ message }) => `\n- ${message}`).join("");
      throw new CountersignError("CONFIGURATION_INVALID", `The environment of this process:${lines}`, { findings });
    },
  };
}

function fromFileOr(
  env: Environment,
  name: VariableName,
  problem: (name: VariableName, sentence: string) => void,
): string | null {
  const value = env[name] || null;
  const path = env[`${name}_FILE`] || null;
  if (path === null) return value;
  if (value !== null) {
    problem(name, `and ${name}_FILE are both set. Keep one.`);
    return value;
  }
  try {
    const text = readFileSync(path, "utf8").trim();
    if (text === "") problem(name, `is empty in the file ${path}.`);
    return text;
  } catch {
    problem(name, `has its file set to ${path}, which this process cannot read.`);
    return "";
  }
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

function findingOf(message: string): Finding {
  return { message, pointer: null, file: null, line: null, column: null };
}
