import type { AccountId, Instant } from "../core/principal.ts";
import { literal } from "../privacy/literal.ts";
import { spelt } from "./duration.ts";

/** Words of an agent, or chosen by one: shown literally, never as markup, never in a notification. */
export type AgentText = { agent: string };

/** A line in our own words and names of the configuration; instants and people are drawn as the channel can. */
export type Line = (string | { at: Instant } | { mention: AccountId; name: string })[];

/** Our words around what somebody else wrote: an agent, a database, a person in a note. */
export type Quoted = (string | AgentText)[];

/** A name of the configuration: one line, nothing hidden in it. */
export function named(name: string): string {
  return literal(name, NAME_CHARS);
}

const NAME_CHARS = 80;

/** "group:data-owners" as people say it. */
export function groupName(group: string): string {
  return named(group.replace(/^group:/, ""));
}

/** "a, b and 3 more". */
export function listed(names: string[], most: number, or: "and" | "or" = "and"): string {
  const shown = names.slice(0, most);
  const more = names.length - shown.length;
  if (more > 0) return `${shown.join(", ")} and ${more} more`;
  const last = shown.at(-1) ?? "";
  return shown.length > 1 ? `${shown.slice(0, -1).join(", ")} ${or} ${last}` : last;
}

/** The same moment for every reader, where a channel cannot show it in theirs: "24 Nov 2026, 15:20 UTC". */
export function utc(at: Instant): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return "an unknown time";
  const [day, clock] = date.toISOString().split("T");
  const [year, month, dayOfMonth] = (day ?? "").split("-");
  return `${Number(dayOfMonth)} ${MONTHS[Number(month) - 1] ?? ""} ${year}, ${(clock ?? "").slice(0, 5)} UTC`;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** How long something took; what took no time to speak of still took some. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1_000));
  return seconds < 1 ? "less than 1 s" : spelt(seconds);
}

/** A line as plain text, where nothing else can be drawn. */
export function plainLine(line: Line): string {
  return line.map((part) => (typeof part === "string" ? part : "at" in part ? utc(part.at) : part.name)).join("");
}
