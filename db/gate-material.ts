import { asc, eq } from "drizzle-orm";
import { executionIn } from "./claim.ts";
import { type Database, reading } from "./client.ts";
import { evaluations } from "./schema/evaluations.ts";
import { messages } from "./schema/messages.ts";
import { submissions } from "./schema/submissions.ts";
import type { GateMaterial } from "./types.ts";

/** What the gate loads to judge for itself; null when nobody recorded such a request. */
export async function gateMaterial(db: Database, requestId: string): Promise<GateMaterial | null> {
  return reading(db, async (orm) => {
    const [submitted] = await orm.select().from(submissions).where(eq(submissions.requestId, requestId));
    if (!submitted) return null;
    const said = await orm.select().from(messages).where(eq(messages.requestId, requestId)).orderBy(asc(messages.seq));
    const judged = await orm
      .select()
      .from(evaluations)
      .where(eq(evaluations.requestId, requestId))
      .orderBy(asc(evaluations.seq));
    return {
      submission: { content: submitted.content, jws: submitted.jws },
      messages: said.map(({ content, jws, identification, identificationJws, at }) => ({
        signed: { content, jws },
        identification:
          identification === null || identificationJws === null
            ? null
            : { content: identification, jws: identificationJws },
        at,
      })),
      // Before the evaluation there is nothing to open; describing needs the submission alone.
      openedAt: judged[0]?.at ?? submitted.at,
      asked: judged.find((row) => row.evaluation?.outcome === "review")?.at ?? null,
      policyDigest: judged.findLast((row) => row.evaluation !== null)?.evaluation?.policyDigest ?? null,
      shown: judged.flatMap(({ factsDigest, description }) =>
        description === null ? [] : [{ factsDigest, description }],
      ),
      execution: await executionIn(orm, requestId),
    };
  });
}
