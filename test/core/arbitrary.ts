import fc from "fast-check";
import type { AdmittedMessage, DeliberationEvent, ExecutionReport } from "../../core/deliberation-types.ts";
import { VERBS } from "../../core/message.ts";
import type { GroupId } from "../../core/principal.ts";
import type { Requirement, Roster } from "../../core/requirement.ts";
import {
  AGENT,
  allowing,
  DATA,
  groupsOf,
  ONCALL,
  opening,
  ROSTER,
  refusedByGate,
  requirement,
  reviewing,
  SECURITY,
  SUCCEEDED,
  says,
  slot,
} from "./fixture.ts";

/** Random companies, random days: what the laws of deliberation are tried on. */
const SLOT_GROUPS: GroupId[] = [DATA, SECURITY, ONCALL];
const anySlot = fc
  .tuple(
    fc.constantFrom(...SLOT_GROUPS),
    fc.constantFrom(1, 1, 2),
    fc.array(fc.record({ afterSeconds: fc.constantFrom(60, 600, 3600), to: fc.constantFrom(...SLOT_GROUPS) }), {
      maxLength: 2,
    }),
  )
  .map(([from, count, escalate]) => slot(from, count, escalate));

export const anyRequirement: fc.Arbitrary<Requirement> = fc
  .record({
    slots: fc.oneof(
      { weight: 2, arbitrary: anySlot.map((one) => [one]) },
      { weight: 1, arbitrary: fc.array(anySlot, { minLength: 2, maxLength: 3 }) },
    ),
    timeoutSeconds: fc.constantFrom(300, 3600, 14_400),
    validForSeconds: fc.constantFrom(30, 900),
    remindSeconds: fc.subarray([60, 120, 3000]),
    holdSeconds: fc.constantFrom(100, 10_000),
    excludeGroups: fc.constantFrom<GroupId[]>([], [], ["group:operators"], [SECURITY]),
    channels: fc.constantFrom<Requirement["channels"]>(["page", "api"], ["page"]),
  })
  .map((tweak) => requirement(tweak));

export const anyOpening = fc
  .oneof(
    { weight: 5, arbitrary: anyRequirement.map((one) => reviewing(one)) },
    { weight: 1, arbitrary: fc.constant(allowing()) },
  )
  .map((evaluation) => opening(evaluation));

const roster: fc.Arbitrary<Roster> = fc.oneof(
  { weight: 9, arbitrary: fc.constant(ROSTER) },
  { weight: 1, arbitrary: fc.subarray(ROSTER) },
);

const anyMessage = fc
  .record({
    verb: fc.oneof({ weight: 2, arbitrary: fc.constant("approve" as const) }, fc.constantFrom(...VERBS)),
    by: fc.oneof(
      { weight: 1, arbitrary: fc.constantFrom(AGENT, ...ROSTER.map((one) => one.person)) },
      { weight: 3, arbitrary: fc.constantFrom("person:ana", "person:ben", "person:cas", "person:dia", "person:eli") },
    ),
    id: fc.oneof({ weight: 1, arbitrary: fc.constantFrom("one", "two") }, { weight: 6, arbitrary: fc.uuid() }),
    reason: fc.constantFrom(null, "REVIEW_UNSAFE", "REVIEW_OTHER", "NONSENSE"),
    note: fc.constantFrom(null, "because"),
    flag: fc.constantFrom(null, null, { reason: "REVIEW_UNSAFE", note: "see" }),
    extendSeconds: fc.constantFrom(null, 60, 100_000),
    channel: fc.constantFrom("page" as const, "page" as const, "api" as const),
    facts: fc.constantFrom("sha256:facts" as const, "sha256:facts" as const, "sha256:new" as const),
  })
  .map(({ facts, ...one }) => ({ ...one, factsDigest: facts }));

export const anyAdmitted = anyMessage.map(
  (one): AdmittedMessage => ({
    ...one,
    digest: "sha256:action",
    via: one.by,
    name: one.by,
    groups: groupsOf(one.by),
    signedAt: 0,
  }),
);

/** Messages that mostly are in order: a deny has its reason, an approval of these facts its channel. */
export const anyProperMessage = anyAdmitted.map((message): AdmittedMessage => {
  const proper = { ...message, channel: "page" as const, factsDigest: "sha256:facts" as const };
  if (message.verb === "approve") return { ...proper, reason: null };
  return { ...proper, reason: "REVIEW_UNSAFE", note: "because", extendSeconds: 60 };
});

const reports: ExecutionReport[] = [SUCCEEDED, { ...SUCCEEDED, status: "failed", code: "EXEC_FAILED" }];
const attempt = fc.constantFrom(1, 1, 1, 2, 2, 3, 4);
const anyRefusal = fc
  .record({
    disposition: fc.constantFrom("again" as const, "again" as const, "denied" as const, "expired" as const),
    evaluation: fc.oneof(
      fc.constant(null),
      anyRequirement.map((one) => reviewing(one)),
      fc.constantFrom(allowing(), reviewing({}, { outcome: "deny", requirement: null })),
    ),
    factsDigest: fc.constantFrom(null, "sha256:new" as const),
    voidReviewsBefore: fc.boolean(),
    roster,
  })
  .chain((refusal) => attempt.map((one) => refusedByGate(one, refusal)));

const anySystemEvent: fc.Arbitrary<DeliberationEvent> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<DeliberationEvent>({ kind: "tick" }) },
  { weight: 1, arbitrary: fc.constant<DeliberationEvent>({ kind: "cancelled" }) },
  {
    weight: 5,
    arbitrary: fc.constantFrom<DeliberationEvent>(
      { kind: "settled", settlement: { won: true } },
      { kind: "settled", settlement: { won: false, report: null } },
      { kind: "settled", settlement: { won: false, report: SUCCEEDED } },
    ),
  },
  { weight: 3, arbitrary: anyRefusal },
  {
    weight: 1,
    arbitrary: fc
      .tuple(attempt, fc.constantFrom(...reports))
      .map(([one, report]): DeliberationEvent => ({ kind: "executed", attempt: one, report })),
  },
);

/** Mornings that get a day somewhere: nobody answered yet, everybody approved, somebody flagged as well. */
const approvals = (["person:ana", "person:ben", "person:cas", "person:dia", "person:eli"] as const).map(
  (by): DeliberationEvent => says("approve", by, 0),
);
const flag: DeliberationEvent = says("flag", "person:aud", 0);
const won: DeliberationEvent = { kind: "settled", settlement: { won: true } };
const anyMorning = fc
  .constantFrom([], approvals, [...approvals, flag], [...approvals, flag, won], [flag])
  .map((events) => events.map((event): Happens => ({ event, waitMs: 1 })));

/** An event and how long after the one before; a message is signed a little before it is read. */
export type Happens = { event: DeliberationEvent; waitMs: number };
const anyEvent: fc.Arbitrary<Happens> = fc
  .tuple(
    fc.oneof(
      {
        weight: 3,
        arbitrary: fc
          .tuple(fc.oneof(anyAdmitted, anyProperMessage, anyProperMessage), roster)
          .map(([message, who]): DeliberationEvent => ({ kind: message.verb, message, roster: who })),
      },
      { weight: 2, arbitrary: anySystemEvent },
    ),
    fc.constantFrom(0, 0, 1, 1, 1000, 1000, 2000, 29_000, 61_000, 600_000, 4_000_000),
  )
  .map(([event, waitMs]) => ({ event, waitMs }));

export const anyDay: fc.Arbitrary<Happens[]> = fc
  .tuple(anyMorning, fc.array(anyEvent, { maxLength: 20 }))
  .map(([morning, rest]) => [...morning, ...rest]);
