import { expect, test } from "vitest";
import { createFreshUsers } from "../../../channels/slack/fresh-users.ts";
import type { SlackUser } from "../../../channels/slack/people.ts";

const TEAM = "T01ACME";

/** A Slack whose accounts can change, and how often it was asked. */
function slack() {
  const state = { now: 1_000_000, asked: 0, user: { id: "U01", team_id: TEAM } as SlackUser, broken: false };
  const ask = createFreshUsers({
    now: () => state.now,
    async ask() {
      state.asked += 1;
      if (state.broken) throw new Error("away");
      return { ...state.user };
    },
  });
  return { state, ask };
}

test("a yes is asked for once a minute, and says when it was", async () => {
  const { state, ask } = slack();
  const first = await ask("U01", TEAM);
  state.now += 60_000;
  expect(await ask("U01", TEAM)).toEqual(first);
  state.now += 1;
  expect((await ask("U01", TEAM)).at).toBe(state.now);
  expect(state.asked).toBe(2);
});

test("a no is asked for every time, so whoever is let back in can answer at once", async () => {
  const { state, ask } = slack();
  state.user = { ...state.user, is_restricted: true };
  await ask("U01", TEAM);
  expect((await ask("U01", TEAM)).user.is_restricted).toBe(true);
  expect(state.asked).toBe(2);
  state.user = { id: "U01", team_id: TEAM };
  expect((await ask("U01", TEAM)).user.is_restricted).toBeUndefined();
});

test("a failure is nobody's answer: it is told, and asked again", async () => {
  const { state, ask } = slack();
  state.broken = true;
  await expect(ask("U01", TEAM)).rejects.toThrow("away");
  state.broken = false;
  expect((await ask("U01", TEAM)).user.id).toBe("U01");
});

test("whoever asks at the same moment shares one question", async () => {
  const { state, ask } = slack();
  await Promise.all(Array.from({ length: 50 }, () => ask("U01", TEAM)));
  expect(state.asked).toBe(1);
});

test("an answer from before the earliest moment that counts is not used", async () => {
  const { state, ask } = slack();
  await ask("U01", TEAM);
  state.now += 10;
  expect((await ask("U01", TEAM, state.now - 5)).at).toBe(state.now);
});

test("one account's answer is never another's", async () => {
  const { state, ask } = slack();
  await ask("U01", TEAM);
  state.user = { id: "U02", team_id: TEAM };
  expect((await ask("U02", TEAM)).user.id).toBe("U02");
});
