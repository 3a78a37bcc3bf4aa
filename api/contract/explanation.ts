import { z } from "zod";
import { DigestText, ReasonView, Time } from "./primitives.ts";

/** Why the policy answered as it did, from the record: nothing is evaluated again. */
export const ExplanationView = z
  .object({
    requestId: z.string(),
    outcome: z.enum(["allow", "review", "deny"]),
    reasons: z.array(ReasonView),
    rules: z.array(
      z.object({
        id: z.string(),
        policy: z.string(),
        effect: z.enum(["allow", "review", "deny"]),
        mode: z.enum(["enforce", "monitor"]),
        reason: z.string(),
        error: z.string().nullable(),
      }),
    ),
    /** Fields of the requirement and the rules that set each. */
    provenance: z.record(z.string(), z.array(z.string())),
    policyDigest: DigestText,
    engine: z.string(),
    factsDigest: DigestText,
    configurationVersion: z.number().int().nullable(),
    evaluatedAt: Time,
    /** What the conditions read. */
    facts: z.record(z.string(), z.unknown()).nullable(),
    /** The same in sentences, one line each, as `countersign policy explain` prints it. */
    text: z.array(z.string()),
  })
  .meta({ id: "Explanation" });
export type ExplanationView = z.output<typeof ExplanationView>;
