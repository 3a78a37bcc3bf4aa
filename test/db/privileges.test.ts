import { beforeAll, expect, test } from "vitest";
import { applyConfiguration, orderFreeze, recordResolution } from "../../db/admin.ts";
import { claim, writeOutcome } from "../../db/claim.ts";
import { codeOf, type Database } from "../../db/client.ts";
import { createCredential } from "../../db/credentials.ts";
import { record } from "../../db/record.ts";
import { claimOf, later, message, NOON, pending, report } from "./fixture.ts";
import { world } from "./world.ts";

const w = world();
const DENIED = "42501";
const INSERT_ONLY = [
  "audit_events",
  "messages",
  "journal",
  "submissions",
  "evaluations",
  "freezes",
  "executions",
  "outcomes",
  "resolutions",
  "configurations",
];
const ROLES = ["app", "executor"] as const;

beforeAll(async () => {
  const id = await w.pendingRequest();
  await record(w.app, later(id, 2, pending(id), { message: message(id, "msg_1") }));
  await claim(w.executor, claimOf(id));
  await writeOutcome(w.executor, id, 1, report("unknown"));
  const resolution = { version: 1 as const, requestId: id, outcome: "failed" as const, reason: "ADMIN_RESOLVED" };
  const content = { ...resolution, note: "looked", by: "person:oscar" as const, at: NOON };
  await recordResolution(w.app, { content, jws: "jws" });
  const scope = { agent: null, actionType: null, target: "elsewhere" };
  const order = { version: 1 as const, id: "frz_1", kind: "freeze" as const, lifts: null, scope, reason: "test" };
  await orderFreeze(w.app, { content: { ...order, by: "person:oscar", at: NOON }, jws: "jws" });
  await applyConfiguration(w.admin, { content: configuration(1), jws: "jws" });
});

test.each(INSERT_ONLY)("%s holds a row, so that the refusals below are refusals", async (table) => {
  expect((await w.admin.sql.unsafe(`select 1 from ${table} limit 1`)).length).toBe(1);
});

const FORBIDDEN = ROLES.flatMap((role) => INSERT_ONLY.map((table) => [role, table] as const));

test.each(FORBIDDEN)("the role %s cannot update, delete or truncate %s", async (role, table) => {
  const [column] = await w.admin.sql`
    select column_name as name from information_schema.columns
    where table_name = ${table} and is_identity = 'NO' order by ordinal_position limit 1`;
  const name = column?.name;
  expect(await refusal(w[role], `update ${table} set ${name} = ${name}`)).toBe(DENIED);
  expect(await refusal(w[role], `delete from ${table}`)).toBe(DENIED);
  expect(await refusal(w[role], `truncate ${table} cascade`)).toBe(DENIED);
});

test("the app writes tombstones and cannot write a claim", async () => {
  const id = await w.pendingRequest();
  expect(await refusal(w.app, execution(id, 1, "claimed"))).toBe(DENIED);
  expect(await refusal(w.app, execution(id, 1, "never"))).toBeNull();
});

test("the executor writes claims and cannot write a tombstone", async () => {
  const id = await w.pendingRequest();
  expect(await refusal(w.executor, execution(id, 1, "never"))).toBe(DENIED);
  expect(await refusal(w.executor, execution(id, 1, "claimed"))).toBeNull();
});

test("only the executor writes outcomes", async () => {
  const id = await w.pendingRequest();
  await claim(w.executor, claimOf(id));
  const outcome = `insert into outcomes values ('${id}', 1, 'succeeded', '{}', now())`;
  expect(await refusal(w.app, outcome)).toBe(DENIED);
  expect(await refusal(w.executor, outcome)).toBeNull();
});

test.each(ROLES)("the role %s cannot write a configuration", async (role) => {
  const signed = { content: configuration(2), jws: "jws" };
  await expect(applyConfiguration(w[role], signed).catch(codeOf)).resolves.toBe(DENIED);
});

test.each([
  "requests",
  "messages",
  "journal",
  "submissions",
  "evaluations",
  "freezes",
  "resolutions",
  "configurations",
])("the executor writes nothing into %s", async (table) => {
  expect(await refusal(w.executor, `insert into ${table} default values`)).toBe(DENIED);
});

test("the executor cannot update or delete a request", async () => {
  expect(await refusal(w.executor, "update requests set title = ''")).toBe(DENIED);
  expect(await refusal(w.executor, "delete from requests")).toBe(DENIED);
});

test.each(["credentials", "sessions", "sign_in_links"])("the executor cannot read %s", async (table) => {
  expect(await refusal(w.executor, `select * from ${table}`)).toBe(DENIED);
});

test.each(["hash", "principal", "scopes", "expires_at", "kind"])(
  "the app cannot change a credential's %s",
  async (column) => {
    const [id, hash] = [`cred_${column}`, `hash_${column}`];
    const given = { kind: "agent-key" as const, principal: "agent:reporter" as const, scopes: [], createdAt: NOON };
    await createCredential(w.app, { ...given, id, hash, expiresAt: null });
    expect(await refusal(w.app, `update credentials set ${column} = ${column}`)).toBe(DENIED);
    expect(await refusal(w.app, "delete from credentials")).toBe(DENIED);
  },
);

test("each role appends to its own streams of the audit log only", async () => {
  expect(await refusal(w.app, event("execution:req_x", "req_x"))).toBe(DENIED);
  expect(await refusal(w.app, event("request:req_x", "req_x"))).toBeNull();
  expect(await refusal(w.executor, event("request:req_y", "req_y"))).toBe(DENIED);
  expect(await refusal(w.executor, event("administration", "req_y"))).toBe(DENIED);
  expect(await refusal(w.executor, event("execution:req_z", "req_y"))).toBe(DENIED);
  expect(await refusal(w.executor, event("execution:req_y", "req_y"))).toBeNull();
});

test.each(ROLES)("the role %s cannot create anything, nor touch what was migrated", async (role) => {
  expect(await refusal(w[role], "create table mine (id int)")).toBe(DENIED);
  expect(await refusal(w[role], "update schema_migrations set digest = ''")).toBe(DENIED);
  expect(await refusal(w[role], "alter table executions disable row level security")).toBe(DENIED);
  expect(await refusal(w[role], "drop policy executions_claim on executions")).toBe(DENIED);
});

test.each(ROLES)("the role %s is no superuser and passes no row level security", async (role) => {
  const [row] = await w[role].sql`
    select rolsuper, rolcreaterole, rolcreatedb, rolbypassrls, rolreplication from pg_roles where rolname = current_user`;
  expect(Object.values(row ?? {})).toEqual([false, false, false, false, false]);
});

async function refusal(db: Database, statement: string): Promise<string | null> {
  return db.sql.unsafe(statement).then(
    () => null,
    (error: unknown) => codeOf(error),
  );
}

function execution(id: string, attempt: number, status: string): string {
  return `insert into executions (request_id, attempt, status, at) values ('${id}', ${attempt}, '${status}', now())`;
}

function event(stream: string, requestId: string): string {
  return `insert into audit_events (stream, seq, part, request_id, at, type, reasons, data, body, digest)
    values ('${stream}', 99, 0, '${requestId}', now(), 'x', '[]', '{}', '', '')`;
}

function configuration(version: number) {
  const directory = { groups: [], people: [], agents: [] };
  return {
    version,
    appliedAt: NOON,
    directory,
    agents: [],
    targets: [],
    issuers: [],
    reasonCodes: [],
    slack: null,
    imported: [],
    policies: [],
  };
}
