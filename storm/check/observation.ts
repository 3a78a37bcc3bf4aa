import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import postgres from "postgres";

/** What is there at the end, looked at from outside: plain SQL, the files of the target, the target's own log. */
export type Observation = {
  requests: { id: string; statement: string; rule: number; requester: string; status: string }[];
  /** Claims only; tombstones are no starts. */
  claims: { request: string; at: number }[];
  outcomes: { request: string; status: string; at: number; code: string; sha256: string | null }[];
  messages: { request: string; verb: string; principal: string; at: number }[];
  events: { request: string; type: string; by: string | null; at: number }[];
  files: { name: string; sha256: string }[];
  /** Each time the target was told to run a statement for an export. */
  runs: { statement: string }[];
};

export type Places = { databaseUrl: string; exports: string; targetLog: string };

export async function observe({ databaseUrl, exports, targetLog }: Places): Promise<Observation> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => undefined });
  try {
    return {
      requests: await sql<Observation["requests"]>`
        select s.request_id as id, s.content#>>'{action,arguments,statement}' as statement,
               (s.content#>>'{action,arguments,maxRows}')::int as rule, s.content->>'requester' as requester,
               coalesce(r.recorded_status, 'nothing') as status
        from submissions s left join requests r on r.id = s.request_id`,
      claims: await sql<Observation["claims"]>`
        select request_id as request, ${milliseconds(sql, "at")} as at from executions where status = 'claimed'`,
      outcomes: await sql<Observation["outcomes"]>`
        select request_id as request, status, ${milliseconds(sql, "at")} as at,
               report->>'code' as code, report#>>'{result,sha256}' as sha256 from outcomes`,
      messages: await sql<Observation["messages"]>`
        select request_id as request, verb, principal, ${milliseconds(sql, "at")} as at from messages`,
      events: await sql<Observation["events"]>`
        select request_id as request, type, "by", ${milliseconds(sql, "at")} as at
        from audit_events where request_id is not null order by id`,
      files: filesIn(exports),
      runs: runsIn(targetLog),
    };
  } finally {
    await sql.end();
  }
}

function milliseconds(sql: postgres.Sql, column: string) {
  return sql`(extract(epoch from ${sql(column)}) * 1000)::float8`;
}

function filesIn(directory: string): Observation["files"] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory).map((name) => {
    const digest = createHash("sha256")
      .update(readFileSync(join(directory, name)))
      .digest("hex");
    return { name, sha256: digest };
  });
}

/** The target logs what the exporting role executes; fetching more rows of the same is no second run. */
function runsIn(file: string): Observation["runs"] {
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.flatMap((line) => {
    const statement = /LOG: {2}execute (?!fetch from)[^:]*: (select .* from customers .*)$/.exec(line)?.[1];
    return statement === undefined ? [] : [{ statement }];
  });
}
