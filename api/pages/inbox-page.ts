import { groupName } from "../../channels/line.ts";
import { STATUSES } from "../../core/status.ts";
import { literal } from "../../privacy/literal.ts";
import type { RequestView } from "../contract/request.ts";
import { html, type Markup } from "./html.ts";
import { document, type Visitor } from "./layout.ts";
import { fromNow, statusWords } from "./words.ts";

export type Inbox = {
  visitor: NonNullable<Visitor>;
  waiting: RequestView[];
  recent: RequestView[];
  search: string;
  status: string;
  nextPage: string | null;
  now: number;
};

/** What waits for the visitor first; below it everything they may see, searchable. */
export function inboxPage(inbox: Inbox): string {
  const body = html`
    <h1>Waiting for you</h1>
    ${
      inbox.waiting.length === 0
        ? html`<p class="empty">Nothing waits for your answer.</p>`
        : html`<ul class="cards">${inbox.waiting.map((request) => card(request, inbox.now))}</ul>`
    }
    <h2>All requests you may see</h2>
    <form method="get" action="/" class="search" role="search">
      <input type="search" name="q" value=${inbox.search} placeholder="Search titles, agents, targets" aria-label="Search" />
      <select name="status" aria-label="Status">
        <option value="">Any status</option>
        ${STATUSES.map((status) => html`<option value=${status} selected=${status === inbox.status}>${status}</option>`)}
      </select>
      <button type="submit" class="secondary">Search</button>
    </form>
    ${inbox.recent.length === 0 ? html`<p class="empty">None.</p>` : table(inbox)}
    ${inbox.nextPage === null ? null : html`<p><a href=${inbox.nextPage}>Older requests</a></p>`}`;
  return document({ title: "Waiting for you", visitor: inbox.visitor }, body);
}

function titleOf(request: RequestView): string {
  return literal(request.preview?.title ?? request.action.type, 160);
}

function card(request: RequestView, now: number): Markup {
  const open = request.requirement?.slots.filter((slot) => slot.missing > 0) ?? [];
  const needs = open.map((slot) => `${slot.missing} of ${[slot.from, ...slot.widenedTo].map(groupName).join(" or ")}`);
  const deadline = request.hold?.expiresAt ?? request.deadlineAt;
  return html`<li>
    <a href=${`/requests/${request.id}`}>${titleOf(request)}</a>
    <small>
      ${request.requester.name} · ${request.target} · ${request.status === "held" ? "held for auditors" : `needs ${needs.join(" and ")}`}
      ${deadline ? html` · expires ${fromNow(deadline, now)}` : null}
    </small>
  </li>`;
}

function table({ recent, now }: Inbox): Markup {
  return html`<div class="scroll" tabindex="0">
    <table>
      <thead>
        <tr><th>Asked</th><th>Request</th><th>Agent</th><th>Target</th><th>Status</th></tr>
      </thead>
      <tbody>
        ${recent.map(
          (request) => html`<tr>
            <td><time datetime=${request.createdAt}>${fromNow(request.createdAt, now)}</time></td>
            <td><a href=${`/requests/${request.id}`}>${titleOf(request)}</a></td>
            <td>${request.requester.name}</td>
            <td>${request.target}</td>
            <td><span class=${`badge ${statusWords(request.status).tone}`}>${statusWords(request.status).word}</span></td>
          </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
