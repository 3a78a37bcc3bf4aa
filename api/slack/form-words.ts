import { DENY_NOTE_CHARS, denyNote, NEXT_STEPS } from "../../channels/answer-form.ts";
import { INPUT, INPUT_ACTION } from "../../channels/slack/inputs.ts";
import { LIMITS } from "../../core/limits.ts";
import { isReasonCode, REASON_CODES } from "../../core/reason-codes.ts";
import type { Words } from "./human-message.ts";
import type { SubmissionPayload, ViewInput } from "./payload.ts";

/** What a form says, or what is wrong with it, input by input. */
export type FormWords = { ok: true; words: Words; pause: boolean } | { ok: false; errors: Errors };
type Errors = { [block: string]: string };
type Values = SubmissionPayload["view"]["state"]["values"];

/**
 * What is missing is told while the words are still there to be mended; whether they count, the workflow judges by
 * its own rules. `noteRequired`: the organisation's own codes that need one.
 */
export function formWords(verb: "approve" | "deny" | "flag", values: Values, noteRequired: string[]): FormWords {
  const note = inputOf(values, INPUT.note)?.value?.trim() ?? "";
  const reason = inputOf(values, INPUT.reason)?.selected_option?.value ?? null;
  switch (verb) {
    case "approve":
      return checked(tooLong(note, LIMITS.noteChars), { reason: null, note: note === "" ? null : note });
    case "deny": {
      const next = NEXT_STEPS.find((step) => step === inputOf(values, INPUT.next)?.selected_option?.value);
      const needsNote = reason !== null && (noteRequired.includes(reason) || needsNoteHere(reason));
      const errors = {
        ...(reason === null ? { [INPUT.reason]: "Choose a reason." } : {}),
        ...(next === undefined ? { [INPUT.next]: "Choose what the agent should do." } : {}),
        ...(needsNote && note === "" ? { [INPUT.note]: "This reason needs a note." } : {}),
        ...tooLong(note, DENY_NOTE_CHARS),
      };
      return checked(errors, { reason, note: next === undefined ? note : denyNote(next, note) });
    }
    case "flag": {
      const errors = {
        ...(reason === null ? { [INPUT.reason]: "Choose a reason." } : {}),
        ...(note === "" ? { [INPUT.note]: "Say what looks wrong." } : {}),
        ...tooLong(note, LIMITS.noteChars),
      };
      const pause = (inputOf(values, INPUT.pause)?.selected_options ?? []).some(({ value }) => value === INPUT.pause);
      return checked(errors, { reason, note }, pause);
    }
    default:
      return verb satisfies never;
  }
}

function checked(errors: Errors, said: Pick<Words, "reason" | "note">, pause = false): FormWords {
  if (Object.keys(errors).length > 0) return { ok: false, errors };
  return { ok: true, words: { flag: null, ...said }, pause };
}

function inputOf(values: Values, name: string): ViewInput | undefined {
  return values[name]?.[INPUT_ACTION];
}

function tooLong(note: string, maxChars: number): Errors {
  return note.length > maxChars ? { [INPUT.note]: `At most ${maxChars} characters.` } : {};
}

function needsNoteHere(code: string): boolean {
  return isReasonCode(code) && REASON_CODES[code].noteRequired === true;
}
