import type { Call, History } from "./history.ts";
import type { Observation } from "./observation.ts";

/** Milliseconds from a kill to the next progress of each request that waited for what was killed. */
export type Recovery = { [process: string]: { requests: number; p50: number; max: number } };

/** Something that a request waited for: since when, until when, and who has to do it. */
type Wait = { from: number; until: number; on: readonly string[] };

export function recoveryOf(history: History, seen: Observation): Recovery {
  const waits = history.asked.flatMap(({ number }) => {
    const calls = history.calls.filter((call) => call.number === number);
    const id = calls.find(({ requestId }) => requestId !== null)?.requestId;
    return id === undefined || id === null ? [] : waitsOf(id, calls, seen);
  });
  const samples = new Map<string, number[]>();
  for (const { process, how, at } of history.disturbances) {
    if (how !== "kill") continue;
    const waited = waits.filter(({ from, until, on }) => on.includes(process) && from <= at && until > at);
    samples.set(process, [...(samples.get(process) ?? []), ...waited.map(({ until }) => until - at)]);
  }
  return Object.fromEntries([...samples].map(([process, took]) => [process, summary(took)]));
}

function waitsOf(id: string, calls: Call[], seen: Observation): Wait[] {
  const events = seen.events.filter(({ request }) => request === id);
  const at = (...types: string[]) => events.find(({ type }) => types.includes(type))?.at;
  const last = (type: string) => events.findLast((event) => event.type === type)?.at;
  const claim = seen.claims.find(({ request }) => request === id)?.at;
  const outcome = seen.outcomes.find(({ request }) => request === id)?.at;
  const end = at("request.succeeded", "request.failed", "request.unknown");
  const asked = calls.find(({ said }) => said === "ask")?.askedAt;
  return [
    wait(asked, at("request.submitted"), ["api", "workflows"]),
    wait(at("request.submitted"), at("request.evaluated"), ["executor", "workflows"]),
    ...calls.filter(({ said }) => said !== "ask").map((call) => answered(call, seen, id)),
    wait(last("request.starting"), claim, ["executor"]),
    wait(outcome, end, ["workflows"]),
    wait(outcome === undefined ? claim : undefined, end, ["executor"]),
  ].flatMap((one) => one ?? []);
}

function answered({ said, by, askedAt }: Call, { messages }: Observation, id: string): Wait | null {
  const verb = said === "click" ? "approve" : said;
  const on = said === "click" ? ["api", "workflows", "channels"] : ["api", "workflows"];
  const taken = messages.find(
    (one) => one.request === id && one.verb === verb && one.at >= askedAt && (said === "click" || one.principal === by),
  );
  return wait(askedAt, taken?.at, on);
}

function wait(from: number | undefined, until: number | undefined, on: string[]): Wait | null {
  return from === undefined || until === undefined ? null : { from, until, on };
}

function summary(milliseconds: number[]): Recovery[string] {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0);
  return { requests: sorted.length, p50: at(0.5), max: at(1) };
}
