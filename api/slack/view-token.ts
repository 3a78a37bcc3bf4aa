import { LIMITS } from "../../core/limits.ts";
import type { AccountId, Instant } from "../../core/principal.ts";
import type { SurfaceToken, SurfaceTokens } from "../../crypto/surface-token.ts";
import type { Place } from "./button.ts";

/** What a view carries: good for whoever opened it, and for an hour. */
export function viewToken(
  token: Omit<SurfaceToken, "opened" | "expiresAt">,
  { account, place, now }: { account: AccountId; place: Place | null; now: Instant },
): SurfaceToken {
  const opened = { by: account, conversation: place?.conversation ?? null, message: place?.message ?? null };
  return { ...token, opened, expiresAt: now + LIMITS.slackViewSeconds * 1000 };
}

/** Why this account cannot send this view, or what the view is about. */
export function readView(
  tokens: SurfaceTokens,
  metadata: string,
  account: AccountId,
  now: Instant,
): { ok: true; token: OpenedToken } | { ok: false; code: "REVIEW_BUTTON_STALE" | "REVIEW_NOT_YOUR_VIEW" } {
  const token = tokens.read(metadata);
  if (token === null || token.opened === null || token.expiresAt <= now)
    return { ok: false, code: "REVIEW_BUTTON_STALE" };
  const { opened } = token;
  if (opened.by !== account) return { ok: false, code: "REVIEW_NOT_YOUR_VIEW" };
  return { ok: true, token: { ...token, opened } };
}

export type OpenedToken = SurfaceToken & { opened: NonNullable<SurfaceToken["opened"]> };
