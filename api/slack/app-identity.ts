import type { WebClient } from "@slack/web-api";
import { type Background, keepTrying } from "./keep-trying.ts";

/** The app our token belongs to; null while that is not known. */
export type AppId = () => string | null;

/** Told by the settings, or asked of Slack from the first look on until it answers, and then remembered. */
export function appIdentity(known: string | null, web: WebClient, background: Background): AppId {
  let id = known;
  let asking = false;
  return () => {
    if (id === null && !asking) {
      asking = true;
      keepTrying({ ...background, what: "which Slack app this is" }, async () => {
        id = await askedOfSlack(web);
      });
    }
    return id;
  };
}

async function askedOfSlack(web: WebClient): Promise<string> {
  const { bot_id: bot } = await web.auth.test();
  if (bot === undefined) throw new Error("the Slack token is not one of a bot");
  const { bot: found } = await web.bots.info({ bot });
  if (found?.app_id === undefined) throw new Error("Slack does not say which app the bot belongs to");
  return found.app_id;
}
