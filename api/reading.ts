import type { FastifyReply } from "fastify";
import { targetOf } from "../config/configuration.ts";
import type { InForce } from "../config/configuration-source.ts";
import { CountersignError } from "../core/errors.ts";
import { agentOf } from "../core/principal.ts";
import type { Submission } from "../core/request.ts";
import type { Status } from "../core/status.ts";
import { requestById } from "../db/read/requests.ts";
import type { RequestRecord } from "../db/types.ts";
import type { Identity } from "./auth/identity.ts";
import type { ApiContext } from "./context.ts";
import type { RequestView } from "./contract/request.ts";
import { requestView } from "./request-view.ts";
import { startedWith } from "./temporal.ts";
import { mayRead } from "./visibility.ts";
import { waitUntil } from "./wait.ts";

/** The record, for somebody who may read it. Throws NOT_FOUND in every other case, one like the other. */
export async function readRequest(context: ApiContext, identity: Identity, id: string): Promise<RequestRecord> {
  const inForce = await context.configuration.inForce();
  const record = (await requestById(context.database, id)) ?? (await notYetRecorded(context, inForce, id));
  if (record === null || !mayRead(record, identity, inForce.configuration.directory)) {
    throw new CountersignError("NOT_FOUND", "");
  }
  return record;
}

/** The same, held for up to `seconds` until the request has ended; a caller that goes away changes nothing. */
export async function readWhenEnded(
  context: ApiContext,
  identity: Identity,
  id: string,
  seconds: number,
  reply: FastifyReply,
): Promise<RequestRecord> {
  const gone = new AbortController();
  // The answer's close, not the call's: a call with a body closes as soon as it was read.
  reply.raw.once("close", () => gone.abort());
  const read = () => readRequest(context, identity, id);
  return waitUntil(context, id, read, (record) => isEnded(record.status), seconds, gone.signal);
}

export async function viewFor(context: ApiContext, identity: Identity, record: RequestRecord): Promise<RequestView> {
  const { configuration } = await context.configuration.inForce();
  return requestView(record, identity, configuration, context.settings.publicUrl);
}

/** 200 when it has ended, 202 with Retry-After while it has not. */
export async function answerRequest(
  context: ApiContext,
  identity: Identity,
  record: RequestRecord,
  reply: FastifyReply,
): Promise<RequestView> {
  retryAfter(record.status, reply);
  reply.code(isEnded(record.status) ? 200 : 202);
  return viewFor(context, identity, record);
}

/** People take longer than machines. */
export function retryAfter(status: Status, reply: FastifyReply): void {
  if (!isEnded(status)) reply.header("retry-after", status === "pending" || status === "held" ? 5 : 1);
}

export function isEnded(status: Status): boolean {
  switch (status) {
    case "succeeded":
    case "failed":
    case "unknown":
    case "denied":
    case "expired":
    case "withdrawn":
      return true;
    case "evaluating":
    case "pending":
    case "held":
    case "starting":
    case "running":
      return false;
    default:
      return status satisfies never;
  }
}

async function notYetRecorded(context: ApiContext, inForce: InForce, id: string): Promise<RequestRecord | null> {
  const submission = await startedWith(context, id);
  return submission === null ? null : evaluating(submission, inForce);
}

/** Started, and no worker has taken it up yet. */
function evaluating(submission: Submission, { configuration }: InForce): RequestRecord {
  const { directory } = configuration;
  const agent = agentOf(directory, submission.requester);
  const owner = directory.people.find((person) => person.id === agent?.owner);
  return {
    id: submission.requestId,
    status: "evaluating",
    submission,
    environment: targetOf(configuration, submission.action.target)?.environment ?? "",
    names: { requester: agent?.name ?? submission.requester, owner: owner?.name ?? null },
    state: null,
    evaluation: null,
    description: null,
    facts: null,
    configurationVersion: null,
    outcome: null,
    report: null,
    resolution: null,
    createdAt: submission.submittedAt,
    updatedAt: submission.submittedAt,
    revision: 0,
  };
}
