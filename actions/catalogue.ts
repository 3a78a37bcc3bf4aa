import type { ActionSchema } from "./action.ts";
import { postgresExport } from "./postgres-export/schema.ts";

/** Every action there is, without what it takes to run one. */
export const CATALOGUE: ActionSchema[] = [postgresExport];

export function actionSchemaOf(type: string): ActionSchema | null {
  return CATALOGUE.find((schema) => schema.type === type) ?? null;
}
