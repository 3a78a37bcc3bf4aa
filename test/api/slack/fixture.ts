import { createHmac } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { decodeArrayFromPayloads } from "@temporalio/common/lib/internal-non-workflow/index.js";
import { inject } from "vitest";
import type { ApiContext } from "../../../api/context.ts";
import type { ApiSettings } from "../../../config/settings.ts";
import type { HumanMessage } from "../../../core/message.ts";
import type { Digest, Signed } from "../../../core/request.ts";
import { actionDigest } from "../../../crypto/digest.ts";
import { createSurfaceTokens, type SurfaceToken } from "../../../crypto/surface-token.ts";
import { WORKFLOW_TYPE } from "../../../workflows/messages.ts";
import { startApi, type TestApi } from "../../support/api.ts";
import { CONFIGURATION } from "../../support/configuration.ts";
import { eventually } from "../../support/eventually.ts";
import { ARGUMENTS } from "../fixture.ts";

export const TEAM = "T0HOME";
export const APP = "A0COUNTER";
export const SECRET = "0123456789abcdef0123456789abcdef";
export const SURFACE_SECRET = "a-surface-secret-for-tests-only-0123456789";
export const ALICE = "U0ALICE01";
export const BOB = "U0BOB0001";
export const PLACE = { conversation: "C0APPROVE", message: "1732448000.000100" };

export const DIGEST = actionDigest({ type: "postgres.export", target: "crm", arguments: ARGUMENTS });
export const SHOWN = `sha256:${"5".repeat(64)}` as Digest;
export const tokens = createSurfaceTokens(SURFACE_SECRET);

const WITH_SLACK = `${CONFIGURATION.replace("id: alice,", `id: alice, slack: ${ALICE},`).replace(
  "id: bob,",
  `id: bob, slack: ${BOB},`,
)}
slack: { team: ${TEAM}, block_style: plain, conversations: [{ id: ${PLACE.conversation} }] }
`;

type Body = { [field: string]: unknown };
/** One call that reached Slack: a method of the Web API, or a private answer. */
export type Call = { path: string; body: Body; at: number };

/** Slack as far as the API calls it: every call is kept and answered with what the test says. */
export type FakeSlack = {
  url: string;
  calls: Call[];
  /** The answer to a method, when the usual one is not wanted; null stands for no answer at all. */
  answers: Map<string, Body | null>;
  /** Waits for a call that satisfies `wanted`. */
  called(path: string, wanted?: (call: Call) => boolean): Promise<Call>;
  stop(): Promise<void>;
};

export type SlackApi = TestApi & { slack: FakeSlack };

export async function startSlackApi(
  change: {
    settings?: Partial<NonNullable<ApiSettings["slack"]>>;
    overrides?: Partial<ApiContext>;
    temporalAddress?: string;
    slack?: FakeSlack;
  } = {},
): Promise<SlackApi> {
  const slack = change.slack ?? (await fakeSlack());
  const api = await startApi({
    postgresUrl: inject("postgresUrl"),
    temporalAddress: change.temporalAddress ?? inject("temporalAddress"),
    configuration: WITH_SLACK,
    settings: { slack: { ...slackSettings(slack.url), ...change.settings } },
    ...(change.overrides === undefined ? {} : { overrides: change.overrides }),
  });
  return {
    ...api,
    slack,
    async stop() {
      await api.stop();
      await slack.stop();
    },
  };
}

function slackSettings(url: string): NonNullable<ApiSettings["slack"]> {
  return {
    ...{ botToken: "xoxb-test-0123456789-abcdef", apiUrl: `${url}/api/`, surfaceSecret: SURFACE_SECRET, appId: APP },
    inbound: { transport: "http", signingSecret: SECRET },
  };
}

export async function fakeSlack(port = 0): Promise<FakeSlack> {
  const calls: Call[] = [];
  const answers: FakeSlack["answers"] = new Map();
  const server = createServer(async (req, res) => {
    const path = (req.url ?? "").replace(/^\/api\//, "");
    calls.push({ path, body: bodyOf(req, await textOf(req)), at: Date.now() });
    const answer = answers.has(path) ? answers.get(path) : USUAL[path];
    if (answer === null) return void res.destroy();
    res.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ ok: true, ...answer }));
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const { port: listening } = server.address() as AddressInfo;
  return {
    ...{ url: `http://127.0.0.1:${listening}`, calls, answers },
    called: (path, wanted = () => true) =>
      eventually(path, () => calls.find((one) => one.path === path && wanted(one))),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const USUAL: { [path: string]: Body } = {
  "auth.test": { team_id: TEAM, bot_id: "B0COUNTER", user_id: "U0COUNTER" },
  "bots.info": { bot: { id: "B0COUNTER", app_id: APP } },
  "views.open": { view: { id: "V0OPENED1", hash: "1" } },
  "views.update": { view: { id: "V0OPENED1", hash: "2" } },
  "conversations.open": { channel: { id: "D0DIRECT1" } },
  "users.info": { user: { id: ALICE, team_id: TEAM, name: "alice", profile: {} } },
};

async function textOf(req: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of req) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

/** Nested arguments come as JSON inside a form. */
function bodyOf(req: IncomingMessage, text: string): Body {
  if (req.headers["content-type"]?.startsWith("application/json")) return JSON.parse(text) as Body;
  const pairs = [...new URLSearchParams(text)].map(([name, value]) => {
    return [name, /^[[{]/.test(value) ? JSON.parse(value) : value] as const;
  });
  return Object.fromEntries(pairs);
}

/** Slack's own way to say that it was Slack: over the bytes and the time. */
export function signed(
  text: string,
  {
    secret = SECRET,
    at = Math.floor(Date.now() / 1000),
    type = FORM,
  }: { secret?: string; at?: number; type?: string } = {},
): RequestInit & { headers: { [name: string]: string } } {
  const signature = createHmac("sha256", secret).update(`v0:${at}:${text}`).digest("hex");
  return {
    method: "POST",
    headers: {
      "content-type": type,
      "x-slack-request-timestamp": String(at),
      "x-slack-signature": `v0=${signature}`,
    },
    body: text,
  };
}

export const FORM = "application/x-www-form-urlencoded";

export function form(payload: Body): string {
  return new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
}

export function deliver(api: TestApi, payload: Body, how: Parameters<typeof signed>[1] = {}): Promise<Response> {
  return api.call("/slack/events", signed(form(payload), how));
}

export function tokenFor(requestId: string, change: Partial<SurfaceToken> = {}): SurfaceToken {
  return {
    ...{ requestId, digest: DIGEST, factsDigest: null, surface: "srf_1", verb: "approve", shown: SHOWN, opened: null },
    expiresAt: Date.now() + 3_600_000,
    ...change,
  };
}

let clicks = 0;

/** A click as Slack delivers it. */
export function clickOf(api: SlackApi, token: SurfaceToken, change: Body = {}): Body {
  clicks += 1;
  return {
    type: "block_actions",
    ...{ api_app_id: APP, token: "verification", is_enterprise_install: false, enterprise: null },
    team: { id: TEAM, domain: "home" },
    user: { id: ALICE, username: "alice", name: "alice", team_id: TEAM },
    container: {
      ...{ type: "message", message_ts: PLACE.message, channel_id: PLACE.conversation },
      is_ephemeral: false,
    },
    channel: { id: PLACE.conversation, name: "approvals" },
    message: { ts: PLACE.message, text: "a card" },
    trigger_id: `1.2.${clicks}`,
    response_url: `${api.slack.url}/response/${clicks}`,
    actions: [
      {
        ...{ type: "button", block_id: "b1", action_id: `countersign.${token.verb}`, value: tokens.mint(token) },
        action_ts: `${Math.floor(Date.now() / 1000)}.${String(clicks).padStart(6, "0")}`,
      },
    ],
    ...change,
  };
}

/** A workflow that nobody works on: what is signalled to it stays in its history. */
export async function waiting(api: TestApi, requestId: string): Promise<void> {
  await api.context.temporal.workflow.start(WORKFLOW_TYPE, {
    ...{ workflowId: requestId, taskQueue: "nobody", args: [] },
  });
}

/** What reached the workflow, as it was signed. */
export async function signalsOf(api: TestApi, requestId: string): Promise<{ name: string; message: HumanMessage }[]> {
  const { temporal, verifier } = api.context;
  const { events } = await temporal.workflow.getHandle(requestId).fetchHistory();
  const found: { name: string; message: HumanMessage }[] = [];
  for (const { workflowExecutionSignaledEventAttributes: signal } of events ?? []) {
    if (!signal) continue;
    const [argument] = await decoded(api, signal.input?.payloads);
    const signedMessage = argument as Signed<HumanMessage>;
    await verifier.verify("message", signedMessage);
    found.push({ name: signal.signalName ?? "", message: signedMessage.content });
  }
  return found;
}

async function decoded(api: TestApi, payloads: Parameters<typeof decodeArrayFromPayloads>[1]) {
  return decodeArrayFromPayloads(api.context.temporal.options.loadedDataConverter, payloads);
}
