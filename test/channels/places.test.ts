import { expect, test } from "vitest";
import { groupsAsked, placesOf } from "../../channels/places.ts";
import type { Deliberation } from "../../core/deliberation-types.ts";
import type { GroupId } from "../../core/principal.ts";
import { pending } from "../db/fixture.ts";

const settings = {
  conversations: [
    { id: "C_all", groups: [] },
    { id: "C_data", groups: ["group:data", "group:other"] as GroupId[] },
    { id: "C_leads", groups: ["group:leads"] as GroupId[] },
    { id: "C_auditors", groups: ["group:auditors"] as GroupId[] },
  ],
};
const places = (tweak: Partial<Deliberation> = {}) => placesOf(pending("req_1", tweak), settings);

test("a conversation without groups shows whatever people are asked about, one with groups what is asked of them", () => {
  expect(places()).toEqual([
    { conversation: "C_all", because: [] },
    { conversation: "C_data", because: ["group:data"] },
  ]);
});

test("whom time has asked sees it from then on, and so do auditors once it is held, for ever", () => {
  const held = { messageId: "m", by: "person:a" as const, name: "A", reason: "R", note: "n", held: true, at: 0 };
  expect(places({ widened: [[], ["group:leads"]] }).map((place) => place.conversation)).toContain("C_leads");
  expect(places({ flags: [held] })).toContainEqual({ conversation: "C_auditors", because: ["group:auditors"] });
  expect(places({ flags: [{ ...held, held: false }] }).map((place) => place.conversation)).not.toContain("C_auditors");
});

test("what nobody is asked about is shown nowhere", () => {
  expect(placesOf(null, settings)).toEqual([]);
  expect(places({ requirement: null, widened: [] })).toEqual([]);
  expect(groupsAsked(null)).toEqual([]);
});
