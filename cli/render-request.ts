import type { RequestView } from "../api/contract/request.ts";
import { literal } from "../privacy/literal.ts";
import { fromNow } from "./durations.ts";
import { quoted, styled } from "./terminal.ts";

/**
 * What a person reads before answering: title, who asks, the exact body, what is needed, the
 * digest. Agent text appears escaped, so that nothing in it can move the cursor or pose as ours.
 */
export function renderQuestion(request: RequestView, now: number): string[] {
  return [
    ...renderHead(request),
    "",
    ...facts(request),
    "",
    ...renderBody(request),
    "",
    ...renderRequirement(request, now),
    "",
    ...pair("Digest", request.digest),
  ];
}

export function renderHead(request: RequestView): string[] {
  const title = request.preview?.title ?? `${request.action.type} on ${request.target}`;
  return [styled("bold", literal(title)), `${request.id}  ${styledStatus(request.status)}`];
}

function facts(request: RequestView): string[] {
  const asked = `${literal(request.requester.name)} (${request.requester.id})`;
  const owner = request.owner ? `, owned by ${literal(request.owner.name)}` : "";
  return [
    ...pair("Asked by", asked + owner),
    ...pair("For", request.onBehalfOf ? literal(request.onBehalfOf.name) : null),
    ...pair("Action", `${request.action.type} on ${literal(request.target)} (${literal(request.environment)})`),
    ...pair("Why", request.justification === null ? "no reason given" : `"${literal(request.justification)}"`),
    ...(request.preview?.fields ?? []).flatMap(({ label, value }) => pair(literal(label), literal(value))),
    ...request.reasons.flatMap(({ code, text, note }) => pair("Policy", sentence(code, text, note))),
    ...(request.preview?.warnings ?? []).map((warning) => styled("yellow", `! ${literal(warning)}`)),
  ];
}

/** Verbatim, nothing cut, every line marked as quoted, also where the terminal would have wrapped it. */
export function renderBody(request: RequestView): string[] {
  const body = request.preview?.body ?? { label: "Arguments", text: JSON.stringify(request.arguments, null, 2) };
  return [`${literal(body.label)}, exactly as it will run:`, ...quoted(body.text)];
}

export function renderRequirement(request: RequestView, now: number): string[] {
  const slots = (request.requirement?.slots ?? []).map((slot) => {
    const groups = [slot.from, ...slot.widenedTo].map((group) => literal(group)).join(" or ");
    const by = slot.filledBy.map((person) => literal(person.name)).join(", ");
    return `${slot.count - slot.missing} of ${slot.count} from ${groups}${by ? `: ${by}` : ""}`;
  });
  const hold = request.hold;
  const open = request.decision === null;
  return [
    ...slots.flatMap((slot) => pair("Needs", slot)),
    ...pair("Deadline", open ? request.deadlineAt && timeAndWords(request.deadlineAt, now) : null),
    ...pair("Start by", open ? request.executeBy && timeAndWords(request.executeBy, now) : null),
    ...pair("Held by", hold && `${literal(hold.by.name)}, until ${timeAndWords(hold.expiresAt, now)}`),
    ...request.flags.flatMap((flag) =>
      pair("Flag", `${literal(flag.by.name)}: ${sentence(literal(flag.reason), "", flag.note)}`),
    ),
  ];
}

export function pair(label: string, value: string | null | undefined): string[] {
  return value ? [`${`${label}:`.padEnd(20)} ${value}`] : [];
}

export function sentence(code: string, text: string, note: string | null): string {
  return [code, literal(text), note ? `"${literal(note)}"` : ""].filter((part) => part !== "").join("  ");
}

export function timeAndWords(time: string, now: number): string {
  return `${time.replace(/\.\d+Z$/, "Z")} (${fromNow(Date.parse(time), now)})`;
}

export function styledStatus(status: RequestView["status"]): string {
  switch (status) {
    case "succeeded":
      return styled("green", status);
    case "denied":
    case "failed":
    case "unknown":
      return styled("red", status);
    case "evaluating":
    case "pending":
    case "held":
    case "starting":
    case "running":
    case "expired":
    case "withdrawn":
      return styled("yellow", status);
    default:
      return literal(String(status satisfies never));
  }
}
