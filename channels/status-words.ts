import type { Status } from "../core/status.ts";

/** What stands behind the title, the first words of the banner, and what it means for the action. */
type Words = { ending: string; state: string; means: string };

const WORDS: Record<Status, Words> = {
  evaluating: { ending: "being evaluated", state: "Being evaluated.", means: "Nothing has run." },
  pending: { ending: "approval needed", state: "Waiting for approval.", means: "Nothing has run." },
  held: { ending: "held", state: "Held.", means: "Only auditors can release or reject it. Nothing has run." },
  starting: {
    ending: "starting",
    state: "Approved.",
    means: "The executor checks everything again, then starts it.",
  },
  running: { ending: "running", state: "Running.", means: "The action has started and not ended yet." },
  succeeded: { ending: "succeeded", state: "Succeeded.", means: "The action ran." },
  failed: { ending: "failed", state: "Approved, but it failed.", means: "" },
  unknown: {
    ending: "outcome unknown",
    state: "Started, and its end is not known.",
    means: "It may have taken effect. It will not be started again; an operator has to look.",
  },
  denied: { ending: "denied", state: "Denied.", means: "The action did not run. The agent was told the reason." },
  expired: { ending: "expired", state: "Expired.", means: "The action did not run." },
  withdrawn: { ending: "withdrawn", state: "Withdrawn.", means: "The action did not run." },
};

export function statusWords(status: Status): Words {
  return WORDS[status];
}

/** Nobody is asked any more. */
export function isOver(status: Status): boolean {
  return status !== "evaluating" && status !== "pending" && status !== "held";
}

/** The heading over the exact action: a card about the past must not say that something will run. */
export function actionHeading(status: Status): string {
  switch (status) {
    case "evaluating":
    case "pending":
    case "held":
    case "starting":
      return "What will run";
    case "running":
      return "What is running";
    case "succeeded":
    case "failed":
    case "unknown":
      return "What ran";
    case "denied":
    case "expired":
    case "withdrawn":
      return "What was asked, and did not run";
    default:
      return status satisfies never;
  }
}
