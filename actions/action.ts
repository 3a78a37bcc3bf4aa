import type { z } from "zod";
import type { Description } from "../core/evaluation.ts";
import type { Json, JsonObject } from "../core/request.ts";

/** CEL types a fact may have. `list` and `map` hold JSON of any kind. */
export type FactType = "bool" | "int" | "double" | "string" | "timestamp" | "list<string>" | "list" | "map";

/** Namespaces and fields an action's facts have, so that a misspelt name fails when a policy is loaded. */
export type FactTypes = { [namespace: string]: { [field: string]: FactType } };

/**
 * The half of an action everybody may see: its name, its arguments, its facts.
 * No SDK, no credential, no I/O: API, client and policy import only this.
 */
export type ActionSchema<Args extends JsonObject = JsonObject> = {
  /** `<kind>.<verb>`, e.g. `postgres.export`. */
  type: string;
  /** One sentence, shown in the API documentation. */
  summary: string;
  /** Kind of target this action acts on. */
  targetKind: "postgres";
  arguments: z.ZodType<Args>;
  facts: FactTypes;
  /** Would running it twice with the same key do no more than running it once? */
  idempotent: boolean;
  /** Longest run, in seconds; then Temporal cancels it. */
  maxRunSeconds: number;
};

/** What the executor hands to an action. Only the executor's process can make one. */
export type ActionContext<Target> = {
  target: Target;
  /** Resolves a secret named by the target; throws when it is missing. */
  secret(name: string): string;
  /** Root under which targets' directories live. */
  exportsDirectory: string;
  requestId: string;
  /** The request id: pass it to whatever takes an idempotency key. */
  idempotencyKey: string;
  /** Aborts on Stop, shutdown or timeout. */
  signal: AbortSignal;
  /** Tell Temporal that the action is alive; call it at least every few seconds. */
  heartbeat(progress: Json): void;
};

/** The half of an action that holds credentials; runs in the executor's process only. */
export type ActionExecutor<Args extends JsonObject, Target> = {
  /** Computes facts and preview under the target's read-only role. Must change nothing and run nothing of the agent's. */
  describe(args: Args, context: ActionContext<Target>): Promise<Description>;
  /** Does it. The result is shown to the requester: bounded, without secrets. Publish outputs at the very end. */
  execute(args: Args, context: ActionContext<Target>): Promise<Json>;
  /** Has what would happen changed so much that an approval of `then` is not one of `now`? A sentence, or null. */
  drifted(then: Description, now: Description): string | null;
};

export type ActionDefinition<Args extends JsonObject = JsonObject, Target = unknown> = ActionSchema<Args> &
  ActionExecutor<Args, Target>;

/** Joins the two halves. See docs/ADDING-AN-ACTION.md. */
export function defineAction<Args extends JsonObject, Target>(
  schema: ActionSchema<Args>,
  executor: ActionExecutor<Args, Target>,
): ActionDefinition<Args, Target> {
  return { ...schema, ...executor };
}

/** Thrown by `execute` to end as failed with a reason code of its own. */
export class ActionFailure extends Error {
  override readonly name = "ActionFailure";
  readonly code: string;
  constructor(code: string, detail: string) {
    super(detail);
    this.code = code;
  }
}
