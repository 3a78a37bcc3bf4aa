import { type AnswerForm, DENY_NOTE_CHARS, type NextStep } from "../answer-form.ts";
import type { Block, Modal } from "./blocks.ts";
import { INPUT, noteInput, option, radio, select } from "./inputs.ts";
import { SLACK_LIMITS } from "./limits.ts";
import { plain } from "./text.ts";
import { modal } from "./view.ts";

/** Why not, and what the agent should do now. */
export function drawDeny(form: AnswerForm, token: string): Modal {
  const needNote = form.choices.filter((choice) => choice.noteRequired).length > 0;
  return modal("deny", "Deny", "Deny", token, [
    aboutPart(form),
    reasonPart(form),
    radio(INPUT.next, "What should the agent do next?", [
      option("Stop", NEXT.stop, "It is told not to ask for this again."),
      option("It may try again with changes", NEXT.again, "Say in the note what would be fine."),
    ]),
    noteInput(
      "Note",
      `The agent reads it, and it stays in the record.${needNote ? " Some reasons need one." : ""}`,
      true,
      DENY_NOTE_CHARS,
    ),
  ]);
}

const NEXT: Record<NextStep, NextStep> = { stop: "stop", again: "again" };

/** What the answer is about, since the card may be out of sight. */
export function aboutPart({ card }: AnswerForm): Block {
  const text = `${card.title.agent}\n${card.target.agent} (${card.environment}) · ${card.requestId}`;
  return { type: "section", text: plain(text, SLACK_LIMITS.sectionText) };
}

export function reasonPart({ choices }: AnswerForm): Block {
  const options = choices.map(({ code, sentence, noteRequired }) =>
    option(sentence, code, noteRequired ? `${code} · needs a note` : code),
  );
  return select(INPUT.reason, "Reason", "Choose a reason", options);
}
