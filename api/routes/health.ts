import { LIMITS } from "../../core/limits.ts";
import type { Api } from "../app.ts";
import type { ApiContext } from "../context.ts";
import { HealthView } from "../contract/me.ts";
import { pingTemporal } from "../temporal.ts";

/** Alive: this process answers. Ready: what it needs answers too. Neither says anything about a request. */
export function healthRoutes(app: Api, context: ApiContext): void {
  app.get("/healthz", { schema: schemaOf("Is the process alive?"), config: { rateLimit: false } }, async () => {
    return { status: "ok" as const, checks: {} };
  });

  app.get("/readyz", { schema: schemaOf("Can it work?") }, async (_req, reply) => {
    const [database, temporal, configuration] = await Promise.all([
      check(async () => void (await context.database.sql`select 1`)),
      check(() => pingTemporal(context)),
      check(async () => void (await context.configuration.inForce())),
    ]);
    const ready = database.ok && temporal.ok && configuration.ok;
    reply.code(ready ? 200 : 503);
    return {
      status: ready ? ("ok" as const) : ("unavailable" as const),
      checks: { database, temporal, configuration, ...slackCheck(context) },
    };
  });
}

/** Told, and no reason to send nobody here: the pages answer while Slack is away. */
function slackCheck({ slack }: ApiContext): { [name: string]: Check } {
  if (slack === null) return {};
  const problem = slack.problem();
  return { slack: { ok: problem === null, detail: problem } };
}

type Check = { ok: boolean; detail: string | null };

/** Says that something does not answer, not why: anybody may ask. */
async function check(work: () => Promise<void>): Promise<Check> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Check>((resolve) => {
    timer = setTimeout(() => resolve({ ok: false, detail: "no answer in time" }), LIMITS.readinessSeconds * 1000);
  });
  const asked = work().then(
    (): Check => ({ ok: true, detail: null }),
    (error: unknown): Check => ({ ok: false, detail: codeOf(error) }),
  );
  const result = await Promise.race([asked, late]);
  clearTimeout(timer);
  return result;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unavailable";
}

function schemaOf(summary: string) {
  return { summary, tags: ["health"], response: { 200: HealthView, 503: HealthView } };
}
