import { createHash, createHmac } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Client, Connection } from "@temporalio/client";
import type { RequestView } from "../api/contract/request.ts";
import { humanMessage, NO_WORDS } from "../api/slack/human-message.ts";
import { dataConverter } from "../config/temporal.ts";
import { createSigner } from "../crypto/signature.ts";
import { createSurfaceTokens, type SurfaceToken } from "../crypto/surface-token.ts";
import { loadSigningKey } from "../crypto/trust-file.ts";
import { MANY_ROWS, reviewPolicy } from "../test/support/configuration.ts";
import { HISTORY_KEYRING } from "../test/support/histories.ts";
import { CHANNELS } from "../test/support/slack/workspace.ts";
import { type Stack, startStack } from "../test/support/stack.ts";
import { SURFACE_SECRET } from "../test/support/stack-environment.ts";
import { messageSignals } from "../workflows/messages.ts";
import { keep, machine, type Report, tableOf } from "./report.ts";
import { withServers } from "./servers.ts";
import { timed, timingOf } from "./statistics.ts";

type Options = { n: number; concurrency: number; json: string };

/**
 * A click is acknowledged when Temporal has it. Measured from outside, as Slack would: the signed call until its
 * answer, with everything running that a click sets going. Beside it, in the same run, what cannot be less: the
 * signal alone, and a call that is refused before any signal.
 */
export async function benchSlackAcknowledgement({ n, concurrency, json }: Options): Promise<void> {
  await withServers(async (servers, stopTemporal) => {
    const stack = await startStack({ ...servers, policies: POLICY, slack: { transport: "http", postMs: 20 } });
    try {
      process.stdout.write(`${2 * n} requests are made…\n`);
      const requests = await ask(stack, 2 * n, concurrency);
      const [clicked, signalled] = [requests.slice(0, n), requests.slice(n)];
      const refused = await timed(clicked, concurrency, (request) => deliver(stack, request, "A0OTHER", 403));
      const signals = await timedSignals(stack, signalled, concurrency);
      const clicks = await timed(clicked, concurrency, (request) => deliver(stack, request, null, 200));
      await stopTemporal();
      const down = await timed(clicked.slice(0, 10), 1, (request) => toldNotRecorded(stack, request));
      await report({ n, concurrency, json }, { refused, signals, clicks, down });
    } finally {
      await stack.stop();
    }
  });
}

/** Two people have to approve, so that one click leaves every request open. */
const POLICY = reviewPolicy("approvals: [{ from: group:data-owners, count: 2 }]\ntimeout: 1h");

async function ask(stack: Stack, n: number, concurrency: number): Promise<RequestView[]> {
  const agent = stack.as("agent:reporting-bot");
  const requests: RequestView[] = [];
  await timed(
    Array.from({ length: n }, (_, index) => index),
    concurrency,
    async () => {
      const { body } = await agent.ask(MANY_ROWS);
      requests.push(body.status === "pending" ? body : await agent.until(body.id, "pending"));
    },
  );
  return requests;
}

async function deliver(stack: Stack, request: RequestView, app: string | null, expected: number): Promise<void> {
  const { signingSecret, id } = stack.slack.workspace.app;
  const body = `payload=${encodeURIComponent(JSON.stringify(payloadOf(stack, request, app ?? id)))}`;
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = `v0=${createHmac("sha256", signingSecret).update(`v0:${timestamp}:${body}`).digest("hex")}`;
  const headers = {
    "content-type": "application/x-www-form-urlencoded",
    "x-slack-request-timestamp": timestamp,
    "x-slack-signature": signature,
  };
  const response = await fetch(`${stack.url}/slack/events`, { method: "POST", headers, body });
  await response.arrayBuffer();
  if (response.status !== expected) throw new Error(`answered ${response.status} instead of ${expected}`);
}

/** Temporal is gone: nothing is acknowledged, and the person reads that it was not recorded. */
async function toldNotRecorded(stack: Stack, request: RequestView): Promise<void> {
  const { proxy } = stack.slack;
  const before = proxy.callsOf("response_url").length;
  const delivery = deliver(stack, request, null, 503);
  const told = () => proxy.callsOf("response_url").slice(before);
  while (!told().some(({ args }) => JSON.stringify(args).includes("NOT recorded"))) await sleep(5);
  await delivery;
}

function payloadOf({ slack }: Stack, request: RequestView, app: string): object {
  const at = (Date.now() / 1000).toFixed(6);
  const value = createSurfaceTokens(SURFACE_SECRET).mint(tokenFor(request));
  return {
    type: "block_actions",
    api_app_id: app,
    team: { id: slack.workspace.team },
    // Each click by somebody else: no one person clicks that fast, and is held back who does.
    user: { id: accountFor(request), team_id: slack.workspace.team },
    container: { type: "message", message_ts: at, channel_id: CHANNELS.approvals },
    channel: { id: CHANNELS.approvals },
    response_url: new URL("/_hooks/response/bench", slack.apiUrl).href,
    actions: [{ type: "button", action_id: "countersign.approve", value, action_ts: at }],
  };
}

function accountFor({ id }: RequestView): string {
  return `U${createHash("sha256").update(id).digest("hex").slice(0, 10).toUpperCase()}`;
}

function tokenFor({ id: requestId, digest, factsDigest }: RequestView): SurfaceToken {
  const shown = `sha256:${"0".repeat(64)}` as const;
  return {
    ...{ requestId, digest, factsDigest, surface: "srf_bench", verb: "approve", shown, opened: null },
    expiresAt: Date.now() + 3_600_000,
  } as SurfaceToken;
}

/** The same message, signed by the same key, handed to Temporal and nothing else. */
async function timedSignals(stack: Stack, requests: RequestView[], concurrency: number): Promise<number[]> {
  const signer = createSigner(loadSigningKey(stack.keys.apiSigningKeyFile));
  const connection = await Connection.connect({ address: stack.temporalAddress });
  const converter = dataConverter({ payloadKeyringFile: HISTORY_KEYRING });
  const client = new Client({ connection, namespace: stack.namespace, dataConverter: converter });
  const team = stack.slack.workspace.team;
  const seen = { conversation: CHANNELS.approvals, message: "1.1" };
  const took = await timed(requests, concurrency, async (request) => {
    const said = {
      token: tokenFor(request),
      verb: "approve" as const,
      account: `slack:${team}/${accountFor(request)}` as const,
    };
    const message = humanMessage({ ...said, seen, once: request.id, words: NO_WORDS }, "A0BENCH", Date.now());
    const signed = await signer.sign("message", message);
    await client.workflow.getHandle(request.id).signal(messageSignals.review, signed);
  });
  await connection.close();
  return took;
}

async function report(
  { n, concurrency, json }: Options,
  { refused, signals, clicks, down }: { refused: number[]; signals: number[]; clicks: number[]; down: number[] },
): Promise<void> {
  const runs = {
    "a call that is refused at once": timingOf(refused),
    "baseline: a bare Temporal signal": timingOf(signals),
    "a click, until it is acknowledged": timingOf(clicks),
    'Temporal is down, until "NOT recorded" is said': timingOf(down),
  };
  const [, signal, click] = Object.values(runs);
  const found: Report = {
    name: "Slack: acknowledgement of a click",
    command: `npm run bench -- slack-acknowledgement --n ${n} --concurrency ${concurrency}`,
    at: new Date().toISOString(),
    machine: machine(),
    runs,
    ratios: {
      acknowledgementP50: (click?.p50 ?? Number.NaN) / (signal?.p50 ?? Number.NaN),
      acknowledgementP99: (click?.p99 ?? Number.NaN) / (signal?.p99 ?? Number.NaN),
    },
    notes: [
      `${concurrency} clicks under way at once; API, workers, Temporal (development server) and Postgres share the machine.`,
      "Slack gives up after 3,000 ms; our aims are a p99 under 1,000 ms, and NOT recorded within 3,000 ms.",
    ],
  };
  await keep(found, json);
  process.stdout.write(`\n${tableOf(found)}\n`);
}
