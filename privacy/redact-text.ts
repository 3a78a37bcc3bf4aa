import { LIMITS } from "../core/limits.ts";

export const REDACTED = "[redacted]";

/** Text without what looks like a secret. Every pattern has bounded repeats, so hostile text costs no time. */
export function redactText(text: string): string {
  let bounded = text;
  if (text.length > LIMITS.redactTextChars) {
    // The last word may be half of a secret that no pattern knows any more.
    const head = text.slice(0, LIMITS.redactTextChars);
    // Begins at a space, so that each word is looked at once.
    bounded = `${head.slice(0, head.search(/\s\S*$/) + 1)}[cut]`;
  }
  return PATTERNS.reduce((result, [pattern, replacement]) => result.replace(pattern, replacement), bounded);
}

/** What comes before the value: `token=`, `"access_token": `, `\"password\":` (JSON inside JSON). */
const NAME =
  "(?:passw(?:or)?d|passphrase|pwd|secret|token|api[-_ ]?key|access[-_]?key|private[-_]?key|authorization|cookie)";
const NAMED = String.raw`(${NAME}[a-z0-9_]{0,32}\\{0,8}["']?\s{0,4}[:=]\s{0,4}`;

const PATTERNS: [RegExp, string][] = [
  // Private keys in PEM, closed or cut.
  [/-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|$)/g, REDACTED],
  // Our own keys.
  [/cs[kp]_[0-9A-Za-z_-]{4,}/g, REDACTED],
  // Slack's tokens, of bots, people and apps.
  [/\bx(?:ox[a-z](?:\.xox[a-z])?|app)-[A-Za-z0-9-]{4,}/g, REDACTED],
  // Who holds one of these may post where it was given out, open a form, or press one of our buttons.
  [/(\bhooks\.slack(?:-gov)?\.com\/)[^\s"'<>\\]{1,1024}/gi, `$1${REDACTED}`],
  [/(\bwss:\/\/[^\s"'<>?\\]{1,512}\?)[^\s"'<>\\]{1,1024}/gi, `$1${REDACTED}`],
  [
    /((?:trigger_?id|response_?url)s?\\{0,8}["']?\s{0,4}[:=]\s{0,4}\[?\\{0,8}["']?)[^\s"'&;,\]}\\]{1,1024}/gi,
    `$1${REDACTED}`,
  ],
  [/\b\d{9,20}\.\d{9,20}\.[0-9a-f]{24,64}\b/g, REDACTED],
  [/\bv1\.[A-Za-z0-9_-]{40,}\.[A-Za-z0-9_-]{22}/g, REDACTED],
  // JWT, JWS (also detached) and JWE, compact; `eyJ` is how `{"` begins in base64.
  [/eyJ[A-Za-z0-9_-]{12,}(?:\.[A-Za-z0-9_-]*){0,4}/g, REDACTED],
  // The private member of a JWK.
  [/("d\\{0,8}"\s{0,4}:\s{0,4}\\{0,8}")[A-Za-z0-9_-]{16,}/g, `$1${REDACTED}`],
  // scheme://user:password@host, greedy to the last @, since passwords may hold one.
  [/(:\/\/[^\s:/?#@"'<>]{0,256}:)[^\s"'<>]{0,1024}@/g, `$1${REDACTED}@`],
  // https://token@host.
  [/(https?:\/\/)[^\s:/?#@"'<>]{1,1024}@/gi, `$1${REDACTED}@`],
  // A named value in quotes: plain, escaped because it is JSON inside JSON, or single.
  [new RegExp(String.raw`${NAMED}")(?:[^"\\]|\\[\s\S]){0,16384}`, "gi"), `$1${REDACTED}`],
  [new RegExp(String.raw`${NAMED}\\{1,8}")[^"]{0,16384}?(?=\\{0,8}"|$)`, "gi"), `$1${REDACTED}`],
  [new RegExp(`${NAMED}')[^']{0,16384}`, "gi"), `$1${REDACTED}`],
  // Header lines go whole: their values have parts.
  [/((?:authorization|cookie)\s{0,4}[:=])(?!\s*\\*["'])[^\r\n]{1,65536}/gi, `$1 ${REDACTED}`],
  [/\b(bearer\s{1,4})[A-Za-z0-9._~+/=-]{4,}/gi, `$1${REDACTED}`],
  // A named value without quotes, up to the next separator.
  [new RegExp(String.raw`${NAMED})(?!\\*["'])(?:\[redacted\]|[^\s"'&;]{1,4096})`, "gi"), `$1${REDACTED}`],
];
