import { agentBlock } from "./agent-text.ts";
import type { Card, CardContext, CardSource } from "./card.ts";
import { DETAILS_ROOM } from "./card-content.ts";
import { cardOf } from "./card-of.ts";
import type { AgentText } from "./line.ts";
import { type TimelineEvent, type TimelineLine, timelineOf } from "./timeline.ts";

/** Everything there is to know of one request. `card.complete`: nothing of what is decided on is left out. */
export type DetailsInput = {
  card: Card;
  /** How the policy came to its answer, value by value. */
  explanation: AgentText | null;
  timeline: TimelineLine[];
};

export function detailsOf(
  source: CardSource,
  context: CardContext,
  more: { explanation: string | null; events: TimelineEvent[] },
): DetailsInput {
  const { explanation, events } = more;
  return {
    card: cardOf(source, context, DETAILS_ROOM),
    explanation: explanation === null ? null : agentBlock(explanation, EXPLANATION_CHARS).text,
    timeline: timelineOf(events, source, context).slice(-MOST_LINES),
  };
}

const EXPLANATION_CHARS = 6_000;
const MOST_LINES = 40;
