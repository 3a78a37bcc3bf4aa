import fc from "fast-check";
import postgres from "postgres";
import { afterAll, describe, expect, inject, test } from "vitest";
import { FUNCTIONS, TYPES } from "../../../actions/postgres-export/builtins.ts";
import { parse } from "../../../actions/postgres-export/parser.ts";
import { readStatement } from "../../../actions/postgres-export/statement.ts";
import { CountersignError } from "../../../core/errors.ts";

const REFUSED: [string, string, string][] = [
  ["nothing", ";", "one statement, not 0"],
  ["only a comment", "-- select 1", "one statement, not 0"],
  ["two statements", "select 1; select 2", "one statement, not 2"],
  ["a second statement behind a comment", "select 1 /* ; */ ; drop table customers", "not 2"],
  ["what is not SQL", "select 1 frm x y", 'syntax error at or near "x" (line 1, column 14)'],
  ["an insert", "insert into customers values (1)", "INSERT changes data"],
  ["an update", "update customers set id = 1", "UPDATE changes data"],
  ["a delete", "delete from customers", "DELETE changes data"],
  ["a merge", "merge into a using b on a.id = b.id when matched then delete", "MERGE changes data"],
  ["a truncate", "truncate customers", "TRUNCATE changes data"],
  ["a delete in a CTE", "with gone as (delete from customers returning *) select * from gone", "DELETE changes data"],
  ["an update deep in a CTE", "select * from (with u as (update c set a = 1 returning a) select * from u) x", "UPDATE"],
  [
    "an insert in a CTE of a CTE",
    "with a as (with b as (insert into t values (1) returning 1) table b) table a",
    "INSERT",
  ],
  ["select into", "select * into copy from customers", "SELECT INTO creates a table"],
  ["create table as", "create table copy as select * from customers", "CREATE TABLE AS"],
  ["for update", "select * from customers for update", "lock rows"],
  ["for share in a subquery", "select * from (select * from customers for key share) x", "lock rows"],
  ["copy to a program", "copy (select 1) to program 'sh'", "COPY reads or writes files"],
  ["do", "do $$ begin end $$", "DO runs code"],
  ["call", "call cleanup()", "CALL runs a procedure"],
  ["set", "set role postgres", "SET and RESET"],
  ["show", "show all", "SHOW reads"],
  ["explain analyze", "explain analyze select 1", "EXPLAIN can run"],
  ["begin", "begin", "not the statement's to control"],
  ["commit", "commit", "not the statement's to control"],
  ["prepare", "prepare p as select 1", "PREPARE"],
  ["execute", "execute p", "EXECUTE"],
  ["listen", "listen x", "LISTEN"],
  ["lock", "lock customers", "LOCK"],
  ["grant", "grant all on customers to public", "GRANT"],
  ["create function", "create function f() returns int language sql as 'select 1'", "CREATE FUNCTION"],
  ["declare cursor", "declare c cursor for select 1", "DeclareCursorStmt"],
  ["vacuum", "vacuum", "VacuumStmt"],
  ["sleeping", "select pg_sleep(10)", "The function pg_sleep is not on the list"],
  ["reading a file", "select pg_read_file('/etc/passwd')", "pg_read_file"],
  ["reading a file by its full name", "select pg_catalog.pg_read_file('/etc/passwd')", "pg_read_file"],
  ["a function of another schema", "select evil.lower('x')", "evil.lower"],
  ["a function of public by its full name", "select public.lower('x')", "public.lower"],
  ["a quoted function", `select "PG_SLEEP"(1)`, "PG_SLEEP"],
  ["reading a setting", "select current_setting('data_directory')", "current_setting"],
  ["changing a setting", "select set_config('role', 'postgres', false)", "set_config"],
  ["a sequence", "select nextval('orders_id_seq')", "nextval"],
  ["a large object", "select lo_export(1, '/tmp/x')", "lo_export"],
  ["another server", "select * from dblink('host=x', 'select 1') as t(a int)", "dblink"],
  ["a query in a text", "select query_to_xml('select 1', true, true, '')", "query_to_xml"],
  ["an advisory lock", "select pg_advisory_lock(1)", "pg_advisory_lock"],
  ["ending a session", "select pg_terminate_backend(1)", "pg_terminate_backend"],
  ["a notification", "select pg_notify('a', 'b')", "pg_notify"],
  ["a transaction id", "select txid_current()", "txid_current"],
  ["a refused function as an argument", "select upper(version())", "version"],
  ["a refused function in order by", "select 1 order by random()", "random"],
  ["a refused function in limit", "select 1 limit pg_sleep(1)", "pg_sleep"],
  ["a refused function in a filter", "select count(*) filter (where pg_sleep(1) is null) from t", "pg_sleep"],
  ["a refused function in a window", "select rank() over (order by pg_sleep(1)) from t", "pg_sleep"],
  ["a refused function in a named window", "select 1 from t window w as (order by pg_sleep(1))", "pg_sleep"],
  ["a refused function in a join", "select 1 from a join b on pg_sleep(1) is null", "pg_sleep"],
  ["a refused function in VALUES", "values (pg_sleep(1))", "pg_sleep"],
  ["a refused function in a UNION's second arm", "select 1 union all select pg_backend_pid()", "pg_backend_pid"],
  ["a refused function in FROM", "select * from pg_ls_dir('.')", "pg_ls_dir"],
  ["rows out of nothing", "select * from generate_series(1, 9e18)", "generate_series"],
  ["text out of nothing", "select repeat('x', 1000000000)", "repeat"],
  ["padding out of nothing", "select lpad('', 1000000000)", "number up to 1000"],
  ["padding by a column", "select rpad('', c.id) from customers c", "number up to 1000"],
  ["padding without a length", "select lpad('x')", "number up to 1000"],
  ["a parameter", "select $1", "parameters"],
  ["a system catalog", "select * from pg_catalog.pg_authid", "pg_catalog.pg_authid is the system catalog"],
  ["a system catalog without its schema", "select * from pg_shadow", "pg_shadow is the system catalog"],
  ["a system catalog in a subquery", "select (select passwd from pg_shadow limit 1)", "system catalog"],
  ["the information schema", "select * from information_schema.tables", "system catalog"],
  ["somebody's temporary table", "select * from pg_temp.t", "system catalog"],
  ["another database", "select * from other.public.customers", "another database"],
  ["a cast to regclass", "select 'pg_authid'::regclass", "The type regclass"],
  ["a cast to regproc by its full name", "select cast('f' as pg_catalog.regproc)", "regproc"],
  ["a cast to somebody's type", "select 'x'::evil.type", "evil.type"],
  ["a cast to an array of regrole", "select array['a']::regrole[]", "regrole"],
  ["an operator of another schema", "select 1 operator(evil.+) 2", "The operator evil.+"],
  ["an operator of another schema over a subquery", "select 1 operator(evil.=) any (select 2)", "evil.="],
  ["ordering by an operator", "select 1 order by 1 using operator(evil.<)", "ORDER BY USING"],
  ["a collation of another schema", `select 'a' collate evil."C"`, "collation"],
  ["who is connected", "select current_user", "CURRENT_USER tells about the session"],
  ["which database this is", "select current_catalog", "CURRENT_CATALOG"],
  ["a sample", "select * from customers tablesample system (1)", "TABLESAMPLE"],
  ["xml", "select xmlelement(name a)", "XML"],
  ["xmltable", "select * from xmltable('/a' passing '<a/>' columns b int)", "XMLTABLE"],
  ["json_table", `select * from json_table('[]', '$[*]' columns (a int path '$'))`, "JsonTable"],
  ["no columns", "select from customers", "without columns"],
  ["a character that turns the reading direction", "select 'a\u202e' from customers", "U+202E"],
  ["a zero-width space in a name", "select 1 from custo\u200bmers", "U+200B"],
  ["a backspace", "select 1 --\b\b\b", "U+0008"],
  ["too deep a nesting", `select ${"not ".repeat(300)}true`, "nested too deeply"],
  ["a nesting that breaks the parser", `select ${"not ".repeat(4_990)}true`, "nested too deeply"],
];

test.each(REFUSED)("%s is refused", async (_name, statement, sentence) => {
  const error = await readStatement(statement, []).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(CountersignError);
  expect(error).toMatchObject({ code: "STATEMENT_REFUSED", detail: expect.stringContaining(sentence) });
});

test("a refusal says where, in lines and columns of what people see", async () => {
  const error = await readStatement("select 'äöü😀',\n  'ü', pg_sleep(1)", []).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ findings: [{ line: 2, column: 8, pointer: "/arguments/statement" }] });
});

test("statements that break the parser do not break it for others", async () => {
  const hostile = `select 1${"+1".repeat(9_900)}`;
  for (let i = 0; i < 3; i += 1) await expect(readStatement(hostile, [])).rejects.toThrow("nested too deeply");
  await expect(Promise.all([readStatement("select 1", []), parse("select 2")])).resolves.toHaveLength(2);
});

const ACCEPTED = [
  "select * from customers",
  "table customers",
  "values (1, 'a'), (2, 'b')",
  "select 1; -- and nothing else",
  "/* why */ select c.id, upper(c.name) as name from public.customers as c where c.created_at >= date '2024-01-01' limit 10",
  "with recursive tree as (select id, parent from t where parent is null union all select t.id, t.parent from t join tree on t.parent = tree.id) select * from tree",
  "select country, count(*), sum(total) filter (where total > 0) from o group by rollup (country) having count(*) > 1 order by 2 desc nulls last",
  "select row_number() over (partition by a order by b rows between unbounded preceding and current row) from t",
  "select case when a is null then coalesce(b, 'x') else nullif(a, 'y') end, greatest(1, 2), (array[1, 2])[1], row(1, 2) from t",
  "select extract(year from d), d at time zone 'UTC', substring(a from 1 for 2), trim(a), position('a' in b), current_date from t",
  "select a ~ '^x', a ilike '%y%', a similar to 'z', a between 1 and 2, a in (1, 2), a = any (array[1]), a is distinct from b from t",
  "select percentile_cont(0.5) within group (order by total), string_agg(distinct name, ', ' order by name) from t",
  "select t.*, x.item from t left join lateral unnest(t.items) with ordinality as x(item, n) on true natural join u",
  "select exists (select 1 from u where u.id = t.id), a not in (select b from u), 1 operator(pg_catalog.+) 2 from t",
  `select id::text, total::numeric(10, 2), j ->> 'a', cast(tags as text[]), name collate "C" from t`,
  "(select 1 union select 2 except all select 3) order by 1 offset 1 fetch first 2 rows with ties",
  "select E'a\\nb', U&'\\0041', $$ ; delete from customers $$, lpad(id::text, 8, '0') from t",
];

test.each(ACCEPTED)("this is read: %s", async (statement) => {
  await expect(readStatement(statement, [])).resolves.toMatchObject({ text: statement });
});

test("a function that the target allows may be called, under the names the target allows", async () => {
  await expect(readStatement("select pg_sleep(1)", ["pg_sleep"])).resolves.toMatchObject({ functions: ["pg_sleep"] });
  await expect(readStatement("select score(1)", ["public.score"])).resolves.toMatchObject({ functions: ["score"] });
  await expect(readStatement("select crm.score(1)", ["crm.score"])).resolves.toMatchObject({
    functions: ["crm.score"],
  });
  await expect(readStatement("select evil.score(1)", ["score"])).rejects.toThrow("evil.score");
  await expect(readStatement("select score(1)", ["crm.score"])).rejects.toThrow("score");
});

test("a name of a WITH hides the table only where it is in scope", async () => {
  const inner = await readStatement(
    "select * from customers, (with customers as (select 1 as a) select a from customers) x",
    [],
  );
  expect(inner.mentions.relations.map(({ name }) => name)).toEqual(["customers"]);
  const outer = await readStatement("with customers as (select 1) select * from public.customers", []);
  expect(outer.mentions.relations).toMatchObject([{ schema: "public", name: "customers" }]);
  const own = await readStatement("with customers as (select * from customers) select * from customers", []);
  expect(own.mentions.relations).toMatchObject([{ name: "customers", whole: true }]);
});

test("whatever surrounds it, a call of a function that is not on the list is never read as harmless", async () => {
  const wrap = fc.constantFrom<(inner: string) => string>(
    (inner) => `(${inner})`,
    (inner) => `coalesce(${inner}, null)`,
    (inner) => `case when ${inner} is null then 1 else 2 end`,
    (inner) => `(select ${inner})`,
    (inner) => `(with q as (select ${inner} as v) select v from q)`,
    (inner) => `array[${inner}]`,
    (inner) => `row(1, ${inner})`,
    (inner) => `max(${inner}) over ()`,
    (inner) => `count(*) filter (where ${inner} is not null)`,
    (inner) => `(select 1 from t join u on ${inner} is null)`,
    (inner) => `exists (values (1, ${inner}))`,
    (inner) => `(${inner})::text`,
    (inner) => `1 in (2, ${inner})`,
  );
  await fc.assert(
    fc.asyncProperty(fc.array(wrap, { maxLength: 6 }), async (wraps) => {
      const expression = wraps.reduce((inner, next) => next(inner), "evil()");
      await expect(readStatement(`select ${expression} from t`, [])).rejects.toThrow("The function evil");
    }),
    { numRuns: 200 },
  );
});

describe("the lists", () => {
  const sql = postgres(inject("postgresUrl"), { max: 1 });
  afterAll(() => sql.end());

  test("every function on the list exists, and in every form it is built in and not volatile", async () => {
    const rows = await sql<{ name: string; volatile: boolean; builtin: boolean }[]>`
      select proname as name, bool_or(provolatile = 'v') as volatile,
             bool_and(lanname in ('internal', 'sql')) as builtin
      from pg_proc p join pg_language l on l.oid = p.prolang
      where pronamespace = 'pg_catalog'::regnamespace and proname = any(${[...FUNCTIONS]}) group by 1`;
    const names = new Set(rows.map(({ name }) => name));
    expect([...FUNCTIONS].filter((name) => !names.has(name))).toEqual([]);
    expect(rows.filter(({ volatile, builtin }) => volatile || !builtin)).toEqual([]);
  });

  test("no form of a function on the list takes or gives something that reads the catalog", async () => {
    const rows = await sql`
      select distinct proname as name from pg_proc
      where pronamespace = 'pg_catalog'::regnamespace and proname = any(${[...FUNCTIONS]})
        and exists (select from unnest(proargtypes || prorettype) as t(oid) where t.oid::regtype::text like 'reg%')`;
    expect(rows).toEqual([]);
  });

  test("every type on the list is one of Postgres's own plain types", async () => {
    const rows = await sql<{ name: string }[]>`
      select typname as name from pg_type
      where typnamespace = 'pg_catalog'::regnamespace and typtype in ('b', 'r') and typname not like 'reg%'
        and typname = any(${[...TYPES]})`;
    expect(rows.map(({ name }) => name).sort()).toEqual([...TYPES].sort());
  });
});
