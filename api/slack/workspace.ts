import type { ConfigurationSource } from "../../config/configuration-source.ts";
import { inTime } from "./in-time.ts";

/** Our workspace as the configuration names it; null while none is known. */
export type Workspace = () => Promise<string | null>;

/**
 * A click has to be safe with the workflow within seconds, and needs no database for that: while the
 * configuration cannot be read, the workspace known last stands. Admission asks again before anything counts.
 */
export function workspaceOf(configuration: ConfigurationSource): Workspace {
  let known: string | null = null;
  return async () => {
    const fresh = await inTime(known === null ? FIRST_PATIENCE_MS : PATIENCE_MS, configuration.current());
    if (fresh !== null) known = fresh.slack?.team ?? null;
    return known;
  };
}

const PATIENCE_MS = 300;
/** Without any there is nothing to fall back on; two seconds for the workflow still fit behind it. */
const FIRST_PATIENCE_MS = 900;
