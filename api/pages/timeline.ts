import { groupName } from "../../channels/line.ts";
import { literal } from "../../privacy/literal.ts";
import type { EventView } from "../contract/event.ts";
import { html, type Markup } from "./html.ts";
import { fromNow, happenedWords } from "./words.ts";

/** The audit events of the request, oldest first. */
export function timeline(events: EventView[], now: number): Markup {
  return html`<section aria-labelledby="timeline">
    <h2 id="timeline">Timeline</h2>
    <ol class="timeline">
      ${events.map((event) => line(event, now))}
    </ol>
  </section>`;
}

function line(event: EventView, now: number): Markup {
  const { to } = event.data;
  return html`<li class=${event.type.replace(".", "-")}>
    <time datetime=${event.at} title=${event.at}>${fromNow(event.at, now)}</time>
    <span>
      ${event.by ? html`<strong>${event.by.name}</strong> ` : null}${happenedWords(event.type)}
      ${typeof to === "string" ? html`: ${groupName(to)}` : null}
      ${event.reasons.map((reason) => html` <code title=${reason.text}>${reason.code}</code>`)}
      ${event.reasons.map((reason) => (reason.note ? html`<br /><q>${literal(reason.note)}</q>` : null))}
    </span>
  </li>`;
}
