import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "../../cli/dev/ports.ts";
import { type Postgres, type PostgresOptions, startPostgres } from "../../cli/dev/postgres.ts";

let options: PostgresOptions;
let server: Postgres;

beforeAll(async () => {
  const directory = mkdtempSync(join(tmpdir(), "countersign-postgres-test-"));
  // As root the server runs as another user, who has to get through.
  chmodSync(directory, 0o711);
  options = {
    directory: join(directory, "postgres"),
    port: await freePort(),
    logFile: join(directory, "postgres.log"),
    pidDirectory: directory,
    binariesDirectory: join(directory, "binaries"),
    settings: [],
  };
  server = await startPostgres(options);
});

afterAll(async () => {
  await server.child.stop();
  rmSync(join(options.directory, ".."), { recursive: true, force: true });
});

test("every committed row is there after the server was killed", async () => {
  await query((sql) => sql`create table kept as select 7 as value`);
  process.kill(server.child.pid, "SIGKILL");
  await server.child.exited;
  server = await startPostgres(options);
  expect(await query((sql) => sql`select value from kept`)).toEqual([{ value: 7 }]);
});

test("a server that outlived its parent is stopped, and the next start has the data", async () => {
  const orphan = server.child;
  server = await startPostgres(options);
  expect(orphan.hasExited()).toBe(true);
  expect(await query((sql) => sql`select value from kept`)).toEqual([{ value: 7 }]);
});

test("it listens on this machine only and takes nobody without the generated password", async () => {
  const [row] = await query((sql) => sql`select current_setting('listen_addresses') as addresses`);
  expect(row?.addresses).toBe("127.0.0.1");
  const url = new URL(server.url);
  expect(url.password.length).toBeGreaterThan(20);
  expect(readFileSync(join(options.directory, "superuser-password"), "utf8").trim()).toBe(url.password);
  url.password = "postgres";
  await expect(query((sql) => sql`select 1`, url.href)).rejects.toMatchObject({ code: "28P01" });
});

async function query(work: (sql: postgres.Sql) => Promise<postgres.RowList<postgres.Row[]>>, url = server.url) {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    return [...(await work(sql))];
  } finally {
    await sql.end();
  }
}
