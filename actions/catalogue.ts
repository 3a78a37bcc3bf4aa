import type { ActionSchema } from "./action.ts";
import { type PostgresExportArguments, postgresExport } from "./postgres-export/schema.ts";

/** Every action there is, without what it takes to run one. */
export const CATALOGUE: ActionSchema[] = [postgresExport];

export function actionSchemaOf(type: string): ActionSchema | null {
  return CATALOGUE.find((schema) => schema.type === type) ?? null;
}

/** What each type takes, for callers that want to be typed; one line an action. */
export type ActionArguments = { "postgres.export": PostgresExportArguments };
