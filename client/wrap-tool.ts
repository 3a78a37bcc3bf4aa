import type { ActionType, ArgumentsOf } from "./actions.ts";
import type { Approvals } from "./index.ts";

/** The part of a tool that agent frameworks agree on. */
export type NamedTool = { name: string; description?: string };

/** Everything the tool had (description, schemas, flags of the framework), with another `execute`. */
export type WrappedTool<T extends NamedTool, Args> = Omit<T, "execute"> & {
  execute(args: Args, context?: unknown): Promise<unknown>;
};

export type WrapOptions<Args, Type extends ActionType> = {
  /** Action type, e.g. `postgres.export`. */
  action: Type;
  /** Name of a configured target. The model does not choose it, unless you let it. */
  target: string | ((args: Args) => string);
  /** From what the model gave to what the action takes. Default: as they are. */
  arguments?: (args: Args) => ArgumentsOf<Type>;
  /**
   * Idempotency key of one call. Default: the tool call id of the framework (`toolCallId`, `callId`,
   * `toolCall.id`, `tool_call_id` or `id` of the second parameter); without one the call is refused,
   * because a made-up key would ask a second time after a restart.
   */
  key?: (args: Args, context: unknown) => string;
  /** Seconds to wait before {@link ApprovalPending} is thrown. Default: until it ends. */
  wait?: number;
  justification?: string | ((args: Args) => string);
  run?: string;
};

/**
 * A tool of the same name that asks. Rejects with the errors of `perform`; their messages are whole
 * sentences that a model can read ("Not executed: req_… was denied. REVIEW_TOO_BROAD: …").
 */
export function wrapTool<T extends NamedTool, Args, Type extends ActionType>(
  approvals: Pick<Approvals, "perform">,
  tool: T,
  options: WrapOptions<Args, Type>,
): WrappedTool<T, Args> {
  return {
    ...tool,
    execute: async (args: Args, context?: unknown) => {
      const signal = field(context, "abortSignal") ?? field(context, "signal");
      const justification =
        typeof options.justification === "function" ? options.justification(args) : options.justification;
      const executed = await approvals.perform(
        options.action,
        {
          target: typeof options.target === "function" ? options.target(args) : options.target,
          arguments: options.arguments ? options.arguments(args) : (args as ArgumentsOf<Type>),
        },
        {
          key: options.key ? options.key(args, context) : toolCallKey(tool.name, context),
          ...(options.wait === undefined ? {} : { wait: options.wait }),
          ...(justification === undefined ? {} : { justification }),
          ...(options.run === undefined ? {} : { run: options.run }),
          ...(signal instanceof AbortSignal ? { signal } : {}),
        },
      );
      return executed.result;
    },
  };
}

function toolCallKey(name: string, context: unknown): string {
  const call = field(context, "toolCall");
  const candidates = [
    field(context, "toolCallId"),
    field(context, "callId"),
    field(context, "tool_call_id"),
    field(call, "id"),
    field(call, "callId"),
    field(context, "id"),
  ];
  const id = candidates.find((candidate) => typeof candidate === "string" && candidate !== "");
  if (typeof id !== "string") {
    throw new TypeError(`The call of "${name}" came without a tool call id; give wrapTool an option \`key\`.`);
  }
  return id;
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as { [name: string]: unknown })[name] : undefined;
}
