import { chmodSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cacheDirectory } from "../../cli/dev/home.ts";
import { freePort } from "../../cli/dev/ports.ts";
import { type Postgres, startPostgres } from "../../cli/dev/postgres.ts";
import { startTemporal, type Temporal } from "../../cli/dev/temporal.ts";
import { temporalBinary } from "../../cli/dev/temporal-binary.ts";
import { MANY_ROWS, ONE_OWNER } from "../support/configuration.ts";
import { type Role, type Stack, startStack } from "../support/stack.ts";

/** A Postgres and a Temporal server of its own, because this file kills them −9 and starts them again. */
const directory = mkdtempSync(join(tmpdir(), "countersign-bad-days-"));
let ports: { postgres: number; temporal: number };
let servers: { postgres: Postgres; temporal: Temporal };
let stack: Stack;

beforeAll(async () => {
  chmodSync(directory, 0o711);
  ports = { postgres: await freePort(), temporal: await freePort() };
  servers = { postgres: await startOwnPostgres(), temporal: await startOwnTemporal() };
  stack = await startStack({
    postgresUrl: servers.postgres.url,
    temporalAddress: servers.temporal.address,
    policies: ONE_OWNER,
  });
});
afterAll(async () => {
  await stack?.stop();
  await servers?.temporal.child.stop();
  await servers?.postgres.child.stop();
  rmSync(directory, { recursive: true, force: true });
});

function startOwnPostgres(): Promise<Postgres> {
  return startPostgres({
    directory: join(directory, "postgres"),
    port: ports.postgres,
    logFile: join(directory, "postgres.log"),
    pidDirectory: directory,
    binariesDirectory: join(tmpdir(), `countersign-postgres-${userInfo().uid}`),
    settings: ["fsync=off"],
  });
}

async function startOwnTemporal(): Promise<Temporal> {
  const { path } = await temporalBinary(cacheDirectory());
  return startTemporal({
    ...{ binary: path, port: ports.temporal, namespace: "default", ui: null },
    ...{ logFile: join(directory, "temporal.log"), pidDirectory: directory, database: join(directory, "temporal.db") },
  });
}

async function killed({ child }: Postgres | Temporal): Promise<void> {
  process.kill(child.pid, "SIGKILL");
  await child.exited;
}

const ROLES: Role[] = ["api", "workflows", "executor"];
const pids = () => ROLES.map((role) => stack.pid(role));
/** Each process was made ready once and is still there: it went on, and was not started again. */
const expectSameProcesses = (before: number[]) => {
  expect(pids()).toEqual(before);
  for (const pid of before) expect(() => process.kill(pid, 0)).not.toThrow();
};
const agent = () => stack.as("agent:reporting-bot");
const alice = () => stack.as("person:alice");
const pending = async (statement = MANY_ROWS) => {
  const { body } = await agent().ask(statement);
  await agent().until(body.id, "pending");
  return body.id;
};
const filesOf = (id: string) => readdirSync(join(stack.exports, "crm")).filter((name) => name.startsWith(id));
const countOf = async (id: string, type: string) => {
  const sql = postgres(stack.databaseUrls.admin, { max: 1 });
  const rows = await sql`select 1 from audit_events where request_id = ${id} and type = ${type}`;
  await sql.end();
  return rows.length;
};
const once = async (work: () => Promise<{ status: number }>) =>
  work().then(
    ({ status }) => status,
    () => null,
  );

test("Postgres killed −9 in the middle of a transaction: the same processes go on, the answer counts once", async () => {
  const before = pids();
  const waiting = await pending();
  const id = await pending();
  const sql = postgres(stack.databaseUrls.admin, { max: 2 });
  const asking = postgres(stack.databaseUrls.admin, { max: 1 });
  let answer: Promise<number | null> = Promise.resolve(null);
  const held = sql.reserve().then(async (connection) => {
    await connection`begin`;
    await connection`select pg_advisory_xact_lock(hashtext('countersign request'), hashtext(${id}))`;
    answer = once(() => alice().review(id, "approve"));
    const waits = () => asking`select 1 from pg_locks where locktype = 'advisory' and not granted`;
    await expect.poll(async () => (await waits()).length, { timeout: 20_000 }).toBeGreaterThan(0);
  });
  await held;
  await killed(servers.postgres);
  await Promise.all([sql.end({ timeout: 0 }), asking.end({ timeout: 0 })]);
  expect(await once(() => agent().ask(MANY_ROWS))).toBe(503);
  expect(await once(() => agent().get(`/v1/requests/${waiting}`))).toBe(503);
  servers.postgres = await startOwnPostgres();
  await answer;
  await agent().until(id, "succeeded");
  expect(await countOf(id, "review.approved")).toBe(1);
  expect(await countOf(id, "execution.claimed")).toBe(1);
  expect(filesOf(id)).toHaveLength(1);
  // What waited meanwhile waits on, and nothing was decided for it.
  expect((await agent().get(`/v1/requests/${waiting}`)).body.status).toBe("pending");
  expect((await alice().review(waiting, "approve")).status).toBeLessThan(300);
  await agent().until(waiting, "succeeded");
  expectSameProcesses(before);
}, 120_000);

test("Temporal killed −9: nothing new is stored, reads go on, and what runs keeps its outcome", async () => {
  const before = pids();
  const waiting = await pending();
  const id = await pending("select id, pg_sleep(0.02) as pause from customers where id <= 250 order by id");
  await alice().review(id, "approve");
  await agent().until(id, "running");
  await killed(servers.temporal);

  const refused = await agent().ask(MANY_ROWS, { key: "temporal-away" });
  expect(refused).toMatchObject({ status: 503, body: { code: "TEMPORAL_UNAVAILABLE" } });
  expect(refused.headers.get("retry-after")).not.toBeNull();
  expect(await once(() => alice().review(waiting, "approve"))).toBe(503);
  // The outcome is the executor's to write, and there for whoever reads while Temporal is away.
  await agent().until(id, "succeeded");
  expect(filesOf(id)).toHaveLength(1);

  servers.temporal = await startOwnTemporal();
  await expect.poll(() => countOf(id, "request.succeeded"), { timeout: 60_000 }).toBe(1);
  expect(await countOf(id, "execution.claimed")).toBe(1);
  expect(await countOf(waiting, "review.approved")).toBe(0);
  await expect.poll(() => once(() => alice().review(waiting, "approve")), { timeout: 30_000 }).toBe(200);
  await agent().until(waiting, "succeeded");
  const asked = await agent().ask(MANY_ROWS, { key: "temporal-away" });
  await agent().until(asked.body.id, "pending");
  expectSameProcesses(before);
}, 150_000);
