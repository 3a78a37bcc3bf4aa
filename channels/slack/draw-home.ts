import type { HomeInput, HomeList, HomeListName } from "../listed-request.ts";
import type { Block, Button, Home, Style } from "./blocks.ts";
import { linkButton } from "./buttons.ts";
import { listedPart } from "./draw-list.ts";
import { SLACK_LIMITS } from "./limits.ts";
import { mrkdwn, plain } from "./text.ts";

/** The inbox of one person, as the app's home. */
export function drawHome(input: HomeInput, style: Style): Home {
  const blocks: Block[] =
    input.person === null
      ? [{ type: "section", text: mrkdwn([[input.why], ...(input.next === null ? [] : [[input.next]])], style) }]
      : [
          { type: "header", text: plain(`Approvals for ${input.person}`, SLACK_LIMITS.header) },
          ...input.lists.flatMap((list) => listPart(list, style)),
        ];
  return {
    type: "home",
    callback_id: "countersign.home",
    private_metadata: "",
    blocks: [
      ...blocks,
      { type: "divider" },
      { type: "actions", elements: [linkButton("Open all requests", input.pageUrl)] },
    ],
  };
}

/** What the paging buttons are called: `countersign.home.older.me`. */
export function pagingAction(direction: "newer" | "older", name: HomeListName): string {
  return `countersign.home.${direction}.${name}`;
}

function listPart(list: HomeList, style: Style): Block[] {
  const { name, items, newer, older } = list;
  const heading: Block = { type: "header", text: plain(HEADINGS[name], SLACK_LIMITS.header) };
  if (items.length === 0) return [heading, { type: "context", elements: [plain(EMPTY[name], SLACK_LIMITS.field)] }];
  const paging: Button[] = [
    ...(newer === null ? [] : [pageButton("newer", name, newer)]),
    ...(older === null ? [] : [pageButton("older", name, older)]),
  ];
  return [
    heading,
    ...items.slice(0, HOME_PAGE).flatMap((item) => listedPart(item, style)),
    ...(paging.length === 0 ? [] : [{ type: "actions" as const, elements: paging }]),
  ];
}

function pageButton(direction: "newer" | "older", name: HomeListName, value: string): Button {
  const text = plain(direction === "newer" ? "← Newer" : "Older →", SLACK_LIMITS.buttonText);
  return { type: "button", action_id: pagingAction(direction, name), text, value };
}

/** Of each list; all of them, with their headings and buttons, fit in one view. */
export const HOME_PAGE = 8;

const HEADINGS: Record<HomeListName, string> = {
  me: "Waiting for me",
  groups: "Waiting for my groups",
  held: "Held for auditors",
  asked: "Asked by my agents or for me",
  decided: "Decided in the last 7 days",
};

const EMPTY: Record<HomeListName, string> = {
  me: "Nothing waits for you.",
  groups: "Nothing waits for your groups.",
  held: "Nothing is held.",
  asked: "Nothing was asked by your agents or for you.",
  decided: "Nothing was decided in the last 7 days.",
};
