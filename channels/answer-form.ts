import { LIMITS } from "../core/limits.ts";
import { REASON_CODES, reviewerCodes } from "../core/reason-codes.ts";
import type { Card } from "./card.ts";
import { named } from "./line.ts";

/** A reason a reviewer may choose. */
export type ReasonChoice = { code: string; sentence: string; noteRequired: boolean };

/** What a form for a deny or a flag is drawn from. */
export type AnswerForm = {
  card: Pick<Card, "title" | "target" | "environment" | "requestId">;
  choices: ReasonChoice[];
  /** Name of the agent that this person may pause; null when they may not. */
  mayPause: string | null;
};

export function answerForm(
  { title, target, environment, requestId }: AnswerForm["card"],
  organisation: ReasonChoice[],
  mayPause: string | null,
): AnswerForm {
  const own = reviewerCodes().map((code) => {
    const row: { sentence: string; noteRequired?: true } = REASON_CODES[code];
    return { code, sentence: row.sentence, noteRequired: row.noteRequired === true };
  });
  const card = { title, target, environment, requestId };
  return { card, choices: [...own, ...organisation], mayPause: mayPause === null ? null : named(mayPause) };
}

/** What the agent should do after a deny. */
export const NEXT_STEPS = ["stop", "again"] as const;
export type NextStep = (typeof NEXT_STEPS)[number];

const NEXT_SENTENCES: Record<NextStep, string> = {
  stop: "Do not ask for this again.",
  again: "You may ask again with changes.",
};

/** The note as the agent gets it: what to do next on the first line. */
export function denyNote(next: NextStep, note: string): string {
  const said = note.trim();
  return said === "" ? NEXT_SENTENCES[next] : `${NEXT_SENTENCES[next]}\n${said}`;
}

/** What is left for a person's own words. */
export const DENY_NOTE_CHARS = LIMITS.noteChars - 100;
