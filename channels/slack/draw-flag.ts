import { LIMITS } from "../../core/limits.ts";
import type { AnswerForm } from "../answer-form.ts";
import type { Modal } from "./blocks.ts";
import { aboutPart, reasonPart } from "./draw-deny.ts";
import { checkbox, INPUT, noteInput, option } from "./inputs.ts";
import { modal } from "./view.ts";

/** Something looks wrong: auditors have to look before anything runs. */
export function drawFlag(form: AnswerForm, token: string): Modal {
  const { mayPause } = form;
  return modal("flag", "Flag for auditors", "Flag", token, [
    aboutPart(form),
    reasonPart(form),
    noteInput(
      "What looks wrong?",
      "Auditors read it. Nothing runs until one of them has released it.",
      false,
      LIMITS.noteChars,
    ),
    ...(mayPause === null
      ? []
      : [
          checkbox(
            INPUT.pause,
            "The agent",
            "Nothing it asks for starts until an operator lifts it.",
            option(`Pause ${mayPause}`, INPUT.pause),
          ),
        ]),
  ]);
}
