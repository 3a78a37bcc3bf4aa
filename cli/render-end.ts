import type { RequestView } from "../api/contract/request.ts";
import { literal } from "../privacy/literal.ts";
import { pair, renderHead, sentence } from "./render-request.ts";
import { quoted } from "./terminal.ts";

/** How a request ended, or where it stands: for the one who asked. */
export function renderEnd(request: RequestView): string[] {
  return [
    ...renderHead(request),
    ...pair("Digest", request.digest),
    ...renderDecision(request),
    ...renderExecution(request),
    ...pair("Answer at", request.status === "pending" || request.status === "held" ? request.reviewUrl : null),
  ];
}

export function renderDecision(request: RequestView): string[] {
  const { decision, resolution } = request;
  if (!decision) return request.reasons.flatMap(({ code, text, note }) => pair("Policy", sentence(code, text, note)));
  const people = decision.people.map((person) => literal(person.name)).join(", ");
  return [
    ...pair("Decided by", people ? `${decision.by}: ${people}` : decision.by),
    ...decision.reasons.flatMap(({ code, text, note }) => pair("Because", sentence(code, text, note))),
    ...pair(
      "Resolved",
      resolution &&
        `${resolution.outcome} by ${literal(resolution.by.name)}: ${sentence(resolution.reason, "", resolution.note)}`,
    ),
  ];
}

export function renderExecution(request: RequestView): string[] {
  const { execution } = request;
  if (!execution) return [];
  const result = execution.result === null || execution.result === undefined ? [] : resultLines(execution.result);
  return [
    ...pair("Execution", [execution.status, execution.code].filter(Boolean).join("  ")),
    ...pair("Ran", execution.startedAt && `${execution.startedAt} to ${execution.endedAt ?? "now"}`),
    ...pair("Detail", execution.detail && literal(execution.detail)),
    ...result,
  ];
}

/** One line a field when the result is flat; else its JSON. */
function resultLines(result: unknown): string[] {
  const fields =
    typeof result === "object" && result !== null && !Array.isArray(result) ? Object.entries(result) : null;
  if (
    fields === null ||
    !fields.every(([, value]) => isScalar(value) || (Array.isArray(value) && value.every(isScalar)))
  ) {
    return ["Result:", ...quoted(JSON.stringify(result, null, 2))];
  }
  return fields.flatMap(([name, value]) => pair(literal(name), literal([value].flat().map(String).join(", "))));
}

function isScalar(value: unknown): boolean {
  return typeof value !== "object" || value === null;
}
