import type { Fields } from "./driver.ts";
import { elementProblems } from "./element-rules.ts";
import {
  countedLength,
  countProblems,
  duplicates,
  isFields,
  listOf,
  type Problems,
  stringProblems,
  textProblems,
  unknownFields,
} from "./text-rules.ts";

/**
 * What Slack refuses as `invalid_blocks`, from its Block Kit reference and from what it was seen to do. The
 * double takes anything; our own table of limits is not consulted, so that neither can hide the other's mistake.
 */
export function messageProblems({ text, blocks }: Fields): Problems {
  const list = blocks === undefined ? [] : blocks;
  return [
    ...(typeof text === "string" && text.length > 4_000 ? [`text: ${text.length} characters`] : []),
    ...(blocks === undefined && (typeof text !== "string" || text === "") ? ["no_text"] : []),
    ...countProblems("blocks", list, 0, 50),
    ...blocksProblems(list, MESSAGE_BLOCKS),
    // Nowhere documented; messages have been refused from 11,300 characters on.
    ...(totalText(list) > 10_000 ? [`blocks: ${totalText(list)} characters altogether`] : []),
  ];
}

export function viewProblems(view: unknown): Problems {
  if (!isFields(view)) return ["view: none"];
  if (view.type !== "modal" && view.type !== "home") return [`view/type: ${String(view.type)}`];
  const common = ["type", "blocks", "private_metadata", "callback_id", "external_id"];
  const modal = ["title", "submit", "close", "clear_on_close", "notify_on_close", "submit_disabled"];
  const asks = listOf(view.blocks).some(({ type }) => type === "input");
  return [
    ...unknownFields("view", view, view.type === "modal" ? [...common, ...modal] : common),
    ...(view.type === "modal" ? textProblems("view/title", view.title, 24, "plain") : []),
    ...(view.submit === undefined ? [] : textProblems("view/submit", view.submit, 24, "plain")),
    ...(view.close === undefined ? [] : textProblems("view/close", view.close, 24, "plain")),
    ...(view.type === "modal" && asks && view.submit === undefined ? ["view/submit: inputs want one"] : []),
    ...stringProblems("view/private_metadata", view.private_metadata || undefined, 3_000),
    ...stringProblems("view/callback_id", view.callback_id, 255),
    ...stringProblems("view/external_id", view.external_id, 255),
    ...countProblems("view/blocks", view.blocks, 0, 100),
    ...blocksProblems(view.blocks, VIEW_BLOCKS),
    ...(Buffer.byteLength(JSON.stringify(view)) > 250_000 ? ["view: more than 250 KB"] : []),
  ];
}

const VIEW_BLOCKS = ["actions", "context", "divider", "header", "image", "input", "rich_text", "section"];
const MESSAGE_BLOCKS = VIEW_BLOCKS;

function blocksProblems(blocks: unknown, allowed: string[]): Problems {
  const list = listOf(blocks);
  return [
    ...duplicates(
      "block_id",
      list.map(({ block_id }) => block_id),
    ),
    ...list.flatMap((block, at) => blockProblems(`blocks/${at}`, block, allowed)),
  ];
}

function blockProblems(where: string, block: Fields, allowed: string[]): Problems {
  if (!allowed.includes(String(block.type))) return [`${where}: unsupported type ${String(block.type)}`];
  return [...stringProblems(`${where}/block_id`, block.block_id, 255), ...specificProblems(where, block)];
}

function specificProblems(where: string, block: Fields): Problems {
  const known = (...names: string[]) => unknownFields(where, block, ["type", "block_id", ...names]);
  switch (block.type) {
    case "header":
      return [...known("text"), ...textProblems(`${where}/text`, block.text, 150, "plain")];
    case "section":
      return [...known("text", "fields", "accessory", "expand"), ...sectionProblems(where, block)];
    case "context":
      return [...known("elements"), ...elementsProblems(where, block, 10, "context")];
    case "actions":
      return [...known("elements"), ...elementsProblems(where, block, 25, "actions")];
    case "input":
      return [
        ...known("label", "element", "hint", "optional", "dispatch_action"),
        ...textProblems(`${where}/label`, block.label, 2_000, "plain"),
        ...(block.hint === undefined ? [] : textProblems(`${where}/hint`, block.hint, 2_000, "plain")),
        ...elementProblems(`${where}/element`, block.element, "input"),
      ];
    case "rich_text":
      return [...known("elements"), ...richTextProblems(where, block.elements)];
    case "image":
      return [
        ...known("image_url", "alt_text", "title"),
        ...stringProblems(`${where}/image_url`, block.image_url, 3_000, true),
        ...stringProblems(`${where}/alt_text`, block.alt_text, 2_000, true),
      ];
    default:
      return known();
  }
}

function sectionProblems(where: string, block: Fields): Problems {
  const { text, fields, accessory } = block;
  return [
    ...(text === undefined && fields === undefined ? [`${where}: neither text nor fields`] : []),
    ...(text === undefined ? [] : textProblems(`${where}/text`, text, 3_000)),
    ...(fields === undefined ? [] : countProblems(`${where}/fields`, fields, 1, 10)),
    ...listOf(fields).flatMap((field, at) => textProblems(`${where}/fields/${at}`, field, 2_000)),
    ...(accessory === undefined ? [] : elementProblems(`${where}/accessory`, accessory, "accessory")),
  ];
}

function elementsProblems(where: string, block: Fields, most: number, place: "context" | "actions"): Problems {
  const elements = listOf(block.elements);
  return [
    ...countProblems(`${where}/elements`, block.elements, 1, most),
    ...duplicates(
      `${where}/action_id`,
      elements.map(({ action_id }) => action_id),
    ),
    ...elements.flatMap((element, at) => elementProblems(`${where}/elements/${at}`, element, place)),
  ];
}

const RICH_PARTS = ["rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"];
const RICH_LEAVES = ["text", "link", "emoji", "user", "channel", "usergroup", "date", "broadcast", "color"];

function richTextProblems(where: string, elements: unknown): Problems {
  return [
    ...countProblems(`${where}/elements`, elements, 1, 1_000),
    ...listOf(elements).flatMap((part, at) => {
      const here = `${where}/elements/${at}`;
      if (!RICH_PARTS.includes(String(part.type))) return [`${here}: unsupported type ${String(part.type)}`];
      if (part.type === "rich_text_list") return richTextProblems(here, part.elements);
      return listOf(part.elements).flatMap((leaf, index) => leafProblems(`${here}/elements/${index}`, leaf));
    }),
  ];
}

function leafProblems(where: string, leaf: Fields): Problems {
  if (!RICH_LEAVES.includes(String(leaf.type))) return [`${where}: unsupported type ${String(leaf.type)}`];
  return leaf.type === "text" ? stringProblems(`${where}/text`, leaf.text, 3_000, true) : [];
}

/** Characters of every text anywhere in it. */
function totalText(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, one) => sum + totalText(one), 0);
  if (!isFields(value)) return 0;
  const own = typeof value.text === "string" ? countedLength(value.text, value.type === "mrkdwn") : 0;
  return Object.values(value).reduce((sum: number, one) => sum + totalText(one), own);
}
