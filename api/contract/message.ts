import { z } from "zod";
import { LIMITS } from "../../core/limits.ts";
import { DigestText, Note, ReasonCodeText } from "./primitives.ts";

/** Bodies of the calls by which people, and the requesting agent, say something about a request. */

const digest = DigestText.meta({ description: "The digest that was read; another one is refused." });
const factsDigest = DigestText.nullable().optional();
const reason = ReasonCodeText.nullable().optional();
const note = Note.nullable().optional();

/** Body of `POST /v1/requests/{id}/reviews`. */
export const ReviewBody = z
  .strictObject({
    verb: z.enum(["approve", "deny", "flag"]),
    /** Beside approve or deny: a follow-up without a hold. */
    flag: z.strictObject({ reason: ReasonCodeText, note: Note }).nullable().optional(),
    /** Required for deny and flag. */
    reason,
    note,
    digest,
    /** The facts that were shown; an approval counts for these only. */
    factsDigest,
  })
  .meta({ id: "Review" });
export type ReviewBody = z.input<typeof ReviewBody>;

/** Body of `withdraw`, `stop`, `release` and `reject`. */
export const MessageBody = z
  .strictObject({ digest: digest.optional(), factsDigest, reason, note })
  .meta({ id: "Message" });
export type MessageBody = z.input<typeof MessageBody>;

/** Body of `extend`. */
export const ExtendBody = z
  .strictObject({
    digest: digest.optional(),
    /** How far to move the deadline. */
    seconds: z.number().int().min(1).max(LIMITS.maxTimeoutSeconds),
    note,
  })
  .meta({ id: "Extend" });
export type ExtendBody = z.input<typeof ExtendBody>;

/** Body of `resolve`: how an execution ended whose end was unknown. */
export const ResolveBody = z
  .strictObject({
    outcome: z.enum(["succeeded", "failed"]),
    reason: ReasonCodeText.default("ADMIN_RESOLVED"),
    note: z.string().min(1).max(LIMITS.noteChars),
  })
  .meta({ id: "Resolve" });
export type ResolveBody = z.input<typeof ResolveBody>;

/** Answer when a message was sent and its admission is not known yet: it may still be recorded. */
export const Sent = z
  .object({ recorded: z.null(), messageId: z.string(), detail: z.string(), statusUrl: z.string() })
  .meta({ id: "Sent" });
export type Sent = z.output<typeof Sent>;
