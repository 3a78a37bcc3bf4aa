import type { Instant } from "../../core/principal.ts";

/** What somebody typed after /approvals. */
export type CommandLine =
  | { kind: "list" }
  | { kind: "mine" }
  | { kind: "show"; requestId: string }
  | { kind: "link" }
  /** `user`: the colleague's id in the workspace. */
  | { kind: "delegate"; user: string; until: Instant }
  | { kind: "delegate-off" }
  | { kind: "doctor" }
  | { kind: "help"; wrong: string | null };

/** Pure: text and the time in, one meaning out; whatever it does not know is help that says what was wrong. */
export function parseCommand(text: string, now: Instant): CommandLine {
  const [verb = "", ...words] = text.trim().split(/\s+/);
  const command = verb.toLowerCase();
  switch (command) {
    case "":
    case "list":
      return alone("list", words, { kind: "list" });
    case "mine":
      return alone("mine", words, { kind: "mine" });
    case "link":
      return alone("link", words, { kind: "link" });
    case "doctor":
      return alone("doctor", words, { kind: "doctor" });
    case "help":
      return { kind: "help", wrong: null };
    case "show":
      return show(words);
    case "delegate":
      return delegate(words, now);
    default:
      return { kind: "help", wrong: DECISIONS.has(command) ? NO_TYPED_DECISIONS : UNKNOWN };
  }
}

const DECISIONS = new Set([
  ...["approve", "approved", "deny", "denied", "reject", "flag", "release", "stop", "withdraw", "extend", "yes", "no"],
]);
const NO_TYPED_DECISIONS =
  "Nothing was decided: an answer is given with the buttons of a request, never typed. " +
  "Use /approvals show REQUEST and press Details.";
/** What was typed is not repeated: it can hold anything. */
const UNKNOWN = "There is no such command.";

function alone(name: string, words: string[], meaning: CommandLine): CommandLine {
  return words.length === 0 ? meaning : wrong(`/approvals ${name} takes nothing more.`);
}

function show([id, ...more]: string[]): CommandLine {
  if (id === undefined) return wrong("Say which request: /approvals show req_….");
  if (more.length > 0 || !/^req_[A-Za-z0-9_-]{1,100}$/.test(id)) {
    return wrong("A request id begins with `req_` and stands alone: /approvals show req_….");
  }
  return { kind: "show", requestId: id };
}

function delegate([who, ...when]: string[], now: Instant): CommandLine {
  if (who?.toLowerCase() === "off") return alone("delegate off", when, { kind: "delegate-off" });
  if (who === undefined) return wrong("Say who answers for you, and how long: /approvals delegate @colleague 3d.");
  // Slack puts the id in when the app's set-up says so; a typed name could be anybody's.
  const [, user] = /^<@([UW][A-Z0-9]{1,30})(?:\|[^>]*)?>$/.exec(who) ?? [];
  if (user === undefined) {
    return wrong(
      who.startsWith("@")
        ? "Slack did not say who that is. Pick the colleague from the list that opens after `@`; if that does not " +
            "help, an admin has to switch on “Escape channels, users, and links” for /approvals."
        : "Name the colleague with `@`: /approvals delegate @colleague 3d.",
    );
  }
  const until = untilOf(when, now);
  if (until === null) {
    return wrong("Say how long: hours, days or weeks (`12h`, `3d`, `2w`), or the last day (`until 2026-12-24`).");
  }
  return { kind: "delegate", user, until };
}

/** A length from now, or the end of a day (UTC). */
function untilOf(words: string[], now: Instant): Instant | null {
  const [first, ...more] = words[0]?.toLowerCase() === "until" ? words.slice(1) : words;
  if (first === undefined || more.length > 0) return null;
  const [, count, unit = ""] = /^([1-9]\d{0,3})([hdw])$/i.exec(first) ?? [];
  if (count !== undefined) return now + Number(count) * (SECONDS[unit.toLowerCase()] ?? 0) * 1000;
  if (!/^\d{4}-\d{2}-\d{2}$/.test(first)) return null;
  const end = Date.parse(`${first}T23:59:59.000Z`);
  return Number.isNaN(end) || new Date(end).toISOString().slice(0, 10) !== first ? null : end;
}

const SECONDS: Record<string, number> = { h: 3_600, d: 86_400, w: 7 * 86_400 };

function wrong(text: string): CommandLine {
  return { kind: "help", wrong: text };
}
