import { spelt } from "../../channels/duration.ts";
import type { RequestView } from "../contract/request.ts";

type Status = RequestView["status"];

/** What a reader sees for each status: a word, and what it means for the action, in one sentence. */
const STATUS_WORDS: Record<Status, { word: string; tone: "wait" | "go" | "stop" | "done"; means: string }> = {
  evaluating: { word: "Evaluating", tone: "wait", means: "Facts are being gathered. Nothing has run." },
  pending: { word: "Waiting for approval", tone: "wait", means: "Nothing has run." },
  held: { word: "Held", tone: "stop", means: "Flagged. Only auditors can release it. Nothing has run." },
  starting: { word: "Starting", tone: "go", means: "Approved. The executor checks everything again, then starts it." },
  running: { word: "Running", tone: "go", means: "The action is running." },
  succeeded: { word: "Succeeded", tone: "done", means: "The action ran and succeeded." },
  failed: { word: "Failed", tone: "stop", means: "The action was approved, started, and failed." },
  unknown: {
    word: "Unknown",
    tone: "stop",
    means: "The action started. Whether it finished is not known; it will not be started again.",
  },
  denied: { word: "Denied", tone: "stop", means: "The action did not run. The agent was told the reason." },
  expired: { word: "Expired", tone: "stop", means: "Time ran out. The action did not run." },
  withdrawn: { word: "Withdrawn", tone: "stop", means: "The action did not run." },
};

export function statusWords(status: Status) {
  return STATUS_WORDS[status];
}

/** "in 3 h 20 min", "8 min ago", relative to now. */
export function fromNow(iso: string, now: number): string {
  const seconds = Math.round((Date.parse(iso) - now) / 1_000);
  const amount = spelt(Math.abs(seconds));
  return seconds >= 0 ? `in ${amount}` : `${amount} ago`;
}

/** One line of the timeline, in words. */
const HAPPENED: Record<string, string> = {
  "request.submitted": "asked",
  "request.evaluated": "the policy answered",
  "request.pending": "people were asked",
  "review.approved": "approved",
  "review.denied": "denied",
  "review.flagged": "flagged it",
  "review.refused": "tried to answer, and it did not count",
  "request.held": "held for auditors",
  "request.released": "released the hold",
  "request.extended": "moved the deadline",
  "request.reminded": "those missing were reminded",
  "request.escalated": "more people may answer",
  "request.starting": "approved by everyone needed; starting",
  "request.settled": "whether it had started was settled",
  "request.stopping": "asked it to stop",
  "gate.refused": "the executor's gate refused to start it",
  "request.denied": "ended: denied",
  "request.expired": "ended: expired",
  "request.withdrawn": "ended: withdrawn",
  "request.succeeded": "ended: succeeded",
  "request.failed": "ended: failed",
  "request.unknown": "ended: unknown",
  "execution.claimed": "the executor claimed the one start",
  "execution.succeeded": "the executor finished it",
  "execution.failed": "the executor reported a failure",
  "execution.unknown": "the executor could not say how it ended",
};

export function happenedWords(type: string): string {
  return HAPPENED[type] ?? type;
}
