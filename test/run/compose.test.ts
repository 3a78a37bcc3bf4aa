import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { createProgram } from "../../cli/main.ts";
import { readSettings } from "../../config/env.ts";
import { type Role, VARIABLES } from "../../config/env-table.ts";
import { resolveSecret } from "../../config/secrets.ts";
import { parseConfiguration } from "../../config/yaml.ts";
import { SEARCH_ATTRIBUTES } from "../../core/search-attributes.ts";

type Service = {
  command?: string[];
  entrypoint?: string[];
  environment?: Record<string, string>;
  ports?: string[];
  secrets?: string[];
  volumes?: string[];
  healthcheck?: { test: string[] };
  depends_on?: Record<string, { condition: string }>;
};
type Compose = {
  services: Record<string, Service>;
  secrets: Record<string, { file: string }>;
  volumes: Record<string, unknown>;
};

const read = (file: string) => parse(readFileSync(file, "utf8"), { merge: true }) as Compose;
const compose = withSlack(read("docker-compose.yml"), read("docker-compose.slack.yml"));
const services = Object.entries(compose.services);
/** Which role of the environment table each of our containers has. */
const ROLES: Record<string, Role> = {
  api: "api",
  worker: "workflows",
  executor: "executor",
  channels: "channels",
  migrate: "cli",
  apply: "cli",
};
const ours = Object.entries(ROLES).map(([name, role]) => ({ name, role, service: compose.services[name] ?? {} }));

/** As `docker compose -f … -f …` merges them: what the second file says is added. */
function withSlack(base: Compose, slack: Compose): Compose {
  const services = { ...base.services };
  for (const [name, service] of Object.entries(slack.services)) {
    const before = services[name] ?? {};
    services[name] = {
      ...{ ...before, ...service },
      environment: { ...before.environment, ...service.environment },
      secrets: [...(before.secrets ?? []), ...(service.secrets ?? [])],
    };
  }
  return { ...base, services, secrets: { ...base.secrets, ...slack.secrets } };
}

test("every file and command that a container runs exists", async () => {
  const commands = (await createProgram()).commands.map((command) => command.name());
  for (const [name, service] of services) {
    const words = [...(service.command ?? []), ...(service.entrypoint ?? [])].flatMap((word) => word.split(" "));
    for (const word of words) {
      if (/^[a-z]+\/[a-z/-]+\.ts$/.test(word)) expect(existsSync(word), `${name} runs ${word}`).toBe(true);
      if (word.startsWith("/deploy/")) expect(existsSync(join("deploy/temporal", word.slice(8))), word).toBe(true);
    }
    const main = words.indexOf("cli/main.ts");
    if (main >= 0) expect(commands).toContain(words[main + 1]);
    for (const [source = ""] of (service.volumes ?? []).map((volume) => volume.split(":"))) {
      if (source.startsWith("./")) expect(existsSync(source), `${name} mounts ${source}`).toBe(true);
      else expect(Object.keys(compose.volumes)).toContain(source);
    }
  }
});

test("every variable is one that this container's role reads", () => {
  for (const { name, role, service } of ours) {
    const given = Object.keys(service.environment ?? {})
      .filter((variable) => /^(COUNTERSIGN|SLACK)_/.test(variable))
      .map((variable) => VARIABLES.find((row) => row.name === variable)?.name ?? variable.replace(/_FILE$/, ""));
    const readable = VARIABLES.filter((row) => row.roles.some((one) => one === role)).map((row) => row.name);
    // The trust file is read by `apply` as well, to compare with what is in force.
    const known = name === "apply" ? [...readable, "COUNTERSIGN_TRUST_FILE"] : readable;
    expect(known, name).toEqual(expect.arrayContaining(given));
  }
});

test("with the files the secrets script makes, each process finds all it needs to start in production", () => {
  const made = mkdtempSync(join(tmpdir(), "countersign-secrets-"));
  const urls = ["--describe-url", "postgres://crm_describe@crm/crm", "--export-url", "postgres://crm_export@crm/crm"];
  const slack = { SLACK_BOT_TOKEN: "xoxb-1-token", SLACK_SIGNING_SECRET: "8f742231b10e8888abcd99yyyzzz85a5" };
  const env = { PATH: process.env.PATH, ...slack };
  execFileSync(process.execPath, ["scripts/compose-secrets.ts", "--directory", made, ...urls], { env });
  const place = (secret: string) => join(made, (compose.secrets[secret]?.file ?? "").replace("./secrets/", ""));
  const environmentOf = (name: string) =>
    Object.fromEntries(
      Object.entries(compose.services[name]?.environment ?? {}).map(([variable, value]) => [
        variable,
        value
          .replace(/^\/run\/secrets\/(.+)$/, (_all, secret: string) => place(secret))
          .replace("/run/secrets", made)
          .replace(/\$\{[A-Z_]+:-(.*)\}/, "$1"),
      ]),
    );
  try {
    const api = readSettings("api", environmentOf("api"));
    expect(api.mode).toBe("production");
    expect(api.slack?.inbound).toEqual({ transport: "http", signingSecret: slack.SLACK_SIGNING_SECRET });
    const channels = readSettings("channels", environmentOf("channels"));
    expect(channels.slack).toEqual({
      ...{ botToken: slack.SLACK_BOT_TOKEN, apiUrl: "https://slack.com/api/" },
      surfaceSecret: api.slack?.surfaceSecret,
    });
    expect(channels.signingKeyFile).not.toBe(api.signingKeyFile);
    expect(readSettings("workflows", environmentOf("worker")).temporal.namespace).toBe("countersign");
    const executor = readSettings("executor", environmentOf("executor"));
    expect(resolveSecret(executor, "CRM_EXPORT_URL", {})).toBe("postgres://crm_export@crm/crm");
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
});

test("each process has its own credentials: only the executor holds the targets' secrets", () => {
  const { targets } = parseConfiguration(readFileSync("countersign.yaml", "utf8"), "countersign.yaml");
  const named = targets.flatMap((target) => [target.describe.url, target.execute.url]);
  expect(named.length).toBeGreaterThan(0);
  expect(compose.services.executor?.secrets).toEqual(expect.arrayContaining(named));
  for (const [name, service] of services.filter(([name]) => name !== "executor")) {
    for (const secret of named) expect(service.secrets ?? [], name).not.toContain(secret);
  }
  const holders = (secret: string) =>
    services.filter(([, { secrets }]) => secrets?.includes(secret)).map(([name]) => name);
  expect(holders("operator_key")).toEqual(["apply"]);
  expect(holders("api_signing_key")).toEqual(["api"]);
  expect(holders("executor_database_url")).toEqual(["executor"]);
  expect(holders("app_database_url")).toEqual(["api", "worker", "channels"]);
  expect(holders("channels_signing_key")).toEqual(["channels"]);
  expect(holders("slack_signing_secret")).toEqual(["api"]);
  expect(holders("surface_secret")).toEqual(["api", "channels"]);
});

test("every secret file that a container opens is given to it, and is one that the secrets script makes", () => {
  const script =
    readFileSync("scripts/compose-secrets.ts", "utf8") + readFileSync("config/development-keys.ts", "utf8");
  for (const [name, { file }] of Object.entries(compose.secrets)) {
    expect(script, `${name} is made`).toContain(`"${file.replace("./secrets/", "")}"`);
  }
  for (const [name, service] of services) {
    const text = JSON.stringify(service);
    for (const [, secret = ""] of text.matchAll(/\/run\/secrets\/([A-Za-z_]+)/g)) {
      expect(service.secrets, `${name} opens ${secret}`).toContain(secret);
    }
  }
});

test("without the file for Slack no container has anything of it, and none waits for its secrets", () => {
  expect(readFileSync("docker-compose.yml", "utf8")).not.toMatch(/slack/i);
});

test("for Socket Mode the file says what stands in the place of the signing secret, wherever that is", () => {
  const lines = readFileSync("docker-compose.slack.yml", "utf8").split("\n");
  const secret = lines.filter((line) => /slack_signing_secret/i.test(line) && !line.startsWith("#"));
  expect(secret).toHaveLength(3);
  for (const line of secret) expect(line).toMatch(/# Socket Mode: .*slack_app_token/);
});

test("nothing is published beyond this machine", () => {
  const published = services.flatMap(([, service]) => service.ports ?? []);
  expect(published.length).toBeGreaterThan(0);
  for (const port of published) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
});

test("the API's port and healthcheck are ones that the code has", () => {
  const api = compose.services.api;
  const port = VARIABLES.find(({ name }) => name === "COUNTERSIGN_API_PORT")?.default;
  expect(api?.environment?.COUNTERSIGN_API_PORT).toBe(port);
  expect(api?.ports).toEqual([`127.0.0.1:${port}:${port}`]);
  const [, path = ""] = /http:\/\/127\.0\.0\.1:8420(\/[a-z]+)/.exec(api?.healthcheck?.test.at(-1) ?? "") ?? [];
  expect(readFileSync("api/routes/health.ts", "utf8")).toContain(`"${path}"`);
});

test("workers start after the namespace, its search attributes and the configuration are there", () => {
  for (const name of ["api", "worker", "executor", "channels"]) {
    const needs = compose.services[name]?.depends_on ?? {};
    for (const job of ["temporal-namespace", "apply"]) {
      expect(needs[job]?.condition, `${name} needs ${job}`).toBe("service_completed_successfully");
    }
  }
  const registered = compose.services["temporal-namespace"]?.environment?.SEARCH_ATTRIBUTES?.split(/\s+/);
  const types = { KEYWORD: "Keyword", KEYWORD_LIST: "KeywordList", DATETIME: "Datetime", INT: "Int" };
  expect(registered).toEqual(Object.values(SEARCH_ATTRIBUTES).map(({ name, type }) => `${name}=${types[type]}`));
});

test("the image holds every folder that a process imports", () => {
  const copied = [...readFileSync("Dockerfile", "utf8").matchAll(/^COPY ([a-z]+) \1$/gm)].map((match) => match[1]);
  const ignored = readFileSync(".dockerignore", "utf8").split("\n");
  const sources = ["api", "worker", "cli"].flatMap((root) =>
    readdirSync(root, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts") && !(root === "cli" && dirname(file) !== "."))
      .map((file) => readFileSync(join(root, file), "utf8")),
  );
  const imports = sources.flatMap((source) => [...source.matchAll(/from "\.\.\/([a-z-]+)\//g)]);
  const folders = new Set(imports.map((match) => match[1]));
  expect(folders.size).toBeGreaterThan(5);
  for (const folder of folders) {
    if (existsSync(join("api", `${folder}`)) || existsSync(join("cli", `${folder}`))) continue;
    expect(copied, `${folder} is copied`).toContain(folder);
    expect(ignored, `${folder} is not ignored`).toContain(`!${folder}`);
  }
});
