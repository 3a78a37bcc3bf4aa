import type { Block, Option } from "./blocks.ts";
import { SLACK_LIMITS } from "./limits.ts";
import { plain } from "./text.ts";

/** Names of the inputs of our forms: the block's id, and below it always the same action id. */
export const INPUT = { reason: "reason", note: "note", next: "next", pause: "pause" } as const;
export const INPUT_ACTION = "value";

export function option(text: string, value: string, description?: string): Option {
  return {
    text: plain(text, SLACK_LIMITS.optionText),
    value,
    ...(description === undefined ? {} : { description: plain(description, SLACK_LIMITS.optionDescription) }),
  };
}

export function select(name: string, label: string, placeholder: string, options: Option[]): Block {
  return {
    type: "input",
    block_id: name,
    label: plain(label, SLACK_LIMITS.inputLabel),
    optional: false,
    element: {
      type: "static_select",
      action_id: INPUT_ACTION,
      placeholder: plain(placeholder, SLACK_LIMITS.inputPlaceholder),
      options: options.slice(0, SLACK_LIMITS.options),
    },
  };
}

export function noteInput(label: string, hint: string, optional: boolean, maxChars: number): Block {
  return {
    type: "input",
    block_id: INPUT.note,
    label: plain(label, SLACK_LIMITS.inputLabel),
    optional,
    hint: plain(hint, SLACK_LIMITS.inputHint),
    element: { type: "plain_text_input", action_id: INPUT_ACTION, multiline: true, max_length: maxChars },
  };
}

export function radio(name: string, label: string, options: [Option, ...Option[]]): Block {
  return {
    type: "input",
    block_id: name,
    label: plain(label, SLACK_LIMITS.inputLabel),
    optional: false,
    element: { type: "radio_buttons", action_id: INPUT_ACTION, options, initial_option: options[0] },
  };
}

export function checkbox(name: string, label: string, hint: string, one: Option): Block {
  return {
    type: "input",
    block_id: name,
    label: plain(label, SLACK_LIMITS.inputLabel),
    optional: true,
    hint: plain(hint, SLACK_LIMITS.inputHint),
    element: { type: "checkboxes", action_id: INPUT_ACTION, options: [one] },
  };
}
