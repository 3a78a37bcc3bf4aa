import { Context } from "@temporalio/activity";
import { LIMITS } from "../core/limits.ts";

/** Tells Temporal while it works that this process lives: after a kill somebody else is asked within seconds. */
export async function beating<T>(work: () => Promise<T>): Promise<T> {
  const beat = setInterval(() => Context.current().heartbeat(), LIMITS.heartbeatEverySeconds * 1_000);
  try {
    return await work();
  } finally {
    clearInterval(beat);
  }
}
