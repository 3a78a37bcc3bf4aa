import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { PolicySource } from "../policy/load.ts";
import { usage } from "./exit-codes.ts";

/** Policies are the YAML files of the directory itself; its folder `tests` holds cases, not policies. */
export function readPolicySources(directory: string): PolicySource[] {
  if (!existsSync(directory) || !statSync(directory).isDirectory()) {
    throw usage(`There is no directory ${directory}.`, "Name the directory that holds the policies.");
  }
  const sources = readYaml(directory);
  if (sources.length === 0) throw usage(`There is no .yaml file in ${directory}.`);
  return sources;
}

export function readCaseSources(directory: string): PolicySource[] {
  const folder = join(directory, "tests");
  if (!existsSync(folder)) throw usage(`There is no folder ${folder}.`, "Cases are YAML files in the folder `tests`.");
  return readYaml(folder);
}

function readYaml(directory: string): PolicySource[] {
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name))
    .map((entry) => join(directory, entry.name))
    .sort()
    .map((file) => ({ file, text: readFileSync(file, "utf8") }));
}
