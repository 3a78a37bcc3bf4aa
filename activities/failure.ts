import { ApplicationFailure } from "@temporalio/common";
import { CountersignError, type ErrorCode } from "../core/errors.ts";

/** What trying again can never mend; everything else is the database or the network being away. */
const FINAL: ErrorCode[] = ["HISTORY_FORKED", "PAYLOAD_KEY_MISSING"];

/** Wraps an activity so that our coded errors reach Temporal with their code, and without secrets. */
export function coded<Args extends unknown[], T>(
  activity: (...args: Args) => Promise<T>,
): (...args: Args) => Promise<T> {
  return async (...args) => {
    try {
      return await activity(...args);
    } catch (error) {
      if (!(error instanceof CountersignError)) throw error;
      const nonRetryable = FINAL.includes(error.code);
      throw ApplicationFailure.create({ type: error.code, message: error.message, nonRetryable });
    }
  };
}
