import type { ActionDefinition } from "./action.ts";

/** Every action with what it takes to run it. Only the executor's process imports this. */
const REGISTRY: readonly ActionDefinition[] = [];

export function executorOf(type: string): ActionDefinition | null {
  return REGISTRY.find((definition) => definition.type === type) ?? null;
}
