import type { RenderList, RenderView } from "../api/contract/render.ts";
import type { Drawing } from "../channels/channel.ts";
import { asText } from "../channels/slack/as-text.ts";
import { redraw } from "../channels/slack/redraw.ts";
import { CountersignError } from "../core/errors.ts";
import { literal } from "../privacy/literal.ts";
import type { Connection } from "./connection.ts";
import { CommandFailure } from "./exit-codes.ts";
import { pair } from "./render-request.ts";
import { readRender, readRenders } from "./requests.ts";
import { quoted, say, sayJson, styled } from "./terminal.ts";

/**
 * Draws again what was in front of somebody when they answered, from what was kept of it, and holds its digest
 * against the one that was signed with the answer. A digest that does not hold is a failure, and says so.
 */
export async function showAsSeen(
  connection: Connection,
  requestId: string,
  answer: string,
  json: boolean,
): Promise<void> {
  const messageId = chosen((await readRenders(connection, requestId)).items, answer);
  const render = await readRender(connection, requestId, messageId);
  const drawn = drawnAgain(render);
  const holds = drawn.shown === render.shown;
  if (json) sayJson({ render, drawn: drawn.payload, digest: drawn.shown, holds });
  else {
    say(
      ...pair("Answer", `${render.verb}  ${literal(render.messageId)}  by ${literal(render.principal)}`),
      ...pair("Answered", render.answeredAt),
      ...pair("Shown", `${render.shownAt} in ${literal(render.conversation ?? "a view")}, ${literal(render.surface)}`),
      "",
      ...quoted(asText(drawn.payload)),
      "",
      ...pair("Digest signed", render.shown),
      ...pair("Digest drawn", styled(holds ? "green" : "red", `${drawn.shown} (${holds ? "the same" : "ANOTHER"})`)),
    );
  }
  if (!holds) {
    throw new CommandFailure("refused", "SHOWN_DIFFERS", "What is kept is not what was signed with the answer.", {
      next: "Somebody or something has changed the record of what was shown: tell your auditors.",
    });
  }
}

/** By its id, or by whose answer it is; the newest of several. */
function chosen(items: RenderList["items"], answer: string): string {
  const person = `person:${answer.replace(/^person:/, "")}`;
  const found = items.findLast(
    ({ messageId, principal, by }) => messageId === answer || principal === answer || by?.id === person,
  );
  if (found) return found.messageId;
  const lines = items.map(
    ({ messageId, verb, by, answeredAt }) => `${messageId}  ${verb}  ${literal(by?.name ?? "")}  ${answeredAt}`,
  );
  throw new CommandFailure("refused", "NOT_FOUND", "There is no such answer, or what was shown for it was not kept.", {
    ...(lines.length === 0 ? { next: "Only answers given in a chat have a drawing." } : { next: "Name one of these." }),
    lines,
  });
}

function drawnAgain({ renderer, drawing }: RenderView) {
  try {
    return redraw(renderer, drawing as Drawing);
  } catch (error) {
    if (!(error instanceof CountersignError)) throw error;
    throw new CommandFailure("refused", "RENDERER_UNKNOWN", `This program does not draw as ${literal(renderer)} did.`, {
      next: "Use the version of countersign that was running then.",
    });
  }
}
