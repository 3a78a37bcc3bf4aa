import type { Configuration } from "../config/configuration.ts";
import type { Submission } from "../core/request.ts";
import { markdownBlock, markdownLine } from "../privacy/markdown.ts";
import { nameOf } from "./request-view.ts";

/** What Temporal's UI shows of a request for as long as it exists; it renders Markdown. */
export function summaryOf(submission: Submission, environment: string, configuration: Configuration) {
  const { action, requester, onBehalfOf, justification } = submission;
  const asker = markdownLine(nameOf(requester, configuration).name, NAME_CHARS);
  const lines = [
    `**${markdownLine(action.type, NAME_CHARS)}** on **${markdownLine(action.target, NAME_CHARS)}** (${markdownLine(environment, NAME_CHARS)})`,
    `Asked by ${asker} (${markdownLine(requester, NAME_CHARS)})${onBehalfOf === null ? "" : ` on behalf of ${markdownLine(onBehalfOf, NAME_CHARS)}`}`,
    `Digest ${submission.digest}`,
    justification === null
      ? "No justification was given."
      : `Justification:\n${markdownBlock(justification, TEXT_CHARS)}`,
    `Arguments:\n${markdownBlock(JSON.stringify(action.arguments, null, 2), TEXT_CHARS, "json")}`,
  ];
  return {
    staticSummary: bounded(`${action.type} on ${action.target}, asked by ${asker}`, SUMMARY_BYTES),
    staticDetails: lines.join("\n\n"),
  };
}

/** Temporal takes 200 bytes of summary; details stay within 2 KB even if every character takes three bytes. */
const SUMMARY_BYTES = 200;
const NAME_CHARS = 60;
const TEXT_CHARS = 220;

function bounded(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text);
  return bytes.length <= maxBytes
    ? text
    : `${bytes
        .subarray(0, maxBytes - 4)
        .toString("utf8")
        .replace(/\uFFFD+$/, "")}…`;
}
