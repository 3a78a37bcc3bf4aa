import type { View } from "@slack/web-api";
import { z } from "zod";
import { HOME_LISTS, type HomeInput, type HomeList, type HomeListName } from "../../channels/listed-request.ts";
import { drawHome, HOME_PAGE } from "../../channels/slack/draw-home.ts";
import { CountersignError, ERRORS } from "../../core/errors.ts";
import type { AccountId } from "../../core/principal.ts";
import { isAuditor, isOperator, type PersonIdentity } from "../auth/identity.ts";
import { listing } from "./listing.ts";
import { nobodyBecause, styleOf } from "./said.ts";
import type { SlackContext } from "./slack-context.ts";
import { userOf } from "./tell.ts";

/**
 * Shows somebody their inbox as the app's home: when they open it, and at each of its buttons, whose value says
 * which page of which list. Nothing is answered there. Never rejects: a home that could not be shown is opened again.
 */
export async function publishHome(slack: SlackContext, account: AccountId, button: string | null): Promise<void> {
  try {
    const input = await readHome(slack, account, pageOf(button));
    const view = drawHome(input, await styleOf(slack)) as View;
    await slack.web.views.publish({ user_id: userOf(account), view });
  } catch (error) {
    slack.api.log.warn({ err: error }, "a home could not be shown");
  }
}

async function readHome(slack: SlackContext, account: AccountId, page: HomePage | null): Promise<HomeInput> {
  try {
    return await homeInput(slack, account, page);
  } catch (error) {
    const unknownCursor = error instanceof CountersignError && error.code === "MALFORMED";
    return unknownCursor && page !== null ? readHome(slack, account, null) : unavailable(slack, error);
  }
}

/** Where a list is being read: the cursors that led there, the last one in use. */
type HomePage = { list: HomeListName; cursors: string[] };

async function homeInput(slack: SlackContext, account: AccountId, page: HomePage | null): Promise<HomeInput> {
  const pageUrl = slack.api.settings.publicUrl;
  const who = await slack.identify(account);
  if (who.kind === "refused") return { person: null, ...nobodyBecause(who.code), pageUrl };
  const { identity } = who;
  const names = HOME_LISTS.filter((name) => name !== "held" || isOperator(identity) || isAuditor(identity));
  const lists = await Promise.all(names.map((name) => homeList(slack, identity, name, page)));
  return { person: identity.name, lists, pageUrl };
}

/** Turning over one list leaves the others where they begin. */
async function homeList(
  slack: SlackContext,
  identity: PersonIdentity,
  name: HomeListName,
  page: HomePage | null,
): Promise<HomeList> {
  const cursors = page?.list === name ? page.cursors : [];
  const { items, nextCursor } = await listing(slack, identity, name, {
    ...{ cursor: cursors.at(-1) ?? null, limit: HOME_PAGE },
  });
  return {
    ...{ name, items },
    newer: cursors.length === 0 ? null : buttonFor({ list: name, cursors: cursors.slice(0, -1) }),
    older: nextCursor === null ? null : buttonFor({ list: name, cursors: [...cursors, nextCursor] }),
  };
}

/** After so many pages the oldest way back is forgotten, and Newer then leads to the beginning. */
const MOST_CURSORS = 20;

function buttonFor({ list, cursors }: HomePage): string {
  return JSON.stringify([list, ...cursors.slice(-MOST_CURSORS)]);
}

const Button = z
  .tuple([z.enum(HOME_LISTS)], z.string().min(1).max(200))
  .refine((all) => all.length <= MOST_CURSORS + 1);

/** What no button of ours carries is the beginning: a cursor says where to read on, and never what may be read. */
function pageOf(button: string | null): HomePage | null {
  try {
    const [list, ...cursors] = Button.parse(JSON.parse(button ?? ""));
    return { list, cursors };
  } catch {
    return null;
  }
}

function unavailable({ api }: SlackContext, error: unknown): HomeInput {
  const known = error instanceof CountersignError && error.status === 503;
  if (!known) api.log.error({ err: error }, "a home could not be read");
  const why = known ? ERRORS[error.code].sentence : "Something went wrong on our side.";
  const next = "Open this tab again in a moment.";
  return { person: null, why, next, pageUrl: api.settings.publicUrl };
}
