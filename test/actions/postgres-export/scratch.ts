import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres, { type Sql } from "postgres";
import type { ActionContext } from "../../../actions/action.ts";
import type { PostgresExportArguments } from "../../../actions/postgres-export/schema.ts";
import type { ExportTarget } from "../../../actions/postgres-export/target.ts";
import type { Json } from "../../../core/request.ts";

export type Scratch = {
  /** As superuser, in the scratch database. */
  admin: Sql;
  exports: string;
  target(changes?: Partial<ExportTarget>): ExportTarget;
  context(changes?: Partial<ExportTarget>, more?: Partial<ActionContext<ExportTarget>>): ActionContext<ExportTarget>;
  heartbeats: Json[];
  drop(): Promise<void>;
};

/** A database of one's own with the two roles a target has, and whatever `ddl` puts there. */
export async function createScratch(superuserUrl: string, ddl: string): Promise<Scratch> {
  const id = randomBytes(6).toString("hex");
  const [database, looker, exporter] = [`scratch_${id}`, `look_${id}`, `export_${id}`];
  const server = postgres(superuserUrl, { max: 1, onnotice: () => {} });
  await server.unsafe(`create database ${database} template template0`);
  for (const role of [looker, exporter]) await server.unsafe(`create role ${role} login password 'secret'`);
  const admin = postgres(urlOf(superuserUrl, database, null), { max: 2, onnotice: () => {} });
  await admin.unsafe(ddl);
  await admin.unsafe(`grant usage on schema public to public; grant select on all tables in schema public to public`);
  await admin.unsafe("analyze");
  const exports = await mkdtemp(join(tmpdir(), "countersign-exports-"));
  const heartbeats: Json[] = [];

  const target: Scratch["target"] = (changes = {}) => ({
    name: "scratch",
    environment: "test",
    external: false,
    describe: { role: looker, url: "LOOK_URL" },
    execute: { role: exporter, url: "EXPORT_URL" },
    exports: { directory: "crm" },
    labels: {},
    functions: [],
    ...changes,
  });
  const secrets: Record<string, string> = {
    LOOK_URL: urlOf(superuserUrl, database, looker),
    EXPORT_URL: urlOf(superuserUrl, database, exporter),
    SUPERUSER_URL: urlOf(superuserUrl, database, null),
    NOWHERE_URL: "postgres://nobody:none@127.0.0.1:1/nothing",
  };
  return {
    admin,
    exports,
    heartbeats,
    target,
    context: (changes, more) => {
      const requestId = `req_${randomBytes(8).toString("hex")}`;
      return {
        target: target(changes),
        secret: (name) => secrets[name] ?? "",
        exportsDirectory: exports,
        requestId,
        idempotencyKey: requestId,
        signal: new AbortController().signal,
        heartbeat: (progress) => heartbeats.push(progress),
        ...more,
      };
    },
    drop: async () => {
      await admin.end();
      await server.unsafe(`drop database ${database} with (force)`);
      for (const role of [looker, exporter]) await server.unsafe(`drop role ${role}`);
      await server.end();
      await rm(exports, { recursive: true });
    },
  };
}

export function args(statement: string, more: Partial<PostgresExportArguments> = {}): PostgresExportArguments {
  return { statement, format: "csv", maxRows: 1_000_000, ...more };
}

function urlOf(superuserUrl: string, database: string, role: string | null): string {
  const url = new URL(superuserUrl);
  url.pathname = `/${database}`;
  if (role !== null) [url.username, url.password] = [role, "secret"];
  return url.toString();
}
