import { randomBytes } from "node:crypto";
import { cardContext } from "../../channels/card-context.ts";
import { type DetailsInput, detailsOf } from "../../channels/details-of.ts";
import { approvesHere, drawDetails } from "../../channels/slack/draw-details.ts";
import { RENDERER, shownOf } from "../../channels/slack/redraw.ts";
import type { Configuration } from "../../config/configuration.ts";
import { CountersignError } from "../../core/errors.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Json } from "../../core/request.ts";
import { eventsOf } from "../../db/read/events.ts";
import { previousRound } from "../../db/read/previous-round.ts";
import { keepRender } from "../../db/renders.ts";
import type { AuditEvent, RequestRecord } from "../../db/types.ts";
import { allowedVerbs } from "../allowed-verbs.ts";
import type { PersonIdentity } from "../auth/identity.ts";
import { explanationView } from "../explanation.ts";
import { readRequest } from "../reading.ts";
import { notOpenedText } from "./answer-text.ts";
import type { OwnButton } from "./button.ts";
import { NotTaken } from "./inbound.ts";
import { noticeView, openView, updateView } from "./open-view.ts";
import { pageUrlOf } from "./page-url.ts";
import { nobodyBecause } from "./said.ts";
import type { SlackContext } from "./slack-context.ts";
import { answerIfPossible, type Recipient } from "./tell.ts";
import { viewToken } from "./view-token.ts";

/**
 * Everything about a request, for somebody who may read it. The view opens at once, while its trigger lives, and
 * is filled when the record has been read and what is shown has been kept.
 */
export async function openDetails(
  slack: SlackContext,
  button: OwnButton,
  to: Recipient,
  ack: () => Promise<void>,
): Promise<void> {
  const pageUrl = pageUrlOf(slack, button.token.requestId);
  const viewId = await openView(slack, button.trigger, noticeView(TITLE, "Reading the record…"));
  if (viewId === null) {
    void answerIfPossible(slack, to, notOpenedText(pageUrl));
    throw new NotTaken("Slack opened no view", 503);
  }
  try {
    return await ack();
  } finally {
    void fill(slack, button, to, viewId, pageUrl);
  }
}

const TITLE = "Details";

async function fill(
  slack: SlackContext,
  button: OwnButton,
  { account }: Recipient,
  viewId: string,
  pageUrl: string,
): Promise<void> {
  const { requestId } = button.token;
  try {
    const who = await slack.identify(account);
    const view =
      who.kind === "person"
        ? await detailsView(slack, who.identity, button, account)
        : noticeView(TITLE, sentences(who.code));
    await updateView(slack, viewId, view);
  } catch (error) {
    const unreadable = error instanceof CountersignError && error.code === "NOT_FOUND";
    if (!unreadable) slack.api.log.warn({ err: error, requestId }, "the details could not be shown");
    const text = unreadable ? NOT_FOR_YOU : `This could not be read now. Open the request page instead: ${pageUrl}`;
    await updateView(slack, viewId, noticeView(TITLE, text)).catch(() => undefined);
  }
}

function sentences(code: string): string {
  const { why, next } = nobodyBecause(code);
  return next === null ? why : `${why} ${next}`;
}

const NOT_FOR_YOU = "There is nothing here, or it is not for you to see. Ask somebody of the groups on the card.";

async function detailsView(
  slack: SlackContext,
  identity: PersonIdentity,
  { place, token }: OwnButton,
  account: Recipient["account"],
) {
  const { api } = slack;
  const record = await readRequest(api, identity, token.requestId);
  const { configuration } = await slack.configuration();
  const details = await detailsFor(slack, record, identity, configuration);
  const style = configuration.slack?.blockStyle ?? "plain";
  const mayApprove = allowedVerbs(record, identity).includes("approve");
  const drawing = { kind: "details" as const, input: { details, style, mayApprove } };
  const shown = shownOf(drawing);
  const surface = `view_${randomBytes(16).toString("base64url")}`;
  const now = api.clock();
  // Kept before it is shown: an answer names exactly this.
  const kept = { kind: drawing.kind, input: drawing.input as unknown as Json };
  await keepRender(
    api.database,
    { surfaceId: surface, shown, requestId: record.id, renderer: RENDERER, drawing: kept },
    now,
  );
  const { requestId, digest, factsDigest } = details.card;
  // A view that cannot be sent says nothing either, should it come in as if it had been.
  const verb = approvesHere(details.card, mayApprove) ? ("approve" as const) : ("details" as const);
  const content = { requestId, digest, factsDigest, surface, verb, shown };
  const metadata = slack.tokens.mint(viewToken(content, { account, place, now }));
  return drawDetails(details, style, metadata, mayApprove);
}

async function detailsFor(
  slack: SlackContext,
  record: RequestRecord,
  identity: PersonIdentity,
  configuration: Configuration,
): Promise<DetailsInput> {
  const { publicUrl } = slack.api.settings;
  const place = { channel: "slack" as const, publicUrl, because: [], accounts: new Map(), standIns: new Map() };
  const events = await allEvents(slack, record.id);
  const explanation = explanationView(record, identity, configuration)?.text ?? null;
  // Sent back by the gate: what it was before is shown beside what it is now, on the card and here alike.
  const again = (record.state?.rounds ?? 0) > 0;
  const source = again ? { ...record, previous: await previousRound(slack.api.database, record.id) } : record;
  return detailsOf(source, cardContext(configuration, place), { explanation, events });
}

/** As many as a request can have. */
async function allEvents({ api }: SlackContext, requestId: string): Promise<AuditEvent[]> {
  const events: AuditEvent[] = [];
  for (;;) {
    const page = await eventsOf(api.database, requestId, events.at(-1)?.id ?? null, LIMITS.maxPageSize);
    events.push(...page);
    if (page.length < LIMITS.maxPageSize) return events;
  }
}
