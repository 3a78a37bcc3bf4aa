import { z } from "zod";
import { LIMITS } from "../core/limits.ts";
import { CHANNELS } from "../core/message.ts";
import type { GroupId } from "../core/principal.ts";
import { DURATION_PATTERN, formatDuration, parseDuration } from "./duration.ts";

/** The shape of a policy file, before anything is known about groups, actions or conditions. */
const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,79}$/, "must be lower-case letters, digits and hyphens, at most 80 characters");

const group = z
  .string()
  .regex(/^group:[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'must be a group, written "group:name"')
  .transform((text) => text as GroupId);

function duration(most: number) {
  return z
    .string()
    .regex(DURATION_PATTERN, { error: 'must be a duration such as "15m", "8h" or "2d"', abort: true })
    .transform((text) => parseDuration(text) ?? 0)
    .refine((seconds) => seconds >= LIMITS.minTimeoutSeconds && seconds <= most, {
      abort: true,
      message: `must be between ${formatDuration(LIMITS.minTimeoutSeconds)} and ${formatDuration(most)}`,
    });
}

const reason = z.string().min(1).max(100).describe("A reason code of the catalogue, or one of your own (ORG_…).");

const escalation = z.strictObject({
  after: duration(LIMITS.maxTimeoutSeconds).describe("Counted from the moment the request started to wait."),
  to: group.describe("Who else may fill this slot from then on."),
});

const slot = z.strictObject({
  from: group.describe("Who may fill this slot."),
  count: z.int().min(1).max(LIMITS.countPerSlot).default(1).describe("How many different people."),
  escalate: z
    .array(escalation)
    .max(LIMITS.escalationsPerSlot)
    .default([])
    .describe("Who else may fill this slot as time passes."),
});

const validFor = duration(LIMITS.maxValidForSeconds)
  .optional()
  .describe("How long an approval may wait for its start. Default 15m; the smallest counts.");

/** Every field of a review; a rule has to say who approves, the floor need not. */
const reviewFields = {
  timeout: duration(LIMITS.maxTimeoutSeconds).optional().describe("Then the request expires. The smallest counts."),
  max_timeout: duration(LIMITS.maxTimeoutSeconds)
    .optional()
    .describe("How far reviewers may move the deadline, counted from the opening. The smallest counts."),
  valid_for: validFor,
  remind: z
    .array(duration(LIMITS.maxTimeoutSeconds))
    .max(LIMITS.remindersPerRequirement)
    .optional()
    .describe("When to remind those missing, counted from the opening. All of them count."),
  channels: z
    .array(z.enum(CHANNELS))
    .min(1)
    .optional()
    .describe("Where answers are accepted. Only channels every rule accepts remain."),
  hold: z
    .strictObject({ for: duration(LIMITS.maxTimeoutSeconds) })
    .optional()
    .describe("How long a flagged request may be held. Default 72h; the longest counts."),
  exclude: z.array(group).max(LIMITS.slotsPerRequirement).optional().describe("Groups whose members cannot answer."),
  justification: z
    .enum(["optional", "required"])
    .optional()
    .describe("With required, a request that came without one is denied."),
};

const approvals = z
  .array(slot)
  .min(1)
  .max(LIMITS.slotsPerRequirement)
  .describe("Who has to approve: one slot a group. One person fills one slot.");

const floorReview = z
  .strictObject({ approvals: approvals.optional(), ...reviewFields })
  .superRefine((review, context) => checkTimes(review, context))
  .describe("As `spec.rules[].review`, but without a reason, and approvals are optional.");

const review = z
  .strictObject({ reason, approvals, ...reviewFields })
  .superRefine((fields, context) => checkTimes(fields, context));

const EFFECTS = ["allow", "deny", "review"] as const;

const rule = z
  .strictObject({
    id: name.describe("Unique in the whole set."),
    description: z.string().max(1_000).optional(),
    on: z.array(z.string().min(1).max(100)).min(1).max(100).describe('Action types: exact, "kind.*", "*.verb" or "*".'),
    when: z
      .string()
      .min(1)
      .max(LIMITS.policyConditionChars)
      .optional()
      .describe("A CEL condition over the facts. Without one, the rule always matches."),
    mode: z.enum(["enforce", "monitor"]).default("enforce").describe("monitor: evaluated and recorded, not enforced."),
    allow: z.strictObject({ reason, valid_for: validFor }).optional().describe("Nobody has to answer."),
    deny: z.strictObject({ reason }).optional().describe("It does not run."),
    review: review.optional().describe("People have to approve."),
  })
  .superRefine((one, context) => {
    const given = EFFECTS.filter((effect) => one[effect] !== undefined);
    if (given.length !== 1) {
      const found = given.length === 0 ? "has none" : `has ${given.join(" and ")}`;
      context.addIssue({
        code: "custom",
        message: `a rule has exactly one of allow, deny and review; this one ${found}`,
      });
    }
  });

export const policyShape = z.strictObject({
  apiVersion: z.literal("countersign/v1"),
  kind: z.literal("Policy"),
  metadata: z.strictObject({
    name: name.describe("Unique in the whole set."),
    owner: group.optional().describe("Whom to ask about this policy."),
    description: z.string().max(1_000).optional(),
  }),
  spec: z.strictObject({
    floor: z
      .strictObject({ review: floorReview })
      .optional()
      .describe("Merged into every review, whatever matched. Several floors count together."),
    defaults: z
      .strictObject({ review: review.describe("As `spec.rules[].review`.") })
      .optional()
      .describe("What holds when no rule matched, and for the fields a review rule leaves open. One in the whole set."),
    rules: z.array(rule).max(LIMITS.policyRules).default([]),
  }),
});

export type PolicyShape = z.output<typeof policyShape>;
export type RuleShape = PolicyShape["spec"]["rules"][number];
export type ReviewShape = z.output<typeof floorReview>;

type Times = { timeout?: number | undefined; max_timeout?: number | undefined; remind?: number[] | undefined };
type Context = { addIssue(issue: { code: "custom"; message: string; path: (string | number)[] }): void };

/** Times that could never come are mistakes, not settings. */
function checkTimes(
  fields: Times & { approvals?: { escalate: { after: number }[] }[] | undefined },
  context: Context,
): void {
  const { timeout } = fields;
  if (timeout === undefined) return;
  if (fields.max_timeout !== undefined && fields.max_timeout < timeout) {
    context.addIssue({ code: "custom", message: "must not be shorter than the timeout", path: ["max_timeout"] });
  }
  const last = fields.max_timeout ?? timeout;
  const late = `comes after the request has expired (${formatDuration(last)})`;
  fields.remind?.forEach((seconds, index) => {
    if (seconds >= last) context.addIssue({ code: "custom", message: late, path: ["remind", index] });
  });
  fields.approvals?.forEach((one, index) => {
    one.escalate.forEach((step, place) => {
      if (step.after < last) return;
      context.addIssue({ code: "custom", message: late, path: ["approvals", index, "escalate", place, "after"] });
    });
  });
}
