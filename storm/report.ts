import { cpus, totalmem, type } from "node:os";
import { FAULTS, type Fault, type Verdict } from "./check/judge.ts";
import type { Recovery } from "./check/recovery.ts";
import type { Storm, StormInput } from "./storm.ts";

export type Summary = {
  command: string;
  machine: string;
  approvals: number;
  seconds: number;
  calls: { all: number; unanswered: number };
  disturbances: { [what: string]: number };
  ends: Verdict["ends"];
  faults: { [fault in Fault]: number };
  unknown: Verdict["unknown"];
  recoveryMs: Recovery;
  findings: Verdict["findings"];
};

export function summaryOf({ history, verdict, recovery }: Storm, input: StormInput): Summary {
  const { approvals, kills, seed } = input;
  const processors = cpus();
  const faults = Object.fromEntries(
    FAULTS.map((fault) => [fault, verdict.findings.filter((finding) => finding.fault === fault).length]),
  ) as Summary["faults"];
  const disturbances: Summary["disturbances"] = {};
  for (const { how, process } of history.disturbances) {
    disturbances[`${how} ${process}`] = (disturbances[`${how} ${process}`] ?? 0) + 1;
  }
  return {
    command: `npm run storm -- --approvals ${approvals} --kills ${kills} --seed ${seed}`,
    machine: `${processors.length} × ${processors[0]?.model ?? "?"}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${type()}, Node ${process.version}`,
    approvals,
    seconds: Math.round((history.endedAt - history.startedAt) / 1000),
    calls: {
      all: history.calls.length,
      unanswered: history.calls.filter(({ status }) => status === null || status >= 500).length,
    },
    disturbances,
    ends: verdict.ends,
    faults,
    unknown: verdict.unknown,
    recoveryMs: recovery,
    findings: verdict.findings,
  };
}

const WORDS: { [fault in Fault]: string } = {
  lost: "lost (an acknowledged submission or answer is missing)",
  twice: "twice (claims, runs at the target, files)",
  unapproved: "ran without its requirement",
  open: "did not end",
  wrongEnd: "ended otherwise than its people had it",
  unexplained: "unknown without a cause",
};

export function tableOf(summary: Summary): string {
  const { approvals, seconds, calls, disturbances, ends, faults, unknown, recoveryMs, findings } = summary;
  const counted = (counts: { [what: string]: number }) =>
    Object.entries(counts).map(([what, count]) => `  ${what.padEnd(56)}${String(count).padStart(7)}`);
  const recovered = Object.entries(recoveryMs).map(
    ([process, { requests, p50, max }]) =>
      `  ${process.padEnd(28)}${String(requests).padStart(14)}${String(p50).padStart(14)}${String(max).padStart(14)}`,
  );
  return [
    `${approvals} approvals in ${seconds} s, ${calls.all} calls, ${calls.unanswered} of them without an answer`,
    ...["", "What was done to them:", ...counted(disturbances)],
    ...["", "How they ended:", ...counted(ends)],
    ...[
      "",
      "What went wrong:",
      ...FAULTS.map((fault) => `  ${WORDS[fault].padEnd(56)}${String(faults[fault]).padStart(7)}`),
    ],
    ...findings
      .slice(0, SHOWN)
      .map(({ number, request, fault, what }) => `    ${fault} #${number} ${request}: ${what}`),
    ...["", "Why an outcome is unknown:", ...unknown.map(({ request, because }) => `  ${request}  ${because}`)],
    ...[
      "",
      `From a kill to the next progress  ${"requests".padStart(10)}${"p50 ms".padStart(14)}${"max ms".padStart(14)}`,
    ],
    ...recovered,
    ...["", summary.machine, summary.command],
  ].join("\n");
}

const SHOWN = 40;
