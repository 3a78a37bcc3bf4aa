import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { VERBS, type Verb } from "../core/message.ts";
import type { AccountId, Instant } from "../core/principal.ts";
import type { Digest } from "../core/request.ts";

/**
 * What a button says when it is used: which request, action and facts, on which surface, what for, and until
 * when. It carries all of that itself, so that a click needs no database before it is durable; the MAC keeps
 * it from being made up or moved to another button.
 */
export type SurfaceToken = {
  requestId: string;
  digest: Digest;
  factsDigest: Digest | null;
  surface: string;
  verb: Verb | "details";
  expiresAt: Instant;
  /** Digest of the card the button is on. */
  shown: Digest;
  /** Of a view: the conversation and message it was opened from, and the only account that may send it. */
  opened: { by: AccountId; conversation: string | null; message: string | null } | null;
};

export type SurfaceTokens = {
  mint(token: SurfaceToken): string;
  /** null for whatever this secret did not mint; what has expired is for the caller to see. */
  read(text: string): SurfaceToken | null;
};

export function createSurfaceTokens(secret: string): SurfaceTokens {
  const macOf = (body: string) => createHmac("sha256", secret).update(`countersign-surface.${body}`).digest();
  return {
    mint(token) {
      const body = Buffer.from(JSON.stringify(packed(token))).toString("base64url");
      return `v1.${body}.${macOf(body).subarray(0, MAC_BYTES).toString("base64url")}`;
    },
    read(text) {
      const [, body, mac] = TOKEN.exec(text) ?? [];
      if (body === undefined || mac === undefined) return null;
      const expected = macOf(body).subarray(0, MAC_BYTES);
      const given = Buffer.from(mac, "base64url");
      if (given.length !== MAC_BYTES || !timingSafeEqual(given, expected)) return null;
      const parsed = content.safeParse(parsedJson(body));
      return parsed.success ? unpacked(parsed.data) : null;
    },
  };
}

const MAC_BYTES = 16;
const TOKEN = /^v1\.([A-Za-z0-9_-]{1,1800})\.([A-Za-z0-9_-]{22})$/;

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const content = z.strictObject({
  r: z.string().min(1).max(100),
  d: digest,
  f: digest.nullable(),
  s: z.string().min(1).max(100),
  k: z.enum([...VERBS, "details"]),
  e: z.number().int(),
  h: digest,
  o: z
    .tuple([z.string().startsWith("slack:").max(100), z.string().max(100).nullable(), z.string().max(100).nullable()])
    .nullable(),
});
type Packed = z.output<typeof content>;

/** Short names: Slack keeps 2,000 characters of a button's value. */
function packed({ requestId, digest, factsDigest, surface, verb, expiresAt, shown, opened }: SurfaceToken): Packed {
  const o: Packed["o"] = opened === null ? null : [opened.by, opened.conversation, opened.message];
  return { r: requestId, d: digest, f: factsDigest, s: surface, k: verb, e: expiresAt, h: shown, o };
}

function unpacked({ r, d, f, s, k, e, h, o }: Packed): SurfaceToken {
  return {
    requestId: r,
    digest: d as Digest,
    factsDigest: f as Digest | null,
    surface: s,
    verb: k,
    expiresAt: e,
    shown: h as Digest,
    opened: o === null ? null : { by: o[0] as AccountId, conversation: o[1], message: o[2] },
  };
}

function parsedJson(body: string): unknown {
  try {
    return JSON.parse(Buffer.from(body, "base64url").toString("utf8"));
  } catch {
    return null;
  }
}
