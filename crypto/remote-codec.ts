import type { Payload, PayloadCodec } from "@temporalio/common";
import { z } from "zod";
import { CountersignError } from "../core/errors.ts";

/** Temporal's remote codec protocol: payloads as protobuf JSON, every byte string in base64. */
export type PayloadsJson = { payloads: { metadata: { [key: string]: string }; data: string }[] };

export async function decodePayloadsJson(codec: PayloadCodec, body: unknown): Promise<PayloadsJson> {
  return toJson(await codec.decode(fromJson(body)));
}

export async function encodePayloadsJson(codec: PayloadCodec, body: unknown): Promise<PayloadsJson> {
  return toJson(await codec.encode(fromJson(body)));
}

// Protobuf JSON leaves out what is empty, and takes both alphabets of base64, padded or not.
const bytes = z.string().regex(/^[A-Za-z0-9+/_-]*={0,2}$/);
const payloadsJson = z.object({
  payloads: z
    .array(z.object({ metadata: z.record(z.string(), bytes).default({}), data: bytes.default("") }))
    .default([]),
});

function fromJson(body: unknown): Payload[] {
  const parsed = payloadsJson.safeParse(body);
  if (!parsed.success) {
    const pointer = `/${parsed.error.issues[0]?.path.join("/") ?? ""}`;
    throw new CountersignError("MALFORMED", "Expected {payloads: [{metadata, data}]} with base64.", { pointer });
  }
  return parsed.data.payloads.map(({ metadata, data }) => ({
    metadata: mapValues(metadata, (value) => Buffer.from(value, "base64")),
    data: Buffer.from(data, "base64"),
  }));
}

function toJson(payloads: Payload[]): PayloadsJson {
  return {
    payloads: payloads.map(({ metadata, data }) => ({
      metadata: mapValues(metadata ?? {}, base64),
      data: base64(data),
    })),
  };
}

function base64(value: Uint8Array | null | undefined): string {
  return Buffer.from(value ?? []).toString("base64");
}

function mapValues<A, B>(record: { [key: string]: A }, change: (value: A) => B): { [key: string]: B } {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
