import { type Call, COURSES, type Disturbance, type History } from "./history.ts";
import type { Observation } from "./observation.ts";
import { fills, personOf, placesOf } from "./requirement.ts";

export const FAULTS = ["unapproved", "twice", "lost", "open", "wrongEnd", "unexplained"] as const;
export type Fault = (typeof FAULTS)[number];
export type Finding = { fault: Fault; number: number; request: string | null; what: string };

export type Verdict = {
  findings: Finding[];
  /** Those whose outcome nobody knows, each with the disturbance that fell between claim and outcome. */
  unknown: { request: string; because: string }[];
  ends: { [status: string]: number };
};

/** All that is known of one request of the storm. */
type Case = {
  number: number;
  course: keyof typeof COURSES;
  id: string | null;
  calls: Call[];
  row: Observation["requests"][number] | null;
  claims: Observation["claims"];
  outcome: Observation["outcomes"][number] | null;
  messages: Observation["messages"];
  events: Observation["events"];
  files: Observation["files"];
  runs: number;
};

export function judge(history: History, seen: Observation): Verdict {
  const cases = casesOf(history, seen);
  const findings = [...strangers(history, seen), ...cases.flatMap((one) => judged(one, history.disturbances))];
  const ends: { [status: string]: number } = {};
  for (const one of cases) ends[endOf(one)] = (ends[endOf(one)] ?? 0) + 1;
  const unknown = cases.filter((one) => endOf(one) === "unknown");
  const because = (one: Case) => reasonFor(one, history.disturbances) ?? "nothing that was done to it";
  return { findings, ends, unknown: unknown.map((one) => ({ request: one.id ?? "?", because: because(one) })) };
}

/** Nothing may be there that nobody asked for. */
function strangers(history: History, seen: Observation): Finding[] {
  const markers = history.asked.map(({ marker }) => marker);
  const stray = (statement: string) => !markers.some((marker) => statement.includes(marker));
  const found = (fault: Fault, request: string | null, what: string) => ({ fault, number: -1, request, what });
  return [
    ...seen.requests
      .filter(({ statement }) => stray(statement))
      .map(({ id }) => found("unapproved", id, "a request that nobody made")),
    ...seen.runs
      .filter(({ statement }) => stray(statement))
      .map(({ statement }) => found("unapproved", null, `the target ran what nobody asked for: ${statement}`)),
    ...seen.files
      .filter(({ name }) => isPublished(name) && !seen.requests.some(({ id }) => name.startsWith(id)))
      .map(({ name }) => found("unapproved", null, `a file of nobody's request: ${name}`)),
  ];
}

/** A file that is still being written has another name, and is no output. */
function isPublished(name: string): boolean {
  return !name.startsWith(".");
}

function casesOf({ asked, calls }: History, seen: Observation): Case[] {
  return asked.map(({ number, course, marker }) => {
    const own = calls.filter((call) => call.number === number);
    const row = seen.requests.find(({ statement }) => statement.includes(marker)) ?? null;
    const id = own.find((call) => call.said === "ask" && call.requestId !== null)?.requestId ?? row?.id ?? null;
    const of = <T extends { request: string }>(rows: T[]) => rows.filter(({ request }) => request === id);
    return {
      ...{ number, course, id, row, calls: own },
      claims: of(seen.claims),
      outcome: of(seen.outcomes)[0] ?? null,
      messages: of(seen.messages),
      events: of(seen.events),
      files: seen.files.filter(({ name }) => id !== null && isPublished(name) && name.startsWith(id)),
      runs: seen.runs.filter(({ statement }) => statement.includes(marker)).length,
    };
  });
}

function judged(one: Case, disturbances: Disturbance[]): Finding[] {
  const said = (fault: Fault, whats: (string | null)[]): Finding[] =>
    whats.flatMap((what) => (what === null ? [] : [{ fault, number: one.number, request: one.id, what }]));
  return [
    ...said("lost", [...lostSubmission(one), ...lostReviews(one)]),
    ...said("twice", [
      one.claims.length > 1 ? `${one.claims.length} claims` : null,
      one.runs > 1 ? `the target was told to run it ${one.runs} times` : null,
      one.files.length > 1 ? `${one.files.length} files` : null,
    ]),
    ...said("unapproved", unapproved(one)),
    ...said("open", [
      ENDED.has(one.row?.status ?? "nothing")
        ? null
        : `it is ${one.row?.status ?? "nothing"}, with all the time it needed`,
    ]),
    ...said("wrongEnd", wrongEnd(one)),
    ...said("unexplained", [
      UNCERTAIN.has(endOf(one)) && reasonFor(one, disturbances) === null
        ? `${endOf(one)} (${one.outcome?.code ?? "no outcome"}), and nothing was killed`
        : null,
    ]),
  ];
}

const ENDED = new Set(["denied", "expired", "withdrawn", "succeeded", "failed", "unknown"]);
const UNCERTAIN = new Set(["unknown", "failed"]);

function endOf({ row, outcome }: Case): string {
  return outcome?.status ?? row?.status ?? "nothing";
}

function acknowledged({ status }: Call): boolean {
  return status === 200 || status === 202;
}

function lostSubmission({ calls, row, id, course }: Case): (string | null)[] {
  const asks = calls.filter((call) => call.said === "ask" && acknowledged(call));
  if (asks.length === 0) return ["it was never acknowledged, however often it was asked"];
  const ids = new Set(asks.map(({ requestId }) => requestId));
  return [
    ids.size > 1 ? `one key, several requests: ${[...ids].join(", ")}` : null,
    row === null ? "the submission was acknowledged and is not there" : null,
    row !== null && row.id !== id ? `acknowledged as ${id}, kept as ${row.id}` : null,
    row !== null && row.rule !== COURSES[course].rule ? "it is kept with other arguments" : null,
  ];
}

/** 200 says that it is recorded. A click's 200 says that it is kept, and will be recorded or refused. */
function lostReviews({ calls, messages, events }: Case): (string | null)[] {
  const recorded = (verb: string, by: string) =>
    messages.some((message) => message.verb === verb && personOf(message.principal) === by);
  const refused = (by: string) =>
    events.some((event) => event.type === "review.refused" && personOf(event.by ?? "") === by);
  return calls
    .filter((call) => call.said !== "ask" && call.status === 200)
    .map(({ said, by }) => {
      const verb = said === "click" ? "approve" : said;
      if (recorded(verb, by) || (said === "click" && refused(by))) return null;
      return `${by}'s ${said} was acknowledged and is not there`;
    });
}

/** The requirement, met at the moment of the claim, by answers that were really given; and nothing in its way. */
function unapproved(one: Case): (string | null)[] {
  const [claim] = one.claims;
  const ran = one.runs > 0 || one.files.length > 0;
  if (claim === undefined) return [ran ? "it ran without a claim" : null];
  const places = placesOf(one.row?.rule ?? 0);
  if (places === null) return ["it ran, and the policy lets it in no case"];
  const approvers = one.messages.filter(({ verb, at }) => verb === "approve" && at <= claim.at);
  const people = new Set(approvers.map(({ principal }) => personOf(principal)));
  const invented = [...people].filter((person) => !gave(one.calls, person, claim.at));
  const stopped = one.calls.find(({ said, status }) => (said === "deny" || said === "withdraw") && status === 200);
  return [
    fills(places, people) ? null : `it ran with the approvals of ${[...people].join(", ") || "nobody"}`,
    invented.length > 0 ? `approvals that nobody gave before it ran: ${invented.join(", ")}` : null,
    stopped === undefined ? null : `${stopped.by}'s ${stopped.said} was acknowledged, and it ran`,
    heldAt(one.calls, claim.at) ? "it ran while it was held" : null,
  ];
}

function gave(calls: Call[], person: string, before: number): boolean {
  return calls.some(
    ({ said, by, askedAt }) => (said === "approve" || said === "click") && by === person && askedAt <= before,
  );
}

function heldAt(calls: Call[], at: number): boolean {
  const flagged = calls.some(({ said, status, answeredAt }) => said === "flag" && status === 200 && answeredAt < at);
  return flagged && !calls.some(({ said, askedAt }) => said === "release" && askedAt < at);
}

function wrongEnd(one: Case): (string | null)[] {
  const end = endOf(one);
  if (!ENDED.has(end) || UNCERTAIN.has(end)) return [];
  const meant: readonly string[] = COURSES[one.course].ends;
  const { outcome, files } = one;
  return [
    meant.includes(end) ? null : `it ended as ${end}, and was meant to end as ${meant.join(" or ")}`,
    outcome?.status === "succeeded" && files[0]?.sha256 !== outcome.sha256 ? "its output is not what it reports" : null,
    end !== "succeeded" && (one.claims.length > 0 || files.length > 0) ? `${end}, and it started` : null,
  ];
}

/** A kill or a pause of the executor between claim and end is the only excuse. */
function reasonFor({ claims, events }: Case, disturbances: Disturbance[]): string | null {
  const [claim] = claims;
  if (claim === undefined) return null;
  const end = events.find(({ type }) => type === "request.unknown" || type === "request.failed")?.at ?? Infinity;
  const cause = disturbances.find(
    ({ process, at, backAt }) => process === "executor" && backAt >= claim.at && at <= end,
  );
  if (cause === undefined) return null;
  return `executor: ${cause.how} ${Math.round(cause.at - claim.at)} ms after the claim`;
}
