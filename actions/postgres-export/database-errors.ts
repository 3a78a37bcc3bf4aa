import postgres from "postgres";
import { CountersignError } from "../../core/errors.ts";
import { ActionFailure } from "../action.ts";
import { shown } from "./names.ts";
import { WrongSession } from "./session.ts";

/**
 * What an error of the target means. Its text is passed on only where it speaks of names (class 42):
 * "invalid input syntax for type integer" quotes the value, and that can be somebody's address.
 */
export function describeError(error: unknown): unknown {
  if (error instanceof CountersignError) return error;
  if (error instanceof WrongSession) return new CountersignError("CONFIGURATION_INVALID", error.message);
  const { state, sentence } = read(error);
  if (state === null || UNREACHABLE.test(state)) {
    return new CountersignError("TARGET_UNREACHABLE", sentence, { cause: error });
  }
  return new CountersignError("STATEMENT_REFUSED", sentence, { pointer: "/arguments/statement" });
}

/** The same while the export runs: whatever it was, nothing has been published. */
export function executeError(error: unknown): unknown {
  if (error instanceof CountersignError || error instanceof ActionFailure) return error;
  if (error instanceof WrongSession) return new ActionFailure("EXEC_FAILED", error.message);
  return new ActionFailure("EXEC_FAILED", `${read(error).sentence} Nothing was published.`);
}

/** Connection, resources, shutdown, timeouts, locks and sign-in: the statement is not to blame. */
const UNREACHABLE = /^(08|53|57|58|28|3D|F0|55P03|XX|40)/;

function read(error: unknown): { state: string | null; sentence: string } {
  if (error instanceof postgres.PostgresError) {
    const state = error.code;
    if (state.startsWith("42")) return { state, sentence: `Postgres says: ${shown(error.message, 200)}.` };
    if (state === "57014") return { state, sentence: "Postgres did not finish in time." };
    return { state, sentence: `Postgres ended it with the error ${state}.` };
  }
  const code = (error as { code?: unknown } | null)?.code;
  return { state: null, sentence: `The connection failed (${typeof code === "string" ? shown(code) : "no code"}).` };
}
