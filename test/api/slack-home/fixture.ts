import { randomBytes } from "node:crypto";
import { inject } from "vitest";
import { answerCommand } from "../../../api/slack/command.ts";
import { slackContext } from "../../../api/slack/slack.ts";
import type { PrivateMessage, SlackContext } from "../../../api/slack/slack-context.ts";
import type { AccountId, PersonId } from "../../../core/principal.ts";
import { sha256 } from "../../../crypto/digest.ts";
import { createSession } from "../../../db/sessions.ts";
import { startApi, type TestApi } from "../../support/api.ts";
import { CONFIGURATION } from "../../support/configuration.ts";
import { type Slack, startSlack } from "../../support/slack/slack.ts";
import { ACCOUNTS, type Account, CHANNELS, WORKSPACE } from "../../support/slack/workspace.ts";

export const TEAM = WORKSPACE.team;

export type Desk = {
  api: TestApi;
  double: Slack;
  slack: SlackContext;
  /** What somebody is answered who types this after `/approvals`. */
  type(who: Account, text: string): Promise<PrivateMessage>;
  /** A browser in which this person is signed in. */
  browser(person: PersonId): Promise<Browser>;
  stop(): Promise<void>;
};

/** What a signed-in person gets from pages and their forms. */
export type Browser = {
  get(path: string): Promise<{ status: number; location: string | null; html: string }>;
  /** With the token of the form on `from`, as a browser would send it. */
  post(path: string, from: string, fields: Record<string, string>): Promise<{ status: number; html: string }>;
};

/**
 * The API on a real database, with the double of Slack: some people have accounts by the directory, others none.
 * `connected`: what people do in the double reaches the API.
 */
export async function desk(change: { now?: () => number; connected?: boolean } = {}): Promise<Desk> {
  const double = await startSlack({ transport: "socket", deliverTo: null });
  const listed = (["alice", "bob", "erin", "omar"] as const).reduce(
    (text, name) => text.replace(`id: ${name},`, `id: ${name}, slack: ${ACCOUNTS[name]},`),
    CONFIGURATION,
  );
  const { app } = WORKSPACE;
  const settings: SlackContext["settings"] = {
    ...{ botToken: app.botToken, apiUrl: double.apiUrl, surfaceSecret: "a-surface-secret-for-tests-0123456789" },
    ...{ inbound: { transport: "socket", appToken: app.appToken }, appId: app.id },
  };
  const api = await startApi({
    postgresUrl: inject("postgresUrl"),
    temporalAddress: inject("temporalAddress"),
    configuration: `${listed}
slack: { team: ${TEAM}, block_style: classic, conversations: [{ id: ${CHANNELS.approvals} }] }
`,
    ...(change.connected ? { settings: { slack: settings } } : {}),
    ...(change.now === undefined ? {} : { overrides: { clock: change.now } }),
  });
  const slack = slackContext(api.context, settings);
  return {
    ...{ api, double, slack },
    type: (who, text) =>
      answerCommand(slack, {
        ...{ account: accountOf(who), command: "/approvals", text },
        ...{ conversation: CHANNELS.elsewhere, triggerId: null },
      }),
    browser: (person) => browser(api, person),
    async stop() {
      await api.stop();
      await double.stop();
    },
  };
}

export function accountOf(who: Account): AccountId {
  return `slack:${TEAM}/${ACCOUNTS[who]}`;
}

/** Everything a private answer or a view says, in one text. */
export function wordsOf(shown: unknown): string {
  if (typeof shown !== "object" || shown === null) return "";
  return Object.entries(shown)
    .flatMap(([name, value]) => (typeof value === "string" && SAID.has(name) ? [value] : [wordsOf(value)]))
    .filter((text) => text !== "")
    .join("\n");
}

const SAID = new Set(["text", "url"]);

/** Every button of a private answer or a view. */
export function buttonsOf(shown: unknown): { action_id: string; value?: string; url?: string }[] {
  if (typeof shown !== "object" || shown === null) return [];
  if (Array.isArray(shown)) return shown.flatMap(buttonsOf);
  const own = "type" in shown && shown.type === "button" ? [shown as unknown as { action_id: string }] : [];
  return [...own, ...Object.values(shown).flatMap(buttonsOf)];
}

async function browser({ context, call }: TestApi, person: PersonId): Promise<Browser> {
  const token = randomBytes(32).toString("base64url");
  const now = context.clock();
  await createSession(context.database, {
    ...{ id: context.newId("ses"), hash: sha256(token), person, createdAt: now, expiresAt: now + 3_600_000 },
  });
  const headers = { cookie: `countersign=${token}` };
  const get: Browser["get"] = async (path) => {
    const response = await call(path, { headers });
    return { status: response.status, location: response.headers.get("location"), html: await response.text() };
  };
  return {
    get,
    async post(path, from, fields) {
      const [, csrf = ""] = /name="csrf" value="([^"]+)"/.exec((await get(from)).html) ?? [];
      const body = new URLSearchParams({ csrf, ...fields });
      const response = await call(path, { method: "POST", headers, body });
      return { status: response.status, html: await response.text() };
    },
  };
}
