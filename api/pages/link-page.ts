import type { AccountId } from "../../core/principal.ts";
import { html, type Markup } from "./html.ts";
import { document, type Visitor } from "./layout.ts";

/** Asks before an account becomes somebody's; the form does it, this page does nothing. */
export function linkPage(input: { visitor: NonNullable<Visitor>; account: AccountId; token: string }): string {
  const { visitor, account, token } = input;
  const title = "Link an account";
  const body = html`<article class="single">
    <h1>Link ${accountWords(account)} to ${visitor.name}?</h1>
    <p>From then on, what this account answers in Slack counts as your answer.</p>
    <p>
      <strong>Go on only if you typed <code>/approvals link</code> yourself, a moment ago.</strong> If somebody sent
      you this address, close this page: their account would answer in your name.
    </p>
    <form method="post" action="/link">
      <input type="hidden" name="csrf" value=${visitor.csrf} />
      <input type="hidden" name="token" value=${token} />
      <button type="submit">Link it</button>
    </form>
    <p><a href="/">Do not link it</a></p>
  </article>`;
  return document({ title, visitor }, body);
}

/** "slack:T012/U034" as people can compare it with what Slack shows. */
export function accountWords(account: AccountId): Markup {
  const [, team = "", user = ""] = /^slack:([^/]+)\/(.+)$/.exec(account) ?? [];
  return html`Slack account <code>${user}</code> of workspace <code>${team}</code>`;
}
