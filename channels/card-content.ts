import type { Json } from "../core/request.ts";
import type { Status } from "../core/status.ts";
import { agentBlock, agentLine, escapedLength, type Shown } from "./agent-text.ts";
import type { Card, CardSource } from "./card.ts";
import type { AgentText } from "./line.ts";
import { actionHeading } from "./status-words.ts";

/** What a chat has room for on one card; the details have the rest. */
export type Room = {
  body: number;
  bodyLines: number;
  justification: number;
  fact: number;
  facts: number;
  warning: number;
  warnings: number;
};
export const CARD_ROOM: Room = {
  body: 2_400,
  bodyLines: 30,
  justification: 600,
  fact: 300,
  facts: 1_500,
  warning: 300,
  warnings: 5,
};
/** What a view of its own has. More than that, and only the request page shows it all. */
export const DETAILS_ROOM: Room = {
  body: 40_000,
  bodyLines: 2_000,
  justification: 4_000,
  fact: 2_000,
  facts: 10_000,
  warning: 500,
  warnings: 10,
};

type Content = Pick<Card, "title" | "warnings" | "facts" | "body" | "justification" | "run" | "result" | "target">;

/** Everything that an agent wrote or chose, safe to show, and whether that is all of it. */
export function contentOf(source: CardSource, room: Room): { content: Content; full: boolean; exact: boolean } {
  const { submission, status, description } = source;
  const all: Shown[] = [];
  const keep = (shown: Shown): AgentText => {
    all.push(shown);
    return shown.text;
  };
  const preview = description?.preview ?? null;
  const { action } = submission;
  const warnings = (preview?.warnings ?? []).map((text) => keep(agentLine(text, room.warning)));
  const facts = factsOf(source, room).map(({ label, shown }) => ({ label, value: keep(shown) }));
  const body = withinLines(agentBlock(bodyText(source), room.body), room.bodyLines);
  const content: Content = {
    // A summary of the facts below it, so nothing is lost where a title has to be cut.
    title: agentLine(preview?.title ?? `${action.type} on ${action.target}`, TITLE_CHARS).text,
    warnings: warnings.slice(0, room.warnings),
    facts: withinRoom(facts, room.facts),
    body: { heading: bodyHeading(status, body), text: keep(body) },
    justification:
      submission.justification === null ? null : keep(agentBlock(submission.justification, room.justification)),
    run: submission.run === null ? null : agentLine(submission.run, RUN_CHARS).text,
    result: resultOf(source),
    target: agentLine(action.target, TARGET_CHARS).text,
  };
  const allThere = content.warnings.length === warnings.length && content.facts.length === facts.length;
  return {
    content,
    full: allThere && all.every((shown) => shown.full),
    exact: allThere && all.every((shown) => shown.exact),
  };
}

function withinLines(body: Shown, most: number): Shown {
  const lines = body.text.agent.split("\n");
  if (lines.length <= most) return body;
  return { text: { agent: `${lines.slice(0, most).join("\n")}\n…` }, full: false, exact: false };
}

function bodyHeading(status: Status, { full }: Shown): string {
  return full ? actionHeading(status) : `${actionHeading(status)} (shortened or masked: not all of it is shown)`;
}

/** The exact thing that runs, and below it every argument that is not in it, so that nothing is left out. */
function bodyText({ submission, description }: CardSource): string {
  const { arguments: given } = submission.action;
  const body = description?.preview.body.text ?? null;
  if (body === null) return JSON.stringify(given, null, 2);
  const rest = Object.keys(given)
    .sort()
    .filter((name) => given[name] !== body)
    .map((name) => `${name}: ${JSON.stringify(given[name])}`);
  return rest.length === 0 ? body : `${body}\n\n${rest.join("\n")}`;
}

function factsOf({ submission, description }: CardSource, room: Room): { label: string; shown: Shown }[] {
  const { action } = submission;
  const known = (description?.preview.fields ?? [])
    .filter((field) => field.label !== "Environment" && field.label !== "Target")
    .map((field) => ({ label: field.label, shown: agentLine(field.value, room.fact) }));
  return [
    { label: "Action", shown: agentLine(action.type, room.fact) },
    { label: "Target", shown: agentLine(action.target, room.fact) },
    ...known,
  ];
}

function withinRoom(facts: Content["facts"], room: number): Content["facts"] {
  let left = room;
  return facts.filter(({ label, value }) => {
    left -= escapedLength(label) + escapedLength(value.agent) + SEPARATORS;
    return left >= 0;
  });
}

/** What the action reported: its own words, so they are treated like an agent's. */
function resultOf({ report, outcome }: CardSource): Content["result"] {
  const known = report ?? outcome?.report ?? null;
  if (known === null) return [];
  const rows: Content["result"] = [];
  const result = known.result;
  if (typeof result === "object" && result !== null && !Array.isArray(result)) {
    for (const [name, value] of Object.entries(result).slice(0, MOST_RESULTS)) {
      rows.push({ label: agentLine(name, LABEL_CHARS).text, value: agentLine(textOf(value), RESULT_CHARS).text });
    }
  } else if (result !== null) {
    rows.push({ label: { agent: "Result" }, value: agentLine(textOf(result), RESULT_CHARS).text });
  }
  return rows;
}

function textOf(value: Json): string {
  if (typeof value === "string") return value;
  return Array.isArray(value) && value.every((one) => typeof one !== "object")
    ? value.map(String).join(", ")
    : JSON.stringify(value);
}

const TITLE_CHARS = 300;
const RUN_CHARS = 80;
const TARGET_CHARS = 80;
const MOST_RESULTS = 8;
const RESULT_CHARS = 200;
const LABEL_CHARS = 40;
const SEPARATORS = 3;
