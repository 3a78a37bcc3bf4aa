import { Server } from "node:net";
import { WebClient } from "@slack/web-api";
import { createEmulator } from "emulate";
import { freePort } from "../../../cli/dev/ports.ts";
import type { Fields } from "./driver.ts";

/** A second stand-in for Slack, by other people: strict about scopes, and a trigger opens one view within 3 seconds. */
export type Emulate = {
  apiUrl: string;
  channel: string;
  user: string;
  /** What can open a view for the user, as a click would have given it to the app. */
  trigger(token: string): Promise<string>;
  stop(): Promise<void>;
};

/** `tokens` are bot tokens of one app, each with its scopes. */
export async function startEmulate(tokens: { token: string; scopes: string[] }[]): Promise<Emulate> {
  const users = [{ name: "alice", real_name: "Alice Ahmadi", email: "alice@example.com" }, { name: "countersign" }];
  const app = { app_id: "A0COUNTER", type: "bot", user: "countersign" };
  const all = { ...app, token: "xoxb-emulate-all", scopes: ["channels:read", "users:read"] };
  const slack = {
    strict_scopes: true,
    users,
    channels: [{ name: "approvals" }],
    tokens: [all, ...tokens.map((one) => ({ ...app, ...one }))],
  };
  const port = await freePort();
  const emulator = await onLoopback(() => createEmulator({ service: "slack", port, seed: { slack } }));
  const slackApiUrl = `${emulator.url}/api/`;
  const web = new WebClient(all.token, { slackApiUrl });
  const { channels } = await web.conversations.list();
  const { members } = await web.users.list({});
  const user = members?.find(({ name }) => name === "alice")?.id ?? "";
  return {
    ...{ apiUrl: slackApiUrl, user, channel: channels?.find(({ name }) => name === "approvals")?.id ?? "" },
    async trigger(token) {
      const one = new WebClient(token, { slackApiUrl });
      const given = await one.apiCall("views.generateTriggerId", { user_id: user });
      return String((given as unknown as Fields).trigger_id);
    },
    stop: () => emulator.close(),
  };
}

/** It would listen on every interface. */
async function onLoopback<T>(start: () => Promise<T>): Promise<T> {
  const { listen } = Server.prototype;
  Server.prototype.listen = function (this: Server, ...given: unknown[]) {
    const ready = given.find((one) => typeof one === "function") as (() => void) | undefined;
    return listen.call(this, { port: Number(given[0]), host: "127.0.0.1" }, ready);
  } as typeof listen;
  try {
    return await start();
  } finally {
    Server.prototype.listen = listen;
  }
}
