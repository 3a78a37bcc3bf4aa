import { escapedLength } from "../agent-text.ts";

/** What Slack accepts, from its reference. Lengths count after `& < >` have become entities. */
export const SLACK_LIMITS = {
  messageBlocks: 50,
  viewBlocks: 100,
  /** Ours, not Slack's: a card that waits for people is read at a glance. */
  pendingCardBlocks: 12,
  fallbackText: 4_000,
  header: 150,
  sectionText: 3_000,
  fields: 10,
  field: 2_000,
  contextElements: 10,
  actions: 25,
  buttonText: 75,
  buttonValue: 2_000,
  url: 3_000,
  actionId: 255,
  blockId: 255,
  confirmTitle: 100,
  confirmText: 300,
  confirmButton: 30,
  options: 100,
  optionText: 75,
  optionValue: 150,
  optionDescription: 75,
  radioOptions: 10,
  checkboxOptions: 10,
  inputLabel: 2_000,
  inputHint: 2_000,
  inputPlaceholder: 150,
  inputMaxLength: 3_000,
  viewTitle: 24,
  viewButton: 24,
  callbackId: 255,
  privateMetadata: 3_000,
  viewBytes: 250_000,
  /** Ours: Slack names no limit for rich text, and this fits where a section's would. */
  richText: 2_900,
} as const;

/** How much room a whole view takes, as the bytes that are sent, each entity counted as one. */
export function bytesOf(payload: unknown): number {
  const json = JSON.stringify(payload);
  return new TextEncoder().encode(json).length + escapedLength(json) - json.length;
}
