import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, release, totalmem, type } from "node:os";
import { dirname } from "node:path";
import { parse, View } from "vega";
import { compile } from "vega-lite";
import type { Timing } from "./statistics.ts";

/** What a benchmark found: every run of it, and ratios against the baseline of the same run. */
export type Report = {
  name: string;
  /** The command that repeats it. */
  command: string;
  at: string;
  machine: string;
  runs: { [name: string]: Timing };
  ratios: { [name: string]: number };
  /** Sentences for a reader: what was counted, what to bear in mind. */
  notes: string[];
  historyEvents?: { [name: string]: number };
  details?: unknown;
};

export function machine(): string {
  const processors = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${processors.length} × ${processors[0]?.model ?? "?"}, ${memory} GiB, ${type()} ${release()}, Node ${process.version}`;
}

export function tableOf(report: Report): string {
  const rows = Object.entries(report.runs).map(([name, { n, ...milliseconds }]) => {
    const cells = Object.values(milliseconds).map((value) => value.toFixed(1).padStart(9));
    return `${name.padEnd(44)}${String(n).padStart(6)}${cells.join("")}`;
  });
  const head = `${"milliseconds".padEnd(44)}${"n".padStart(6)}${["p50", "p95", "p99", "max"].map((one) => one.padStart(9)).join("")}`;
  const ratios = Object.entries(report.ratios).map(([name, ratio]) => `${name}: ${ratio.toFixed(2)}`);
  return [head, ...rows, "", ...ratios, "", ...report.notes, report.machine, report.command].join("\n");
}

/** One JSON for programs and one chart for people, side by side. */
export async function keep(report: Report, file: string): Promise<void> {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
  writeFileSync(file.replace(/\.json$/, ".svg"), await chartOf(report));
}

async function chartOf({ name, runs, machine: where }: Report): Promise<string> {
  const values = Object.entries(runs).flatMap(([run, timing]) =>
    (["p50", "p95", "p99"] as const).map((percentile) => ({ run, percentile, milliseconds: timing[percentile] })),
  );
  const { spec } = compile({
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    title: { text: name, subtitle: where },
    width: 480,
    background: "white",
    data: { values },
    mark: { type: "bar", tooltip: false },
    encoding: {
      y: { field: "run", type: "nominal", sort: null, title: null, axis: { labelLimit: 320 } },
      yOffset: { field: "percentile", sort: ["p50", "p95", "p99"] },
      x: { field: "milliseconds", type: "quantitative", title: "milliseconds (lower is better)" },
      color: { field: "percentile", type: "nominal", sort: ["p50", "p95", "p99"], title: null },
    },
  });
  return new View(parse(spec), { renderer: "none" }).toSVG();
}
