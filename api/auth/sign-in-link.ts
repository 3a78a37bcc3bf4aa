import { randomBytes } from "node:crypto";
import { CountersignError } from "../../core/errors.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Instant, PersonId } from "../../core/principal.ts";
import type { Digest } from "../../core/request.ts";
import { sha256 } from "../../crypto/digest.ts";
import { consumeSignInLink } from "../../db/sessions.ts";
import type { ApiContext } from "../context.ts";

/** A link an operator makes for one person; the row is written with `createSignInLink` of db/admin.ts. */
export function newSignInCode(now: Instant): { code: string; hash: Digest; expiresAt: Instant } {
  const code = randomBytes(32).toString("base64url");
  return { code, hash: sha256(code), expiresAt: now + LIMITS.signInLinkSeconds * 1000 };
}

/** Works once; throws SIGN_IN_REFUSED otherwise. */
export async function useSignInCode(context: ApiContext, code: string): Promise<PersonId> {
  const person = await consumeSignInLink(context.database, sha256(code), context.clock());
  if (person === null) throw new CountersignError("SIGN_IN_REFUSED", "Ask an operator for a new link.");
  return person;
}
