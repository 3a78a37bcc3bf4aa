import { randomUUID } from "node:crypto";
import { Client, Connection } from "@temporalio/client";
import { ApplicationFailure } from "@temporalio/common";
import {
  decodeOptionalFailureToOptionalError,
  encodeErrorToFailure,
  loadDataConverter,
} from "@temporalio/common/lib/internal-non-workflow/index.js";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { dataConverter, dataConverterWith, temporalConnectionOptions } from "../../config/temporal.ts";
import { newKeyringFile, parseKeyring } from "../../crypto/keyring.ts";
import { type TestKeys, testKeys } from "../support/keys.ts";

const CANARY = "canary-4f1d";
const temporal = { address: inject("temporalAddress"), namespace: "default" };
let keys: TestKeys;
let connection: Connection;

beforeAll(async () => {
  keys = await testKeys();
  connection = await Connection.connect(temporalConnectionOptions({ temporal }, {}));
});
afterAll(() => connection?.close());

function clientWith(converter: ReturnType<typeof dataConverter>): Client {
  return new Client({ connection, namespace: temporal.namespace, dataConverter: converter });
}

test("Temporal stores nothing that can be read without the keyring", async () => {
  const client = clientWith(dataConverter({ payloadKeyringFile: keys.files.payloadKeyringFile }));
  const handle = await client.workflow.start("nobodyRunsThis", {
    taskQueue: randomUUID(),
    workflowId: randomUUID(),
    args: [{ statement: CANARY }],
    memo: { justification: CANARY },
  });
  const history = await handle.fetchHistory();
  expect(Buffer.from(JSON.stringify(history)).includes(CANARY)).toBe(false);
  const [input] = history.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  expect(Buffer.from(input?.data ?? []).includes(CANARY)).toBe(false);
  expect(Buffer.from(input?.metadata?.["encryption-key-id"] ?? []).toString()).toBe(keys.keyring.encrypt.id);
  expect((await handle.describe()).memo).toEqual({ justification: CANARY });

  const stranger = clientWith(dataConverterWith(parseKeyring(JSON.stringify(newKeyringFile("other")), "other.json")));
  await expect(stranger.workflow.getHandle(handle.workflowId).describe()).rejects.toThrow(
    /SIGNATURE_INVALID.*"development\..*no keyring of ours made/,
  );
  await handle.terminate();
});

test("messages and stack traces of failures are encrypted too, and come back", async () => {
  const converter = loadDataConverter(dataConverterWith(keys.keyring));
  const failure = await encodeErrorToFailure(converter, ApplicationFailure.nonRetryable(CANARY, "Refused", CANARY));
  expect(failure.message).toBe("Encoded failure");
  expect(
    JSON.stringify(failure, (_key, value) => (value instanceof Uint8Array ? Buffer.from(value).toString() : value)),
  ).not.toContain(CANARY);
  const error = await decodeOptionalFailureToOptionalError(converter, failure);
  expect(error).toMatchObject({ message: CANARY, type: "Refused", details: [CANARY] });
});

test("without a keyring payloads are plain, and failures are still in one form", async () => {
  const converter = dataConverter({ payloadKeyringFile: null });
  expect(converter.payloadCodecs).toEqual([]);
  expect(converter.failureConverterPath).toBe(dataConverterWith(keys.keyring).failureConverterPath);
});

test("the address is ours, and TLS and API key are Temporal's own variables", () => {
  const settings = { temporal: { address: "temporal.internal:7233", namespace: "ours" } };
  expect(temporalConnectionOptions(settings, { TEMPORAL_ADDRESS: "elsewhere:1" })).toEqual({
    address: "temporal.internal:7233",
  });
  expect(temporalConnectionOptions(settings, { TEMPORAL_API_KEY: "key" })).toEqual({
    address: "temporal.internal:7233",
    apiKey: "key",
    tls: true,
  });
  const withTls = { TEMPORAL_TLS: "true", TEMPORAL_TLS_SERVER_NAME: "temporal", TEMPORAL_GRPC_META_TEAM: "a" };
  expect(temporalConnectionOptions(settings, withTls)).toMatchObject({
    tls: { serverNameOverride: "temporal" },
    metadata: { team: "a" },
  });
});

test("a profile in somebody's home changes nothing", () => {
  const settings = { temporal: { address: "a:1", namespace: "ours" } };
  expect(temporalConnectionOptions(settings, { HOME: "/nowhere", XDG_CONFIG_HOME: "/nowhere" })).toEqual({
    address: "a:1",
  });
  expect(() => temporalConnectionOptions(settings, { TEMPORAL_PROFILE: "missing" })).toThrow(/missing/);
});
