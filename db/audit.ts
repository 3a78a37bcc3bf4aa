import { desc, eq } from "drizzle-orm";
import type { Reason } from "../core/evaluation.ts";
import type { Instant, PrincipalId } from "../core/principal.ts";
import type { Json } from "../core/request.ts";
import { canonicalJson } from "../crypto/canonical.ts";
import { sha256 } from "../crypto/digest.ts";
import type { Transaction } from "./client.ts";
import { ADMINISTRATION_LOCK, lockExclusively } from "./locks.ts";
import { auditEvents } from "./schema/audit-events.ts";

export type AuditEntry = {
  stream: `request:${string}` | `execution:${string}` | "administration";
  seq: number;
  part: number;
  requestId: string | null;
  at: Instant;
  type: string;
  by: PrincipalId | null;
  reasons: Reason[];
  data: { [key: string]: Json };
};

/** Appends in the caller's transaction, so that a change and its event stand or fall together. */
export async function appendEvents(transaction: Transaction, entries: AuditEntry[]): Promise<void> {
  if (entries.length === 0) return;
  await transaction.insert(auditEvents).values(
    entries.map((entry) => {
      const body = canonicalJson(cloudEvent(entry));
      return { ...entry, body, digest: sha256(body) };
    }),
  );
}

/** One event of the administration stream, which many processes write: its place is given out under a lock. */
export async function appendAdministration(
  transaction: Transaction,
  entry: Omit<AuditEntry, "stream" | "seq" | "part">,
): Promise<void> {
  await lockExclusively(transaction, ADMINISTRATION_LOCK);
  const [last] = await transaction
    .select({ seq: auditEvents.seq })
    .from(auditEvents)
    .where(eq(auditEvents.stream, "administration"))
    .orderBy(desc(auditEvents.seq))
    .limit(1);
  const seq = last === undefined ? 0 : last.seq + 1;
  await appendEvents(transaction, [{ ...entry, stream: "administration", seq, part: 0 }]);
}

/** The leaf that is hashed, in the shape of CloudEvents 1.0. */
function cloudEvent({ stream, seq, part, requestId, at, type, by, reasons, data }: AuditEntry): Json {
  return wellFormed({
    specversion: "1.0",
    id: `${stream}/${seq}/${part}`,
    source: "countersign",
    type,
    ...(requestId === null ? {} : { subject: requestId }),
    time: new Date(at).toISOString(),
    datacontenttype: "application/json",
    data: { by, reasons, data },
  });
}

/**
 * A sentence that was cut to length may end in half of a character, which canonical JSON refuses.
 * An event is not lost for that.
 */
function wellFormed(value: Json): Json {
  const text = JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === "string" ? inner.replace(/\p{Surrogate}/gu, "\uFFFD") : inner,
  );
  return JSON.parse(text) as Json;
}
