/** What this action needs to know of a Postgres target; `PostgresTarget` of the configuration has it all. */
export type ExportTarget = {
  name: string;
  environment: string;
  external: boolean;
  describe: { role: string; url: string };
  execute: { role: string; url: string };
  exports: { directory: string };
  labels: { [column: string]: string[] };
  functions: string[];
};
