import { type CipherGCMTypes, createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { Payload, PayloadCodec } from "@temporalio/common";
import proto from "@temporalio/proto";
import { CountersignError } from "../core/errors.ts";
import type { Keyring } from "./keyring.ts";

/**
 * Temporal stores what this returns: AES-256-GCM over the whole payload, the key's id beside it.
 * The layout (12 bytes nonce, ciphertext, 16 bytes tag; names of metadata) is that of Temporal's
 * own encryption samples, so a codec server in another language can read it.
 */
export function createPayloadCodec(keyring: Keyring): PayloadCodec {
  return {
    encode: async (payloads) => payloads.map((payload) => encrypt(keyring, payload)),
    decode: async (payloads) => payloads.map((payload) => decrypt(keyring, payload)),
  };
}

/** Where encryption is off: what was encrypted once is not taken for junk. */
export const WITHOUT_KEYS: PayloadCodec = {
  encode: async (payloads) => payloads,
  decode: async (payloads) => {
    const id = payloads.map(keyIdOf).find((one) => one !== null);
    if (id === undefined) return payloads;
    throw new CountersignError("PAYLOAD_KEY_MISSING", `There is no keyring, and the key id is ${JSON.stringify(id)}.`);
  },
};

export const ENCODING = "binary/encrypted";
export const KEY_ID = "encryption-key-id";

const CIPHER: CipherGCMTypes = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

const PayloadMessage = proto.temporal.api.common.v1.Payload;

function encrypt(keyring: Keyring, payload: Payload): Payload {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, keyring.encrypt.key, nonce, { authTagLength: TAG_BYTES });
  const data = Buffer.concat([
    nonce,
    cipher.update(PayloadMessage.encode(payload).finish()),
    cipher.final(),
    cipher.getAuthTag(),
  ]);
  return { metadata: { encoding: utf8(ENCODING), [KEY_ID]: utf8(keyring.encrypt.id) }, data };
}

/** A payload that was never encrypted passes as it is: what it says is believed for its signature only. */
function decrypt(keyring: Keyring, payload: Payload): Payload {
  const id = keyIdOf(payload);
  if (id === null) return payload;
  const found = keyring.find(id);
  if (!found) {
    const name = JSON.stringify(id.slice(0, 64));
    if (!keyring.isForeign(id)) throw new CountersignError("PAYLOAD_KEY_MISSING", `The key id is ${name}.`);
    throw new CountersignError("SIGNATURE_INVALID", `A payload names the key ${name}, which no keyring of ours made.`);
  }
  const data = payload.data ?? new Uint8Array();
  if (data.length < NONCE_BYTES + TAG_BYTES) throw tampered(id);
  try {
    const nonce = data.subarray(0, NONCE_BYTES);
    const decipher = createDecipheriv(CIPHER, found.key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAuthTag(data.subarray(data.length - TAG_BYTES));
    const clear = Buffer.concat([
      decipher.update(data.subarray(NONCE_BYTES, data.length - TAG_BYTES)),
      decipher.final(),
    ]);
    const { metadata, data: inner } = PayloadMessage.decode(clear);
    return { metadata, data: inner };
  } catch (cause) {
    throw tampered(id, cause);
  }
}

/** Which key it says it was encrypted with; null: it does not say that it is encrypted. */
export function keyIdOf({ metadata }: Pick<Payload, "metadata">): string | null {
  return text(metadata?.encoding) === ENCODING ? text(metadata?.[KEY_ID]) : null;
}

function tampered(id: string, cause?: unknown): CountersignError {
  const detail = `A payload is not what was encrypted with the key ${id}.`;
  return new CountersignError("SIGNATURE_INVALID", detail, { cause });
}

function utf8(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

function text(bytes: Uint8Array | null | undefined): string {
  return new TextDecoder().decode(bytes ?? new Uint8Array());
}
