import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import fc from "fast-check";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { execute } from "../../../actions/postgres-export/execute.ts";
import { rowWriter } from "../../../actions/postgres-export/rows.ts";
import { args, createScratch, type Scratch } from "./scratch.ts";

let scratch: Scratch;
beforeAll(async () => {
  scratch = await createScratch(inject("postgresUrl"), "create table odd (n int primary key, a text, b text)");
});
afterAll(() => scratch.drop());

/** Text a database can hold, leaning towards what breaks formats. */
const text = fc.oneof(
  fc.constantFrom(
    "",
    " ",
    ",",
    '"',
    '""',
    "\r\n",
    "\n",
    "\r",
    "\t",
    "\\.",
    "NULL",
    "null",
    "=1+1",
    "@x",
    "\ufeff",
    "😀",
    "a\u2028b",
  ),
  fc.string({ unit: fc.constantFrom("a", ",", '"', "\r", "\n", "\\", " ", "'", ";", "é") }),
  fc.string({ unit: "grapheme" }),
);
const value = fc.option(
  text.map((t) => t.replaceAll("\0", "")).filter((t) => !/\p{Surrogate}/u.test(t)),
  { nil: null },
);
const columns = [
  { name: "a", type: 25 },
  { name: 'b "quoted", too', type: 25 },
];

test("what is written as CSV is read back as it was, NULL and the empty text apart", () => {
  const writer = rowWriter("csv", columns);
  fc.assert(
    fc.property(fc.array(fc.tuple(value, value)), (rows) => {
      const written = writer.header() + rows.map((row) => writer.row(row)).join("");
      expect(readCsv(written)).toEqual([columns.map(({ name }) => name), ...rows]);
    }),
  );
});

test("what is written as JSONL is read back as it was, one object a line", () => {
  const writer = rowWriter("jsonl", columns);
  fc.assert(
    fc.property(fc.array(fc.tuple(value, value)), (rows) => {
      const lines = rows
        .map((row) => writer.row(row))
        .join("")
        .split("\n")
        .slice(0, -1);
      expect(lines.map((line) => JSON.parse(line))).toEqual(rows.map(([a, b]) => ({ a, 'b "quoted", too': b })));
    }),
  );
});

test("odd values go out of Postgres and, through its own COPY, come back the same", async () => {
  const rows = fc.sample(fc.tuple(value, value), { numRuns: 1_500, seed: 7 });
  const records = rows.map(([a, b], n) => ({ n, a, b }));
  for (let i = 0; i < records.length; i += 500)
    await scratch.admin`insert into odd ${scratch.admin(records.slice(i, i + 500))}`;

  const csv = await exported("select n, a, b from odd order by n", "csv");
  await scratch.admin`create table back (like odd)`;
  const copy = await scratch.admin`copy back from stdin with (format csv, header)`.writable();
  await pipeline(Readable.from([csv]), copy);
  expect(await scratch.admin`select * from back except select * from odd`).toHaveLength(0);
  expect(await scratch.admin`select count(*)::int as n from back`).toEqual([{ n: rows.length }]);

  const jsonl = await exported("select n, a, b from odd order by n", "jsonl");
  expect(
    jsonl
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line)),
  ).toEqual(records);
});

test("JSONL keeps types where JSON has them, and every digit where it has not", async () => {
  const line = await exported(
    `select true as yes, false as no, null::text as nothing, 7::int2 as small, (-2147483648)::int4 as int,
            9223372036854775807::int8 as big, 0.1000000000000000000000001::numeric as exact,
            0.1::float8 as float, 'NaN'::float8 as nan, '-Infinity'::float4 as infinite, 1e300::float8 as huge,
            '{"a": [1, 2.50, 12345678901234567890],\n "b": null}'::json as json, '{"b":1,"a":"\\n"}'::jsonb as jsonb,
            date '2024-02-29' as day, timestamptz '2024-01-01 12:00:00+02' as at, interval '1 day 2 hours' as span,
            '\\xdeadbeef'::bytea as bytes, array[1, null, 3] as list, '' as empty`,
    "jsonl",
  );
  expect(line).toBe(
    '{"yes":true,"no":false,"nothing":null,"small":7,"int":-2147483648,"big":"9223372036854775807",' +
      '"exact":"0.1000000000000000000000001","float":0.1,"nan":"NaN","infinite":"-Infinity","huge":1e+300,' +
      '"json":{"a": [1, 2.50, 12345678901234567890],  "b": null},"jsonb":{"a": "\\n", "b": 1},"day":"2024-02-29",' +
      '"at":"2024-01-01 10:00:00+00","span":"1 day 02:00:00","bytes":"\\\\xdeadbeef","list":"{1,NULL,3}","empty":""}\n',
  );
  expect(() => JSON.parse(line)).not.toThrow();
});

test("values look the same whatever the role's own settings are", async () => {
  const { role } = scratch.target().execute;
  await scratch.admin.unsafe(`alter role ${role} set datestyle = 'German'; alter role ${role} set timezone = 'Asia/Tokyo';
    alter role ${role} set bytea_output = 'escape'; alter role ${role} set extra_float_digits = -10;
    alter role ${role} set search_path = 'evil'; alter role ${role} set standard_conforming_strings = off`);
  const csv = await exported(
    String.raw`select date '2024-01-02' as d, timestamptz '2024-01-01 00:00:00+00' as t, 'a\' as s, 0.1::float8 + 0.2 as f`,
    "csv",
  );
  expect(csv).toBe("d,t,s,f\r\n2024-01-02,2024-01-01 00:00:00+00,a\\,0.30000000000000004\r\n");
});

async function exported(statement: string, format: "csv" | "jsonl"): Promise<string> {
  const context = scratch.context();
  await execute(args(statement, { format }), context);
  return readFileSync(join(scratch.exports, "crm", `${context.requestId}.${format}`), "utf8");
}

/** A reader of RFC 4180 that tells an empty field from an empty quoted one. */
function readCsv(written: string): (string | null)[][] {
  const rows: (string | null)[][] = [];
  let row: (string | null)[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
  for (let match = field.exec(written); match; match = field.exec(written)) {
    const [, quoted, plain, end] = match;
    row.push(quoted !== undefined ? quoted.replaceAll('""', '"') : plain === "" ? null : (plain ?? null));
    if (end === ",") continue;
    rows.push(row);
    row = [];
  }
  return rows;
}
