import closeWithGrace from "close-with-grace";
import { readSettings } from "../config/env.ts";
import { CountersignError } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import { build } from "./app.ts";
import { create } from "./context.ts";

/** The process that people and agents talk to. */
async function main(): Promise<void> {
  const settings = readSettings("api", process.env);
  const context = await create(settings);
  const app = await build(context);
  closeWithGrace({ delay: LIMITS.closeSeconds * 1000, logger: false }, async ({ err, signal }) => {
    if (err) context.log.error({ err }, "ended by an error");
    else context.log.info({ signal }, "closing");
    await app.close();
    await context.destroy();
  });
  await app.listen({ host: settings.host, port: settings.port });
  context.log.info({ publicUrl: settings.publicUrl }, "ready");
}

main().catch((error: unknown) => {
  const sentence = error instanceof CountersignError ? error.message : String(error);
  process.stderr.write(`countersign api: ${sentence}\n`);
  process.exit(1);
});
