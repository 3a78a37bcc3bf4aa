import { Command } from "commander";
import type { EventView } from "../api/contract/event.ts";
import type { RequestView } from "../api/contract/request.ts";
import { literal, literalBlock } from "../privacy/literal.ts";
import { showAsSeen } from "./as-seen.ts";
import { type ConnectionOptions, connectionOf, withConnection } from "./connection.ts";
import { renderDecision, renderExecution } from "./render-end.ts";
import { pair, renderQuestion, sentence } from "./render-request.ts";
import { readEvents, readExplanation, readRequest } from "./requests.ts";
import { say, sayJson, styled } from "./terminal.ts";

type Options = ConnectionOptions & { explain?: boolean; asSeen?: string; json?: boolean };

export function showCommand(): Command {
  const command = new Command("show")
    .description("Everything about one request: what will run, who is missing, how it ended, the timeline.")
    .argument("<request>", "request id, req_…")
    .option("--explain", "why the policy answered as it did")
    .option("--as-seen <answer>", "what was shown to whoever gave this answer in a chat: its id, or the person's")
    .option("--json", "print request, events and explanation as JSON");
  return withConnection(command)
    .addHelpText(
      "after",
      "\nExamples:\n  $ countersign show req_0k3… --explain --as rita\n  $ countersign show req_0k3… --as-seen alice --as rita",
    )
    .action(show);
}

async function show(requestId: string, options: Options): Promise<void> {
  const connection = connectionOf(options, "agent");
  if (options.asSeen !== undefined) return showAsSeen(connection, requestId, options.asSeen, options.json === true);
  const request = await readRequest(connection, requestId);
  const events = await readEvents(connection, requestId);
  const explanation = options.explain ? await readExplanation(connection, requestId) : null;
  if (options.json) return sayJson({ request, events, ...(explanation ? { explanation } : {}) });
  say(
    ...renderQuestion(request, Date.now()),
    ...renderDecision(request).filter(() => request.decision !== null),
    ...renderExecution(request),
    ...pair("Page", request.reviewUrl),
    ...pair("You may", request.allowedVerbs.join(", ")),
    "",
    styled("bold", "Timeline"),
    ...events.map((event) => timelineLine(event, request)),
  );
  if (explanation)
    say(
      "",
      styled("bold", "Explanation"),
      literalBlock([explanation.text].flat().join("\n"), Number.POSITIVE_INFINITY),
    );
}

export function timelineLine(event: EventView, request: RequestView): string {
  const elapsed = ((Date.parse(event.at) - Date.parse(request.createdAt)) / 1000).toFixed(1);
  const why = event.reasons.map(({ code, note }) => sentence(code, "", note)).join("; ");
  const parts = [
    event.at,
    `+${elapsed} s`.padStart(10),
    event.type.padEnd(20),
    event.by ? literal(event.by.name) : "",
    why,
  ];
  return parts.filter((part) => part !== "").join("  ");
}
