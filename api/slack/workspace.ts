import type { ConfigurationSource } from "../../config/configuration-source.ts";

/** Our workspace as the configuration names it; null while none is known. */
export type Workspace = () => Promise<string | null>;

/**
 * A click has to be safe with the workflow within seconds, and needs no database for that: while the
 * configuration cannot be read, the workspace known last stands. Admission asks again before anything counts.
 */
export function workspaceOf(configuration: ConfigurationSource): Workspace {
  let known: string | null = null;
  return async () => {
    const fresh = configuration.current().then(
      ({ slack }) => {
        known = slack?.team ?? null;
      },
      () => undefined,
    );
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, PATIENCE_MS);
    });
    await Promise.race([fresh, late]);
    clearTimeout(timer);
    return known;
  };
}

const PATIENCE_MS = 300;
