import { EXIT_CODES } from "../exit-codes.ts";
import { say, sayJson, styled } from "../terminal.ts";
import type { Finding } from "./check.ts";

/** Prints what was found and sets the exit code. */
export function sayFindings(findings: Finding[], json: boolean): void {
  if (json) sayJson({ healthy: findings.every(({ result }) => result !== "wrong"), findings });
  else say(...findings.flatMap(lines));
  process.exitCode = EXIT_CODES[exitOf(findings)].code;
}

function lines(finding: Finding): string[] {
  const name = finding.check.padEnd(18);
  switch (finding.result) {
    case "ok":
      return [`${styled("green", "ok   ")} ${name} ${finding.detail}`];
    case "not checked":
      return [`${styled("yellow", "?    ")} ${name} not checked: ${finding.detail}`];
    case "wrong":
      return [`${styled("red", "WRONG")} ${name} ${finding.detail}`, `      ${"".padEnd(18)} ${finding.fix}`];
    default:
      return [String(finding satisfies never)];
  }
}

const REACHED = ["API", "database", "Temporal", "Slack"];

function exitOf(findings: Finding[]): "ok" | "refused" | "notReachable" {
  const bad = findings.filter(({ result }) => result === "wrong");
  if (bad.some(({ check }) => REACHED.includes(check))) return "notReachable";
  return bad.length === 0 ? "ok" : "refused";
}
