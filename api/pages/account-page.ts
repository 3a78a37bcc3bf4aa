import { LIMITS } from "../../core/limits.ts";
import type { Instant, Person } from "../../core/principal.ts";
import type { OwnAccount } from "../linking.ts";
import { html, type Markup } from "./html.ts";
import { document, type Visitor } from "./layout.ts";
import { accountWords } from "./link-page.ts";

export type AccountPage = {
  visitor: NonNullable<Visitor>;
  accounts: OwnAccount[];
  /** Who answers for the visitor now. */
  away: { to: Person; until: Instant } | null;
  standsFor: { name: string; until: Instant }[];
  colleagues: Person[];
  /** What came of the form that was sent. */
  notice: string | null;
  now: Instant;
};

/** The visitor's own accounts of chats, and who answers for them while they are away. */
export function accountPage(page: AccountPage): string {
  const body = html`
    <h1>Your accounts and your absence</h1>
    ${page.notice === null ? null : html`<div class="notice bad" role="alert"><p>${page.notice}</p></div>`}
    ${accounts(page)} ${absence(page)}`;
  return document({ title: "Your accounts", visitor: page.visitor }, body);
}

function accounts({ accounts: all, visitor }: AccountPage): Markup {
  return html`<section aria-labelledby="accounts">
    <h2 id="accounts">Accounts that answer as you</h2>
    ${all.length === 0 ? html`<p class="empty">None. In Slack, send <code>/approvals link</code>.</p>` : null}
    <ul>
      ${all.map(
        ({ account, by, since }) => html`<li>
          ${accountWords(account)}
          ${
            by === "directory"
              ? " (written down by your operators)"
              : html`${since === null ? null : html` since ${moment(since)}`}
                  <form method="post" action="/account/links/end">
                    <input type="hidden" name="csrf" value=${visitor.csrf} />
                    <input type="hidden" name="account" value=${account} />
                    <button type="submit" class="quiet">End this link</button>
                  </form>`
          }
        </li>`,
      )}
    </ul>
  </section>`;
}

function absence({ away, standsFor, visitor, colleagues, now }: AccountPage): Markup {
  return html`<section aria-labelledby="absence">
    <h2 id="absence">While you are away</h2>
    ${
      away === null
        ? html`<p>Nobody answers for you.</p>`
        : html`<p><strong>${away.to.name}</strong> answers for you until ${moment(away.until)}.</p>
            <form method="post" action="/account/delegation/end">
              <input type="hidden" name="csrf" value=${visitor.csrf} />
              <button type="submit" class="secondary">End it now</button>
            </form>`
    }
    ${standsFor.map(({ name, until }) => html`<p>You answer for <strong>${name}</strong> until ${moment(until)}.</p>`)}
    <details class="answer">
      <summary>${away === null ? "Name a colleague…" : "Name somebody else…"}</summary>
      <form method="post" action="/account/delegation">
        <input type="hidden" name="csrf" value=${visitor.csrf} />
        <label>
          Colleague
          <select name="to" required>
            <option value="">Choose…</option>
            ${colleagues.map((person) => html`<option value=${person.id}>${person.name}</option>`)}
          </select>
        </label>
        <label>
          Last day (until its end, UTC)
          <input type="date" name="until" required min=${day(now)} max=${day(now + LIMITS.delegationSeconds * 1000)} />
        </label>
        <p><small>${DELEGATION_MEANS}</small></p>
        <button type="submit">Let them answer for me</button>
      </form>
    </details>
  </section>`;
}

const DELEGATION_MEANS =
  "They can answer what you could, and your place counts once, whoever of you answers. They cannot pass it on, cannot " +
  "answer requests that are theirs, and nobody answers in your place where you may not. You can still answer yourself. " +
  "This page tells nobody: tell your colleague yourself.";

function moment(at: Instant): Markup {
  const iso = new Date(at).toISOString();
  return html`<time datetime=${iso}>${iso.slice(0, 16).replace("T", " ")} UTC</time>`;
}

function day(at: Instant): string {
  return new Date(at).toISOString().slice(0, 10);
}
