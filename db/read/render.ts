import { and, asc, eq } from "drizzle-orm";
import type { HumanMessage } from "../../core/message.ts";
import type { Instant, PersonId } from "../../core/principal.ts";
import type { Digest, Json } from "../../core/request.ts";
import { type Database, reading } from "../client.ts";
import { messages } from "../schema/messages.ts";
import { renders } from "../schema/renders.ts";

/** A recorded message and what was in front of its author; `drawing` is null where nothing was kept of it. */
export type MessageSeen = {
  content: HumanMessage;
  drawing: { shown: Digest; renderer: string; drawing: { kind: string; input: Json }; at: Instant } | null;
};

/** An answer that was given on something drawn, and the person whose account it was. */
export type SeenAnswer = { content: HumanMessage; person: PersonId | null };

/** In the order they were recorded. */
export async function seenAnswers(db: Database, requestId: string): Promise<SeenAnswer[]> {
  const rows = await reading(db, (orm) =>
    orm
      .select({ content: messages.content, identification: messages.identification })
      .from(messages)
      .where(eq(messages.requestId, requestId))
      .orderBy(asc(messages.seq)),
  );
  return rows
    .filter(({ content }) => content.evidence.method === "slack")
    .map(({ content, identification }) => ({ content, person: identification?.person ?? null }));
}

/** null when the request has no such message. */
export async function messageSeen(db: Database, requestId: string, messageId: string): Promise<MessageSeen | null> {
  return reading(db, async (orm) => {
    const [row] = await orm
      .select({ content: messages.content })
      .from(messages)
      .where(and(eq(messages.requestId, requestId), eq(messages.messageId, messageId)));
    if (!row) return null;
    const { content } = row;
    const { evidence } = content;
    if (evidence.method !== "slack") return { content, drawing: null };
    const [drawing] = await orm
      .select({ shown: renders.shown, renderer: renders.renderer, drawing: renders.drawing, at: renders.at })
      .from(renders)
      .where(
        and(
          eq(renders.requestId, requestId),
          eq(renders.surfaceId, evidence.surface),
          eq(renders.shown, evidence.shown),
        ),
      );
    return { content, drawing: drawing ?? null };
  });
}
