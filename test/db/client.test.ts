import { type AddressInfo, createServer, type Socket } from "node:net";
import { sql } from "drizzle-orm";
import { pgTable, text } from "drizzle-orm/pg-core";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Json } from "../../core/request.ts";
import { connect, reading, writing } from "../../db/client.ts";
import { instant, json, place } from "../../db/schema/columns.ts";
import { world } from "./world.ts";

const w = world();
const values = pgTable("test_values", {
  id: text("id").primaryKey(),
  value: json<Json>("value"),
  at: instant("at"),
  big: place("big"),
});

beforeAll(async () => {
  await w.admin.sql`create table test_values (id text primary key, value json, at timestamptz, big bigint)`;
});
afterAll(async () => {
  await w.admin.sql`drop table test_values`;
});

test("any JSON value comes back as it went in, text that looks like JSON too", async () => {
  const cases: Json[] = [
    "123",
    '"quoted"',
    "null",
    "[]",
    { a: '{"b":1}' },
    [1, "1"],
    true,
    0,
    1e21,
    "\0",
    "\uD83D",
    "",
  ];
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.constantFrom(...cases), fc.jsonValue() as fc.Arbitrary<Json>), async (value) => {
      fc.pre(value !== null);
      await w.admin.orm.delete(values);
      await w.admin.orm.insert(values).values({ id: "one", value, big: "1" });
      const [row] = await w.admin.orm.select().from(values);
      expect(row?.value).toEqual(JSON.parse(JSON.stringify(value)));
    }),
    { numRuns: 60, examples: cases.map((value): [Json] => [value]) },
  );
});

test("an instant comes back to the millisecond and a 64-bit number to the digit", async () => {
  const at = Date.UTC(2026, 2, 29, 1, 30, 0, 7);
  const big = "9007199254740993";
  await w.admin.orm.insert(values).values({ id: "two", at, big });
  const [row] = await w.admin.orm.select().from(values).where(sql`id = 'two'`);
  expect(row).toMatchObject({ at, big, value: null });
});

test("a database nobody serves is DATABASE_UNAVAILABLE for reads and writes", async () => {
  const nobody = connect("postgres://x:y@127.0.0.1:1/none", { max: 1 });
  await expect(reading(nobody, (orm) => orm.execute(sql`select 1`))).rejects.toMatchObject(UNAVAILABLE);
  await expect(writing(nobody, (orm) => orm.execute(sql`select 1`))).rejects.toMatchObject(UNAVAILABLE);
  await nobody.close();
});

test("a server that takes the connection and never answers is DATABASE_UNAVAILABLE", async () => {
  const sockets = new Set<Socket>();
  const silent = createServer((socket) => void sockets.add(socket));
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const db = connect(`postgres://x:y@127.0.0.1:${(silent.address() as AddressInfo).port}/none`, { max: 1 });
  await expect(reading(db, (orm) => orm.execute(sql`select 1`))).rejects.toMatchObject(UNAVAILABLE);
  for (const socket of sockets) socket.destroy();
  await db.close();
  await new Promise((resolve) => silent.close(resolve));
});

test("a statement that takes too long is ended by the server and is DATABASE_UNAVAILABLE", async () => {
  const slow = reading(w.app, (orm) => orm.execute(sql`select pg_sleep(60)`));
  await expect(slow).rejects.toMatchObject({ ...UNAVAILABLE, detail: "The driver says 57014." });
});

test("a connection that an operator ended is DATABASE_UNAVAILABLE, and the pool dials again", async () => {
  const db = connect(w.urls.appUrl, { max: 1 });
  const ended = reading(db, (orm) => orm.execute(sql`select pg_terminate_backend(pg_backend_pid())`));
  await expect(ended).rejects.toMatchObject(UNAVAILABLE);
  // A call that comes before the driver has seen the socket close is told the same.
  const again = () => reading(db, (orm) => orm.execute(sql`select 1 as one`)).catch(() => []);
  await expect.poll(again).toMatchObject([{ one: 1 }]);
  await db.close();
});

test("a mistake of ours is no unavailable database", async () => {
  const mistake = reading(w.app, (orm) => orm.execute(sql`select no_such_column from requests`));
  await expect(mistake).rejects.not.toHaveProperty("code", UNAVAILABLE.code);
});

test("of a write that fails half-way nothing stands", async () => {
  const half = writing(w.admin, async (transaction) => {
    await transaction.insert(values).values({ id: "half", big: "1" });
    throw new Error("half-way");
  });
  await expect(half).rejects.toThrow("half-way");
  expect(await w.admin.sql`select 1 from test_values where id = 'half'`).toHaveLength(0);
});

const UNAVAILABLE = { code: "DATABASE_UNAVAILABLE" };
