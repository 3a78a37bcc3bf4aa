import { afterAll, beforeAll, inject } from "vitest";
import { connect, type Database } from "../../db/client.ts";
import { record } from "../../db/record.ts";
import { type FreshDatabase, freshDatabase } from "../support/database.ts";
import { evaluated, submitted } from "./fixture.ts";

export type World = {
  urls: FreshDatabase;
  admin: Database;
  app: Database;
  executor: Database;
  /** A request nobody used before. */
  newId(): string;
  /** One that waits for people. */
  pendingRequest(id?: string): Promise<string>;
};

/** A database for this test file, and a connection for each role. */
export function world(): World {
  let count = 0;
  const made = {} as World;
  beforeAll(async () => {
    const urls = await freshDatabase(inject("postgresUrl"));
    Object.assign(made, {
      urls,
      admin: connect(urls.adminUrl, { max: 2 }),
      app: connect(urls.appUrl),
      executor: connect(urls.executorUrl),
    });
  });
  afterAll(async () => {
    await Promise.all([made.admin.close(), made.app.close(), made.executor.close()]);
    await made.urls.drop();
  });
  made.newId = () => `req_${String(++count).padStart(4, "0")}`;
  made.pendingRequest = async (id = made.newId()) => {
    await record(made.app, submitted(id));
    await record(made.app, evaluated(id));
    return id;
  };
  return made;
}
