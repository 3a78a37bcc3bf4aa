import { html, type Markup, render } from "./html.ts";

export type Visitor = { name: string; csrf: string } | null;

/** The frame around every page. `live` names the request whose changes reload it. */
export function document(
  { title, visitor, live = null }: { title: string; visitor: Visitor; live?: { id: string; revision: number } | null },
  body: Markup,
): string {
  return render(
    html`<html lang="en" data-theme="light">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title} · Countersign</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/assets/pico.css" />
        <link rel="stylesheet" href="/assets/pages.css" />
        <script src="/assets/live.js" defer></script>
      </head>
      <body data-live=${live?.id ?? null} data-revision=${live?.revision ?? null}>
        <a class="skip" href="#main">Skip to the content</a>
        <header class="bar">
          <a class="brand" href="/">Countersign</a>
          ${visitor === null ? null : signedIn(visitor)}
        </header>
        <main id="main">${body}</main>
        <p id="changed" role="status" hidden><a href="">This request has changed. Read it again.</a></p>
      </body>
    </html>`,
  );
}

function signedIn({ name, csrf }: { name: string; csrf: string }): Markup {
  return html`<form class="who" method="post" action="/sign-out">
    <input type="hidden" name="csrf" value=${csrf} />
    <a href="/account">${name}</a> <button type="submit" class="quiet">Sign out</button>
  </form>`;
}
