import type { Block, Button, Message, PlainText, View } from "./blocks.ts";

/** A message or a view as somebody would read it in a terminal. */
export function asText(payload: Message | View): string {
  const lines = payload.blocks.flatMap((block) => [...blockLines(block), ""]);
  if (!("type" in payload)) return lines.join("\n").trimEnd();
  const title = payload.type === "modal" ? [`== ${payload.title.text} ==`, ""] : [];
  const buttons = payload.type === "modal" ? [payload.close, payload.submit].flatMap(buttonText) : [];
  return [...title, ...lines, buttons.join("  ")].join("\n").trimEnd();
}

function blockLines(block: Block): string[] {
  switch (block.type) {
    case "header":
      return [block.text.text, "-".repeat(Math.min(block.text.text.length, 80))];
    case "divider":
      return ["---"];
    case "section":
      if ("fields" in block) return block.fields.map((field) => markup(field.text).replace("\n", ": "));
      return [textOf(block.text), ...(block.accessory ? [buttonOf(block.accessory)] : [])];
    case "context":
      return block.elements.map((element) => `(${textOf(element)})`);
    case "actions":
      return [block.elements.map(buttonOf).join("  ")];
    case "rich_text":
      return block.elements.map((part) => {
        const text = part.elements.map((element) => element.text).join("");
        if (part.type === "rich_text_section") return text;
        return indented(text, part.type === "rich_text_quote" ? "> " : "    ");
      });
    case "input":
      return inputLines(block);
    default:
      return block satisfies never;
  }
}

function inputLines({ label, element, hint, optional }: Extract<Block, { type: "input" }>): string[] {
  const options = "options" in element ? element.options.map((one) => `  ( ) ${one.text.text}`) : ["  ______"];
  return [`${label.text}${optional ? " (optional)" : ""}`, ...options, ...(hint ? [`  ${hint.text}`] : [])];
}

function textOf(text: PlainText | { type: "mrkdwn"; text: string }): string {
  return text.type === "plain_text" ? text.text : markup(text.text);
}

/** Dates in everybody's time, no bold, no entities; a mention by its id. */
function markup(text: string): string {
  return text
    .replace(/<!date\^[^|>]*\|([^>]*)>/g, "$1")
    .replace(/<@([A-Z0-9]+)>/g, "@$1")
    .replace(/^\*(.*)\*$/gm, "$1")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}

function buttonOf({ text, url }: Button): string {
  return url === undefined ? `[${text.text}]` : `[${text.text}: ${url}]`;
}

function buttonText(text: PlainText | undefined): string[] {
  return text === undefined ? [] : [`[${text.text}]`];
}

function indented(text: string, by: string): string {
  return text
    .split("\n")
    .map((line) => `${by}${line}`)
    .join("\n");
}
