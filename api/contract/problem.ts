import { z } from "zod";

/** RFC 9457 problem details, as `application/problem+json`; every error answer has this form. */
export const Problem = z
  .object({
    /** Address of the code's explanation. */
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    /** From the error table or, when a review was refused, from the reason codes. */
    code: z.string(),
    /** What exactly, and what can be done now. */
    detail: z.string(),
    /** JSON pointer (RFC 6901) into the body, or a header or parameter by name. */
    pointer: z.string().optional(),
    /** Seconds after which trying again makes sense; also in `Retry-After`. */
    retryAfterSeconds: z.number().int().optional(),
    /** All findings, when there is more than one. */
    findings: z
      .array(
        z.object({
          message: z.string(),
          pointer: z.string().nullable(),
        }),
      )
      .optional(),
    /** Names this call in the log of the server. */
    callId: z.string(),
  })
  .meta({ id: "Problem" });
export type Problem = z.output<typeof Problem>;
