import { LIMITS } from "../core/limits.ts";
import type { Json } from "../core/request.ts";
import { REDACTED, redactText } from "./redact-text.ts";

export { redactText };

/**
 * The one redaction before every log line, failure message and search attribute. Takes anything,
 * gives JSON of bounded size, and changes nothing it was given. What a key names as secret goes
 * whole; other text loses what looks like a secret.
 */
export function redact(value: unknown): Json {
  return walk(value, { depth: 0, above: [], budget: { nodes: LIMITS.redactNodes } });
}

type Place = { depth: number; above: object[]; budget: { nodes: number } };

function walk(value: unknown, place: Place): Json {
  place.budget.nodes -= 1;
  if (place.budget.nodes < 0) return "[more]";
  switch (typeof value) {
    case "string":
      return redactText(value);
    case "number":
      // JSON knows one zero.
      return Number.isFinite(value) ? value || 0 : String(value);
    case "boolean":
      return value;
    case "bigint":
      return value.toString();
    case "object":
      return value === null ? null : walkObject(value, place);
    case "undefined":
      return null;
    case "function":
    case "symbol":
      return `[${typeof value}]`;
  }
}

function walkObject(value: object, { depth, above, budget }: Place): Json {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  if (value instanceof URL) return redactText(value.href);
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
  if (above.includes(value)) return "[circular]";
  if (depth >= LIMITS.redactDepth) return "[deeper]";
  const inner: Place = { depth: depth + 1, above: [...above, value], budget };
  if (Array.isArray(value) || value instanceof Set) return walkList([...value], inner);
  return walkEntries(value, value instanceof Map ? [...value] : ownEntries(value), inner);
}

/** A list of headers as Node gives it: name, value, name, value. */
function walkList(list: unknown[], place: Place): Json {
  const shown = list.slice(0, Math.max(0, place.budget.nodes));
  const redacted = shown.map((item, index) => {
    const before = shown[index - 1];
    return typeof before === "string" && HEADERS.has(before.toLowerCase()) ? REDACTED : walk(item, place);
  });
  return shown.length < list.length ? [...redacted, "[more]"] : redacted;
}

const HEADERS = new Set(["authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key"]);

function walkEntries(owner: object, entries: [unknown, unknown][], place: Place): Json {
  const secret = secretKeysOf(entries);
  const redacted: [string, Json][] = [];
  for (const [key, inner] of entries) {
    if (place.budget.nodes <= 0) {
      redacted.push(["…", "[more]"]);
      break;
    }
    if (inner === undefined || typeof inner === "function") continue;
    const name = typeof key === "string" ? key : nameOf(walk(key, place));
    redacted.push([redactText(name), secret(name) && !isHarmless(inner) ? REDACTED : walk(inner, place)]);
  }
  if (owner instanceof Error && !("name" in Object.fromEntries(entries))) redacted.unshift(["name", owner.name]);
  return Object.fromEntries(redacted);
}

/** A Map's key may be anything, an object whose own `toString` is no function included. */
function nameOf(key: Json): string {
  return typeof key === "string" ? key : JSON.stringify(key);
}

/** Which keys of this object hold a secret: by their own name, or by what the object is. */
function secretKeysOf(entries: [unknown, unknown][]): (key: string) => boolean {
  const byKey = new Map(entries);
  const label = byKey.get("name") ?? byKey.get("key");
  const pair = typeof label === "string" && byKey.has("value") && namesSecret(label);
  const use = byKey.get("use");
  const keyring = use === "encrypt" || use === "decryptOnly";
  return (key) =>
    namesSecret(key) ||
    (byKey.has("kty") && PRIVATE_JWK_MEMBERS.has(key)) ||
    (pair && key === "value") ||
    (keyring && key === "key");
}

const PRIVATE_JWK_MEMBERS = new Set(["d", "p", "q", "dp", "dq", "qi", "k", "oth"]);

/** `password`, `DB_PASSWORD`, `x-api-key`, `clientSecret`, but not `credentialId` or `tokenCount`. */
function namesSecret(key: string): boolean {
  const name = key.replaceAll(/[-_.\s]/g, "").toLowerCase();
  return USED_ONCE.test(name) || (SECRET_NAME.test(name) && !ABOUT_A_SECRET.test(name));
}

/** What a chat gives out with one click: whoever holds it may open a form or answer there. */
const USED_ONCE = /^(triggerid|responseurls?)$/;

const SECRET_NAME =
  /passw(or)?d|passphrase|pwd|secret|token|authorization|cookie|apikey|accesskey|privatekey|privatejwk|encryptionkey|connectionstring|databaseurl/;
const ABOUT_A_SECRET = /(ids?|names?|count|files?|directory|issuer|kind|type|at)$/;

function isHarmless(value: unknown): boolean {
  return value === null || typeof value === "boolean";
}

/** An Error keeps its message and stack where enumeration does not see them. */
function ownEntries(value: object): [string, unknown][] {
  const names = new Set(Object.keys(value));
  if (value instanceof Error) for (const name of ["message", "stack", "cause"]) names.add(name);
  return [...names].map((name) => [name, read(value, name)]);
}

function read(value: object, name: string): unknown {
  try {
    return (value as Record<string, unknown>)[name];
  } catch {
    return "[unreadable]";
  }
}
