import type { AccountId } from "../../core/principal.ts";
import type { Payload } from "./payload.ts";

/** Who is behind a delivery, or why it is not one for us. */
export type Origin =
  | { ok: true; account: AccountId }
  /** `outsider`: a person of another workspace, who is told so; everything else is told nothing. */
  | { ok: false; outsider: boolean; why: string };

/**
 * One app in one workspace, and only its own people. A signature says that it was Slack who sent this, not for
 * whom: the same secret serves every workspace the app is installed in and every shared conversation.
 */
export function originOf(payload: Payload, expected: { appId: string | null; team: string | null }): Origin {
  const told = toldBy(payload);
  if (expected.appId === null) return foreign("it is not known yet which app this is");
  if (expected.team === null) return foreign("no workspace is configured");
  if (told.appId !== expected.appId) return foreign("another app");
  if (told.enterpriseInstall) return foreign("an installation for a whole organisation");
  if (told.team !== expected.team) return foreign(told.team === null ? "no workspace is named" : "another workspace");
  if (told.userTeam !== undefined && told.userTeam !== expected.team) {
    return { ok: false, outsider: true, why: "a person of another workspace" };
  }
  if (told.sharedOutside) return foreign("a conversation shared with another organisation");
  return { ok: true, account: `slack:${expected.team}/${told.user}` };
}

type Told = {
  appId: string;
  team: string | null;
  /** undefined where this kind of delivery does not name it. */
  userTeam: string | null | undefined;
  user: string;
  enterpriseInstall: boolean;
  sharedOutside: boolean;
};

function toldBy(payload: Payload): Told {
  switch (payload.type) {
    case "block_actions":
    case "view_submission": {
      const { api_app_id: appId, team, user, is_enterprise_install: install } = payload;
      const known = { appId, team: team?.id ?? null, user: user.id, userTeam: user.team_id ?? null };
      const sharedOutside = payload.type === "block_actions" && payload.channel?.is_ext_shared === true;
      return { ...known, enterpriseInstall: isYes(install), sharedOutside };
    }
    case "command": {
      const { api_app_id: appId, team_id: team, user_id: user, is_enterprise_install: install } = payload;
      return { appId, team, user, userTeam: undefined, enterpriseInstall: isYes(install), sharedOutside: false };
    }
    case "event_callback": {
      const { api_app_id: appId, team_id, event, authorizations, is_ext_shared_channel: shared } = payload;
      const teams = [team_id ?? null, ...authorizations.map((one) => one.team_id ?? null)];
      const team = teams.every((one) => one === teams[0]) ? (teams[0] ?? null) : null;
      const enterpriseInstall = authorizations.some((one) => one.is_enterprise_install === true);
      return { appId, team, user: event.user, userTeam: undefined, enterpriseInstall, sharedOutside: shared === true };
    }
    default:
      return payload satisfies never;
  }
}

function foreign(why: string): Origin {
  return { ok: false, outsider: false, why };
}

function isYes(value: boolean | "true" | "false" | undefined): boolean {
  return value === true || value === "true";
}
