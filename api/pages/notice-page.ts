import { html } from "./html.ts";
import { document, type Visitor } from "./layout.ts";

/** One sentence and the next step: errors, sign-in, and whatever else is not a request. */
export function noticePage(input: { title: string; text: string; next: string | null; visitor: Visitor }): string {
  const { title, text, next, visitor } = input;
  const body = html`<article class="single">
    <h1>${title}</h1>
    <p>${text}</p>
    ${next === null ? null : html`<p>${next}</p>`}
  </article>`;
  return document({ title, visitor }, body);
}

/** A GET changes nothing: the code is used when the person presses the button. */
export function signInPage(code: string, oidcUrl: string | null, next = "/"): string {
  const body = html`<article class="single">
    <h1>Sign in</h1>
    ${
      code === ""
        ? html`<p>Ask an operator for a sign-in link, or run <code>countersign credential sign-in-link PERSON</code>.</p>`
        : html`<p>This link signs you in once, in this browser.</p>
            <form method="post" action="/sign-in">
              <input type="hidden" name="code" value=${code} />
              <input type="hidden" name="next" value=${next} />
              <button type="submit">Sign in</button>
            </form>`
    }
    ${oidcUrl === null ? null : html`<p><a role="button" href=${oidcUrl}>Sign in with your organisation</a></p>`}
  </article>`;
  return document({ title: "Sign in", visitor: null }, body);
}
