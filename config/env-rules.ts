import type { EnvReader } from "./env-reader.ts";
import type { VariableName } from "./env-table.ts";

/** What several variables have to be, whatever they are for. */

export const WEB = ["https:", "http:"];

/** What examples, images and tutorials use as a password. */
export const DEFAULT_SECRET =
  /^(postgres|password|countersign(_app|_executor)?|admin|root|secret|test|1234\d*|dev)$|change[-_ ]?me|example|default|development|insecure|for-tests/i;

/** Long enough, and in production not one that everybody knows. */
export function readSecret(reader: EnvReader, name: VariableName, minChars: number): string | null {
  const value = reader.optional(name);
  if (value === null) return null;
  if (value.length < minChars) reader.problem(name, `is shorter than ${minChars} characters.`);
  else if (reader.production && (DEFAULT_SECRET.test(value) || new Set(value).size < 8)) {
    reader.problem(name, "is not random. `openssl rand -base64 32` makes one.");
  }
  return value;
}

/** Cookies, codes and passwords travel there: in clear on this machine only. */
export function requireTls(reader: EnvReader, name: VariableName, value: string): void {
  if (reader.production && isClear(value)) reader.problem(name, "must be https, unless it is this machine.");
}

/** Does what is sent to this address leave this machine without TLS? */
export function isClear(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, hostname } = new URL(value);
  const loopback = hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
  return protocol !== "https:" && !loopback;
}
