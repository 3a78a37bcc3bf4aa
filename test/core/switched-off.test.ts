import { expect, test } from "vitest";
import { step } from "../../core/deliberation.ts";
import { at, DATA, pending, says, slot } from "./fixture.ts";

const BEN = "slack:T1/U0BEN";

test("an approval from an account that was switched off before the last one came counts no more", () => {
  const two = pending({ slots: [slot(DATA, 2)] });
  const first = step(two, says("approve", "person:ben", at(1), { via: BEN }), at(1)).state;
  const second = step(first, says("approve", "person:ana", at(2), { off: [BEN] }), at(2));
  expect(second.state.phase).toBe("pending");
  expect(second.happened[0]?.data).toEqual({ noLongerCounted: ["person:ben"] });
  // It stays gone, whoever answers next.
  const third = step(second.state, says("deny", "person:dia", at(3)), at(3));
  expect(third.state.reviews.map((one) => one.person)).not.toContain("person:ben");
});

test("the same person may answer again from somewhere else", () => {
  const two = pending({ slots: [slot(DATA, 2)] });
  const first = step(two, says("approve", "person:ben", at(1), { via: BEN }), at(1)).state;
  const second = step(first, says("approve", "person:ana", at(2), { off: [BEN] }), at(2)).state;
  const third = step(second, says("approve", "person:ben", at(3)), at(3)).state;
  expect(third.phase).toBe("starting");
});
