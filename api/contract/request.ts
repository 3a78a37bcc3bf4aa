import { z } from "zod";
import { CHANNELS, VERBS } from "../../core/message.ts";
import { STATUSES } from "../../core/status.ts";
import { Cursor, DigestText, Limit, Named, ReasonView, Time } from "./primitives.ts";

const Json = z.unknown();
const JsonObject = z.record(z.string(), z.unknown());

export const PreviewView = z
  .object({
    title: z.string(),
    fields: z.array(z.object({ label: z.string(), value: z.string() })),
    /** The exact thing that will run, verbatim. */
    body: z.object({ label: z.string(), language: z.enum(["sql", "json"]), text: z.string() }),
    warnings: z.array(z.string()),
  })
  .meta({ id: "Preview" });

export const SlotView = z.object({
  /** Group that fills this slot. */
  from: z.string(),
  count: z.number().int(),
  /** Groups that may fill it too, since time has passed. */
  widenedTo: z.array(z.string()),
  filledBy: z.array(z.object({ id: z.string(), name: z.string(), at: Time, channel: z.enum(CHANNELS) })),
  missing: z.number().int(),
});

export const RequirementView = z
  .object({
    slots: z.array(SlotView),
    channels: z.array(z.enum(CHANNELS)),
    /** How far `extend` may move the deadline. */
    latestDeadlineAt: Time,
    justification: z.enum(["optional", "required"]),
  })
  .meta({ id: "Requirement" });

export const DecisionView = z
  .object({
    status: z.enum(["denied", "expired", "withdrawn", "succeeded", "failed", "unknown"]),
    by: z.enum(["policy", "people", "time", "requester", "owner", "operator", "auditor", "gate"]),
    people: z.array(Named),
    reasons: z.array(ReasonView),
  })
  .meta({ id: "Decision" });

export const ExecutionView = z
  .object({
    status: z.enum(["running", "succeeded", "failed", "unknown"]),
    code: z.string().nullable(),
    startedAt: Time.nullable(),
    endedAt: Time.nullable(),
    result: Json,
    detail: z.string().nullable(),
  })
  .meta({ id: "Execution" });

export const ResolutionView = z
  .object({
    outcome: z.enum(["succeeded", "failed"]),
    reason: z.string(),
    note: z.string(),
    by: Named,
    at: Time,
  })
  .meta({ id: "Resolution" });

/** What the caller may do with the request now. */
export const ALLOWED = [...VERBS, "resolve"] as const;

/** One request as every surface shows it. */
export const RequestView = z
  .object({
    id: z.string(),
    status: z.enum(STATUSES),
    digest: DigestText,
    /** Names the facts and preview shown here; send it back with an answer. null until evaluated. */
    factsDigest: DigestText.nullable(),
    action: z.object({ type: z.string() }),
    target: z.string(),
    environment: z.string(),
    arguments: JsonObject,
    justification: z.string().nullable(),
    requester: Named,
    owner: Named.nullable(),
    onBehalfOf: Named.nullable(),
    run: z.string().nullable(),
    reasons: z.array(ReasonView),
    preview: PreviewView.nullable(),
    /** null when nobody has to answer. */
    requirement: RequirementView.nullable(),
    deadlineAt: Time.nullable(),
    /** While starting: until when the start may happen. */
    executeBy: Time.nullable(),
    hold: z.object({ by: Named, since: Time, expiresAt: Time }).nullable(),
    flags: z.array(z.object({ by: Named, reason: z.string(), note: z.string(), held: z.boolean(), at: Time })),
    decision: DecisionView.nullable(),
    execution: ExecutionView.nullable(),
    resolution: ResolutionView.nullable(),
    allowedVerbs: z.array(z.enum(ALLOWED)),
    reviewUrl: z.string(),
    statusUrl: z.string(),
    createdAt: Time,
    updatedAt: Time,
    /** Grows with each recorded change. */
    revision: z.number().int(),
  })
  .meta({ id: "Request" });
export type RequestView = z.output<typeof RequestView>;

export const RequestPage = z
  .object({ items: z.array(RequestView), nextCursor: z.string().nullable() })
  .meta({ id: "RequestPage" });
export type RequestPage = z.output<typeof RequestPage>;

/** Query of `GET /v1/requests`. */
export const ListQuery = z.strictObject({
  status: z.enum(STATUSES).optional(),
  /** Those the caller could answer now, and has not. */
  waitingFor: z.literal("me").optional(),
  concerning: z.literal("me").optional().meta({
    description: "Those the caller asked for, owns, is asked to answer, or answered; others may see no more anyway.",
  }),
  requester: z.string().max(200).optional().meta({ description: "An agent's id, or `me`." }),
  action: z.string().max(100).optional(),
  text: z.string().max(200).optional(),
  cursor: Cursor.optional(),
  limit: Limit,
});
