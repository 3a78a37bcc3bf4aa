import type { CardContext, CardSource } from "../channels/card.ts";
import type { TimelineEvent } from "../channels/timeline.ts";
import { open, step } from "../core/deliberation.ts";
import type {
  AdmittedMessage,
  Deliberation,
  DeliberationEvent,
  Happening,
  Opening,
} from "../core/deliberation-types.ts";
import type { Description, Evaluation } from "../core/evaluation.ts";
import type { Verb } from "../core/message.ts";
import type { GroupId, PersonId, PrincipalId } from "../core/principal.ts";
import { sentenceOf } from "../core/reason-codes.ts";
import type { Slot } from "../core/requirement.ts";
import type { Status } from "../core/status.ts";

/** One request of the example company in every state it can be in: what the pictures show. */
const ASKED = Date.UTC(2026, 10, 24, 9, 12);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const PEOPLE: { [id: PersonId]: { name: string; groups: GroupId[] } } = {
  "person:alice": { name: "Alice Ahmadi", groups: ["group:data-owners"] },
  "person:bob": { name: "Bob Brandt", groups: ["group:data-owners", "group:data-protection"] },
  "person:carol": { name: "Carol Costa", groups: ["group:data-protection"] },
  "person:erin": { name: "Erin Eriksen", groups: ["group:auditors"] },
  "person:frank": { name: "Frank Fuchs", groups: ["group:privacy-oncall"] },
  "person:zed": { name: "Zed Zhang", groups: [] },
};
const ROSTER = Object.entries(PEOPLE).map(([id, { name, groups }]) => ({ person: id as PersonId, name, groups }));

const STATEMENT = `select c.id, c.name, c.email, c.city
from public.customers c
where c.country = 'DE' and c.consent
order by c.id`;

function description(rows: string): Description {
  const labels = ["pii.email", "pii.name"];
  return {
    facts: { data: { labels, rows: 12_400 } },
    preview: {
      title: `Export about ${rows} rows of customers`,
      fields: [
        { label: "Target", value: "crm" },
        { label: "Environment", value: "production" },
        { label: "Tables", value: "public.customers" },
        { label: "Columns in the file", value: "id, name, email, city" },
        { label: "Labels", value: labels.join(", ") },
        { label: "Rows", value: `about ${rows} rows (estimate); at most 50,000 rows` },
        { label: "Destination", value: "directory crm" },
        { label: "Credential", value: "database role crm_export" },
      ],
      body: { label: "Statement", language: "sql", text: STATEMENT },
      warnings: ["Personal data: pii.email, pii.name (in public.customers.email, public.customers.name)"],
    },
  };
}

const slot = (from: GroupId): Slot => ({
  from,
  count: 1,
  escalate: [{ afterSeconds: 7_200, to: "group:privacy-oncall" }],
});

function evaluation(slots: Slot[] = [slot("group:data-protection"), slot("group:data-owners")]): Evaluation {
  return {
    outcome: "review",
    reasons: [
      { code: "BULK_EXPORT", rule: "exports/bulk-export", note: null },
      { code: "PII_EXPORT", rule: "exports/pii-bulk-export", note: null },
    ],
    rules: [],
    requirement: {
      ...{ slots, timeoutSeconds: 4 * 3600, maxTimeoutSeconds: 24 * 3600, validForSeconds: 900, remindSeconds: [3600] },
      ...{ channels: ["page", "api", "slack"], holdSeconds: 72 * 3600, excludeGroups: [], justification: "required" },
    },
    ...{ validForSeconds: 900, provenance: {}, policyDigest: "sha256:p", engine: "cel", factsDigest: "sha256:facts" },
  };
}

const OPENING: Opening = {
  ...{
    requestId: "req_7mxk2v9q4d8r1t6w3z5y0ab2ce",
    digest: `sha256:${"9f3ac1d27b40".repeat(6).slice(0, 64)}`,
    openedAt: ASKED,
  },
  parties: { requester: "agent:reporting-bot", owner: "person:dana", onBehalfOf: null },
  ...{ evaluation: evaluation(), roster: ROSTER },
};

function says(verb: Verb, by: PersonId, more: Partial<AdmittedMessage> = {}): DeliberationEvent {
  const { name, groups } = PEOPLE[by] ?? { name: by, groups: [] };
  const message: AdmittedMessage = {
    ...{ id: `${verb}-${by}`, verb, by, via: by, name, groups, channel: "slack", flag: null, reason: null, note: null },
    ...{ extendSeconds: null, digest: OPENING.digest, factsDigest: "sha256:facts", signedAt: ASKED + 20 * MINUTE },
    ...more,
  };
  return { kind: verb, message, roster: ROSTER };
}

type Reached = { state: Deliberation; happened: { at: number; told: Happening }[] };

function reached(...events: [DeliberationEvent, number][]): Reached {
  const first = open(OPENING);
  let { state } = first;
  const happened = first.happened.map((told) => ({ at: ASKED, told }));
  for (const [event, after] of events) {
    const next = step(state, event, ASKED + after);
    state = next.state;
    happened.push(...next.happened.map((told) => ({ at: ASKED + after, told })));
  }
  return { state, happened };
}

const BOB = says("approve", "person:bob");
const ALICE = says("approve", "person:alice", { signedAt: ASKED + 25 * MINUTE });
const ZED = says("approve", "person:zed", {
  signedAt: ASKED + 25 * MINUTE,
  standsFor: [
    { person: "person:alice", name: "Alice Ahmadi", groups: ["group:data-owners"], until: ASKED + 72 * HOUR },
  ],
});
const APPROVED: [DeliberationEvent, number][] = [
  [BOB, 20 * MINUTE],
  [ALICE, 25 * MINUTE],
];
const REPORT = {
  ...{ status: "succeeded" as const, code: "EXEC_SUCCEEDED", detail: null },
  result: { rows: 12_413, bytes: 981_204, file: "req_7mxk2v9q.csv", sha256: "5d41402abc4b2a76" },
  ...{ startedAt: ASKED + 26 * MINUTE, endedAt: ASKED + 26 * MINUTE + 12_400 },
};
const executed = (tweak: object): [DeliberationEvent, number] => [
  { kind: "executed", attempt: 1, report: { ...REPORT, ...tweak } as typeof REPORT },
  27 * MINUTE,
];

type Shown = { name: string; source: CardSource; events: TimelineEvent[] };

function shown(name: string, { state, happened }: Reached, tweak: Partial<CardSource> = {}): Shown {
  const phase = state.phase === "settling" || state.phase === "ended" ? "starting" : state.phase;
  const status: Status = state.outcome?.status ?? phase;
  const source: CardSource = {
    ...{
      id: OPENING.requestId,
      status,
      environment: "production",
      names: { requester: "Reporting bot", owner: "Dana Duarte" },
    },
    ...{ state, evaluation: evaluation(), description: description("12,400"), outcome: state.outcome, revision: 4 },
    report: state.outcome?.report ?? null,
    submission: {
      ...{
        version: 1,
        requestId: OPENING.requestId,
        requester: "agent:reporting-bot",
        onBehalfOf: null,
        digest: OPENING.digest,
      },
      action: {
        type: "postgres.export",
        target: "crm",
        arguments: { statement: STATEMENT, format: "csv", maxRows: 50_000 },
      },
      justification: "Quarterly consent report for the data protection office, ticket DPO-118.",
      ...{ run: "nightly-2026-11-24", credentialId: "key", submittedAt: ASKED },
    },
    ...tweak,
  };
  const events = happened.map(({ at, told }): TimelineEvent => ({ at, ...told }));
  return {
    name,
    source,
    events: [{ at: ASKED, type: "request.submitted", by: "agent:reporting-bot", reasons: [], data: {} }, ...events],
  };
}

const drift = { code: "EXEC_PREVIEW_DRIFT", detail: "The estimate was 12,400 rows and is now 41,200 rows." };
const refused: [DeliberationEvent, number] = [
  {
    kind: "gateRefused",
    attempt: 1,
    refusal: {
      ...{ disposition: "again", ...drift, reasons: [], evaluation: evaluation(), factsDigest: "sha256:now" },
      ...{ voidReviewsBefore: true, roster: ROSTER },
    },
  },
  26 * MINUTE,
];
const hostile = `select id from customers -- ✅ Approved by security <!channel> <@U1> *bold* \u202etxet\n${"-- filler line\n".repeat(200)}`;

/** In the order of a request's life. */
export const SHOWN: Shown[] = [
  shown("pending", reached()),
  shown("partly-approved", reached([BOB, 20 * MINUTE])),
  shown("approved-for-somebody-away", reached([ZED, 25 * MINUTE])),
  shown("hostile", reached(), {
    description: {
      ...description("12,400"),
      preview: { ...description("12,400").preview, body: { label: "Statement", language: "sql", text: hostile } },
    },
  }),
  shown(
    "held",
    reached([
      says("flag", "person:bob", { reason: "REVIEW_SUSPICIOUS", note: "This ticket was closed in October." }),
      30 * MINUTE,
    ]),
  ),
  shown("starting", reached(...APPROVED)),
  shown("running", reached(...APPROVED), { status: "running" }),
  shown("succeeded", reached(...APPROVED, executed({}))),
  shown(
    "failed",
    reached(
      ...APPROVED,
      executed({
        status: "failed",
        code: "EXEC_FAILED",
        detail: "canceling statement due to statement timeout",
        result: null,
      }),
    ),
  ),
  shown(
    "unknown",
    reached(
      ...APPROVED,
      executed({
        status: "unknown",
        code: "EXEC_UNKNOWN",
        detail: "it started, and the process that ran it did not report its end",
        result: null,
        endedAt: null,
      }),
    ),
  ),
  shown(
    "denied",
    reached([
      says("deny", "person:carol", {
        reason: "REVIEW_TOO_BROAD",
        note: "You may ask again with changes.\nLeave out the names; the report does not show them.",
      }),
      31 * MINUTE,
    ]),
  ),
  shown("expired", reached([BOB, 20 * MINUTE], [{ kind: "tick" }, 4 * HOUR])),
  shown("withdrawn", reached([{ kind: "cancelled" }, 40 * MINUTE])),
  shown("asked-again", reached(...APPROVED, refused), {
    description: description("41,200"),
    previous: {
      reasons: [{ code: drift.code, rule: null, note: drift.detail }],
      description: description("12,400"),
      evaluation: evaluation(),
    },
  }),
  shown("page-only", reached()),
];

export function contextOf(name: string): CardContext {
  return {
    ...{ channel: "slack", publicUrl: "https://countersign.example.com", allowDecisions: name !== "page-only" },
    because: ["group:data-owners", "group:data-protection"],
    nameOf: (id: PrincipalId) =>
      id === "agent:reporting-bot" ? "Reporting bot" : (PEOPLE[id as PersonId]?.name ?? id),
    accountOf: () => null,
    standInOf: () => null,
    sentenceOf,
  };
}
