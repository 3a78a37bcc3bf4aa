import type { Digest } from "../../core/request.ts";
import { digestOf } from "../../crypto/digest.ts";
import type { Card } from "../card.ts";
import type { Style } from "./blocks.ts";
import { drawCard } from "./draw-card.ts";

/** Digest of a card as it is drawn, without what its buttons carry: names what was in front of people. */
export function shownDigest(card: Card, style: Style): Digest {
  return digestOf(drawCard(card, style, () => "", ""));
}
