/** What everyone sees as `status`: recorded state joined with the executions row (db/read/status.ts). */
export const STATUSES = [
  "evaluating",
  "pending",
  "held",
  "starting",
  "running",
  "succeeded",
  "failed",
  "unknown",
  "denied",
  "expired",
  "withdrawn",
] as const;
export type Status = (typeof STATUSES)[number];
