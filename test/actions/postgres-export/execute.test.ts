import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, inject, test, vi } from "vitest";
import { ActionFailure } from "../../../actions/action.ts";
import { execute } from "../../../actions/postgres-export/execute.ts";
import { executorOf } from "../../../actions/registry.ts";
import { LIMITS } from "../../../core/limits.ts";
import { args, createScratch, type Scratch } from "./scratch.ts";

const DDL = `
  create table customers (id int primary key, name text, note text);
  insert into customers select n, 'Name ' || n, case when n % 3 = 0 then null else '' end from generate_series(1, 5000) n;
  create table traces (what text);
  create function trace(t text) returns text language plpgsql volatile as $$
    begin insert into traces values (t); return t; end $$;
`;

let scratch: Scratch;
let directory: string;
beforeAll(async () => {
  scratch = await createScratch(inject("postgresUrl"), DDL);
  directory = join(scratch.exports, "crm");
});
afterAll(() => scratch.drop());
beforeEach(() => rmSync(directory, { recursive: true, force: true }));

/** What the directory holds, hidden files included. */
const files = () => (existsSync(directory) ? readdirSync(directory) : []);
const failure = (promise: Promise<unknown>) => promise.catch((thrown: unknown) => thrown);

test("the rows land in one file named by the request, with size and digest in the result", async () => {
  const context = scratch.context();
  const result = await execute(args("select id, name from customers order by id"), context);
  const content = readFileSync(join(directory, `${context.requestId}.csv`));
  expect(result).toEqual({
    file: `crm/${context.requestId}.csv`,
    rows: 5_000,
    bytes: content.length,
    sha256: createHash("sha256").update(content).digest("hex"),
    columns: ["id", "name"],
    format: "csv",
  });
  expect(content.toString().split("\r\n").slice(0, 3)).toEqual(["id,name", "1,Name 1", "2,Name 2"]);
  expect(files()).toEqual([`${context.requestId}.csv`]);
  expect(statSync(join(directory, `${context.requestId}.csv`)).mode & 0o777).toBe(0o600);
  expect(statSync(directory).mode & 0o777).toBe(0o700);
});

test("no rows make a file with its header", async () => {
  const context = scratch.context();
  expect(await execute(args("select id, name from customers where id < 0"), context)).toMatchObject({ rows: 0 });
  expect(readFileSync(join(directory, `${context.requestId}.csv`), "utf8")).toBe("id,name\r\n");
});

test("exactly as many rows as allowed succeed, one more fails and leaves nothing", async () => {
  await execute(args("select id from customers", { maxRows: 5_000 }), scratch.context());
  rmSync(directory, { recursive: true });
  const error = await failure(execute(args("select id from customers", { maxRows: 4_999 }), scratch.context()));
  expect(error).toBeInstanceOf(ActionFailure);
  expect(error).toMatchObject({ code: "EXEC_ROW_LIMIT", message: expect.stringContaining("4,999") });
  expect(files()).toEqual([]);
});

test("a limit that is passed early does not wait for the rest", async () => {
  const endless = "with recursive n as (select 1 as i union all select i + 1 from n) select i from n";
  const error = await failure(execute(args(endless, { maxRows: 10_000 }), scratch.context()));
  expect(error).toMatchObject({ code: "EXEC_ROW_LIMIT" });
  expect(files()).toEqual([]);
});

const backends = () => scratch.admin`
  select pid from pg_stat_activity where application_name = 'countersign' and state <> 'idle' and usename like 'export_%'
    and datname = current_database()`;

test.each([
  ["while rows flow", "with recursive n as (select 1 as i union all select i + 1 from n) select i from n", true],
  ["before the first row", "select count(*) from customers a, customers b, customers c, customers d", false],
])("a stop %s leaves nothing and ends the query on the server", async (_name, statement, flowing) => {
  const stop = new AbortController();
  const beats: { rows: number }[] = [];
  const heartbeat = (progress: unknown) => beats.push(progress as { rows: number });
  const running = failure(
    execute(args(statement, { maxRows: 10_000_000 }), scratch.context({}, { signal: stop.signal, heartbeat })),
  );
  await vi.waitFor(() => expect(beats.length).toBeGreaterThan(0), { timeout: 20_000 });
  expect((beats[0]?.rows ?? 0) > 0).toBe(flowing);
  expect(await backends()).toHaveLength(1);
  stop.abort();
  expect(await running).toMatchObject({ code: "EXEC_STOPPED" });
  expect(files()).toEqual([]);
  await vi.waitFor(async () => expect(await backends()).toHaveLength(0), { timeout: 20_000 });
});

test("a stop before the start runs nothing", async () => {
  const error = await failure(execute(args("select 1"), scratch.context({}, { signal: AbortSignal.abort() })));
  expect(error).toMatchObject({ code: "EXEC_STOPPED" });
  expect(files()).toEqual([]);
});

test.each([
  ["while rows flow", "with recursive n as (select 1 as i union all select i + 1 from n) select i from n"],
  ["before the first row", "select count(*) from customers a, customers b, customers c, customers d"],
])("a connection that breaks %s leaves nothing, and the process lives", async (_name, statement) => {
  for (let round = 0; round < 5; round += 1) {
    const running = failure(execute(args(statement, { maxRows: 10_000_000 }), scratch.context()));
    await vi.waitFor(
      async () => {
        const [row] = await backends();
        expect(row).toBeDefined();
        await scratch.admin`select pg_terminate_backend(${row?.pid})`;
      },
      { timeout: 20_000 },
    );
    expect(await running).toMatchObject({
      code: "EXEC_FAILED",
      message: expect.stringContaining("Nothing was published"),
    });
    expect(files()).toEqual([]);
  }
});

test("what an earlier attempt of the same request left behind is removed, and nothing else", async () => {
  const context = scratch.context();
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, `.${context.requestId}.0123.partial`), "half");
  writeFileSync(join(directory, ".req_other.0123.partial"), "another request's");
  await execute(args("select 1 as one"), context);
  expect(files().sort()).toEqual([".req_other.0123.partial", `${context.requestId}.csv`]);
});

test("what a killed process left behind long ago is removed by the next export to the same place", async () => {
  mkdirSync(directory, { recursive: true });
  const [old, young] = [".req_old.0123.partial", ".req_young.0123.partial"].map((name) => join(directory, name));
  for (const path of [old, young]) writeFileSync(path ?? "", "half");
  const longAgo = new Date(Date.now() - 3 * LIMITS.exportSeconds * 1000);
  utimesSync(old ?? "", longAgo, longAgo);
  const context = scratch.context();
  await execute(args("select 1 as one"), context);
  expect(files().sort()).toEqual([".req_young.0123.partial", `${context.requestId}.csv`]);
});

test("another file of the same name is never overwritten", async () => {
  const context = scratch.context();
  const path = join(directory, `${context.requestId}.csv`);
  mkdirSync(directory, { recursive: true });
  writeFileSync(path, "somebody's");
  expect(await failure(execute(args("select 1 as one"), context))).toMatchObject({ code: "EXEC_FAILED" });
  expect(readFileSync(path, "utf8")).toBe("somebody's");
  expect(files()).toEqual([`${context.requestId}.csv`]);

  writeFileSync(path, "one\r\n1\r\n");
  await expect(execute(args("select 1 as one"), context)).resolves.toMatchObject({ rows: 1 });
});

test.each(["..", "../elsewhere", "/etc", "a/../../b", "", ".", "a//b", ".hidden", "a\0b"])(
  "the directory %j cannot lead out of the exports directory",
  async (path) => {
    const error = await failure(execute(args("select 1"), scratch.context({ exports: { directory: path } })));
    expect(error).toMatchObject({ code: "EXEC_FAILED", message: expect.stringContaining("not a plain relative path") });
  },
);

test("a directory that is a link to another place is refused", async () => {
  const elsewhere = join(scratch.exports, "elsewhere");
  mkdirSync(elsewhere);
  symlinkSync(elsewhere, join(scratch.exports, "linked"));
  const error = await failure(execute(args("select 1"), scratch.context({ exports: { directory: "linked" } })));
  expect(error).toMatchObject({ code: "EXEC_FAILED", message: expect.stringContaining("link to another place") });
  expect(readdirSync(elsewhere)).toEqual([]);
});

test("a directory may have a parent", async () => {
  const context = scratch.context({ exports: { directory: "teams/crm" } });
  expect(await execute(args("select 1"), context)).toMatchObject({ file: `teams/crm/${context.requestId}.csv` });
});

test("a connection of another role is refused", async () => {
  const changed = { execute: { role: "somebody_else", url: "EXPORT_URL" } };
  const error = await failure(execute(args("select 1"), scratch.context(changed)));
  expect(error).toMatchObject({ code: "EXEC_FAILED", message: expect.stringContaining("another role") });
  expect(files()).toEqual([]);
});

test("execute reads the statement itself and believes nobody that it was read before", async () => {
  for (const statement of [
    "delete from customers",
    "select pg_sleep(1)",
    "select 1; select 2",
    "select * from pg_shadow",
  ]) {
    const error = await failure(execute(args(statement), scratch.context()));
    expect(error).toMatchObject({ code: "STATEMENT_REFUSED" });
  }
  expect(files()).toEqual([]);
});

test("a function the target allows runs read-only, so it cannot write", async () => {
  await scratch.admin`grant insert on traces to public`;
  const error = await failure(execute(args("select trace('x')"), scratch.context({ functions: ["trace"] })));
  expect(error).toMatchObject({ code: "EXEC_FAILED", message: expect.stringContaining("25006") });
  expect(await scratch.admin`select * from traces`).toHaveLength(0);
  expect(files()).toEqual([]);
});

test("an error of the data does not carry the data", async () => {
  await scratch.admin`insert into customers values (99999, 'bob@example.com')`;
  const error = await failure(execute(args("select name::int from customers where id = 99999"), scratch.context()));
  await scratch.admin`delete from customers where id = 99999`;
  expect(error).toMatchObject({ code: "EXEC_FAILED", message: expect.stringContaining("22P02") });
  expect((error as Error).message).not.toContain("bob");
});

test("two million rows pass through without filling the memory", async () => {
  const million = "select a.id, a.name, b.name from customers a, customers b where b.id <= 400";
  const before = process.memoryUsage().rss;
  let peak = before;
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 20);
  const result = await execute(args(million, { maxRows: 2_000_000 }), scratch.context());
  clearInterval(watch);
  expect(result).toMatchObject({ rows: 2_000_000 });
  expect((result as { bytes: number }).bytes).toBeGreaterThan(40_000_000);
  expect(peak - before).toBeLessThan(250_000_000);
  expect(scratch.heartbeats.length).toBeGreaterThan(0);
});

test("the registry knows the action by its type, with every part", async () => {
  const action = executorOf("postgres.export");
  expect(action).toMatchObject({ type: "postgres.export", idempotent: false });
  const context = scratch.context();
  await expect(action?.describe(args("select 1 as one"), context)).resolves.toMatchObject({ facts: {} });
  await expect(action?.execute(args("select 1 as one"), context)).resolves.toMatchObject({ rows: 1 });
  expect(executorOf("postgres.drop")).toBeNull();
});
