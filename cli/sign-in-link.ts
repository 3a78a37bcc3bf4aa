import { randomBytes } from "node:crypto";
import { LIMITS } from "../core/limits.ts";
import type { Instant, PersonId } from "../core/principal.ts";
import { sha256 } from "../crypto/digest.ts";
import type { SignInLink } from "../db/sessions.ts";

/** A one-time link for one person; only the hash of its code goes into the database. */
export function newSignInLink(publicUrl: string, person: PersonId, now: Instant): { url: string; row: SignInLink } {
  const code = randomBytes(32).toString("base64url");
  const row = { hash: sha256(code), person, createdAt: now, expiresAt: now + LIMITS.signInLinkSeconds * 1000 };
  return { url: `${publicUrl.replace(/\/+$/, "")}/sign-in?code=${code}`, row };
}
