import type { z } from "zod";
import type { Finding } from "../core/errors.ts";
import type { Path } from "./positions.ts";
import type { Where } from "./yaml-document.ts";

/** Fields people will look for, and why they are refused rather than ignored. */
const REFUSED: { [field: string]: string } = {
  step_up: "STEP_UP_UNAVAILABLE: a second factor at the moment of approval is not available, so nothing may rely on it",
  on_timeout: '"on_timeout" does not exist: silence never approves, an undecided request expires',
  priority: '"priority" does not exist: every rule is evaluated and the strictest answer counts',
  grant: '"grant" is not available, so no policy may rely on it: no action gives access for a time',
  layer: '"layer" is not available, so no policy may rely on it: all files are one set',
  secret: '"secret" is not available, so no policy may rely on it: explanations show every rule',
};

/** What zod found, in sentences, at the place in the file. */
export function shapeFindingsOf(error: z.ZodError, json: unknown, shape: Shape, where: Where): Finding[] {
  return error.issues.flatMap((issue): Finding[] => {
    const path = issue.path.filter((part): part is string | number => typeof part !== "symbol");
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => where.key([...path, key], REFUSED[key] ?? unknownField(key, path, shape)));
    }
    const last = path.at(-1);
    if (issue.code === "invalid_type" && typeof last === "string" && valueAt(json, path) === undefined) {
      return [where.key(path.slice(0, -1), `"${last}" is missing`)];
    }
    return [where.value(path, `${subject(path)}${messageOf(issue)}`)];
  });
}

function subject(path: Path): string {
  const names = path.filter((part) => typeof part === "string");
  const name = names.at(-1);
  return name === undefined || name === "rules" ? "" : `"${name}": `;
}

function messageOf(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_value")
    return `must be ${issue.values.map((value) => `"${String(value)}"`).join(" or ")}`;
  return issue.message.replace(/^Invalid input: /, "");
}

function unknownField(key: string, path: Path, shape: Shape): string {
  const known = fieldsAt(shape, path);
  return `unknown field "${key}"${known.length > 0 ? `; known here: ${known.join(", ")}` : ""}`;
}

type Shape = z.core.$ZodType;
type Definition = { type: string; shape?: { [field: string]: Shape }; element?: Shape; innerType?: Shape };

/** Names of the fields that the shape has at this path. */
function fieldsAt(root: Shape, path: Path): string[] {
  let shape: Shape | undefined = root;
  for (const part of path) {
    const definition: Definition | null = shape ? unwrapped(shape) : null;
    shape = typeof part === "number" ? definition?.element : definition?.shape?.[part];
  }
  return shape ? Object.keys(unwrapped(shape).shape ?? {}) : [];
}

function unwrapped(shape: Shape): Definition {
  const definition = shape._zod.def as unknown as Definition;
  return definition.innerType ? unwrapped(definition.innerType) : definition;
}

function valueAt(json: unknown, path: Path): unknown {
  let value = json;
  for (const part of path) {
    if (value === null || typeof value !== "object") return undefined;
    value = (value as { [key: string | number]: unknown })[part];
  }
  return value;
}
