import type { CommandAnswer } from "../../channels/command-answer.ts";
import { CountersignError } from "../../core/errors.ts";
import { LIMITS } from "../../core/limits.ts";
import type { PersonIdentity } from "../auth/identity.ts";
import { readRequest } from "../reading.ts";
import { detailsToken, listing, privateCard } from "./listing.ts";
import { said } from "./said.ts";
import type { SlackContext } from "./slack-context.ts";

/** What waits for the caller; when nothing does, whether something waits for their groups. */
export async function listCommand(slack: SlackContext, identity: PersonIdentity): Promise<CommandAnswer> {
  const { items } = await listing(slack, identity, "me", FIRST);
  const theirs = items.length > 0 ? null : await listing(slack, identity, "groups", { cursor: null, limit: 1 });
  const others = theirs !== null && theirs.items.length > 0;
  const empty = `Nothing waits for you.${others ? " What waits for others of your groups is in this app's home." : ""}`;
  return { kind: "list", heading: "Waiting for you", items, empty, pageUrl: slack.api.settings.publicUrl };
}

export async function mineCommand(slack: SlackContext, identity: PersonIdentity): Promise<CommandAnswer> {
  const { items } = await listing(slack, identity, "asked", FIRST);
  const empty = "None of your agents has asked for anything, and nothing was asked for you.";
  return {
    kind: "list",
    heading: "Asked by your agents or for you",
    items,
    empty,
    pageUrl: slack.api.settings.publicUrl,
  };
}

const FIRST = { cursor: null, limit: LIMITS.commandItems };

const ASKED_FOR = "You see this because you asked for it; nobody else does";

/** A request that is not for the caller to see looks like one that never was. */
export async function showCommand(
  slack: SlackContext,
  identity: PersonIdentity,
  requestId: string,
): Promise<CommandAnswer> {
  try {
    const record = await readRequest(slack.api, identity, requestId);
    const card = privateCard(slack, (await slack.configuration()).configuration, record);
    return { kind: "show", card: { ...card, because: ASKED_FOR }, details: detailsToken(slack, card) };
  } catch (error) {
    if (!(error instanceof CountersignError) || error.code !== "NOT_FOUND") throw error;
    return said("There is no such request, or it is not for you to see.", "/approvals lists what is.");
  }
}
