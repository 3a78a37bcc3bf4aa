import { z } from "zod";
import { DigestText, ReasonView, Time } from "./primitives.ts";

/** Why the policy answered as it did. */
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
    /** What the conditions read; for people only. */
    facts: z.record(z.string(), z.unknown()).nullable(),
    /** Each rule with each of its conditions and what it read; for people, while that policy is still in force. */
    tree: z.record(z.string(), z.unknown()).nullable(),
    /** The same as text, as `countersign policy explain` prints it. */
    text: z.string(),
  })
  .meta({ id: "Explanation" });
export type ExplanationView = z.output<typeof ExplanationView>;
