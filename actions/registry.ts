import { type ActionDefinition, defineAction } from "./action.ts";
import { describe } from "./postgres-export/describe.ts";
import { drifted } from "./postgres-export/drift.ts";
import { execute } from "./postgres-export/execute.ts";
import { postgresExport } from "./postgres-export/schema.ts";

/** Every action with what it takes to run it. Only the executor's process imports this. */
const REGISTRY: ActionDefinition[] = [defineAction(postgresExport, { describe, execute, drifted })];

export function executorOf(type: string): ActionDefinition | null {
  return REGISTRY.find((definition) => definition.type === type) ?? null;
}
