import type { Logger } from "pino";
import type { CountersignError } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";

/** Says which key is missing and what helps: at once, and then from time to time for as long as it is missing. */
export function createKeyAlarm(log: Pick<Logger, "error">, now = Date.now): (error: CountersignError) => void {
  const said = new Map<string, number>();
  return ({ code, detail }) => {
    const last = said.get(detail);
    if (last !== undefined && now() - last < LIMITS.keyAlarmSeconds * 1000) return;
    if (said.size >= KEYS_REMEMBERED) said.clear();
    said.set(detail, now());
    log.error({ code, detail }, SENTENCE);
  };
}

/** Where ids cannot be told from made-up ones, anybody can name as many as they like. */
const KEYS_REMEMBERED = 100;

const SENTENCE =
  "A request waits: what Temporal holds of it was encrypted with a key that this process lacks. Nothing of it is " +
  "lost or decided meanwhile. Put the key back into the payload keyring and start this process again.";
