import type { Deliberation, ExecutionReport, Outcome, Settlement } from "../../core/deliberation-types.ts";
import type { Spoken } from "./people.ts";
import type { Weakness } from "./weaknesses.ts";
import type { Cause } from "./workflow.ts";

export type Entry = { at: number; cause: Cause; happened: unknown[] };
export type RecordInput = {
  seq: number;
  entry: Entry;
  state: Deliberation;
  outcome: Outcome | null;
  message: Spoken | null;
};
export type Claimed =
  | { claimed: true }
  | { claimed: false; code: "EXEC_ALREADY_CLAIMED" | "EXEC_NEVER" | "TIME_NOT_STARTED" };
const DID_NOT_RUN: readonly string[] = ["denied", "expired", "withdrawn"];

/** The tables of one request, with the promises that db/record.ts and db/claim.ts make. */
export class Database {
  readonly journal: string[] = [];
  readonly messages = new Map<string, { said: Spoken; at: number }>();
  readonly tombstones = new Set<number>();
  readonly claims: { attempt: number; at: number }[] = [];
  report: ExecutionReport | null = null;
  state: Deliberation | null = null;
  outcome: Outcome | null = null;
  private readonly weakness: Weakness | null;

  constructor(weakness: Weakness | null) {
    this.weakness = weakness;
  }

  /** First write wins; the answer is what stands there and differs. */
  record({ seq, entry, state, outcome, message }: RecordInput): Entry | null {
    const ours = JSON.stringify(entry);
    const standing = this.journal[seq];
    const overwrites = this.weakness === "the last write wins";
    if (standing !== undefined && standing !== ours && !overwrites) return JSON.parse(standing) as Entry;
    if (standing !== undefined && !overwrites) return null;
    if (seq > this.journal.length) throw new Error(`entry ${seq} would follow an entry nobody recorded`);
    this.journal[seq] = ours;
    if (message !== null && !this.messages.has(message.id))
      this.messages.set(message.id, { said: message, at: entry.at });
    this.state = state;
    this.outcome = outcome;
    if (outcome !== null && DID_NOT_RUN.includes(outcome.status) && this.claims.length === 0) {
      for (const attempt of [state.attempt, state.attempt + 1]) if (attempt > 0) this.tombstones.add(attempt);
    }
    return null;
  }

  settle(attempt: number): Settlement {
    if (this.claims.length > 0) return { won: false, report: this.report };
    if (this.weakness !== "a settlement writes no tombstone") this.tombstones.add(attempt);
    return { won: true };
  }

  claim(attempt: number, executeBy: number, now: number): Claimed {
    const refused = (code: (Claimed & { claimed: false })["code"]): Claimed => ({ claimed: false, code });
    if (this.claims.length > 0 && this.weakness !== "a claim is not unique") return refused("EXEC_ALREADY_CLAIMED");
    if (this.weakness !== "a tombstone is ignored") {
      if (attempt <= Math.max(0, ...this.tombstones) || this.outcome !== null) return refused("EXEC_NEVER");
    }
    if (now >= executeBy) return refused("TIME_NOT_STARTED");
    this.claims.push({ attempt, at: now });
    return { claimed: true };
  }

  writeOutcome(report: ExecutionReport): ExecutionReport {
    this.report ??= report;
    return this.report;
  }
}
