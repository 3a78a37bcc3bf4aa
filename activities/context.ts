import type { Configuration } from "../config/configuration.ts";
import type { Verifier } from "../crypto/types.ts";
import type { Database } from "../db/client.ts";
import type { CompiledPolicies } from "../policy/compile.ts";

/** What is in force right now: a configuration whose signature held, and its compiled policies. */
export type InForce = { configuration: Configuration; policies: CompiledPolicies };

/** What every activity of ours needs; worker/context.ts builds it. */
export type ActivityContext = {
  db: Database;
  inForce: () => Promise<InForce>;
  /** The process's own trust file, joined with the keys of programs in the signed configuration. */
  verifier: (configuration: Configuration) => Verifier;
  now: () => number;
  log: { info: (data: object, text: string) => void; warn: (data: object, text: string) => void };
};

export type WorkflowsContext = ActivityContext & { heartbeatSeconds: number };

export type ExecutorContext = ActivityContext & {
  environment: string;
  secret: (name: string) => string;
  exportsDirectory: string;
};
