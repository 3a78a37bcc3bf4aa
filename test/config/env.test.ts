import { describe, expect, test } from "vitest";
import { readSettings, type SettingsOf } from "../../config/env.ts";
import { VARIABLES } from "../../config/env-table.ts";
import { CountersignError } from "../../core/errors.ts";
import { base, common, file, namesIn, problemsOf, RANDOM } from "./environments.ts";

test("what each role is told becomes its settings, and defaults fill the rest", () => {
  expect(readSettings("api", base.api)).toEqual({
    role: "api",
    mode: "production",
    logLevel: "info",
    databaseUrl: common.COUNTERSIGN_DATABASE_URL,
    temporal: { address: "temporal.internal:7233", namespace: "default" },
    trustFile: common.COUNTERSIGN_TRUST_FILE,
    payloadKeyringFile: common.COUNTERSIGN_PAYLOAD_KEYRING_FILE,
    host: "127.0.0.1",
    port: 8420,
    publicUrl: "https://approvals.example.com",
    signingKeyFile: base.api.COUNTERSIGN_SIGNING_KEY_FILE,
    sessionSecret: RANDOM,
    temporalUiUrl: null,
    codecToken: null,
    oidc: null,
    slack: null,
  });
  expect(readSettings("workflows", base.workflows)).toMatchObject({ role: "workflows", heartbeatSeconds: 10 });
  expect(readSettings("executor", base.executor)).toMatchObject({
    role: "executor",
    environment: "production",
    exportsDirectory: "/exports",
    secretsDirectory: null,
  });
});

test("everything that is missing is told at once, each variable by name", () => {
  expect(namesIn(problemsOf("api", {}))).toEqual(
    [
      ...Object.keys(common),
      "COUNTERSIGN_PUBLIC_URL",
      "COUNTERSIGN_SESSION_SECRET",
      "COUNTERSIGN_SIGNING_KEY_FILE",
    ].sort(),
  );
  expect(namesIn(problemsOf("executor", {}))).toEqual(Object.keys(base.executor).sort());
});

test("an empty variable is one that is not set", () => {
  expect(namesIn(problemsOf("api", { ...base.api, COUNTERSIGN_SESSION_SECRET: "" }))).toEqual([
    "COUNTERSIGN_SESSION_SECRET",
  ]);
  expect(readSettings("api", { ...base.api, COUNTERSIGN_LOG_LEVEL: "" }).logLevel).toBe("info");
});

test("no process is given a secret of another role", () => {
  const everything = { ...base.api, ...base.executor, COUNTERSIGN_CODEC_TOKEN: `codec-${RANDOM}` };
  const settings = JSON.stringify(readSettings("executor", everything));
  expect(settings).not.toContain(base.api.COUNTERSIGN_SIGNING_KEY_FILE);
  expect(settings).not.toContain("codec-");
});

test.each<[keyof SettingsOf, Record<string, string>]>([
  ["api", { COUNTERSIGN_MODE: "prod" }],
  ["api", { COUNTERSIGN_LOG_LEVEL: "verbose" }],
  ["api", { COUNTERSIGN_DATABASE_URL: "mysql://a@b/c" }],
  ["api", { COUNTERSIGN_DATABASE_URL: "not a url" }],
  ["api", { COUNTERSIGN_TEMPORAL_ADDRESS: "http://temporal:7233" }],
  ["api", { COUNTERSIGN_TEMPORAL_ADDRESS: "temporal" }],
  ["api", { COUNTERSIGN_TRUST_FILE: "/nowhere/trust.json" }],
  ["api", { COUNTERSIGN_API_PORT: "0" }],
  ["api", { COUNTERSIGN_API_PORT: "65536" }],
  ["api", { COUNTERSIGN_API_PORT: "80a" }],
  ["api", { COUNTERSIGN_PUBLIC_URL: "javascript:alert(1)" }],
  ["api", { COUNTERSIGN_TEMPORAL_UI_URL: "javascript:alert(1)" }],
  ["api", { COUNTERSIGN_SESSION_SECRET: "short" }],
  ["api", { COUNTERSIGN_CODEC_TOKEN: "short" }],
  ["channels", { SLACK_BOT_TOKEN: "" }],
  ["channels", { SLACK_BOT_TOKEN: `xoxp-${RANDOM}` }],
  ["channels", { SLACK_API_URL: "http://slack.internal/api/" }],
  ["channels", { SLACK_API_URL: "slack.com" }],
  ["channels", { COUNTERSIGN_SURFACE_SECRET: "short" }],
  ["channels", { COUNTERSIGN_SURFACE_SECRET: "" }],
  ["channels", { COUNTERSIGN_SURFACE_SECRET: "x".repeat(40) }],
  ["channels", { COUNTERSIGN_SLACK_POST_MS: "-1" }],
  ["channels", { COUNTERSIGN_SIGNING_KEY_FILE: "" }],
  ["workflows", { COUNTERSIGN_HEARTBEAT_SECONDS: "301" }],
  ["executor", { COUNTERSIGN_ENVIRONMENT: "Production EU" }],
  ["executor", { COUNTERSIGN_SECRETS_DIR: "/nowhere/secrets" }],
])("%s refuses %j, and that variable alone", (role, wrong) => {
  expect(namesIn(problemsOf(role, { ...base[role], ...wrong }))).toEqual(Object.keys(wrong));
});

describe("in production", () => {
  test.each<Record<string, string>>([
    { COUNTERSIGN_DATABASE_URL: "postgres://countersign_app:countersign_app@db/x" },
    { COUNTERSIGN_DATABASE_URL: "postgres://app:postgres@db/x" },
    { COUNTERSIGN_DATABASE_URL: "postgres://app:change-me-please@db/x" },
    { COUNTERSIGN_SESSION_SECRET: "change-me-change-me-change-me-change-me" },
    { COUNTERSIGN_SESSION_SECRET: "a".repeat(40) },
    { COUNTERSIGN_CODEC_TOKEN: "development-development-development" },
    { COUNTERSIGN_PUBLIC_URL: "http://approvals.example.com" },
    { COUNTERSIGN_PAYLOAD_KEYRING_FILE: "" },
  ])("%j is refused", (wrong) => {
    expect(namesIn(problemsOf("api", { ...base.api, ...wrong }))).toEqual(Object.keys(wrong));
    const inDevelopment = { ...base.api, ...wrong, COUNTERSIGN_MODE: "development" };
    expect(problemsOf("api", inDevelopment)).toEqual([]);
  });

  test("a page on this machine may go without TLS", () => {
    for (const COUNTERSIGN_PUBLIC_URL of ["http://127.0.0.1:8420", "http://localhost:8420"]) {
      expect(problemsOf("api", { ...base.api, COUNTERSIGN_PUBLIC_URL })).toEqual([]);
    }
  });
});

test("development defaults stand in for what is no secret, and for nothing else", () => {
  const problems = problemsOf("api", { COUNTERSIGN_MODE: "development" });
  expect(namesIn(problems)).toEqual([
    "COUNTERSIGN_DATABASE_URL",
    "COUNTERSIGN_SESSION_SECRET",
    "COUNTERSIGN_SIGNING_KEY_FILE",
    "COUNTERSIGN_TRUST_FILE",
  ]);
  for (const row of VARIABLES.filter((one) => one.secret)) {
    expect([row.default, row.developmentDefault], row.name).toEqual([null, null]);
  }
});

describe("a secret may come from a file", () => {
  const { COUNTERSIGN_SESSION_SECRET: _, ...without } = base.api;

  test("without the line break at its end", () => {
    const env = { ...without, COUNTERSIGN_SESSION_SECRET_FILE: file("session", `${RANDOM}\n`) };
    expect(readSettings("api", env).sessionSecret).toBe(RANDOM);
  });

  test("but not from two places", () => {
    const problems = problemsOf("api", { ...base.api, COUNTERSIGN_SESSION_SECRET_FILE: file("session", RANDOM) });
    expect(problems).toEqual([
      expect.stringContaining("COUNTERSIGN_SESSION_SECRET and COUNTERSIGN_SESSION_SECRET_FILE"),
    ]);
  });

  test("that can be read and holds something", () => {
    for (const path of ["/nowhere/session", file("empty", "\n")]) {
      const problems = problemsOf("api", { ...without, COUNTERSIGN_SESSION_SECRET_FILE: path });
      expect(problems).toEqual([expect.stringContaining(path)]);
    }
  });

  test("and what is no secret may not", () => {
    const { COUNTERSIGN_TEMPORAL_ADDRESS: _address, ...rest } = base.api;
    const problems = problemsOf("api", { ...rest, COUNTERSIGN_TEMPORAL_ADDRESS_FILE: file("address", "a:1") });
    expect(namesIn(problems)).toEqual(["COUNTERSIGN_TEMPORAL_ADDRESS"]);
  });
});

test("a problem never repeats the secret it is about", () => {
  const problems = problemsOf("api", {
    ...base.api,
    COUNTERSIGN_SESSION_SECRET: "hunter2-example",
    COUNTERSIGN_DATABASE_URL: "postgres//app:hunter2-example@db",
  });
  expect(problems).toHaveLength(2);
  expect(problems.join()).not.toContain("hunter2");
});

test("OpenID Connect is set whole or not at all", () => {
  const oidc = {
    COUNTERSIGN_OIDC_ISSUER: "https://login.example.com",
    COUNTERSIGN_OIDC_CLIENT_ID: "countersign",
    COUNTERSIGN_OIDC_CLIENT_SECRET: RANDOM,
  };
  expect(readSettings("api", { ...base.api, ...oidc }).oidc).toEqual({
    issuer: "https://login.example.com",
    clientId: "countersign",
    clientSecret: RANDOM,
  });
  for (const name of Object.keys(oidc)) {
    expect(namesIn(problemsOf("api", { ...base.api, ...oidc, [name]: "" }))).toEqual([name]);
  }
});

test("the table names every variable that the settings read", () => {
  const read = new Set<string>();
  for (const role of ["api", "workflows", "executor", "channels"] as const) {
    const env = new Proxy<Record<string, string>>(
      { COUNTERSIGN_MODE: "production", SLACK_BOT_TOKEN: "xoxb-1" },
      {
        get: (target, name) => {
          read.add(String(name).replace(/(SECRET|TOKEN|URL)_FILE$/, "$1"));
          return target[String(name)];
        },
      },
    );
    expect(() => readSettings(role, env)).toThrow(CountersignError);
    const known = VARIABLES.filter((row) => row.roles.includes(role)).map((row) => row.name);
    expect([...read].filter((name) => !known.includes(name))).toEqual([]);
    // The role itself is read by worker/main.ts, before there are settings.
    expect(known.filter((name) => !read.has(name) && name !== "COUNTERSIGN_ROLE")).toEqual([]);
    read.clear();
  }
});
