import { fileURLToPath } from "node:url";
import type { DataConverter } from "@temporalio/common";
import { loadClientConnectConfig } from "@temporalio/envconfig";
import { type Keyring, loadKeyring } from "../crypto/keyring.ts";
import { createPayloadCodec } from "../crypto/payload-codec.ts";
import { createWorkflowCodec, type KeyMissing } from "../crypto/workflow-codec.ts";
import type { Environment } from "./env-reader.ts";
import type { CommonSettings } from "./settings.ts";

type EnvConfig = ReturnType<typeof loadClientConnectConfig>["connectionOptions"];

/** For `Connection` of the client and `NativeConnection` of a worker alike. */
export type TemporalConnectionOptions = {
  address: string;
  tls?: NonNullable<EnvConfig["tls"]>;
  apiKey?: string;
  metadata?: Record<string, string>;
};

/**
 * The address is ours; TLS, API key and metadata come from Temporal's own variables (TEMPORAL_TLS…,
 * TEMPORAL_API_KEY). A profile file is read only when TEMPORAL_CONFIG_FILE or TEMPORAL_PROFILE names
 * it: somebody's own profile in their home must not change where a server connects.
 */
export function temporalConnectionOptions(
  settings: Pick<CommonSettings, "temporal">,
  env: Environment = process.env,
): TemporalConnectionOptions {
  const named = env.TEMPORAL_CONFIG_FILE || env.TEMPORAL_PROFILE;
  const { tls, apiKey, metadata } = loadClientConnectConfig({
    disableFile: !named,
    overrideEnvVars: Object.fromEntries(Object.entries(env).flatMap(([key, value]) => (value ? [[key, value]] : []))),
  }).connectionOptions;
  return {
    address: settings.temporal.address,
    ...(tls === undefined || tls === null ? {} : { tls }),
    ...(typeof apiKey === "string" ? { apiKey } : {}),
    ...(metadata && Object.keys(metadata).length > 0 ? { metadata: stringsOf(metadata) } : {}),
  };
}

/** The data converter of clients, and of workers that run activities only. */
export function dataConverter(settings: Pick<CommonSettings, "payloadKeyringFile">): DataConverter {
  return dataConverterWith(settings.payloadKeyringFile === null ? null : loadKeyring(settings.payloadKeyringFile));
}

export function dataConverterWith(keyring: Keyring | null): DataConverter {
  return {
    failureConverterPath: FAILURE_CONVERTER_PATH,
    payloadCodecs: keyring === null ? [] : [createPayloadCodec(keyring)],
  };
}

/** The data converter of whatever runs or replays workflow code: what nobody of ours wrote does not stop it. */
export function workflowDataConverter(
  { payloadKeyringFile }: Pick<CommonSettings, "payloadKeyringFile">,
  keyMissing: KeyMissing,
): DataConverter {
  const keyring = payloadKeyringFile === null ? null : loadKeyring(payloadKeyringFile);
  return { failureConverterPath: FAILURE_CONVERTER_PATH, payloadCodecs: [createWorkflowCodec(keyring, keyMissing)] };
}

/** `bundleWorkflowCode` takes it too: a bundle without it would convert failures another way. */
export const FAILURE_CONVERTER_PATH = fileURLToPath(new URL("./failure-converter.ts", import.meta.url));

function stringsOf(metadata: object): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata).map(([key, value]) => [key, String(value)]));
}
