import { and, desc, eq, isNull, type SQL, sql } from "drizzle-orm";
import type { Configuration } from "../config/configuration.ts";
import { CountersignError } from "../core/errors.ts";
import type { Digest, Signed } from "../core/request.ts";
import { digestOf } from "../crypto/digest.ts";
import { appendAdministration } from "./audit.ts";
import { announceChange } from "./changes.ts";
import { type Database, reading, type Transaction, writing } from "./client.ts";
import { freezesStanding } from "./freezes-in-force.ts";
import { ADMINISTRATION_LOCK, FREEZE_LOCK, lockExclusively, lockRequest } from "./locks.ts";
import { requestRecords } from "./read/request-record.ts";
import { configurations } from "./schema/configurations.ts";
import { executions } from "./schema/executions.ts";
import { freezes } from "./schema/freezes.ts";
import { outcomes } from "./schema/outcomes.ts";
import { requests } from "./schema/requests.ts";
import { resolutions } from "./schema/resolutions.ts";
import type { FreezeOrder, Resolution } from "./types.ts";

/** A claim without an outcome. */
export type Running = { requestId: string; attempt: number; claimedAt: number };

/**
 * Writes the next configuration; only the operator's connection may. Throws CONFIGURATION_INVALID when its
 * version does not follow the last one, so that of two operators who apply at once one has to look again.
 */
export async function applyConfiguration(
  db: Database,
  signed: Signed<Configuration>,
): Promise<{ version: number; digest: Digest }> {
  const { content, jws } = signed;
  const { version, appliedAt } = content;
  const digest = digestOf(content);
  return writing(db, async (transaction) => {
    await lockExclusively(transaction, ADMINISTRATION_LOCK);
    const [last] = await transaction
      .select({ version: configurations.version })
      .from(configurations)
      .orderBy(desc(configurations.version))
      .limit(1);
    const next = (last?.version ?? 0) + 1;
    if (version !== next) {
      throw new CountersignError(
        "CONFIGURATION_INVALID",
        `Version ${version} was signed, and version ${next} is next.`,
      );
    }
    await transaction.insert(configurations).values({ version, digest, content, jws, appliedAt });
    const data = { version, digest };
    const type = "configuration.applied";
    await appendAdministration(transaction, { requestId: null, at: appliedAt, type, by: null, reasons: [], data });
    return { version, digest };
  });
}

/**
 * Throws or lifts a switch. Waits for starts that are being claimed this moment; after it returns, nothing in
 * its scope starts, and what had started already is in the answer. The same order again changes nothing.
 */
export async function orderFreeze(db: Database, signed: Signed<FreezeOrder>): Promise<{ running: Running[] }> {
  const { content, jws } = signed;
  const { id, kind, lifts, scope, by, at, reason } = content;
  return writing(db, async (transaction) => {
    await lockExclusively(transaction, FREEZE_LOCK);
    if (lifts !== null) await refuseUnknownFreeze(transaction, lifts);
    const kept = await transaction
      .insert(freezes)
      .values({ id, kind, lifts, ...scope, by, content, jws, at })
      .onConflictDoNothing({ target: freezes.id })
      .returning({ id: freezes.id });
    if (kept.length > 0) {
      const code = kind === "freeze" ? "ADMIN_FROZEN" : "ADMIN_LIFTED";
      await appendAdministration(transaction, {
        ...{ requestId: null, at, type: kind === "freeze" ? "freeze.ordered" : "freeze.lifted", by },
        reasons: [{ code, rule: null, note: reason }],
        data: { id, lifts, scope },
      });
    }
    return { running: kind === "freeze" ? await runningIn(transaction, scope) : [] };
  });
}

/** Freezes that stop something now, oldest first, as they were signed. */
export async function freezesInForce(
  db: Database,
  liftHolds: (lift: Signed<FreezeOrder>) => Promise<boolean> = async () => true,
): Promise<Signed<FreezeOrder>[]> {
  return reading(db, (orm) => freezesStanding(orm, liftHolds));
}

/** Keeps how an unknown execution ended; throws NOT_FOUND, or NOT_UNKNOWN when its end is known or not due. */
export async function recordResolution(db: Database, signed: Signed<Resolution>): Promise<void> {
  const { content, jws } = signed;
  const { requestId, outcome, by, at, reason, note } = content;
  await writing(db, async (transaction) => {
    await lockRequest(transaction, requestId);
    const [record] = await requestRecords(transaction, eq(requests.id, requestId), [], 1);
    if (!record) throw new CountersignError("NOT_FOUND", `There is no request ${requestId}.`);
    if (record.status !== "unknown") throw new CountersignError("NOT_UNKNOWN", `The request is ${record.status}.`);
    await transaction.insert(resolutions).values({ requestId, outcome, by, content, jws, at });
    await appendAdministration(transaction, {
      ...{ requestId, at, type: "execution.resolved", by },
      reasons: [{ code: reason, rule: null, note }],
      data: { outcome },
    });
    await announceChange(transaction, requestId);
  });
}

async function refuseUnknownFreeze(transaction: Transaction, id: string): Promise<void> {
  const [found] = await transaction
    .select({ id: freezes.id })
    .from(freezes)
    .where(and(eq(freezes.id, id), eq(freezes.kind, "freeze")));
  if (!found) throw new CountersignError("NOT_FOUND", `There is no freeze ${id}.`);
}

async function runningIn(transaction: Transaction, scope: FreezeOrder["scope"]): Promise<Running[]> {
  const covered: (SQL | undefined)[] = [
    scope.agent === null ? undefined : eq(executions.agent, scope.agent),
    scope.actionType === null ? undefined : eq(executions.actionType, scope.actionType),
    scope.target === null ? undefined : eq(executions.target, scope.target),
  ];
  return transaction
    .select({ requestId: executions.requestId, attempt: executions.attempt, claimedAt: executions.at })
    .from(executions)
    .leftJoin(outcomes, eq(outcomes.requestId, executions.requestId))
    .where(and(sql`${executions.status} = 'claimed'`, isNull(outcomes.requestId), ...covered))
    .orderBy(executions.at, executions.requestId);
}
