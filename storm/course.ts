import { setTimeout as sleep } from "node:timers/promises";
import type { Body, Calls } from "./calls.ts";
import { COURSES } from "./check/history.ts";
import type { RequestPlan } from "./plan.ts";

const AGENT = "agent:reporting-bot";
const ENDED: ReadonlySet<string> = new Set(["denied", "expired", "withdrawn", "succeeded", "failed", "unknown"]);

/** One request from asking to its end, with everybody who has a part in it. */
export async function runCourse(calls: Calls, plan: RequestPlan, deadline: number): Promise<void> {
  const { number, course, marker } = plan;
  const { status, body } = await calls.say({
    ...{ number, said: "ask", by: AGENT, path: "/v1/requests", key: `storm-${number}` },
    body: { action: "postgres.export", target: "crm", arguments: argumentsOf(plan, marker) },
  });
  if (status !== 200 && status !== 202) return;
  const id = body.id ?? "";
  const until = async (statuses: ReadonlySet<string>, wait?: number): Promise<Body | null> => {
    while (Date.now() < deadline) {
      const now = await calls.read(AGENT, id, wait);
      if (now !== null && (statuses.has(now.status ?? "") || ENDED.has(now.status ?? ""))) return now;
      await sleep(POLL_MS);
    }
    return null;
  };
  if (course !== "allowed" && course !== "forbidden") {
    const pending = await until(new Set(["pending"]));
    if (pending?.status === "pending") await answer(calls, plan, pending, deadline);
  }
  await until(ENDED, WAIT_SECONDS);
}

const POLL_MS = 150;
const WAIT_SECONDS = 10;

function argumentsOf({ course }: RequestPlan, marker: string): object {
  const rows = course === "slow" ? 80 : 30;
  const columns = course === "slow" ? "id, name, pg_sleep(0.01) as pause" : "id, name";
  const statement = `select ${columns} from customers where id <= ${rows} and ${marker} = ${marker} order by id`;
  return { statement, format: "csv", maxRows: COURSES[course].rule };
}

async function answer(calls: Calls, plan: RequestPlan, request: Body, deadline: number): Promise<void> {
  const { number, course, first, thinkMs } = plan;
  const { id = "", digest, factsDigest } = request;
  const [owner, other] = first ? (["alice", "bob"] as const) : (["bob", "alice"] as const);
  const review = (person: string, said: "approve" | "deny" | "flag", words: object = {}) =>
    calls.say({
      ...{ number, said, by: `person:${person}`, path: `/v1/requests/${id}/reviews` },
      ...{ body: { verb: said, digest, factsDigest, ...words }, key: `storm-${number}-${person}-${said}` },
    });
  const say = (by: string, said: "withdraw" | "release") =>
    calls.say({
      ...{ number, said, by, path: `/v1/requests/${id}/${said}` },
      ...{ body: { digest }, key: `storm-${number}-${said}` },
    });

  await sleep(thinkMs[0]);
  switch (course) {
    case "approved":
    case "slow":
      return void (await review(owner, "approve"));
    case "clicked":
      return clickUntilTaken(calls, number, owner, request, deadline);
    case "two":
      await review(owner, "approve");
      await sleep(thinkMs[1]);
      return void (await review("carol", "approve"));
    case "denied":
      return void (await review(owner, "deny", DENIAL));
    case "contested":
      return void (await Promise.all([review(owner, "approve"), review(other, "deny", DENIAL)]));
    case "withdrawn":
      return void (await say(AGENT, "withdraw"));
    case "held":
      await review(other, "flag", { reason: "REVIEW_SUSPICIOUS", note: "Who asked for this?" });
      await review(owner, "approve");
      await sleep(thinkMs[1]);
      return void (await say("person:erin", "release"));
    case "allowed":
    case "forbidden":
    case "silent":
      return;
    default:
      course satisfies never;
  }
}

const DENIAL = { reason: "REVIEW_TOO_BROAD", note: "Fewer rows would do." };

/** A click that nobody could be asked about in time is refused, and the person told to click again. */
async function clickUntilTaken(
  calls: Calls,
  number: number,
  person: "alice" | "bob",
  request: Body,
  deadline: number,
): Promise<void> {
  while (Date.now() < deadline) {
    await calls.click(number, person, request);
    for (const until = Date.now() + CLICK_MS; Date.now() < until; await sleep(POLL_MS)) {
      const now = await calls.read(AGENT, request.id ?? "");
      if (now !== null && now.status !== "pending") return;
    }
  }
}

const CLICK_MS = 12_000;
