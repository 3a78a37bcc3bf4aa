import { join } from "node:path";
import type { RequestView } from "../../api/contract/request.ts";
import type { Connection } from "../connection.ts";
import { renderEnd } from "../render-end.ts";
import { pair } from "../render-request.ts";
import { readEvents } from "../requests.ts";
import { timelineLine } from "../show.ts";
import { styled } from "../terminal.ts";
import type { DevHome } from "./home.ts";

/** How the demo's request ended: the file with its digest when it ran, and the timeline in any case. */
export async function renderOutcome(agent: Connection, request: RequestView, home: DevHome): Promise<string[]> {
  const events = await readEvents(agent, request.id);
  return [
    "",
    ...renderEnd(request),
    ...pair("On disk", fileOf(request, home)),
    "",
    styled("bold", "Timeline"),
    ...events.map((event) => timelineLine(event, request)),
    "",
  ];
}

function fileOf(request: RequestView, home: DevHome): string | null {
  const result = request.execution?.result;
  if (typeof result !== "object" || result === null || !("file" in result)) return null;
  return typeof result.file === "string" ? join(home.exports, result.file) : null;
}
