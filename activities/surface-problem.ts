import type { HumanMessage } from "../core/message.ts";
import type { Database } from "../db/client.ts";
import { seenAt } from "../db/read/seen.ts";

/**
 * Was the card that this message answers ever shown, for this request, in the message that was clicked? What is
 * copied, forwarded or put together from two cards was not. Only the workflow's admission asks: the record of
 * surfaces is nobody's signature, so the gate does not lean on it.
 */
export async function surfaceProblem(db: Database, message: HumanMessage): Promise<string | null> {
  const { requestId, evidence } = message;
  if (evidence.method !== "slack") return null;
  const { surface, shown, conversation, message: clicked } = evidence;
  const place = await seenAt(db, { requestId, surface, shown });
  if (place === null) return "REVIEW_SURFACE_UNKNOWN";
  // A view belongs to no message of its own, and a message may be answered before its own name is noted.
  const elsewhere = place.conversation !== null && conversation !== null && place.conversation !== conversation;
  const other = place.message !== null && clicked !== null && place.message !== clicked;
  return elsewhere || other ? "REVIEW_SURFACE_UNKNOWN" : null;
}
