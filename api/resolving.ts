import { CountersignError } from "../core/errors.ts";
import { isReasonCode } from "../core/reason-codes.ts";
import { recordResolution } from "../db/admin.ts";
import type { Resolution } from "../db/types.ts";
import { isOperator, type PersonIdentity } from "./auth/identity.ts";
import type { ApiContext } from "./context.ts";
import { readRequest } from "./reading.ts";

/** An operator says how an execution ended whose end nobody saw; time never does. */
export async function resolveUnknown(
  context: ApiContext,
  identity: PersonIdentity,
  requestId: string,
  { outcome, reason, note }: Pick<Resolution, "outcome" | "reason" | "note">,
): Promise<void> {
  if (!isOperator(identity)) throw new CountersignError("FORBIDDEN", "Only operators may do this.");
  const record = await readRequest(context, identity, requestId);
  if (record.status !== "unknown") throw new CountersignError("NOT_UNKNOWN", `The request is ${record.status}.`);
  if (!isReasonCode(reason)) {
    throw new CountersignError("MALFORMED", "This reason code is not in the catalogue.", { pointer: "/reason" });
  }
  const said = { version: 1 as const, requestId, outcome, reason, note };
  const resolution: Resolution = { ...said, by: identity.id, at: context.clock() };
  await recordResolution(context.database, await context.signer.sign("resolution", resolution));
}
