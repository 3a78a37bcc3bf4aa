import { ApplicationFailure } from "@temporalio/workflow";
import type { Cause, JournalEntry, RecordInput } from "../activities/types.ts";
import type { Deliberation, Effect, Happening, Outcome } from "../core/deliberation-types.ts";
import { local } from "./activity-options.ts";
import { persist } from "./persist.ts";

/** What a cause leads to: computed the same way for our entry and for one that stands already. */
export type Followed = {
  happened: Happening[];
  state: Deliberation | null;
  outcome: Outcome | null;
  effects: Effect[];
};

export type Entered<F extends Followed> = F & {
  entry: JournalEntry;
  /** Something recorded earlier was followed instead of the cause that was offered. */
  adopted: boolean;
};

export type Attachments = Partial<Pick<RecordInput, "submission" | "message" | "identification" | "description">>;

export type Journal = {
  /**
   * Writes the next entry of the request's stream. First write wins: after a reset, or a kill
   * between a write and its marker, what stands there is followed instead of contradicted.
   */
  enter<F extends Followed>(
    cause: Cause,
    follow: (cause: Cause, at: number) => F,
    attachments?: Attachments,
  ): Promise<Entered<F>>;
};

export function openJournal(requestId: string): Journal {
  let seq = 0;
  const write = (entry: JournalEntry, followed: Followed, attachments: Attachments): Promise<JournalEntry | null> => {
    const { state, outcome } = followed;
    const { submission = null, message = null, identification = null, description = null } = attachments;
    const input = { requestId, seq, entry, state, outcome, submission, message, identification, description };
    return persist(() => local.record(input)).then((recorded) => recorded.adopted);
  };

  return {
    async enter(cause, follow, attachments = {}) {
      const at = Date.now();
      const ours = follow(cause, at);
      const entry = { at, cause, happened: ours.happened };
      const standing = await write(entry, ours, attachments);
      if (standing === null) {
        seq += 1;
        return { ...ours, entry, adopted: false };
      }
      const theirs = follow(standing.cause, standing.at);
      if (JSON.stringify(theirs.happened) !== JSON.stringify(standing.happened)) throw forked(seq, standing);
      if ((await write(standing, theirs, {})) !== null) throw forked(seq, standing);
      seq += 1;
      return { ...theirs, entry: standing, adopted: true };
    },
  };
}

export function forked(seq: number, standing: JournalEntry): ApplicationFailure {
  const what = standing.cause.kind === "step" ? standing.cause.event.kind : standing.cause.kind;
  return ApplicationFailure.nonRetryable(`entry ${seq} of the record ("${what}") cannot follow here`, "HISTORY_FORKED");
}
