import fc from "fast-check";
import { expect, test } from "vitest";
import { parseCommand } from "../../../api/slack/command-line.ts";

const NOON = Date.UTC(2026, 10, 24, 12);
const HOUR = 3_600_000;
const wrong = (text: string) => {
  const line = parseCommand(text, NOON);
  return line.kind === "help" ? line.wrong : line;
};

test("each command means one thing, whatever its case and spaces", () => {
  expect(parseCommand("  ", NOON)).toEqual({ kind: "list" });
  expect(parseCommand("LIST", NOON)).toEqual({ kind: "list" });
  expect(parseCommand("mine", NOON)).toEqual({ kind: "mine" });
  expect(parseCommand("link ", NOON)).toEqual({ kind: "link" });
  expect(parseCommand("show  req_abc-1", NOON)).toEqual({ kind: "show", requestId: "req_abc-1" });
  expect(parseCommand("delegate off", NOON)).toEqual({ kind: "delegate-off" });
  expect(parseCommand("help", NOON)).toEqual({ kind: "help", wrong: null });
});

test("a decision is never typed, and whoever tries is told what to do", () => {
  for (const word of ["approve req_1", "Deny req_1 because", "flag", "stop req_1", "yes"]) {
    expect(wrong(word)).toContain("Nothing was decided");
  }
});

test("a colleague is who Slack says, for hours, days, weeks, or to the end of a day", () => {
  const to = { kind: "delegate", user: "U0BOB0001" };
  expect(parseCommand("delegate <@U0BOB0001|bob> 12h", NOON)).toEqual({ ...to, until: NOON + 12 * HOUR });
  expect(parseCommand("delegate <@U0BOB0001> 3d", NOON)).toEqual({ ...to, until: NOON + 72 * HOUR });
  expect(parseCommand("delegate <@U0BOB0001|bob> 2w", NOON)).toEqual({ ...to, until: NOON + 336 * HOUR });
  const last = Date.UTC(2026, 10, 30, 23, 59, 59);
  expect(parseCommand("delegate <@U0BOB0001|bob> until 2026-11-30", NOON)).toEqual({ ...to, until: last });
  expect(parseCommand("delegate <@U0BOB0001|bob> 2026-11-30", NOON)).toEqual({ ...to, until: last });
});

test("a typed name is nobody, and help says how to name a colleague", () => {
  expect(wrong("delegate @bob 3d")).toContain("Slack did not say who that is");
  expect(wrong("delegate bob 3d")).toContain("with `@`");
  expect(wrong("delegate")).toContain("Say who");
  for (const time of ["", " 3", " 0d", " three days", " 2026-02-30", " 3d 4d"]) {
    expect(wrong(`delegate <@U0BOB0001|bob>${time}`)).toContain("Say how long");
  }
});

test("whatever somebody types means something, and what was not understood is not repeated", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", minLength: 1 }), (text) => {
      const line = parseCommand(`${text}`, NOON);
      if (line.kind !== "help") return true;
      return line.wrong === null || text.trim().length < 30 || !line.wrong.includes(text.trim());
    }),
  );
  expect(JSON.stringify(parseCommand("<!channel> now", NOON))).not.toContain("channel>");
});
