import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { RequestView } from "../../api/contract/request.ts";
import { createSigner, generateKey } from "../../crypto/signature.ts";
import type { Database } from "../../db/client.ts";
import { latestConfiguration } from "../../db/read/configuration.ts";
import { MANY_ROWS, ONE_OWNER, reviewPolicy } from "../support/configuration.ts";
import { messageOf, submissionOf } from "../support/forging.ts";
import { type Intruder, intruderIn, NOTHING, traces, withDatabase } from "../support/intruder.ts";
import { type Stack, startStack } from "../support/stack.ts";

/** Somebody who writes rows and schedules `execute`, and holds none of our keys. What a role may not write at all is test/db's. */
let stack: Stack;
let intruder: Intruder;

beforeAll(async () => {
  const servers = { postgresUrl: inject("postgresUrl"), temporalAddress: inject("temporalAddress") };
  stack = await startStack({ ...servers, policies: ONE_OWNER });
  intruder = await intruderIn(stack);
});
afterAll(async () => {
  await intruder?.close();
  await stack?.stop();
});

const agent = () => stack.as("agent:reporting-bot");
const alice = () => stack.as("person:alice");
const pending = async (): Promise<RequestView> => {
  const asked = await agent().ask(MANY_ROWS);
  expect(asked).toMatchObject({ status: 202 });
  return agent().until(asked.body.id, "pending");
};
const refusalOf = async (requestId: string) => {
  const scheduled = await intruder.schedule("execute", { requestId, attempt: 1 });
  return (scheduled as { result?: { refusal?: { code: string } } } | null)?.result?.refusal?.code;
};

type Edit = (database: Database, request: RequestView) => Promise<unknown>;
type Content = { [key: string]: unknown };

/** Rewrites what a row says, and leaves its signature as it was. */
function editing(table: "submissions" | "messages" | "evaluations", change: (content: Content) => Content): Edit {
  const column = table === "evaluations" ? "evaluation" : "content";
  return async ({ sql }, { id }) => {
    const rows = await sql.unsafe(`select ${column} as said from ${table} where request_id = $1`, [id]);
    const edited = JSON.stringify(change(rows[0]?.said as Content));
    await sql.unsafe(`update ${table} set ${column} = $1::text::json where request_id = $2`, [edited, id]);
  };
}
const OTHER = submissionOf("other", {}, "select * from api_keys");

describe("whoever owns the tables and edits a request that was approved, before it starts", () => {
  const edits: [string, string, Edit][] = [
    ["the statement", "EXEC_INTEGRITY", editing("submissions", (said) => ({ ...said, action: OTHER.action }))],
    [
      "the statement, with its digest",
      "EXEC_INTEGRITY",
      editing("submissions", (said) => ({ ...said, action: OTHER.action, digest: OTHER.digest })),
    ],
    ["who asked", "EXEC_INTEGRITY", editing("submissions", (said) => ({ ...said, requester: "agent:other-bot" }))],
    ["who approved", "EXEC_NOT_APPROVED", editing("messages", (said) => ({ ...said, principal: "person:bob" }))],
    [
      "when it was approved",
      "EXEC_NOT_APPROVED",
      editing("messages", (said) => ({ ...said, signedAt: Number(said.signedAt) + 60_000 })),
    ],
    [
      "that it was approved",
      "EXEC_NOT_APPROVED",
      ({ sql }, { id }) => sql`delete from messages where request_id = ${id}`,
    ],
  ];
  const requests: RequestView[] = [];
  beforeAll(async () => {
    for (const _edit of edits) requests.push(await pending());
    await stack.kill("executor");
    for (const [place, [, , edit]] of edits.entries()) {
      const request = requests[place] as RequestView;
      expect((await alice().review(request.id, "approve")).status).toBe(200);
      await withDatabase(stack, (database) => edit(database, request));
    }
    await stack.start("executor");
  }, 60_000);

  test.each(edits.map(([what, code], place) => [what, code, place] as const))(
    "%s: the gate says %s",
    async (_what, code, place) => {
      const id = requests[place]?.id ?? "";
      const ended = await stack.as("person:erin").until(id, "denied", "succeeded");
      expect(ended).toMatchObject({ status: "denied", decision: { by: "gate" } });
      expect(ended.decision?.reasons.map((reason) => reason.code)).toContain(code);
      expect(await traces(stack, id)).toEqual(NOTHING);
    },
  );
});

describe("whoever writes rows for a request that nobody approved", () => {
  const forgedMessage: Edit = ({ sql }, request) => {
    const content = JSON.stringify(messageOf(request, "person:alice", "approve"));
    return sql.begin(async (tx) => {
      await tx`insert into journal (request_id, seq, entry, at) values (${request.id}, 90, '{}'::json, now())`;
      await tx`insert into messages (request_id, seq, message_id, verb, principal, content, jws, at)
        values (${request.id}, 90, 'msg_forged', 'approve', 'person:alice', ${content}::text::json, 'e30..x', now())`;
    });
  };
  const starting: Edit = ({ sql }, { id }) => sql`update requests set recorded_status = 'starting' where id = ${id}`;
  const allowed = editing("evaluations", (said) => ({ ...said, outcome: "allow", requirement: null }));

  test.each<[string, keyof Stack["databaseUrls"], Edit[]]>([
    ["the app role, with an approval nobody signed", "app", [forgedMessage]],
    ["the app role, with the status moved", "app", [starting]],
    ["the owner of the tables, with another evaluation", "admin", [allowed]],
    ["the owner of the tables, with all of it", "admin", [forgedMessage, starting, allowed]],
  ])("%s: EXEC_NOT_APPROVED", async (_what, role, edits) => {
    const request = await pending();
    for (const edit of edits) await withDatabase(stack, (database) => edit(database, request), role);
    expect(await refusalOf(request.id)).toBe("EXEC_NOT_APPROVED");
    expect(await traces(stack, request.id)).toEqual(NOTHING);
  });

  test("the app role, with a whole request that nobody signed: EXEC_INTEGRITY", async () => {
    const submission = submissionOf("written-by-hand");
    const { requestId, digest } = submission;
    await withDatabase(
      stack,
      ({ sql }) => sql`insert into submissions (request_id, digest, content, jws, at)
        values (${requestId}, ${digest}, ${JSON.stringify(submission)}::text::json, 'e30..x', now())`,
      "app",
    );
    expect(await refusalOf(requestId)).toBe("EXEC_INTEGRITY");
    expect(await traces(stack, requestId)).toEqual(NOTHING);
  });

  test("a denied request without its tombstone and with another status is denied by what people signed", async () => {
    const request = await pending();
    await alice().review(request.id, "deny", { reason: "REVIEW_UNSAFE" });
    await agent().until(request.id, "denied");
    await withDatabase(stack, ({ sql }) => sql`delete from executions where request_id = ${request.id}`);
    expect(await refusalOf(request.id)).toMatch(/^REVIEW_UNSAFE$|^EXEC_N/);
    await withDatabase(stack, (database) => starting(database, request));
    expect(await refusalOf(request.id)).toBe("REVIEW_UNSAFE");
    expect(await traces(stack, request.id)).toEqual(NOTHING);
  });
});

describe("a configuration that the operator did not sign for this version", () => {
  const ALLOW = reviewPolicy("approvals: [{ from: group:auditors, count: 1 }]").map(({ file, text }) => {
    return {
      file,
      text: text.replace("data.rows <= 10", "data.rows <= 1000000").replace("data.rows > 10", "data.rows > 1000000"),
    };
  });
  type Row = NonNullable<Awaited<ReturnType<typeof latestConfiguration>>>;
  const put = ({ sql }: Database, { digest, signed }: Row, version: number) => sql`
    insert into configurations (version, digest, content, jws, applied_at)
    values (${version}, ${digest}, ${JSON.stringify(signed.content)}::text::json, ${signed.jws}, now())`;

  test.each<[string, (latest: Row, older: Row) => Promise<Row>]>([
    [
      "with other policies under the old signature",
      async (latest) => ({
        ...latest,
        signed: { ...latest.signed, content: { ...latest.signed.content, policies: ALLOW } },
      }),
    ],
    [
      "signed by a stranger under the operator's name",
      async (latest) => {
        const { privateJwk } = await generateKey("development-operator");
        const content = { ...latest.signed.content, version: latest.version + 1, policies: ALLOW };
        return { ...latest, signed: await createSigner(privateJwk).sign("configuration", content) };
      },
    ],
    ["that was in force once, put back under a new number", async (_latest, older) => older],
  ])("one %s rules nothing: nothing is taken in and nothing starts until it is gone", async (_what, forge) => {
    await stack.apply(ALLOW);
    const older = (await withDatabase(stack, latestConfiguration)) as Row;
    await stack.apply(ONE_OWNER);
    const latest = (await withDatabase(stack, latestConfiguration)) as Row;
    const request = await pending();
    const forged = await forge(latest, older);
    await withDatabase(stack, (database) => put(database, forged, latest.version + 1));
    try {
      expect(await intruder.schedule("execute", { requestId: request.id, attempt: 1 })).toMatchObject({
        failure: expect.anything(),
      });
      const asked = await agent().ask(MANY_ROWS);
      expect(asked.status).toBeGreaterThanOrEqual(400);
      expect(asked.body).toMatchObject({ code: "SIGNATURE_INVALID" });
      expect(await traces(stack, request.id)).toEqual(NOTHING);
    } finally {
      await withDatabase(stack, ({ sql }) => sql`delete from configurations where version = ${latest.version + 1}`);
    }
    expect((await alice().review(request.id, "approve")).status).toBe(200);
    await agent().until(request.id, "succeeded");
  });

  test("the newest taken away, so that an older one would rule: whoever has seen the newer one refuses", async () => {
    await stack.apply(ALLOW);
    await stack.apply(ONE_OWNER);
    const latest = (await withDatabase(stack, latestConfiguration)) as Row;
    const request = await pending();
    await withDatabase(stack, ({ sql }) => sql`delete from configurations where version = ${latest.version}`);
    try {
      expect(await intruder.schedule("execute", { requestId: request.id, attempt: 1 })).toMatchObject({
        failure: expect.anything(),
      });
      expect(await traces(stack, request.id)).toEqual(NOTHING);
    } finally {
      await withDatabase(stack, (database) => put(database, latest, latest.version));
    }
  });
});
