import { randomUUID } from "node:crypto";
import type { RequestView } from "../../api/contract/request.ts";
import { ApprovalError } from "../../client/errors.ts";
import { createApprovals } from "../../client/index.ts";
import type { Connection } from "../connection.ts";
import { readPage } from "../requests.ts";

/** What the demo's agent wants: every customer with an e-mail address, which no policy lets pass alone. */
const ASK = {
  target: "crm",
  arguments: {
    statement: "select id, name, email, segment, country, created_at from customers order by id",
    format: "csv",
    maxRows: 50_000,
  },
} as const;
const JUSTIFICATION = "Monthly newsletter: addresses of all active customers, asked for by marketing.";

/** A request that waits from an earlier start is shown again instead of asking anew. */
export async function openRequest(connection: Connection): Promise<{ request: RequestView; found: boolean }> {
  for (const status of ["pending", "held", "starting", "evaluating"] as const) {
    const [request] = (await readPage(connection, { status, limit: 1 })).items;
    if (request !== undefined) return { request, found: true };
  }
  return { request: await ask(connection), found: false };
}

/** For whoever has nothing of an earlier start to show. */
export async function askAnew(connection: Connection): Promise<{ request: RequestView; found: boolean }> {
  return { request: await ask(connection), found: false };
}

async function ask(connection: Connection): Promise<RequestView> {
  const approvals = createApprovals(connection);
  try {
    const options = { key: `demo-${randomUUID()}`, wait: 0, justification: JUSTIFICATION };
    return (await approvals.perform("postgres.export", ASK, options)).request;
  } catch (error) {
    // "Pending" is the answer we hope for; the client says it as an error.
    if (error instanceof ApprovalError && error.request !== null) return error.request;
    throw error;
  }
}

/** Until it ends, or `signal` says that nobody listens any more. */
export async function untilEnded(
  connection: Connection,
  requestId: string,
  signal: AbortSignal,
): Promise<RequestView | null> {
  try {
    return (await createApprovals(connection).waitFor(requestId, { signal })).request;
  } catch (error) {
    if (signal.aborted) return null;
    if (error instanceof ApprovalError && error.request !== null) return error.request;
    throw error;
  }
}
