import { expect, test } from "vitest";
import type { Call, History } from "../../storm/check/history.ts";
import { type Fault, judge } from "../../storm/check/judge.ts";
import type { Observation } from "../../storm/check/observation.ts";
import { recoveryOf } from "../../storm/check/recovery.ts";

/** One approved export as it should be; every test below doctors it in one way and has to be noticed. */
const MARKER = "'storm-1-0'";
const STATEMENT = `select id from customers where ${MARKER} = ${MARKER}`;
const base = { number: 0, status: 200, requestId: null };

function history(...more: Partial<Call>[]): History {
  const ask = { ...base, said: "ask", by: "agent:reporting-bot", askedAt: 10, answeredAt: 20, status: 202 } as const;
  const approve = { ...base, said: "approve", by: "person:alice", askedAt: 30, answeredAt: 45 } as const;
  return {
    asked: [{ number: 0, course: "approved", marker: MARKER }],
    calls: [{ ...ask, requestId: "req_a" }, approve, ...more.map((call) => ({ ...approve, ...call }))],
    disturbances: [],
    startedAt: 0,
    endedAt: 100,
  };
}

function seen(change: (observation: Observation) => void = () => undefined): Observation {
  const request = "req_a";
  const observation: Observation = {
    requests: [
      { id: request, statement: STATEMENT, rule: 1002, requester: "agent:reporting-bot", status: "succeeded" },
    ],
    claims: [{ request, at: 50 }],
    outcomes: [{ request, status: "succeeded", at: 60, code: "EXEC_SUCCEEDED", sha256: "sha256:f" }],
    messages: [{ request, verb: "approve", principal: "person:alice", at: 40 }],
    events: [
      { request, type: "request.submitted", by: null, at: 12 },
      { request, type: "request.evaluated", by: null, at: 18 },
      { request, type: "request.succeeded", by: null, at: 70 },
    ],
    files: [{ name: "req_a.csv", sha256: "sha256:f" }],
    runs: [{ statement: STATEMENT }],
  };
  change(observation);
  return observation;
}

const faultsOf = (told: History, observation: Observation): Fault[] => [
  ...new Set(judge(told, observation).findings.map(({ fault }) => fault)),
];

test("a history in which every promise held has no finding", () => {
  expect(judge(history(), seen()).findings).toEqual([]);
  expect(judge(history(), seen()).ends).toEqual({ succeeded: 1 });
});

const DOCTORED: { what: string; fault: Fault; told?: History; change?: (observation: Observation) => void }[] = [
  { what: "a second claim", fault: "twice", change: ({ claims }) => claims.push({ request: "req_a", at: 55 }) },
  { what: "a second run at the target", fault: "twice", change: ({ runs }) => runs.push({ statement: STATEMENT }) },
  {
    what: "a second file",
    fault: "twice",
    change: ({ files }) => files.push({ name: "req_a-2.csv", sha256: "sha256:f" }),
  },
  { what: "an acknowledged review that is gone", fault: "lost", change: ({ messages }) => messages.splice(0) },
  { what: "an acknowledged submission that is gone", fault: "lost", change: ({ requests }) => requests.splice(0) },
  {
    what: "one key that became two requests",
    fault: "lost",
    told: history({ said: "ask", by: "agent:reporting-bot", requestId: "req_b" }),
  },
  {
    what: "a click that was acknowledged and is neither recorded nor refused",
    fault: "lost",
    told: history({ said: "click", by: "person:bob" }),
  },
  {
    what: "a run without any approval",
    fault: "unapproved",
    change: ({ messages }) => messages.splice(0),
  },
  {
    what: "an approval that came after the claim",
    fault: "unapproved",
    change: ({ messages }) =>
      messages.splice(0, 1, { request: "req_a", verb: "approve", principal: "person:alice", at: 51 }),
  },
  {
    what: "an approval in the record that nobody gave",
    fault: "unapproved",
    change: ({ messages }) =>
      messages.splice(0, 1, { request: "req_a", verb: "approve", principal: "person:bob", at: 40 }),
  },
  {
    what: "the approval of somebody who answers for the agent",
    fault: "unapproved",
    change: ({ messages }) =>
      messages.splice(0, 1, { request: "req_a", verb: "approve", principal: "person:dana", at: 40 }),
  },
  {
    what: "one person in two places",
    fault: "unapproved",
    told: history({ by: "person:bob" }),
    change: ({ requests, messages }) => {
      for (const row of requests) row.rule = 1003;
      messages.splice(0, 1, { request: "req_a", verb: "approve", principal: "person:bob", at: 40 });
    },
  },
  { what: "a run without a claim", fault: "unapproved", change: ({ claims }) => claims.splice(0) },
  {
    what: "a run of what the policy forbids",
    fault: "unapproved",
    change: ({ requests }) => Object.assign(requests[0] ?? {}, { rule: 1005 }),
  },
  {
    what: "a run after a deny that was acknowledged",
    fault: "unapproved",
    told: history({ said: "deny", by: "person:bob" }),
    change: ({ messages }) => messages.push({ request: "req_a", verb: "deny", principal: "person:bob", at: 41 }),
  },
  {
    what: "a run while it was held",
    fault: "unapproved",
    told: history({ said: "flag", by: "person:bob" }),
    change: ({ messages }) => messages.push({ request: "req_a", verb: "flag", principal: "person:bob", at: 41 }),
  },
  {
    what: "a statement at the target that nobody asked for",
    fault: "unapproved",
    change: ({ runs }) => runs.push({ statement: "select * from customers" }),
  },
  {
    what: "a request that never ends",
    fault: "open",
    change: ({ requests }) => Object.assign(requests[0] ?? {}, { status: "starting" }),
  },
  {
    what: "a denial that nobody gave",
    fault: "wrongEnd",
    change: (observation) => {
      for (const row of observation.requests) row.status = "denied";
      for (const rows of [observation.claims, observation.outcomes, observation.files, observation.runs])
        rows.splice(0);
    },
  },
  {
    what: "a file that is not what was reported",
    fault: "wrongEnd",
    change: ({ files }) => files.splice(0, 1, { name: "req_a.csv", sha256: "sha256:0" }),
  },
  {
    what: "an unknown outcome that nothing explains",
    fault: "unexplained",
    change: ({ requests, outcomes }) => {
      outcomes.splice(0);
      for (const row of requests) row.status = "unknown";
    },
  },
];

for (const { what, fault, told = history(), change } of DOCTORED) {
  test(`the checker notices ${what}`, () => {
    expect(faultsOf(told, seen(change))).toContain(fault);
  });
}

test("an unknown outcome is explained by what fell between claim and end, and by nothing else", () => {
  const unknown = seen(({ requests, outcomes, files }) => {
    outcomes.splice(0);
    files.splice(0);
    for (const row of requests) row.status = "unknown";
  });
  const disturbed = (process: string, at: number, backAt: number): History => ({
    ...history(),
    disturbances: [{ process, how: "kill", at, backAt }],
  });
  expect(judge(disturbed("executor", 55, 80), unknown)).toMatchObject({
    findings: [],
    unknown: [{ request: "req_a", because: "executor: kill 5 ms after the claim" }],
  });
  expect(faultsOf(disturbed("api", 55, 80), unknown)).toEqual(["unexplained"]);
  expect(faultsOf(disturbed("executor", 20, 30), unknown)).toEqual(["unexplained"]);
});

test("recovery counts from the kill to the next progress of what waited for it, and nothing else", () => {
  const killed = (process: string, at: number): History => ({
    ...history(),
    disturbances: [{ process, how: "kill", at, backAt: at + 5 }],
  });
  expect(recoveryOf(killed("workflows", 62), seen())).toEqual({ workflows: { requests: 1, p50: 8, max: 8 } });
  expect(recoveryOf(killed("workflows", 31), seen())).toEqual({ workflows: { requests: 1, p50: 9, max: 9 } });
  expect(recoveryOf(killed("executor", 62), seen())).toEqual({ executor: { requests: 0, p50: 0, max: 0 } });
});
