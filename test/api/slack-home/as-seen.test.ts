import { afterAll, beforeAll, expect, test } from "vitest";
import type { RenderList, RenderView } from "../../../api/contract/render.ts";
import { cardContext } from "../../../channels/card-context.ts";
import { cardOf } from "../../../channels/card-of.ts";
import { RENDERER, redraw, type SlackDrawing, shownOf } from "../../../channels/slack/redraw.ts";
import type { HumanMessage } from "../../../core/message.ts";
import type { Json } from "../../../core/request.ts";
import { requestById } from "../../../db/read/requests.ts";
import { record } from "../../../db/record.ts";
import { keepRender } from "../../../db/renders.ts";
import { runCli } from "../../support/run-cli.ts";
import { recordPending } from "../fixture.ts";
import { accountOf, type Desk, desk } from "./fixture.ts";

const REQUEST = "req_seen";
const MESSAGE = "msg_alices_click";
let d: Desk;
let drawing: SlackDrawing;
beforeAll(async () => {
  d = await desk();
  await recordPending(d.api, REQUEST);
  await approvedInSlack();
});
afterAll(() => d.stop());

/** Alice's click on a card, as the workers would have recorded it. */
async function approvedInSlack(): Promise<void> {
  const { database, configuration, signer } = d.api.context;
  const known = await requestById(database, REQUEST);
  if (known?.state == null) throw new Error("nothing was recorded");
  const inForce = (await configuration.inForce()).configuration;
  const because = ["group:data-owners" as const];
  const context = cardContext(inForce, {
    channel: "slack",
    publicUrl: d.api.url,
    because,
    accounts: new Map(),
    standIns: new Map(),
  });
  drawing = { kind: "card", input: { card: cardOf(known, context), style: "classic" } };
  const kept = { kind: drawing.kind, input: drawing.input as unknown as Json };
  const shown = shownOf(drawing);
  const surfaceId = "srf_1";
  await keepRender(database, { surfaceId, shown, requestId: REQUEST, renderer: RENDERER, drawing: kept }, Date.now());
  const account = accountOf("alice");
  const at = Date.now();
  const message: HumanMessage = {
    ...{ version: 1, id: MESSAGE, requestId: REQUEST, verb: "approve", flag: null, reason: null, note: null },
    ...{ digest: known.submission.digest, factsDigest: known.state.factsDigest, extendSeconds: null, signedAt: at },
    ...{ principal: account, channel: "slack" },
    evidence: {
      ...{ method: "slack", credentialId: "A0COUNTER", surface: surfaceId, shown },
      ...{ conversation: "C0APPROVE", message: "1732448000.000100" },
    },
  };
  const said = { version: 1, requestId: REQUEST, messageId: MESSAGE, account, person: "person:alice", at } as const;
  await record(database, {
    ...{ requestId: REQUEST, seq: 2, state: known.state, outcome: null, submission: null, description: null },
    message: await signer.sign("message", message),
    identification: { content: { ...said, found: "directory", off: [] }, jws: "signed by the channels process" },
    entry: { at, cause: { kind: "step", event: { kind: "tick" } }, happened: [] },
  });
}

async function cli(...args: string[]) {
  const token = await d.api.token("person:bob");
  return runCli(["show", REQUEST, "--as-seen", ...args], {
    env: { COUNTERSIGN_URL: d.api.url, COUNTERSIGN_TOKEN: token },
  });
}

test("whoever may read a request reads what was shown to those who answered it, and nobody else", async () => {
  const path = `/v1/requests/${REQUEST}/renders`;
  const list = await d.api.as("person:bob").get<RenderList>(path);
  expect(list.body.items).toMatchObject([
    { messageId: MESSAGE, verb: "approve", by: { id: "person:alice" }, principal: accountOf("alice") },
  ]);
  const { body } = await d.api.as("person:bob").get<RenderView>(`${path}/${MESSAGE}`);
  expect(body).toMatchObject({ messageId: MESSAGE, surface: "srf_1", renderer: RENDERER, shown: shownOf(drawing) });
  expect(redraw(body.renderer, body.drawing as SlackDrawing).shown).toBe(body.shown);
  for (const hidden of [path, `${path}/${MESSAGE}`]) {
    expect((await d.api.as("person:frank").get(hidden)).status).toBe(404);
  }
  expect((await d.api.as("person:bob").get(`${path}/msg_never`)).status).toBe(404);
});

test("show --as-seen redraws exactly the card that was answered, by the answer's id or the person's", async () => {
  for (const answer of [MESSAGE, "alice", accountOf("alice")]) {
    const run = await cli(answer);
    expect(run.code).toBe(0);
    expect(run.stdout).toContain("│ Export 12,400 rows of customers — approval needed");
    expect(run.stdout).toContain("[Details]");
    expect(run.stdout).toContain(`${shownOf(drawing)} (the same)`);
  }
  const run = await cli(MESSAGE, "--json");
  expect(JSON.parse(run.stdout)).toMatchObject({
    ...{ holds: true, digest: shownOf(drawing), drawn: { blocks: expect.any(Array) } },
    render: { messageId: MESSAGE },
  });
});

test("an answer that is not there is said, with those that are", async () => {
  const run = await cli("nobody");
  expect(run.code).toBe(1);
  expect(run.stderr).toContain(MESSAGE);
});

test("a drawing that was changed in the database does not pass for the one that was signed", async () => {
  const { sql } = d.api.admin;
  await sql`update renders set drawing = replace(drawing::text, '12,400', '12')::json where request_id = ${REQUEST}`;
  const run = await cli(MESSAGE);
  expect(run.code).toBe(1);
  expect(run.stdout).toContain("ANOTHER");
  expect(run.stderr).toContain("not what was signed");
  await sql`update renders set drawing = replace(drawing::text, '"12 ', '"12,400 ')::json where request_id = ${REQUEST}`;
});

test("a renderer this program does not have is not guessed at", async () => {
  await d.api.admin.sql`update renders set renderer = 'slack/0' where request_id = ${REQUEST}`;
  const run = await cli(MESSAGE);
  expect(run.code).toBe(1);
  expect(run.stderr).toContain("slack/0");
});
