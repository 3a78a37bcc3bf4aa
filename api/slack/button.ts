import { BUTTON_VERBS, type ButtonVerb } from "../../channels/slack/buttons.ts";
import type { Instant } from "../../core/principal.ts";
import type { SurfaceToken, SurfaceTokens } from "../../crypto/surface-token.ts";
import type { ButtonPayload } from "./payload.ts";

/** What was used, once it is believed. `none`: something that only Slack acts on, like a link. */
export type Button = OwnButton | { kind: "home"; value: string } | { kind: "none" } | { kind: "stale"; why: string };

export type OwnButton = {
  kind: "ours";
  verb: ButtonVerb;
  token: SurfaceToken;
  /** Slack's name of this click. */
  at: string;
  /** null: on a view, which no message holds. */
  place: Place | null;
  trigger: string | null;
};

/** The message a button is on, as Slack says. */
export type Place = { conversation: string; message: string };

/**
 * A value speaks for the button it was made for and for no other: its verb is the button's own, nobody else made
 * it, and it is still good. Whether it is on the message it was made for, admission knows.
 */
export function buttonOf(payload: ButtonPayload, tokens: SurfaceTokens, now: Instant): Button {
  const [action] = payload.actions;
  if (action === undefined) return { kind: "none" };
  const value = action.value ?? action.selected_option?.value ?? "";
  if (action.action_id.startsWith(HOME)) return { kind: "home", value };
  const [prefix, verb, ...more] = action.action_id.split(".");
  if (prefix !== "countersign" || verb === undefined || more.length > 0 || !isKnown(verb)) return { kind: "none" };
  if (payload.actions.length > 1) return { kind: "stale", why: "several buttons at once" };
  const token = tokens.read(value);
  if (token === null) return { kind: "stale", why: "a value that was not made here" };
  if (token.verb !== verb) return { kind: "stale", why: "the value of another button" };
  if (token.expiresAt <= now) return { kind: "stale", why: "a value whose time is over" };
  const { container, channel, trigger_id: trigger = null } = payload;
  const used = { kind: "ours" as const, verb, token, at: action.action_ts, trigger };
  if (container.type === "view") return { ...used, place: null };
  if (channel !== undefined && channel.id !== container.channel_id) {
    return { kind: "stale", why: "two conversations at once" };
  }
  const place = { conversation: container.channel_id, message: container.message_ts };
  return { ...used, place };
}

const HOME = "countersign.home.";

function isKnown(verb: string): verb is ButtonVerb {
  return BUTTON_VERBS.includes(verb as ButtonVerb);
}
