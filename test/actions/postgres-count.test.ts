import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { defineAction } from "../../actions/action.ts";
import { describe, drifted } from "../fixtures/adding-an-action/postgres-count/describe.ts";
import { execute } from "../fixtures/adding-an-action/postgres-count/execute.ts";
import { postgresCount } from "../fixtures/adding-an-action/postgres-count/schema.ts";
import { createScratch, type Scratch } from "./postgres-export/scratch.ts";

const action = defineAction(postgresCount, { describe, execute, drifted });
let scratch: Scratch;
beforeAll(async () => {
  scratch = await createScratch(inject("postgresUrl"), "create table orders as select generate_series(1, 3000) as id");
});
afterAll(() => scratch.drop());

test("it says what it would count, and counts it", async () => {
  const description = await action.describe({ table: "orders" }, scratch.context());
  expect(description.facts).toEqual({ data: { rows: 3_000, tables: ["public.orders"], external: false } });
  expect(action.drifted(description, description)).toBeNull();
  expect(await action.execute({ table: "orders" }, scratch.context())).toEqual({ table: "orders", rows: "3000" });
});

test("a table that is not there is refused, and so is a name that is none", async () => {
  await expect(action.describe({ table: "nothing" }, scratch.context())).rejects.toThrow("There is no table nothing");
  expect(postgresCount.arguments.safeParse({ table: "orders; drop table orders" }).success).toBe(false);
});

test("a connection of another role counts nothing", async () => {
  const wrong = { execute: { role: "somebody_else", url: "EXPORT_URL" } };
  await expect(action.execute({ table: "orders" }, scratch.context(wrong))).rejects.toThrow("not somebody_else's");
});
