import { z } from "zod";
import { LIMITS } from "../../core/limits.ts";

/** The one header every ask carries: printable ASCII, no spaces. */
export const IdempotencyKey = z.string().regex(new RegExp(`^[\\x21-\\x7e]{1,${LIMITS.idempotencyKeyChars}}$`));

/** Body of `POST /v1/requests`. */
export const SubmitBody = z
  .strictObject({
    /** Action type, e.g. `postgres.export`. */
    action: z.string().min(1).max(100),
    /** Name of a configured target. */
    target: z.string().min(1).max(100),
    arguments: z.record(z.string(), z.unknown()),
    /** Why; shown to reviewers, read by policies. */
    justification: z.string().max(LIMITS.justificationChars).nullable().optional(),
    /** The agent's own run id: a hint for people. */
    run: z.string().max(LIMITS.runChars).nullable().optional(),
    /** Seconds to hold the call for an end; the wait is never the request. */
    wait: z.number().min(0).max(LIMITS.waitSeconds).optional(),
  })
  .meta({ id: "Submit" });
export type SubmitBody = z.input<typeof SubmitBody>;
