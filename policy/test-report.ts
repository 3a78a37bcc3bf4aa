import type { CaseResult, CaseRun } from "./test-cases.ts";

export const REPORT_FORMATS = ["human", "tap", "junit"] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

export function reportOf(run: CaseRun, format: ReportFormat): string[] {
  switch (format) {
    case "human":
      return human(run);
    case "tap":
      return tap(run);
    case "junit":
      return junit(run);
    default: {
      const unknown: never = format;
      throw new Error(`There is no report format ${unknown}.`);
    }
  }
}

function human(run: CaseRun): string[] {
  const lines = run.results.flatMap((result) => [
    `${passed(result) ? "ok  " : "FAIL"} ${result.case.name}${passed(result) ? "" : `   ${placeOf(result)}`}`,
    ...result.differences.map((difference) => `       ${difference}`),
  ]);
  const failed = run.results.filter((result) => !passed(result)).length;
  const unreached = run.unreached.map((rule) => {
    const weight = rule.effect === "deny" ? "FAIL" : "note";
    return `${weight} no case reaches the ${rule.effect} rule ${rule.id} (${rule.policy})`;
  });
  return [...lines, ...unreached, "", `${run.results.length - failed} passed, ${failed} failed`];
}

/** TAP version 14; what is uncovered is a test too, so that a reader of TAP alone sees the failure. */
function tap(run: CaseRun): string[] {
  const cases = run.results.map((result) => ({
    ok: passed(result),
    name: result.case.name,
    messages: result.differences,
    directive: "",
  }));
  const uncovered = run.unreached.map((rule) => ({
    ok: rule.effect !== "deny",
    name: `a case reaches the ${rule.effect} rule ${rule.id}`,
    messages: [],
    directive: rule.effect === "deny" ? "" : " # SKIP no case reaches it",
  }));
  const tests = [...cases, ...uncovered];
  const lines = tests.flatMap(({ ok, name, messages, directive }, index) => [
    `${ok ? "ok" : "not ok"} ${index + 1} - ${name.replaceAll("\\", "\\\\").replaceAll("#", "\\#")}${directive}`,
    ...(messages.length === 0
      ? []
      : ["  ---", "  differences:", ...messages.map((message) => `    - ${JSON.stringify(message)}`), "  ..."]),
  ]);
  return ["TAP version 14", `1..${tests.length}`, ...lines];
}

function junit(run: CaseRun): string[] {
  const denials = run.unreached.filter((rule) => rule.effect === "deny");
  const failures = run.results.filter((result) => !passed(result)).length + denials.length;
  const cases = run.results.flatMap((result) => {
    const open = `    <testcase classname="${escaped(result.case.file)}" name="${escaped(result.case.name)}"`;
    if (passed(result)) return [`${open}/>`];
    const text = result.differences.join("\n");
    return [
      `${open}>`,
      `      <failure message="${escaped(text)}">${escaped(placeOf(result))}</failure>`,
      "    </testcase>",
    ];
  });
  const uncovered = denials.flatMap((rule) => [
    `    <testcase classname="coverage" name="${escaped(`a case reaches the deny rule ${rule.id}`)}">`,
    '      <failure message="no case reaches it"/>',
    "    </testcase>",
  ]);
  const counts = `tests="${run.results.length + denials.length}" failures="${failures}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="countersign policy" ${counts}>`,
    ...cases,
    ...uncovered,
    "  </testsuite>",
    "</testsuites>",
  ];
}

function passed(result: CaseResult): boolean {
  return result.differences.length === 0;
}

function placeOf(result: CaseResult): string {
  return `${result.case.file}:${result.case.line}`;
}

const ENTITIES: { [character: string]: string } = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\n": "&#10;",
};

/** Characters XML 1.0 cannot hold at all are left out. */
function escaped(text: string): string {
  return [...text]
    .filter((character) => character >= " " || character === "\n" || character === "\t")
    .map((character) => ENTITIES[character] ?? character)
    .join("");
}
