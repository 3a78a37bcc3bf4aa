import type { Card } from "./card.ts";
import type { AgentText, Line } from "./line.ts";

/** One request in a list. `details`: what its Details button carries; null for no such button. */
export type ListedRequest = {
  requestId: string;
  title: AgentText;
  ending: string;
  /** Who asks, where, who is missing, until when. */
  line: Line;
  pageUrl: string;
  details: string | null;
};

export function listedRequest(card: Card, details: string | null): ListedRequest {
  const { requestId, title, ending, pageUrl, fields } = card;
  const value = (label: string): Line => fields.find((field) => field.label === label)?.value ?? [];
  const until = fields.find((field) => UNTIL.includes(field.label));
  const waits: Line = card.status === "held" ? [" · waits for an auditor"] : [" · needs ", ...value("Needs")];
  const line: Line = [...value("Agent"), " · ", ...value("Environment"), ...waits];
  if (until) line.push(` · ${until.label.toLowerCase()} `, ...until.value);
  return { requestId, title, ending, line: until ? line : line.slice(0, 3), pageUrl, details };
}

const UNTIL = ["Decide by", "Held until", "Start by"];

/** `held`: for whoever looks after holds. */
export const HOME_LISTS = ["me", "groups", "held", "asked", "decided"] as const;
export type HomeListName = (typeof HOME_LISTS)[number];

/** One page of one list; `newer` and `older` are what the paging buttons carry. */
export type HomeList = {
  name: HomeListName;
  items: ListedRequest[];
  newer: string | null;
  older: string | null;
};

/** The inbox of one person; or, for an account that is nobody's here, one sentence and what helps. */
export type HomeInput =
  | { person: string; lists: HomeList[]; pageUrl: string }
  | { person: null; why: string; next: string | null; pageUrl: string };
