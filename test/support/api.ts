import { rmSync } from "node:fs";
import { build } from "../../api/app.ts";
import { type ApiContext, create } from "../../api/context.ts";
import { applyConfiguration } from "../../cli/apply-configuration.ts";
import { freePort } from "../../cli/dev/ports.ts";
import type { ApiSettings } from "../../config/settings.ts";
import type { PrincipalId } from "../../core/principal.ts";
import { newApiKey } from "../../crypto/api-key.ts";
import { connect, type Database } from "../../db/client.ts";
import { createCredential, type NewCredential } from "../../db/credentials.ts";
import { type Calls, createCalls } from "./calls.ts";
import { CONFIGURATION, ONE_OWNER } from "./configuration.ts";
import { freshDatabase } from "./database.ts";
import { type TestKeys, testKeys } from "./keys.ts";

export type TestApi = {
  url: string;
  context: ApiContext;
  admin: Database;
  keys: TestKeys;
  as(principal: PrincipalId): Calls;
  token(principal: PrincipalId, tweak?: Partial<NewCredential>): Promise<string>;
  /** One call, as raw as a caller can make it. */
  call(path: string, init?: RequestInit): Promise<Response>;
  stop(): Promise<void>;
};

/** The API alone, listening, on a real database and a real Temporal server: no worker takes anything up. */
export async function startApi(input: {
  postgresUrl: string;
  temporalAddress: string;
  configuration?: string;
  settings?: Partial<ApiSettings>;
  overrides?: Partial<ApiContext>;
}): Promise<TestApi> {
  const [database, keys, spare] = await Promise.all([freshDatabase(input.postgresUrl), testKeys(), freePort()]);
  const port = input.settings?.port ?? spare;
  const admin = connect(database.adminUrl, { max: 2 });
  const text = input.configuration ?? CONFIGURATION;
  await applyConfiguration({
    files: { configuration: { file: "countersign.yaml", text }, policies: ONE_OWNER },
    adminUrl: database.adminUrl,
    operatorKeyFile: keys.files.operatorKeyFile,
  });
  const url = `http://127.0.0.1:${port}`;
  const settings = { ...settingsFor(url, port, database.appUrl, input.temporalAddress, keys), ...input.settings };
  const context = await create(settings, input.overrides);
  const app = await build(context);
  await app.listen({ host: "127.0.0.1", port });

  const token: TestApi["token"] = async (principal, tweak = {}) => {
    const kind = principal.startsWith("agent:") ? ("agent-key" as const) : ("person-token" as const);
    const key = newApiKey(tweak.kind ?? kind);
    const createdAt = Date.now();
    const row = {
      id: key.id,
      hash: key.hash,
      kind,
      principal,
      scopes: [],
      createdAt,
      expiresAt: createdAt + 3_600_000,
    };
    await createCredential(admin, { ...row, ...tweak });
    return key.text;
  };
  const tokens = new Map<PrincipalId, Promise<string>>();
  const tokenOf = (principal: PrincipalId) => {
    const known = tokens.get(principal) ?? token(principal);
    tokens.set(principal, known);
    return known;
  };
  return {
    ...{ url, context, admin, keys, token },
    as: (principal) => createCalls(url, () => tokenOf(principal)),
    call: (path, init) => fetch(url + path, { redirect: "manual", ...init }),
    async stop() {
      await app.close();
      await context.destroy();
      await admin.close();
      await database.drop();
      rmSync(keys.files.trustFile.replace(/\/[^/]*$/, ""), { recursive: true, force: true });
    },
  };
}

function settingsFor(url: string, port: number, databaseUrl: string, address: string, keys: TestKeys): ApiSettings {
  return {
    role: "api",
    mode: "development",
    logLevel: "error",
    databaseUrl,
    temporal: { address, namespace: "default" },
    trustFile: keys.files.trustFile,
    payloadKeyringFile: keys.files.payloadKeyringFile,
    host: "127.0.0.1",
    port,
    publicUrl: url,
    signingKeyFile: keys.files.apiSigningKeyFile,
    sessionSecret: "a-session-secret-for-tests-only-0123456789",
    temporalUiUrl: "http://127.0.0.1:8233",
    codecToken: "a-codec-token-for-tests-only",
    oidc: null,
    slack: null,
  };
}
