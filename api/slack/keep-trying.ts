import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { LIMITS } from "../../core/limits.ts";

/** What work in the background needs of its process. */
export type Background = { log: Logger; stopping: AbortSignal };

/** In the background until it works or the process stops, each wait twice as long as the one before. */
export function keepTrying({ what, log, stopping }: Background & { what: string }, work: () => Promise<void>): void {
  const run = async () => {
    for (let wait: number = LIMITS.slackRetrySeconds; !stopping.aborted; wait *= 2) {
      try {
        return await work();
      } catch (error) {
        if (stopping.aborted) return;
        log.warn({ what, problem: error instanceof Error ? error.message : String(error) }, "Slack does not answer");
        await pause(Math.min(wait, LIMITS.slackMaxRetrySeconds) * 1000, stopping);
      }
    }
  };
  void run();
}

async function pause(milliseconds: number, stopping: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal: stopping }).catch(() => undefined);
}
