import { createHmac, timingSafeEqual } from "node:crypto";
import { CountersignError } from "../../core/errors.ts";
import type { ApiContext } from "../context.ts";

/** Belongs to one session and dies with it; forms carry it in the field `csrf`. */
export function csrfTokenOf(context: ApiContext, sessionToken: string): string {
  return createHmac("sha256", context.settings.sessionSecret).update(`csrf:${sessionToken}`).digest("base64url");
}

/** Throws CSRF unless the form came from a page this session was given. */
export function assertCsrf(context: ApiContext, sessionToken: string, given: unknown): void {
  const expected = Buffer.from(csrfTokenOf(context, sessionToken));
  const actual = Buffer.from(typeof given === "string" ? given : "");
  if (actual.length !== expected.length || !timingSafeEqual(actual, expected)) {
    throw new CountersignError("CSRF", "");
  }
}
