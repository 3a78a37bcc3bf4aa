import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { answerForm } from "../channels/answer-form.ts";
import { cardOf } from "../channels/card-of.ts";
import { detailsOf } from "../channels/details-of.ts";
import { HOME_LISTS, type HomeListName, listedRequest } from "../channels/listed-request.ts";
import type { Message, View } from "../channels/slack/blocks.ts";
import { drawCard } from "../channels/slack/draw-card.ts";
import { drawCommand } from "../channels/slack/draw-command.ts";
import { drawDeny } from "../channels/slack/draw-deny.ts";
import { drawDetails } from "../channels/slack/draw-details.ts";
import { drawFlag } from "../channels/slack/draw-flag.ts";
import { drawHome } from "../channels/slack/draw-home.ts";
import { drawOwnerNote } from "../channels/slack/draw-owner-note.ts";
import { drawReply } from "../channels/slack/draw-reply.ts";
import { threadLines } from "../channels/timeline.ts";
import { contextOf, SHOWN } from "./slack-states.ts";

/**
 * `node scripts/slack-pictures.ts [name …]`: everything that Slack shows, drawn by a renderer that knows nothing
 * of us, into docs/images/slack. CHROME_PATH names the browser.
 */
const root = fileURLToPath(new URL("..", import.meta.url));

function everything(): [string, Message | View][] {
  const cards = SHOWN.map(({ name, source }): [string, Message | View] => [
    name,
    drawCard(cardOf(source, contextOf(name)), "classic", () => "", "card"),
  ]);
  const [first] = SHOWN;
  const again = SHOWN.find(({ name }) => name === "asked-again");
  const ended = SHOWN.find(({ name }) => name === "succeeded");
  const denied = SHOWN.find(({ name }) => name === "denied");
  if (!first || !again || !ended || !denied) throw new Error("The states to be shown are missing.");
  const context = contextOf("pending");
  const card = cardOf(first.source, context);
  const form = answerForm(card, [], "Reporting bot");
  const details = detailsOf(again.source, context, { explanation: EXPLANATION, events: again.events });
  const listed = (...names: string[]) =>
    SHOWN.filter(({ name }) => names.includes(name)).map(({ source }) => listedRequest(cardOf(source, context), ""));
  const lists = HOME_LISTS.filter((name) => name !== "held").map((name) => ({
    name,
    items: listed(...HOME[name]),
    newer: null,
    older: name === "me" ? "2" : null,
  }));
  return [
    ...cards,
    ["plain-style", drawCard(card, "plain", () => "", "card")],
    ["confirm", drawCard(card, "classic", () => "", "card")],
    ["details", drawDetails(details, "classic", "", true)],
    ["deny", drawDeny(form, "")],
    ["flag", drawFlag(form, "")],
    ["home", drawHome({ person: "Bob Brandt", lists, pageUrl: "" }, "classic")],
    ["thread", drawReply(threadLines(denied.events, denied.source, context), "classic")],
    ["owner-note", drawOwnerNote(cardOf(ended.source, context), "classic")],
    [
      "command-list",
      drawCommand(
        { kind: "list", heading: "Waiting for you", items: listed(...HOME.me), empty: "", pageUrl: "" },
        "classic",
      ),
    ],
    ["command-show", drawCommand({ kind: "show", card, details: "" }, "classic")],
    ["command-help", drawCommand({ kind: "help", wrong: null }, "classic")],
  ];
}

/** What Bob's inbox could hold: he has answered the second list's, owns no agent, and is no auditor. */
const HOME: Record<HomeListName, string[]> = {
  me: ["pending", "approved-for-somebody-away"],
  groups: ["partly-approved"],
  held: [],
  asked: [],
  decided: ["succeeded", "denied", "expired"],
};

const EXPLANATION = `rule exports/bulk-export matched
  data.rows > 100 || data.maxRows > 1000
  data.rows = 41200, data.maxRows = 50000
rule exports/pii-bulk-export matched
  data.labels = ["pii.email", "pii.name"], data.rows = 41200`;

function page(name: string, payload: Message | View): string {
  const require = createRequire(import.meta.url);
  const { createElement } = require("react");
  const { renderToStaticMarkup } = require("react-dom/server");
  const { Message: Drawn } = require("slack-blocks-to-jsx");
  const css = readFileSync(`${root}node_modules/slack-blocks-to-jsx/dist/style.css`, "utf8");
  const props = {
    // The renderer takes `verbatim` for plain text; Slack does not.
    blocks: JSON.parse(JSON.stringify(payload.blocks).replaceAll(',"verbatim":true', "")),
    logo: LOGO,
    name: "Countersign",
    time: new Date(Date.UTC(2026, 10, 24, 9, 12)),
    theme: "light",
  };
  const asked = name === "confirm" ? question(payload) : null;
  const body =
    asked ?? renderToStaticMarkup(createElement(Drawn, "type" in payload ? { ...props, withoutWrapper: true } : props));
  return `<!doctype html><meta charset="utf-8"><style>${css}
    body { margin: 0; background: #fff; font-family: Lato, "DejaVu Sans", sans-serif; }
    #shot { padding: 12px 16px; width: 640px; box-sizing: border-box; }
    #shot.view { border: 1px solid #ccc; border-radius: 8px; }
    .bar { display: flex; justify-content: space-between; align-items: center; padding: 8px 0; }
    .bar b { font-size: 18px; } .bar span { border: 1px solid #bbb; border-radius: 4px; padding: 6px 12px; margin-left: 8px; font-size: 14px; }
    .bar .go { background: #007a5a; color: #fff; border-color: #007a5a; }
  </style><div id="shot"${"type" in payload || asked ? ' class="view"' : ""}>${framed(payload, body)}</div>`;
}

/** The library draws blocks; the frame of a view is ours. */
function framed(payload: Message | View, body: string): string {
  if (!("type" in payload)) return body;
  if (payload.type === "home") return body;
  const submit = payload.submit ? `<span class="go">${payload.submit.text}</span>` : "";
  return `<div class="bar"><b>${payload.title.text}</b></div>${body}<div class="bar"><i></i><div><span>${payload.close.text}</span>${submit}</div></div>`;
}

/** Slack's own question before a button does anything; the frame is ours here too. */
function question(message: Message | View): string {
  const buttons = message.blocks.flatMap((block) => (block.type === "actions" ? block.elements : []));
  const confirm = buttons.find((one) => one.confirm !== undefined)?.confirm;
  if (!confirm) throw new Error("No button of this asks first.");
  const { title, text, confirm: yes, deny: no } = confirm;
  return `<div class="bar"><b>${title.text}</b></div><p>${text.text}</p>
    <div class="bar"><i></i><div><span>${no.text}</span><span class="go">${yes.text}</span></div></div>`;
}

const LOGO =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 36 36'%3E%3Crect width='36' height='36' rx='6' fill='%231d4ed8'/%3E%3Cpath d='M9 19l6 6 12-14' fill='none' stroke='%23fff' stroke-width='4'/%3E%3C/svg%3E";

async function photograph(all: { name: string; html: string }[]): Promise<void> {
  const directory = `${root}docs/images/slack`;
  mkdirSync(directory, { recursive: true });
  const browser = await chromium.launch({
    executablePath: process.env.CHROME_PATH ?? "/usr/bin/chromium",
    args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
  });
  try {
    const tab = await browser.newPage({ viewport: { width: 680, height: 600 } });
    for (const { name, html } of all) {
      await tab.setContent(html);
      writeFileSync(`${directory}/${name}.png`, await tab.locator("#shot").screenshot());
      process.stdout.write(`${name}.png\n`);
    }
  } finally {
    await browser.close();
  }
}

const wanted = process.argv.slice(2);
const pictures = everything().filter(([name]) => wanted.length === 0 || wanted.includes(name));
const pages = pictures.map(([name, payload]) => ({ name, html: page(name, payload) }));
await photograph(pages);
