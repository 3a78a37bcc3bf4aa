import type { Card } from "../card.ts";
import type { Message, Style } from "./blocks.ts";
import { linkButton } from "./buttons.ts";
import { contextPart, notesPart, resultPart, titleOf } from "./draw-card.ts";
import { fallback, mrkdwn } from "./text.ts";

/** To whoever answers for the agent, when a request of it has ended. Nothing can be decided with it. */
export function drawOwnerNote(card: Card, style: Style): Message {
  return {
    text: fallback([card.notification]),
    blocks: [
      titleOf(card),
      {
        type: "section",
        text: mrkdwn(card.banner, style, { boldFirst: true }),
      },
      ...resultPart(card, style),
      ...notesPart(card, style),
      contextPart(card, "You see this because you own the agent"),
      { type: "actions", elements: [linkButton("Open request page", card.pageUrl)] },
    ],
  };
}
