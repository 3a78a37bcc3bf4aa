import { and, desc, eq, ilike, or, type SQL, sql } from "drizzle-orm";
import { CountersignError } from "../../core/errors.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Status } from "../../core/status.ts";
import { type Database, reading } from "../client.ts";
import { requests } from "../schema/requests.ts";
import type { ListFilter, Page, RequestRecord } from "../types.ts";
import { concerns, isPartyTo, waitsFor } from "./concern.ts";
import { requestRecords } from "./request-record.ts";
import { STATUS_SQL } from "./status.ts";

export async function requestById(db: Database, id: string): Promise<RequestRecord | null> {
  const [record] = await reading(db, (orm) => requestRecords(orm, eq(requests.id, id), [], 1));
  return record ?? null;
}

export async function listRequests(db: Database, filter: ListFilter): Promise<Page<RequestRecord>> {
  return pageOf(db, conditions(filter), filter);
}

/**
 * Newest first. A page begins where the last one ended, not at a number of rows, so that requests
 * arriving between two pages neither repeat nor hide any.
 */
export async function pageOf(
  db: Database,
  where: (SQL | undefined)[],
  { cursor, limit: wanted }: { cursor: string | null; limit: number },
): Promise<Page<RequestRecord>> {
  const limit = Math.max(1, Math.min(wanted, LIMITS.maxPageSize));
  const order = [desc(requests.createdAt), desc(requests.id)];
  const beginning = cursor === null ? undefined : after(cursor);
  const found = await reading(db, (orm) => requestRecords(orm, and(...where, beginning), order, limit + 1));
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: found.length > limit && last ? cursorAt(last) : null };
}

function conditions(filter: ListFilter): (SQL | undefined)[] {
  const { status, waitingFor, partyTo, concerning, requester, actionType, text } = filter;
  return [
    status === null ? undefined : hasStatus(status),
    waitingFor === null ? undefined : waitsFor(waitingFor),
    partyTo === null ? undefined : isPartyTo(partyTo),
    concerning === null ? undefined : concerns(concerning),
    requester === null ? undefined : eq(requests.requester, requester),
    actionType === null ? undefined : eq(requests.actionType, actionType),
    text === null || text === "" ? undefined : contains(text),
  ];
}

function hasStatus(status: Status): SQL | undefined {
  const derived = sql`${STATUS_SQL} = ${status}`;
  // Only the workflow says these, so its own column, which has an index, can narrow first.
  return FROM_WORKFLOW.has(status) ? and(eq(requests.recordedStatus, status as "pending"), derived) : derived;
}

const FROM_WORKFLOW: ReadonlySet<Status> = new Set([
  "evaluating",
  "pending",
  "held",
  "starting",
  "denied",
  "expired",
  "withdrawn",
]);

function contains(text: string): SQL | undefined {
  const pattern = `%${text.replaceAll("\0", "").replace(/[\\%_]/g, (sign) => `\\${sign}`)}%`;
  return or(ilike(requests.search, pattern), ilike(requests.title, pattern));
}

function cursorAt({ createdAt, id }: RequestRecord): string {
  return Buffer.from(`${createdAt} ${id}`).toString("base64url");
}

function after(cursor: string): SQL {
  const [, createdAt, id] = /^(\d{1,14}) ([!-~]{1,200})$/.exec(Buffer.from(cursor, "base64url").toString("utf8")) ?? [];
  if (createdAt === undefined || id === undefined) {
    throw new CountersignError("MALFORMED", "This cursor is not one a list gave out.", { pointer: "/cursor" });
  }
  const at = new Date(Number(createdAt)).toISOString();
  return sql`(${requests.createdAt}, ${requests.id}) < (${at}::timestamptz, ${id})`;
}
