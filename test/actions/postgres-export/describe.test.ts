import { afterAll, beforeAll, expect, describe as group, inject, test } from "vitest";
import { describe } from "../../../actions/postgres-export/describe.ts";
import { drifted } from "../../../actions/postgres-export/drift.ts";
import { CountersignError } from "../../../core/errors.ts";
import type { Description } from "../../../core/evaluation.ts";
import { args, createScratch, type Scratch } from "./scratch.ts";

const DDL = `
  create table customers (id int primary key, name text, email varchar(200), country text);
  insert into customers select n, 'Name ' || n, n || '@example.com', 'CH' from generate_series(1, 5000) n;
  create table orders (id int primary key, customer_id int, name text, total numeric);
  insert into orders select n, n, 'Order', n from generate_series(1, 100) n;
  create view contacts as select id as number, email as address, country as land from customers;
  create view countries as select id, country from customers;
  create view whole as select id, to_jsonb(c) as everything from customers c;
  create view nested as select number, address from contacts;
  create materialized view stored as select id, email from customers;
  create table events (id int, mail text, at date) partition by range (at);
  create table events_2025 partition of events for values from ('2025-01-01') to ('2026-01-01');
  create table archive (gone text) inherits (customers);
  create table traces (what text);
  create function trace(t text) returns text language plpgsql volatile as $$
    begin insert into traces values (t); return t; end $$;
  create function secret_of(c customers) returns text language sql stable as 'select (c).email';
  create function upper(v varchar) returns varchar language sql immutable as $$ select 'mine' $$;
  create table readings (v text);
  create schema shop;
  create table shop.items (id int, price numeric);
  grant usage on schema shop to public; grant select on shop.items to public;
  create table hidden (id int);
  create extension file_fdw; create server files foreign data wrapper file_fdw;
  create foreign table remote (line text) server files options (filename '/etc/hostname');
  create table "Odd ""Name" ("a.b" int);
  create table guarded (id int, note text);
  create table keys (id int);
  alter table guarded enable row level security;
  create policy only_keys on guarded using (exists (select from keys k where k.id = guarded.id));
`;
const LABELS = {
  "public.customers.name": ["pii.name"],
  "public.customers.email": ["pii.email"],
  "public.events_2025.mail": ["pii.email"],
  "public.keys.id": ["secret.token"],
  "shop.items.price": ["internal.price"],
};

let scratch: Scratch;
beforeAll(async () => {
  scratch = await createScratch(inject("postgresUrl"), DDL);
  await scratch.admin`revoke all on hidden from public`;
});
afterAll(() => scratch.drop());

const look = (statement: string, more: Parameters<typeof args>[1] = {}, changes: object = {}) =>
  describe(args(statement, more), scratch.context({ labels: LABELS, ...changes }));
const data = (description: Description) => description.facts.data as Record<string, unknown>;

test("facts and preview say what the export would do", async () => {
  const description = await look("select c.id, c.email from customers c where c.country = 'CH'", { maxRows: 2_000 });
  expect(description.facts).toEqual({
    data: {
      rows: expect.any(Number),
      tables: ["public.customers"],
      columns: ["public.customers.country", "public.customers.email", "public.customers.id"],
      labels: ["pii.email"],
      external: false,
      destination: "crm/ (inside)",
      format: "csv",
      maxRows: 2_000,
    },
    sql: {
      read_only: true,
      statements: 1,
      functions: [],
      text: "select c.id, c.email from customers c where c.country = 'CH'",
    },
  });
  expect(data(description).rows).toBeGreaterThan(4_900);
  expect(description.preview.title).toMatch(/^Export about 5,00\d rows of customers$/);
  expect(description.preview.body.text).toBe("select c.id, c.email from customers c where c.country = 'CH'");
  expect(Object.fromEntries(description.preview.fields.map(({ label, value }) => [label, value]))).toMatchObject({
    Target: "scratch",
    Environment: "test",
    Tables: "public.customers",
    "Columns in the file": "id, email",
    Labels: "pii.email",
    Destination: "crm/ (inside)",
    Credential: expect.stringContaining("database role export_"),
  });
  expect(description.preview.warnings).toEqual([
    "Personal data: pii.email (in public.customers.email)",
    "The estimate exceeds the row limit: the export would fail",
  ]);
});

test("what leaves the company says so", async () => {
  const description = await look("select id from customers", {}, { external: true });
  expect(data(description)).toMatchObject({ external: true, destination: "crm/ (outside)" });
  expect(description.preview.warnings).toEqual(["Leaves the company"]);
});

const LABELLED: [string, string, string[]][] = [
  ["a column of the list", "select email from customers", ["pii.email"]],
  ["a column that is only compared", "select id from customers where email like 'a%'", ["pii.email"]],
  ["a column that is only sorted by", "select id from customers order by name", ["pii.name"]],
  ["a column under another name", "select x.m from (select email as m from customers) x", ["pii.email"]],
  ["select star", "select * from customers", ["pii.email", "pii.name"]],
  [
    "a star through a subquery and a CTE",
    "with a as (select * from customers) select id from a",
    ["pii.email", "pii.name"],
  ],
  ["a whole row", "select to_jsonb(c) from customers c", ["pii.email", "pii.name"]],
  ["a whole row by the table's name", "select count(customers) from customers", ["pii.email", "pii.name"]],
  ["renamed columns", "select d from customers as c(a, b, d, e)", ["pii.email", "pii.name"]],
  ["a natural join", "select o.id from customers natural join orders o", ["pii.email", "pii.name"]],
  ["a view onto a column", "select address from contacts", ["pii.email"]],
  ["a view of a view", "select number from nested", ["pii.email"]],
  ["a view over a whole row", "select id from whole", ["pii.email", "pii.name"]],
  ["a materialized view", "select email from stored", ["pii.email"]],
  ["a partition's own label", "select mail from events", ["pii.email"]],
  ["another schema", "select price from shop.items", ["internal.price"]],
  ["a table only row security reads", "select note from guarded", ["secret.token"]],
  ["no labelled column", "select id, country from customers", []],
  ["only the number of rows", "select count(*) from customers", []],
  ["a view that leaves labelled columns out", "select * from countries", []],
  [
    "another table's column of the same name",
    "select o.name from customers c join orders o on o.customer_id = c.id",
    [],
  ],
];

test.each(LABELLED)("labels are found for %s", async (_name, statement, labels) => {
  expect(data(await look(statement)).labels).toEqual(labels);
});

test("tables behind views are named", async () => {
  const description = await look("select number from nested");
  expect(data(description).tables).toEqual(["public.contacts", "public.customers", "public.nested"]);
  expect(description.preview.fields).toContainEqual({
    label: "Tables",
    value: "public.nested; through views public.contacts, public.customers",
  });
});

test("odd names are quoted, and what cannot be seen is written out", async () => {
  const description = await look(`select "a.b" as "x\u00a0y" from "Odd ""Name"`);
  expect(data(description)).toMatchObject({
    tables: ['public."Odd ""Name"'],
    columns: ['public."Odd ""Name"."a.b"'],
  });
  expect(description.preview.fields).toContainEqual({ label: "Columns in the file", value: "x\\u{a0}y" });
});

const REFUSED: [string, string, string][] = [
  ["a table that is not there", "select * from nowhere", "There is no table nowhere"],
  ["a column that is not there", "select salary from customers", 'column "salary" does not exist'],
  ["a table the describe role may not read", "select * from hidden", "permission denied for table hidden"],
  ["a table on another server", "select * from remote", "lives on another server"],
  [
    "a function the database has taken the name of",
    "select upper(country) from customers",
    "function upper of its own",
  ],
  [
    "a function called like a column",
    "select c.secret_of from customers c",
    "could be a call of the function secret_of",
  ],
  ["a function called on a row", "select (c).secret_of from customers c", "could be a call of the function secret_of"],
  ["a constant that cannot be computed", "select 1 / 0", "22012"],
];

test.each(REFUSED)("%s is refused", async (_name, statement, sentence) => {
  const error = await look(statement).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(CountersignError);
  expect(error).toMatchObject({ code: "STATEMENT_REFUSED", detail: expect.stringContaining(sentence) });
});

test("an operator that the database defines itself is refused", async () => {
  await scratch.admin.unsafe(`
    create function concat_traced(text, text) returns text language sql volatile as 'select $1';
    create operator public.|| (leftarg = text, rightarg = text, function = concat_traced)`);
  await expect(look("select name || 'x' from customers")).rejects.toThrow("operator || of its own");
  await expect(look("select name operator(pg_catalog.||) 'x' from customers")).resolves.toBeDefined();
  await scratch.admin.unsafe("drop operator public.||(text, text)");
});

test("the text of an error that quotes a value is not passed on", async () => {
  const error = await look("select 'bob@example.com'::int").catch((thrown: unknown) => thrown);
  expect(JSON.stringify(error)).not.toContain("bob@example.com");
  expect(error).toMatchObject({ code: "STATEMENT_REFUSED" });
});

test("two columns of one name cannot become JSONL, and can become CSV", async () => {
  await expect(look("select id, id from customers", { format: "jsonl" })).rejects.toThrow("Two columns are called id");
  await expect(look("select id, id from customers")).resolves.toBeDefined();
});

test("describing runs nothing of the agent's, not even a function the target allows", async () => {
  // Nothing but a full scan can run this statement; the planner's own look at an index's ends is none.
  const scans = async () => {
    const [row] = await scratch.admin`
      select sum(seq_scan)::int as scans from pg_stat_user_tables
      where relname in ('customers', 'orders', 'traces')`;
    return row?.scans as number;
  };
  await scratch.admin`select pg_stat_force_next_flush()`;
  const before = await scans();
  const description = await look(
    "select trace(email) from customers c join orders o on o.id = c.id",
    {},
    { functions: ["trace"] },
  );
  expect(description.facts.sql).toMatchObject({ functions: ["trace"] });
  // The looker's session has ended, so whatever it counted has been added.
  expect(await scans()).toBe(before);
  expect(await scratch.admin`select * from traces`).toHaveLength(0);
});

group("the describe role", () => {
  test("a connection of another role is refused", async () => {
    const changed = { describe: { role: "somebody_else", url: "LOOK_URL" } };
    await expect(look("select 1", {}, changed)).rejects.toMatchObject({
      code: "CONFIGURATION_INVALID",
      detail: expect.stringContaining("another role than somebody_else"),
    });
  });

  test("a superuser is refused", async () => {
    const changed = { describe: { role: "postgres", url: "SUPERUSER_URL" } };
    await expect(look("select 1", {}, changed)).rejects.toThrow("superuser");
  });

  test("a target that does not answer is told from a statement that is refused", async () => {
    const changed = { describe: { role: "nobody", url: "NOWHERE_URL" } };
    const error = await look("select 1", {}, changed).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "TARGET_UNREACHABLE" });
    expect(JSON.stringify(error)).not.toContain("none");
  });
});

group("drift", () => {
  const with_ = (change: object): Description => ({
    facts: {
      data: {
        rows: 5_000,
        tables: ["public.customers"],
        columns: ["public.customers.id"],
        labels: [],
        external: false,
        destination: "crm/ (inside)",
        ...change,
      },
    },
    preview: { title: "", fields: [], body: { label: "", language: "sql", text: "" }, warnings: [] },
  });

  test.each<[string, object, RegExp]>([
    ["a table more", { tables: ["public.customers", "public.orders"] }, /tables have changed: now also public.orders/],
    ["a column more", { columns: ["public.customers.id", "public.customers.iban"] }, /now also public.customers.iban/],
    ["a column less", { columns: [] }, /no longer public.customers.id/],
    ["a label more", { labels: ["pii.email"] }, /labels have changed: now also pii.email/],
    ["outside", { external: true }, /now leave the company/],
    ["another directory", { destination: "other/ (inside)" }, /crm\/ \(inside\) and is now other/],
    ["more than twice the rows", { rows: 10_001 }, /was 5,000 rows and is now 10,001 rows/],
    ["no number of rows", { rows: null, tables: [] }, /tables have changed/],
  ])("%s is drift", (_name, change, sentence) => {
    expect(drifted(with_({}), with_(change))).toMatch(sentence);
  });

  test("twice the rows, fewer rows, and a few rows more are not", () => {
    expect(drifted(with_({}), with_({ rows: 10_000 }))).toBeNull();
    expect(drifted(with_({}), with_({ rows: 0 }))).toBeNull();
    expect(drifted(with_({ rows: 10 }), with_({ rows: 1_010 }))).toBeNull();
    expect(drifted(with_({ rows: 10 }), with_({ rows: 1_011 }))).toMatch(/10 rows and is now 1,011 rows/);
    expect(drifted(with_({}), with_({ rows: "many" }))).not.toBeNull();
  });
});
