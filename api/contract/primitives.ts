import { z } from "zod";
import { LIMITS } from "../../core/limits.ts";
import type { Digest } from "../../core/request.ts";

/** Small shapes that more than one part of the wire contract uses. */

/** `sha256:` and 64 hex digits. */
export const DigestText = z
  .templateLiteral(["sha256:", z.string().regex(/^[0-9a-f]{64}$/)])
  .meta({ description: "`sha256:` and 64 hex digits, over RFC 8785 canonical JSON." }) as z.ZodType<Digest>;

/** RFC 3339, always UTC. */
export const Time = z.string().meta({ format: "date-time" });

export const RequestId = z.string().regex(/^req_[A-Za-z0-9_-]{1,100}$/);

export const MessageId = z.string().regex(/^msg_[A-Za-z0-9_-]{1,100}$/);

/** A principal with the name people know it by. */
export const Named = z.object({ id: z.string(), name: z.string() }).meta({ id: "Named" });
export type Named = z.output<typeof Named>;

/** A reason code with its sentence, so that a caller never needs the catalogue. */
export const ReasonView = z
  .object({
    code: z.string(),
    text: z.string(),
    /** The policy rule that said it. */
    rule: z.string().nullable(),
    /** What a person added. */
    note: z.string().nullable(),
  })
  .meta({ id: "Reason" });
export type ReasonView = z.output<typeof ReasonView>;

export const ReasonCodeText = z.string().regex(/^[A-Z][A-Z0-9_]{1,63}$/);
export const Note = z.string().max(LIMITS.noteChars);

export const Cursor = z.string().min(1).max(200);
/** Query parameters arrive as text. */
export const Limit = z.coerce.number().int().min(1).max(LIMITS.maxPageSize).default(LIMITS.pageSize);
export const WaitSeconds = z.coerce.number().min(0).max(LIMITS.waitSeconds);
