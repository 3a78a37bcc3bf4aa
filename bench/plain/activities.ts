import { executorOf } from "../../actions/registry.ts";
import type { Target } from "../../config/configuration.ts";

/** The same work at the same target as ours does, so that what differs is the way to it. */
export type Activities = {
  context(requestId: string, statement: string): Promise<object>;
  act(requestId: string, statement: string): Promise<unknown>;
};

export function createActivities(target: Target, exportsDirectory: string): Activities {
  const action = executorOf("postgres.export");
  if (action === null) throw new Error("there is no such action");
  const handed = (requestId: string) => ({
    ...{ target, exportsDirectory, requestId, idempotencyKey: requestId },
    secret: (name: string) => process.env[name] ?? "",
    signal: new AbortController().signal,
    heartbeat: () => undefined,
  });
  const args = (statement: string) => ({ statement, format: "csv", maxRows: 100_000 });
  return {
    context: (requestId, statement) => action.describe(args(statement), handed(requestId)),
    act: (requestId, statement) => action.execute(args(statement), handed(requestId)),
  };
}
