import { CountersignError } from "../../core/errors.ts";
import type { Digest, Json } from "../../core/request.ts";
import { digestOf } from "../../crypto/digest.ts";
import type { AnswerForm } from "../answer-form.ts";
import type { Card } from "../card.ts";
import type { Drawing } from "../channel.ts";
import type { DetailsInput } from "../details-of.ts";
import type { TimelineLine } from "../timeline.ts";
import type { Message, Modal, Style } from "./blocks.ts";
import { drawCard } from "./draw-card.ts";
import { drawDeny } from "./draw-deny.ts";
import { drawDetails } from "./draw-details.ts";
import { drawFlag } from "./draw-flag.ts";
import { drawOwnerNote } from "./draw-owner-note.ts";
import { drawReply } from "./draw-reply.ts";

/** Which version of these drawings; whoever changes how anything is drawn raises it. */
export const RENDERER = "slack/1";

/** Everything that is drawn for somebody to answer on, or to be told by, as it is kept. */
export type SlackDrawing =
  | { kind: "card"; input: { card: Card; style: Style } }
  | { kind: "details"; input: { details: DetailsInput; style: Style; mayApprove: boolean } }
  | { kind: "deny"; input: { form: AnswerForm } }
  | { kind: "flag"; input: { form: AnswerForm } }
  | { kind: "owner"; input: { card: Card; style: Style } }
  | { kind: "reply"; input: { timeline: TimelineLine[]; style: Style } };

/** Digest of a card as it is drawn, without what its buttons carry: names what was in front of people. */
export function shownDigest(card: Card, style: Style): Digest {
  return shownOf({ kind: "card", input: { card, style } });
}

/** The same of anything else. */
export function shownOf(drawing: SlackDrawing): Digest {
  return digestOf(drawn(drawing));
}

/** Draws again exactly what was drawn then, so that its digest can be held against the record. */
export function redraw(renderer: string, drawing: Drawing): { payload: Message | Modal; shown: Digest } {
  if (renderer !== RENDERER || !isOurs(drawing)) {
    throw new CountersignError("MALFORMED", `Nothing here draws "${drawing.kind}" of "${renderer}".`);
  }
  const payload = drawn(drawing);
  return { payload, shown: digestOf(payload) };
}

/** The buttons carry nothing: what they carried names this very digest. */
function drawn(drawing: SlackDrawing): Message | Modal {
  switch (drawing.kind) {
    case "card":
      return drawCard(drawing.input.card, drawing.input.style, () => "", "");
    case "details":
      return drawDetails(drawing.input.details, drawing.input.style, "", drawing.input.mayApprove);
    case "deny":
      return drawDeny(drawing.input.form, "");
    case "flag":
      return drawFlag(drawing.input.form, "");
    case "owner":
      return drawOwnerNote(drawing.input.card, drawing.input.style);
    case "reply":
      return drawReply(drawing.input.timeline, drawing.input.style);
    default:
      return drawing satisfies never;
  }
}

/** What is stored was written by us; its digest, not its type, is what says so. */
function isOurs(drawing: { kind: string; input: Json }): drawing is SlackDrawing {
  return KINDS.has(drawing.kind) && typeof drawing.input === "object" && drawing.input !== null;
}

const KINDS: ReadonlySet<string> = new Set(["card", "details", "deny", "flag", "owner", "reply"]);
