import { Command, Option } from "commander";
import type { RequestView } from "../api/contract/request.ts";
import { LIMITS } from "../core/limits.ts";
import { STATUSES } from "../core/status.ts";
import { literal } from "../privacy/literal.ts";
import { type ConnectionOptions, connectionOf, withConnection } from "./connection.ts";
import { fromNow } from "./durations.ts";
import { usage } from "./exit-codes.ts";
import { readPage } from "./requests.ts";
import { remark, say, sayJson, table } from "./terminal.ts";

type Options = ConnectionOptions & {
  status?: string;
  waitingForMe?: boolean;
  concerningMe?: boolean;
  limit: string;
  cursor?: string;
  json?: boolean;
};

export function listCommand(): Command {
  const command = new Command("list")
    .description("Requests you may see, newest first: who asks, who waits for whom, until when.")
    .addOption(new Option("--status <status>", "only these").choices(STATUSES))
    .option("--waiting-for-me", "only those you could answer now")
    .option("--concerning-me", "only those you asked for, own, are asked to answer, or answered")
    .option("--limit <count>", `at most this many (1–${LIMITS.maxPageSize})`, String(LIMITS.pageSize))
    .option("--cursor <cursor>", "go on where the last page ended")
    .option("--json", "print the page as JSON");
  return withConnection(command)
    .addHelpText("after", "\nExample:\n  $ countersign list --waiting-for-me --as rita")
    .action(list);
}

async function list(options: Options): Promise<void> {
  const limit = Number(options.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > LIMITS.maxPageSize) {
    throw usage(`--limit takes a whole number from 1 to ${LIMITS.maxPageSize}.`);
  }
  const page = await readPage(connectionOf(options, "agent"), {
    status: options.status,
    waitingFor: options.waitingForMe ? "me" : undefined,
    concerning: options.concerningMe ? "me" : undefined,
    cursor: options.cursor,
    limit,
  });
  if (options.json) return sayJson(page);
  if (page.items.length === 0) return remark("Nothing to show.");
  const now = Date.now();
  say(
    ...table(
      ["REQUEST", "STATUS", "WHAT", "ASKED BY", "WAITS FOR", "DEADLINE"],
      page.items.map((item) => row(item, now)),
    ),
  );
  if (page.nextCursor) remark("", `More: countersign list --cursor ${page.nextCursor}`);
}

function row(request: RequestView, now: number): string[] {
  const what = request.preview?.title ?? `${request.action.type} on ${request.target}`;
  const deadline = request.hold?.expiresAt ?? request.deadlineAt ?? request.executeBy;
  return [
    request.id,
    request.status,
    shortened(literal(what)),
    shortened(literal(request.requester.name)),
    waitsFor(request) || "–",
    deadline && request.decision === null ? fromNow(Date.parse(deadline), now) : "–",
  ];
}

function waitsFor(request: RequestView): string {
  if (request.status === "held") return "auditors";
  if (request.status !== "pending") return "";
  return (request.requirement?.slots ?? [])
    .filter((slot) => slot.missing > 0)
    .map((slot) => `${slot.missing} of ${[slot.from, ...slot.widenedTo].map(groupName).join(" or ")}`)
    .join(", ");
}

function groupName(group: string): string {
  return literal(group.replace(/^group:/, ""));
}

/** A list is for finding; `show` is where everything stands. */
function shortened(text: string): string {
  return text.length > 48 ? `${text.slice(0, 47)}…` : text;
}
