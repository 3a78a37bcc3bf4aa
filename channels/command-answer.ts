import type { Card } from "./card.ts";
import type { Line } from "./line.ts";
import type { ListedRequest } from "./listed-request.ts";

/** What a typed command is answered with, to whoever typed it and nobody else. */
export type CommandAnswer =
  | { kind: "list"; heading: string; items: ListedRequest[]; empty: string; pageUrl: string }
  | { kind: "show"; card: Card; details: string | null }
  /** One line and a next step, with a link where one helps. */
  | { kind: "said"; line: Line; next: Line | null; link: { text: string; url: string } | null }
  | { kind: "checks"; checks: { ok: boolean; line: string; fix: string | null }[] }
  /** `wrong`: what was wrong with the command; null when help was asked for. */
  | { kind: "help"; wrong: string | null };

export const COMMANDS: { usage: string; does: string }[] = [
  { usage: "/approvals", does: "what waits for you" },
  { usage: "/approvals show req_…", does: "one request" },
  { usage: "/approvals mine", does: "what your agents asked for, or was asked for you" },
  { usage: "/approvals link", does: "says that this account is yours, so that your answers count" },
  {
    usage: "/approvals delegate @colleague 3d",
    does: "lets a colleague answer for you while you are away (12h, 3d, 2w, until 2026-12-24)",
  },
  { usage: "/approvals delegate off", does: "ends that" },
  { usage: "/approvals doctor", does: "checks the set-up, as far as you may see it" },
  { usage: "/approvals help", does: "this list" },
];
