import { createSlackClient } from "../../channels/slack/client.ts";
import { LIMITS } from "../../core/limits.ts";
import { createSurfaceTokens } from "../../crypto/surface-token.ts";
import type { Api } from "../app.ts";
import type { ApiContext } from "../context.ts";
import { accountReader } from "./account.ts";
import { appIdentity } from "./app-identity.ts";
import { clickRate } from "./click-rate.ts";
import { httpReceiver } from "./http-receiver.ts";
import type { SlackContext } from "./slack-context.ts";
import { socketReceiver } from "./socket-receiver.ts";
import { taking } from "./take.ts";
import { workspaceOf } from "./workspace.ts";

/** Contacts nobody yet. */
export function slackContext(api: ApiContext, settings: SlackContext["settings"]): SlackContext {
  const web = createSlackClient(settings, api.log);
  const appId = appIdentity(settings.appId, web, api);
  const slack: SlackContext = {
    ...{ api, settings, web, appId },
    tokens: createSurfaceTokens(settings.surfaceSecret),
    configuration: () => api.configuration.inForce(),
    identify: accountReader(api, web),
    mayAnswer: clickRate({ most: LIMITS.slackAnswersPerHour, seconds: 3600 }),
    listening: () => false,
    problem: () => {
      if (appId() === null) return "Slack has not said yet which app this is";
      return slack.listening() ? null : "there is no connection to Slack";
    },
  };
  return slack;
}

/** Slack's way in. It keeps nothing else from starting: what does not answer yet is asked again and again. */
export function slackInbound(app: Api, slack: SlackContext): void {
  const { api, settings } = slack;
  const { inbound, apiUrl } = settings;
  const workspace = workspaceOf(api.configuration);
  const take = taking(slack, workspace);
  // Asked before the first click, which has no time to wait for either.
  slack.appId();
  void workspace();
  if (inbound.transport === "http") {
    slack.listening = () => true;
    httpReceiver(app, api, inbound.signingSecret, take);
  } else {
    const socket = socketReceiver({ appToken: inbound.appToken, apiUrl }, api, take);
    slack.listening = socket.connected;
    app.addHook("onClose", () => socket.close());
  }
}
