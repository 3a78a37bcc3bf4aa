import { z } from "zod";
import { LIMITS } from "../../core/limits.ts";
import { Named, Time } from "./primitives.ts";

/** Body of `POST /v1/freezes`. What is left out matches everything. */
export const FreezeBody = z
  .strictObject({
    agent: z.string().max(200).nullable().optional(),
    action: z.string().max(100).nullable().optional(),
    target: z.string().max(100).nullable().optional(),
    reason: z.string().min(1).max(LIMITS.noteChars),
  })
  .meta({ id: "Freeze" });
export type FreezeBody = z.input<typeof FreezeBody>;

export const LiftBody = z.strictObject({ reason: z.string().min(1).max(LIMITS.noteChars) }).meta({ id: "Lift" });
export type LiftBody = z.input<typeof LiftBody>;

export const FreezeView = z
  .object({
    id: z.string(),
    scope: z.object({ agent: z.string().nullable(), action: z.string().nullable(), target: z.string().nullable() }),
    reason: z.string(),
    by: Named,
    at: Time,
  })
  .meta({ id: "FreezeInForce" });
export type FreezeView = z.output<typeof FreezeView>;

/** Answer to a freeze: what it does not stop, because it runs already. */
export const FrozenView = z.object({ freeze: FreezeView, running: z.array(z.string()) }).meta({ id: "Frozen" });
export type FrozenView = z.output<typeof FrozenView>;

export const FreezeList = z.object({ items: z.array(FreezeView) }).meta({ id: "FreezeList" });
export type FreezeList = z.output<typeof FreezeList>;
