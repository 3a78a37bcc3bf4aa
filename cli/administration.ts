import type { Configuration } from "../config/configuration.ts";
import { connect, type Database } from "../db/client.ts";
import { latestConfiguration } from "../db/read/configuration.ts";
import { CommandFailure, usage } from "./exit-codes.ts";

/** Commands for operators speak to the database itself: whoever has its administrator's role may. */
export async function withDatabase<T>(work: (database: Database) => Promise<T>): Promise<T> {
  const url = process.env.COUNTERSIGN_DATABASE_URL;
  if (!url) throw usage("No database is known.", "Set COUNTERSIGN_DATABASE_URL to the administrator's URL.");
  if (!/^postgres(ql)?:\/\//.test(url)) throw usage("COUNTERSIGN_DATABASE_URL is not a postgres:// address.");
  const database = connect(url, { max: 1 });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

export async function configurationInForce(database: Database): Promise<Configuration> {
  const latest = await latestConfiguration(database);
  if (latest) return latest.signed.content;
  throw new CommandFailure("refused", "NOT_CONFIGURED", "No configuration has been applied yet.", {
    next: "Apply one first: `countersign apply`.",
  });
}
