import { readdirSync } from "node:fs";
import { getTableConfig, PgTable } from "drizzle-orm/pg-core";
import postgres from "postgres";
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import { migrate } from "../../db/migrate.ts";
import { scramVerifier } from "../../db/scram.ts";
import { emptyDatabase, TEST_PASSWORDS } from "../support/database.ts";

let database: Awaited<ReturnType<typeof emptyDatabase>>;
let admin: postgres.Sql;
beforeEach(async () => {
  database = await emptyDatabase(inject("postgresUrl"));
  admin = postgres(database.adminUrl, { max: 1, onnotice: () => {} });
});
afterEach(async () => {
  await admin.end();
  await database.drop();
});

test("of several replicas that migrate at once one applies, and none fails", async () => {
  const answers = await Promise.all(Array.from({ length: 5 }, () => migrate(database.adminUrl, TEST_PASSWORDS)));
  const files = readdirSync(new URL("../../db/migrations/", import.meta.url)).sort();
  expect(answers.map((answer) => answer.applied).filter((applied) => applied.length > 0)).toEqual([files]);
  expect(await migrate(database.adminUrl, TEST_PASSWORDS)).toEqual({ applied: [] });
});

test("several databases of one cluster migrate at once though the roles are shared", async () => {
  const databases = await Promise.all(Array.from({ length: 4 }, () => emptyDatabase(inject("postgresUrl"))));
  try {
    const answers = await Promise.all(databases.map(({ adminUrl }) => migrate(adminUrl, TEST_PASSWORDS)));
    for (const { applied } of answers) expect(applied.length).toBeGreaterThan(0);
  } finally {
    await Promise.all(databases.map((one) => one.drop()));
  }
});

test("a migration that changed after it was applied is refused", async () => {
  await migrate(database.adminUrl, TEST_PASSWORDS);
  await admin`update schema_migrations set digest = 'sha256:0' where name like '0001%'`;
  await expect(migrate(database.adminUrl, TEST_PASSWORDS)).rejects.toMatchObject({ code: "MIGRATION_CHANGED" });
});

test("a database that is ahead of this program is refused", async () => {
  await migrate(database.adminUrl, TEST_PASSWORDS);
  await admin`insert into schema_migrations (name, digest) values ('9999-later.sql', 'sha256:0')`;
  await expect(migrate(database.adminUrl, TEST_PASSWORDS)).rejects.toMatchObject({ code: "MIGRATION_CHANGED" });
});

test("a role is made with a verifier and signs in with its password, whatever signs that has", async () => {
  const password = `it's "odd" ${"x".repeat(20)} \\ $1`;
  const role = "countersign_verifier_test";
  const name = new URL(database.adminUrl).pathname.slice(1);
  await admin.unsafe(`drop role if exists ${role}`);
  await admin.unsafe(`create role ${role} login password '${scramVerifier(password)}'`);
  const [right, wrong] = [signIn(role, password), signIn(role, "another")];
  try {
    expect(await right`select current_database() as name`).toEqual([{ name }]);
    await expect(wrong`select 1`).rejects.toMatchObject({ code: "28P01" });
  } finally {
    await Promise.all([right.end(), wrong.end()]);
    await admin.unsafe(`drop role ${role}`);
  }
});

function signIn(username: string, password: string): postgres.Sql {
  const { hostname: host, port, pathname } = new URL(database.adminUrl);
  return postgres({ host, port: Number(port), database: pathname.slice(1), max: 1, username, password });
}

test("a role that was not invited cannot connect", async () => {
  await migrate(database.adminUrl, TEST_PASSWORDS);
  const [row] = await admin`
    select bool_or(grantee = 0) as everybody from pg_database, aclexplode(datacl) where datname = current_database()`;
  expect(row?.everybody).toBe(false);
});

describe("the schema in db/schema is the one the migrations make", () => {
  beforeEach(async () => {
    await migrate(database.adminUrl, TEST_PASSWORDS);
  });

  test("column by column", async () => {
    const rows = await admin<{ name: string; type: string; optional: boolean; table: string }[]>`
      select c.relname as table, a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
        not a.attnotnull as optional
      from pg_attribute a join pg_class c on c.oid = a.attrelid
      where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
        and c.relname <> 'schema_migrations'`;
    const written = (await tables()).flatMap(({ name, columns }) =>
      columns.map((column) => {
        return { table: name, name: column.name, type: column.getSQLType(), optional: !column.notNull };
      }),
    );
    expect(sorted(rows)).toEqual(sorted(written));
  });

  test("key by key and index by index", async () => {
    const rows = await admin<{ table: string; name: string; unique: boolean; columns: string[] }[]>`
      select t.relname as table, i.relname as name, x.indisunique as unique,
        array(select a.attname::text from unnest(x.indkey) with ordinality k(n, o)
          join pg_attribute a on a.attrelid = t.oid and a.attnum = k.n order by k.o) as columns
      from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid
      where t.relnamespace = 'public'::regnamespace and t.relname <> 'schema_migrations'`;
    const written = (await tables()).flatMap(({ name: table, columns, indexes, uniqueConstraints, primaryKeys }) => [
      ...columns
        .filter((column) => column.primary)
        .map((column) => ({ table, name: `${table}_pkey`, unique: true, columns: [column.name] })),
      ...columns
        .filter((column) => column.isUnique)
        .map((column) => ({ table, name: column.uniqueName ?? "", unique: true, columns: [column.name] })),
      ...primaryKeys.map((key) => ({ table, name: key.getName(), unique: true, columns: key.columns.map(nameOf) })),
      ...uniqueConstraints.map((key) => {
        return { table, name: key.getName() ?? "", unique: true, columns: key.columns.map(nameOf) };
      }),
      ...indexes.map(({ config }) => {
        return { table, name: config.name ?? "", unique: config.unique, columns: config.columns.map(nameOf) };
      }),
    ]);
    expect(sorted(rows)).toEqual(sorted(written));
  });

  test("reference by reference", async () => {
    const rows = await admin<{ from: string; to: string; columns: string[] }[]>`
      select c.conrelid::regclass::text as from, c.confrelid::regclass::text as to,
        array(select a.attname::text from unnest(c.conkey) k join pg_attribute a
          on a.attrelid = c.conrelid and a.attnum = k) as columns
      from pg_constraint c where c.contype = 'f'`;
    const written = (await tables()).flatMap(({ name, foreignKeys }) =>
      foreignKeys.map((key) => {
        const { columns, foreignTable } = key.reference();
        return { from: name, to: getTableConfig(foreignTable).name, columns: columns.map(nameOf) };
      }),
    );
    expect(sorted(rows)).toEqual(sorted(written));
  });
});

async function tables() {
  const folder = new URL("../../db/schema/", import.meta.url);
  const modules = await Promise.all(
    readdirSync(folder).map((file): Promise<Record<string, unknown>> => import(new URL(file, folder).href)),
  );
  return modules
    .flatMap((module) => Object.values(module))
    .filter((exported) => exported instanceof PgTable)
    .map(getTableConfig);
}

function nameOf(column: object): string {
  return "name" in column && typeof column.name === "string" ? column.name : "";
}

function sorted<T>(rows: Iterable<T>): string[] {
  return [...rows].map((row) => JSON.stringify(Object.entries(row as object).sort())).sort();
}
