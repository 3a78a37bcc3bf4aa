import { isDeepStrictEqual } from "node:util";
import { and, eq } from "drizzle-orm";
import type { JournalEntry, Recorded, RecordInput } from "../activities/types.ts";
import { CountersignError } from "../core/errors.ts";
import type { Digest } from "../core/request.ts";
import { appendEvents } from "./audit.ts";
import { announceChange } from "./changes.ts";
import { type Database, type Transaction, writing } from "./client.ts";
import { lockRequest } from "./locks.ts";
import { project } from "./projection.ts";
import { evaluations } from "./schema/evaluations.ts";
import { executions } from "./schema/executions.ts";
import { journal } from "./schema/journal.ts";
import { messages } from "./schema/messages.ts";
import { submissions } from "./schema/submissions.ts";

/**
 * The only writer of a request's state. The first entry at a place of the journal is what happened: a later,
 * different one is answered with it and changes nothing, the same one again is harmless. Everything
 * that belongs to an entry is written with it, in one transaction.
 */
export async function record(db: Database, input: RecordInput): Promise<Recorded> {
  return writing(db, async (transaction) => {
    await lockRequest(transaction, input.requestId);
    const stored = await entryAt(transaction, input.requestId, input.seq);
    if (stored !== null && !isDeepStrictEqual(stored, asStored(input.entry))) return { adopted: stored };

    if (input.submission !== null) await keepSubmission(transaction, input, input.submission);
    if (stored === null) await keepEntry(transaction, input);
    const moved = await project(transaction, input);
    if (moved) await announceChange(transaction, input.requestId);
    return { adopted: null };
  });
}

async function entryAt(transaction: Transaction, requestId: string, seq: number): Promise<JournalEntry | null> {
  const [row] = await transaction
    .select({ entry: journal.entry })
    .from(journal)
    .where(and(eq(journal.requestId, requestId), eq(journal.seq, seq)));
  return row?.entry ?? null;
}

/** What an entry looks like once it has been through the database. */
function asStored(entry: JournalEntry): JournalEntry {
  return JSON.parse(JSON.stringify(entry)) as JournalEntry;
}

async function keepSubmission(
  transaction: Transaction,
  { requestId, entry }: RecordInput,
  submission: NonNullable<RecordInput["submission"]>,
): Promise<void> {
  const { content, jws } = submission;
  if (content.requestId !== requestId) {
    throw new CountersignError("HISTORY_FORKED", `The submission is for ${content.requestId}, not for ${requestId}.`);
  }
  const kept = await transaction
    .insert(submissions)
    .values({ requestId, digest: content.digest, content, jws, at: entry.at })
    .onConflictDoNothing()
    .returning({ digest: submissions.digest });
  if (kept.length > 0) return;
  const [first] = await transaction
    .select({ digest: submissions.digest })
    .from(submissions)
    .where(eq(submissions.requestId, requestId));
  if (first?.digest !== content.digest) {
    throw new CountersignError("HISTORY_FORKED", `${requestId} was submitted before for another action.`);
  }
}

async function keepEntry(transaction: Transaction, input: RecordInput): Promise<void> {
  const { requestId, seq, entry } = input;
  if (seq > 0 && (await entryAt(transaction, requestId, seq - 1)) === null) {
    throw new CountersignError("HISTORY_FORKED", `Entry ${seq} of ${requestId} would follow an entry nobody recorded.`);
  }
  await refuseUnsubmitted(transaction, requestId);
  await transaction.insert(journal).values({ requestId, seq, entry, at: entry.at });
  await keepMessage(transaction, input);
  await keepEvaluation(transaction, input);
  await keepTombstones(transaction, input);
  await appendEvents(
    transaction,
    entry.happened.map(({ type, by, reasons, data }, part) => {
      const stream = `request:${requestId}` as const;
      return { stream, seq, part, requestId, at: entry.at, type, by, reasons, data };
    }),
  );
}

async function refuseUnsubmitted(transaction: Transaction, requestId: string): Promise<void> {
  const [submitted] = await transaction
    .select({ requestId: submissions.requestId })
    .from(submissions)
    .where(eq(submissions.requestId, requestId));
  if (!submitted) throw new CountersignError("HISTORY_FORKED", `${requestId} has no recorded submission.`);
}

async function keepMessage(transaction: Transaction, input: RecordInput): Promise<void> {
  const { requestId, seq, entry, message, identification } = input;
  if (message === null) return;
  const { content, jws } = message;
  const { id: messageId, verb, principal } = content;
  await transaction
    .insert(messages)
    .values({
      ...{ requestId, seq, messageId, verb, principal, content, jws, at: entry.at },
      identification: identification?.content ?? null,
      identificationJws: identification?.jws ?? null,
    })
    // The same id twice is one event.
    .onConflictDoNothing({ target: [messages.requestId, messages.messageId] });
}

async function keepEvaluation(transaction: Transaction, input: RecordInput): Promise<void> {
  const { requestId, seq, entry, description } = input;
  const judged = judgedIn(entry);
  if (judged === null) return;
  await transaction.insert(evaluations).values({ requestId, seq, ...judged, description, at: entry.at });
}

type Judged = Pick<typeof evaluations.$inferInsert, "factsDigest" | "facts" | "evaluation" | "configurationVersion"> & {
  factsDigest: Digest;
};

/** The workflow's own evaluation, or what a gate found instead of it. */
function judgedIn({ cause }: JournalEntry): Judged | null {
  if (cause.kind === "evaluated") {
    const { evaluation, facts, configurationVersion } = cause.evaluated;
    return { factsDigest: cause.factsDigest, facts, evaluation, configurationVersion };
  }
  if (cause.kind !== "step" || cause.event.kind !== "gateRefused") return null;
  const { factsDigest, evaluation } = cause.event.refusal;
  return factsDigest === null ? null : { factsDigest, facts: null, evaluation, configurationVersion: null };
}

/**
 * An ended request that did not run never will: neither the attempt that may still be somewhere in a paused
 * process, nor the next one. Where a claim stands this changes nothing; what it led to is told by its outcome.
 */
async function keepTombstones(transaction: Transaction, input: RecordInput): Promise<void> {
  const { requestId, entry, state, outcome } = input;
  if (outcome === null || outcome.report !== null || !DID_NOT_RUN.has(outcome.status)) return;
  const [claim] = await transaction
    .select({ attempt: executions.attempt })
    .from(executions)
    .where(and(eq(executions.requestId, requestId), eq(executions.status, "claimed")));
  if (claim) return;
  const latest = state?.attempt ?? 0;
  await transaction
    .insert(executions)
    .values(
      [latest, latest + 1]
        .filter((attempt) => attempt > 0)
        .map((attempt) => ({ requestId, attempt, status: "never" as const, at: entry.at })),
    )
    .onConflictDoNothing();
}

const DID_NOT_RUN: ReadonlySet<string> = new Set(["denied", "expired", "withdrawn"]);
