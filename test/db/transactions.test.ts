import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connect, type Database, reading, type Transaction, writing } from "../../db/client.ts";
import { world } from "./world.ts";

const w = world();
let db: Database;
beforeAll(async () => {
  await w.admin.sql`create table test_lines (id text primary key)`;
  db = connect(w.urls.adminUrl, { max: 1 });
});
afterAll(async () => {
  await db.close();
  await w.admin.sql`drop table test_lines`;
});

const UNAVAILABLE = { code: "DATABASE_UNAVAILABLE" };
const insert = (transaction: Transaction, id: string) =>
  transaction.execute(sql`insert into test_lines (id) values (${id})`);
const standing = async () => (await w.admin.sql`select id from test_lines order by id`).map((row) => row.id);

/** Ends the transaction's connection from outside, and waits until its process must have heard of it. */
async function cut(transaction: Transaction): Promise<void> {
  const [row] = await transaction.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`);
  await w.admin.sql`select pg_terminate_backend(${row?.pid ?? 0})`;
  await sleep(200);
}

test("a connection that is lost between two statements fails the transaction, and this process goes on", async () => {
  const lost = writing(db, async (transaction) => {
    await insert(transaction, "before");
    await cut(transaction);
    // Long enough that the driver would write it at once, to a socket that is gone.
    await insert(transaction, "after".repeat(1_000));
  });
  await expect(lost).rejects.toMatchObject(UNAVAILABLE);
  await writing(db, (transaction) => insert(transaction, "next"));
  expect(await standing()).toEqual(["next"]);
});

test("a connection that is lost during a statement fails the transaction, and this process goes on", async () => {
  const lost = writing(db, async (transaction) => {
    await insert(transaction, "during");
    await transaction.execute(sql`select pg_terminate_backend(pg_backend_pid())`);
  });
  await expect(lost).rejects.toMatchObject(UNAVAILABLE);
  await writing(db, (transaction) => insert(transaction, "later"));
  expect(await standing()).toEqual(["later", "next"]);
});

test("what a lost transaction still wants to say reaches no other transaction", async () => {
  let resume = () => {};
  const paused = new Promise<void>((resolve) => {
    resume = resolve;
  });
  const refusals: unknown[] = [];
  const lost = writing(db, async (transaction) => {
    await cut(transaction);
    void paused.then(() => insert(transaction, "stray")).catch((error: unknown) => refusals.push(error));
    await insert(transaction, "at once");
  });
  await expect(lost).rejects.toMatchObject(UNAVAILABLE);
  await writing(db, async (transaction) => {
    await insert(transaction, "own");
    resume();
    await sleep(50);
  });
  expect(refusals).toHaveLength(1);
  expect(await standing()).toEqual(["later", "next", "own"]);
});

test("a transaction in which a statement failed does not count as committed, even when the failure was ignored", async () => {
  const half = writing(db, async (transaction) => {
    await insert(transaction, "ignored");
    await insert(transaction, "next").catch(() => undefined);
  });
  await expect(half).rejects.toThrow("could not be committed");
  expect(await standing()).toEqual(["later", "next", "own"]);
});

test("those who wait for a connection get one in turn, and reads do not wait for them", async () => {
  const slow = writing(db, (transaction) => transaction.execute(sql`select pg_sleep(0.3)`));
  const turns = ["a", "b", "c"].map((id) => writing(db, (transaction) => insert(transaction, id)));
  expect(await reading(db, (orm) => orm.execute(sql`select 1 as one`))).toMatchObject([{ one: 1 }]);
  await Promise.all([slow, ...turns]);
  expect(await standing()).toEqual(["a", "b", "c", "later", "next", "own"]);
});
