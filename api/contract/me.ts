import { z } from "zod";
import { Named, Time } from "./primitives.ts";

/** Who the server takes the caller for. */
export const MeView = z
  .object({
    id: z.string(),
    kind: z.enum(["person", "agent"]),
    name: z.string(),
    groups: z.array(z.string()),
    /** Of an agent. */
    owner: Named.nullable(),
    /** Of an agent, when its token vouches for one. */
    onBehalfOf: Named.nullable(),
    method: z.enum(["session", "token", "agent-key", "workload-jwt"]),
    operator: z.boolean(),
    auditor: z.boolean(),
    expiresAt: Time.nullable(),
  })
  .meta({ id: "Me" });
export type MeView = z.output<typeof MeView>;

/** What is in force. */
export const ConfigurationView = z
  .object({
    version: z.number().int(),
    digest: z.string(),
    appliedAt: Time,
    signedBy: z.string(),
    policies: z.array(z.object({ file: z.string(), digest: z.string() })),
    targets: z.array(z.object({ name: z.string(), kind: z.string(), environment: z.string() })),
    actions: z.array(z.string()),
  })
  .meta({ id: "Configuration" });
export type ConfigurationView = z.output<typeof ConfigurationView>;

export const HealthView = z
  .object({
    status: z.enum(["ok", "unavailable"]),
    checks: z.record(z.string(), z.object({ ok: z.boolean(), detail: z.string().nullable() })),
  })
  .meta({ id: "Health" });
export type HealthView = z.output<typeof HealthView>;
