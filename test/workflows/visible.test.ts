import { expect, test, vi } from "vitest";
import { step } from "../../core/deliberation.ts";
import { SEARCH_ATTRIBUTES } from "../../core/search-attributes.ts";
import { openBoard } from "../../workflows/visible.ts";
import { at, DATA, HOUR, pending, SECURITY, says, slot } from "../core/fixture.ts";

type Upserted = { key: { name: string }; value: unknown }[];
const board = vi.hoisted(() => ({ details: "", attributes: [] as Upserted }));
vi.mock("@temporalio/workflow", () => ({
  setCurrentDetails: (details: string) => void Object.assign(board, { details }),
  upsertSearchAttributes: (attributes: Upserted) => void Object.assign(board, { attributes }),
}));

test("operators see a slot open whose place nobody may take: its holder is tied to the request", () => {
  const owner = { person: "person:owner" as const, name: "Owner", groups: [DATA], until: at(HOUR) };
  const approves = says("approve", "person:cas", at(1), { standsFor: [owner] });
  const state = step(pending({ slots: [slot(DATA), slot(SECURITY)] }), approves, at(1)).state;
  openBoard()(state);
  expect(board.details).toContain(`| ${DATA} | 0 of 1 | – |`);
  const value = (key: object) => board.attributes.find((one) => one.key === key)?.value;
  expect(value(SEARCH_ATTRIBUTES.ApprovalsMissing)).toBe(1);
  expect(value(SEARCH_ATTRIBUTES.WaitingFor)).toEqual([DATA]);
});
