import { defaultPayloadConverter, type Payload, type PayloadCodec } from "@temporalio/common";
import { CountersignError } from "../core/errors.ts";
import type { Keyring } from "./keyring.ts";
import { createPayloadCodec, WITHOUT_KEYS } from "./payload-codec.ts";

/** Hears of a key of ours that something was encrypted with and that is not here. */
export type KeyMissing = (error: CountersignError) => void;

/**
 * The codec of the workflow worker. Whoever reaches Temporal can send a workflow bytes that nobody can read, and a
 * task that fails on them is tried again for ever. So what none of our keys made reads as UNREADABLE, which has the
 * shape of nothing we take, the same at every replay. What one of our keys made that this process lacks is an
 * error: the task is tried again until the key is there, because a real answer must not be dropped.
 */
export function createWorkflowCodec(keyring: Keyring | null, keyMissing: KeyMissing): PayloadCodec {
  const strict = keyring === null ? WITHOUT_KEYS : createPayloadCodec(keyring);
  const decode = async (payload: Payload): Promise<Payload> => {
    try {
      const [clear = UNREADABLE] = await strict.decode([payload]);
      // What is in no form that a workflow can convert would stop it as well.
      defaultPayloadConverter.fromPayload(clear);
      return clear;
    } catch (error) {
      if (!(error instanceof CountersignError) || error.code !== "PAYLOAD_KEY_MISSING") return UNREADABLE;
      keyMissing(error);
      throw error;
    }
  };
  return {
    encode: (payloads) => strict.encode(payloads),
    decode: (payloads) => Promise.all(payloads.map(decode)),
  };
}

/** Converts to an object without any of the fields of our messages. */
export const UNREADABLE: Payload = defaultPayloadConverter.toPayload({ unreadable: true });
