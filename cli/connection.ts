import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { createTransport, type Transport } from "../client/transport.ts";
import { usage } from "./exit-codes.ts";

/** What `npm start` leaves behind while it runs. */
export type DevelopmentFile = {
  apiUrl: string;
  temporalAddress: string;
  temporalUiUrl: string;
  tokens: { agent: string; reviewers: { [name: string]: string } };
};

export type ConnectionOptions = { url?: string; tokenFile?: string; as?: string };
export type Connection = { url: string; token: string; transport: Transport };

/** Options every command that speaks to the API has. */
export function withConnection(command: Command): Command {
  return command
    .option("--url <url>", "address of the API (COUNTERSIGN_URL; else the running `npm start`)")
    .option("--token-file <file>", "file that holds the token (COUNTERSIGN_TOKEN or COUNTERSIGN_TOKEN_FILE)")
    .option("--as <name>", "with a running `npm start`: the development person, or `agent`");
}

/**
 * Flags before environment before a running `npm start`. A token is never taken from the command
 * line, where every user of the machine could read it.
 */
export function connectionOf(options: ConnectionOptions, fallback: "agent" | "person"): Connection {
  const development = developmentFile();
  const url = options.url ?? process.env.COUNTERSIGN_URL ?? development?.apiUrl;
  if (!url) {
    throw usage(
      "No API address is known.",
      "Set COUNTERSIGN_URL, pass --url, or run this where `npm start` is running.",
    );
  }
  const token = givenToken(options) ?? developmentToken(development, url, options.as, fallback);
  return { url, token, transport: createTransport({ url, token }) };
}

function givenToken(options: ConnectionOptions): string | null {
  // --as chooses among the development people, also when the shell has a token of its own.
  if (options.as !== undefined && options.tokenFile === undefined) return null;
  if (options.tokenFile !== undefined) return readToken(options.tokenFile);
  if (process.env.COUNTERSIGN_TOKEN) return process.env.COUNTERSIGN_TOKEN.trim();
  if (process.env.COUNTERSIGN_TOKEN_FILE) return readToken(process.env.COUNTERSIGN_TOKEN_FILE);
  return null;
}

function readToken(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    throw usage(`The token file ${file} cannot be read.`);
  }
}

function developmentToken(
  development: DevelopmentFile | null,
  url: string,
  as: string | undefined,
  fallback: "agent" | "person",
): string {
  if (!development) {
    throw usage("No token is known.", "Set COUNTERSIGN_TOKEN_FILE (or COUNTERSIGN_TOKEN), or pass --token-file.");
  }
  // Development tokens belong to the development API; they are not offered to another address.
  if (new URL(development.apiUrl).origin !== originOf(url)) {
    throw usage(`The tokens of \`npm start\` are for ${development.apiUrl}, not for ${url}.`, "Pass --token-file.");
  }
  const name = as ?? (fallback === "agent" ? "agent" : undefined);
  if (name === "agent") return development.tokens.agent;
  const names = Object.keys(development.tokens.reviewers);
  const token = name === undefined ? undefined : development.tokens.reviewers[name.replace(/^person:/, "")];
  if (token) return token;
  const known = `Known here: ${names.join(", ")}.`;
  throw name === undefined
    ? usage("Say who answers with --as NAME.", known)
    : usage(`There is no development person "${name}".`, known);
}

function originOf(url: string): string {
  try {
    return new URL(url).origin;
  } catch {
    throw usage(`"${url}" is not an address.`, "It begins with http:// or https://.");
  }
}

/** Of the directory we are in, else of the clone this file belongs to. */
export function developmentFile(): DevelopmentFile | null {
  const clone = join(dirname(fileURLToPath(import.meta.url)), "..");
  for (const root of [process.cwd(), clone]) {
    const file = join(root, ".countersign", "dev.json");
    if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")) as DevelopmentFile;
  }
  return null;
}
