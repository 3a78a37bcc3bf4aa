import { z } from "zod";

/** What a code of a problem, a reason or a refusal means. */
export const CodeView = z
  .object({
    code: z.string(),
    kind: z.enum(["error", "reason"]),
    sentence: z.string(),
    /** HTTP status when a call ends with it. */
    status: z.number().int().nullable(),
    /** What can be done now. */
    next: z.string().nullable(),
  })
  .meta({ id: "Code" });
export type CodeView = z.output<typeof CodeView>;
