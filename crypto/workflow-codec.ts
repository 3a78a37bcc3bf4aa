import { defaultPayloadConverter, type Payload, type PayloadCodec } from "@temporalio/common";
import { CountersignError } from "../core/errors.ts";
import type { Keyring } from "./keyring.ts";
import { createPayloadCodec, keyIdOf } from "./payload-codec.ts";

/** The keys that some payload was made with, and that are not here. */
export type KeyMissing = (error: CountersignError) => void;

/**
 * The codec of the workflow worker. Whoever reaches Temporal can send a workflow bytes that nobody can read, and a
 * task that fails on them is tried again for ever. So what none of our keys made reads as UNREADABLE, which has the
 * shape of nothing we take, the same at every replay. What one of our keys made that this process lacks is an
 * error: the task is tried again until the key is there, because a real answer must not be dropped.
 */
export function createWorkflowCodec(keyring: Keyring | null, keyMissing: KeyMissing): PayloadCodec {
  const strict = keyring === null ? null : createPayloadCodec(keyring);
  const decode = async (payload: Payload): Promise<Payload> => {
    const id = keyIdOf(payload);
    if (id !== null && keyring?.find(id) == null) {
      if (keyring?.isForeign(id)) return UNREADABLE;
      const error = new CountersignError("PAYLOAD_KEY_MISSING", `The key id is ${JSON.stringify(id.slice(0, 64))}.`);
      keyMissing(error);
      throw error;
    }
    return readable(payload, strict);
  };
  return {
    encode: async (payloads) => (strict === null ? payloads : strict.encode(payloads)),
    decode: (payloads) => Promise.all(payloads.map(decode)),
  };
}

/** Converts to an object without any of the fields of our messages. */
export const UNREADABLE: Payload = defaultPayloadConverter.toPayload({ unreadable: true });

/** What was altered under one of our key ids, or is in no form that a workflow can convert, was not ours either. */
async function readable(payload: Payload, strict: PayloadCodec | null): Promise<Payload> {
  try {
    const [clear = UNREADABLE] = strict === null ? [payload] : await strict.decode([payload]);
    defaultPayloadConverter.fromPayload(clear);
    return clear;
  } catch {
    return UNREADABLE;
  }
}
