import type { Block, Button, Confirm, Message, PlainText, View } from "../../../channels/slack/blocks.ts";
import { SLACK_LIMITS as MAX } from "../../../channels/slack/limits.ts";

/** Every breach of Slack's limits in a payload, counted after escaping as Slack does. */
export function breaches(payload: Message | View): string[] {
  const found: string[] = [];
  const within = (what: string, length: number, max: number, min = 0) => {
    if (length > max || length < min) found.push(`${what}: ${length}, not ${min} to ${max}`);
  };
  const text = (what: string, value: PlainText | { type: "mrkdwn"; text: string }, max: number) => {
    // Ours is escaped already where it is mrkdwn.
    within(what, value.type === "mrkdwn" ? value.text.length : entities(value.text), max, 1);
  };
  const confirm = (value: Confirm) => {
    text("confirm title", value.title, MAX.confirmTitle);
    text("confirm text", value.text, MAX.confirmText);
    text("confirm yes", value.confirm, MAX.confirmButton);
    text("confirm no", value.deny, MAX.confirmButton);
  };
  const button = (value: Button) => {
    text("button text", value.text, MAX.buttonText);
    within("button value", value.value?.length ?? 0, MAX.buttonValue);
    within("url", value.url?.length ?? 0, MAX.url);
    within("action id", value.action_id.length, MAX.actionId, 1);
    if (value.confirm) confirm(value.confirm);
  };
  const block = (one: Block) => {
    if (one.block_id !== undefined) within("block id", one.block_id.length, MAX.blockId, 1);
    switch (one.type) {
      case "header":
        return text("header", one.text, MAX.header);
      case "divider":
        return;
      case "section":
        if ("fields" in one) {
          within("fields", one.fields.length, MAX.fields, 1);
          for (const field of one.fields) text("field", field, MAX.field);
          return;
        }
        text("section", one.text, MAX.sectionText);
        if (one.accessory) button(one.accessory);
        return;
      case "context":
        within("context elements", one.elements.length, MAX.contextElements, 1);
        for (const element of one.elements) text("context", element, MAX.field);
        return;
      case "actions": {
        within("actions", one.elements.length, MAX.actions, 1);
        const ids = one.elements.map((element) => element.action_id);
        if (new Set(ids).size !== ids.length) found.push(`action ids repeat: ${ids.join(" ")}`);
        one.elements.forEach(button);
        return;
      }
      case "rich_text": {
        const leaves = one.elements.flatMap((part) => part.elements.map((element) => element.text));
        for (const leaf of leaves) within("rich text leaf", leaf.length, MAX.sectionText, 1);
        within(
          "rich text",
          leaves.reduce((sum, leaf) => sum + entities(leaf), 0),
          MAX.sectionText,
          1,
        );
        return;
      }
      case "input": {
        text("label", one.label, MAX.inputLabel);
        if (one.hint) text("hint", one.hint, MAX.inputHint);
        const { element } = one;
        if (element.type === "plain_text_input") within("max length", element.max_length, MAX.inputMaxLength, 1);
        else {
          const most = element.type === "static_select" ? MAX.options : MAX.radioOptions;
          within("options", element.options.length, most, 1);
          for (const option of element.options) {
            text("option", option.text, MAX.optionText);
            within("option value", option.value.length, MAX.optionValue, 1);
            if (option.description) text("option description", option.description, MAX.optionDescription);
          }
        }
      }
    }
  };
  payload.blocks.forEach(block);
  const ids = payload.blocks.flatMap((one) => (one.block_id === undefined ? [] : [one.block_id]));
  if (new Set(ids).size !== ids.length) found.push("block ids repeat");
  if (!("type" in payload)) {
    within("fallback text", entities(payload.text), MAX.fallbackText, 1);
    within("blocks", payload.blocks.length, MAX.messageBlocks, 1);
    return found;
  }
  within("blocks", payload.blocks.length, MAX.viewBlocks, 1);
  within("private metadata", payload.private_metadata.length, MAX.privateMetadata);
  within("callback id", payload.callback_id.length, MAX.callbackId, 1);
  within("bytes", Buffer.byteLength(entitled(JSON.stringify(payload))), MAX.viewBytes);
  if (payload.type === "modal") {
    text("view title", payload.title, MAX.viewTitle);
    text("close", payload.close, MAX.viewButton);
    if (payload.submit) text("submit", payload.submit, MAX.viewButton);
  }
  return found;
}

/** Text that Slack reads as markup, or uses for itself: nothing of an agent's may be in it. */
export function markupLeaves(payload: Message | View): string[] {
  const leaves: string[] = [];
  const visit = (value: unknown, key: string, parent: Record<string, unknown> | null) => {
    if (Array.isArray(value)) {
      for (const one of value) visit(one, key, parent);
    } else if (typeof value === "object" && value !== null) {
      for (const [name, inner] of Object.entries(value)) visit(inner, name, value as Record<string, unknown>);
    } else if (typeof value === "string" && !literalLeaf(key, parent)) leaves.push(value);
  };
  visit(payload, "", null);
  return leaves;
}

function literalLeaf(key: string, parent: Record<string, unknown> | null): boolean {
  return key === "text" && (parent?.type === "plain_text" || parent?.type === "text");
}

function entities(text: string): number {
  return entitled(text).length;
}

function entitled(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
