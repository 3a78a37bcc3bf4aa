import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runCli } from "../support/run-cli.ts";

const root = new URL("../../", import.meta.url).pathname;
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "countersign-policy-"));
  cpSync(join(root, "policies"), join(directory, "policies"), { recursive: true });
  cpSync(join(root, "countersign.yaml"), join(directory, "countersign.yaml"));
});
afterEach(() => rmSync(directory, { recursive: true }));

const policy = (...args: string[]) => runCli(["policy", ...args], { cwd: directory });

function change(file: string, from: string, to: string): void {
  const path = join(directory, file);
  writeFileSync(path, readFileSync(path, "utf8").replace(from, to));
}

test("check passes the shipped policies and prints their digest", async () => {
  const { code, stdout } = await policy("check");
  expect({ code, digest: /policy sha256:[0-9a-f]{64}/.test(stdout) }).toEqual({ code: 0, digest: true });
});

test("check prints file, line, column, the line and a caret, like a compiler", async () => {
  change("policies/exports.yaml", "data.rows <= 100", "data.rwos <= 100");
  const { code, stderr } = await policy("check");
  expect(code).toBe(1);
  const lines = stderr.split("\n");
  const [place = ""] = lines;
  expect(place).toMatch(/^policies\/exports\.yaml:\d+:14: error: there is no fact data\.rwos/);
  expect(lines[1]).toContain("data.rwos <= 100");
  expect(lines[2]?.indexOf("^")).toBe(lines[1]?.indexOf("rwos"));
});

test("check --json gives every finding as data", async () => {
  change("policies/floor.yaml", "group:reviewers", "group:nobody");
  change("policies/exports.yaml", "timeout: 8h", "timeout: 8 hours");
  const { code, stdout } = await policy("check", "--json");
  expect(code).toBe(1);
  const answer = JSON.parse(stdout) as { ok: boolean; findings: { file: string; pointer: string }[] };
  expect(answer.ok).toBe(false);
  expect(answer.findings.map((one) => one.pointer)).toEqual([
    "/spec/rules/3/review/timeout",
    "/spec/defaults/review/approvals/0/from",
  ]);
});

test("check finds a review that nobody could meet", async () => {
  change("countersign.yaml", "groups: [security, reviewers]", "groups: [reviewers]");
  const { code, stderr } = await policy("check");
  expect({ code, found: stderr.includes('the review of "external-export" can only expire') }).toEqual({
    code: 1,
    found: true,
  });
});

test("test runs the shipped cases, and fails when one comes out differently", async () => {
  expect((await policy("test")).code).toBe(0);
  change("policies/exports.yaml", "data.rows <= 100", "data.rows <= 99");
  const { code, stdout } = await policy("test");
  expect(code).toBe(1);
  expect(stdout).toContain("outcome: expected allow, got review");
});

test("test fails when no case reaches a deny rule", async () => {
  const rule =
    "    - { id: never-seen, on: [postgres.export], when: data.rows > 1000000, deny: { reason: POLICY_DENIED } }\n";
  change("policies/exports.yaml", "  rules:\n", `  rules:\n${rule}`);
  const { code, stdout } = await policy("test", "--format", "tap");
  expect(code).toBe(1);
  expect(stdout).toContain("not ok 16 - a case reaches the deny rule never-seen");
});

test("a missing directory or configuration is one clear sentence and exit code 2", async () => {
  for (const args of [
    ["check", "nowhere"],
    ["check", "--config", "nowhere.yaml"],
    ["test", "."],
  ]) {
    const { code, stderr } = await policy(...args);
    expect(code).toBe(2);
    expect(stderr.split("\n")[0]).toMatch(/^USAGE: There is no /);
  }
});

test("every subcommand has help with an example", async () => {
  for (const name of ["check", "test", "explain"]) {
    const { code, stdout } = await policy(name, "--help");
    expect({ code, example: stdout.includes(`$ countersign policy ${name}`) }).toEqual({ code: 0, example: true });
  }
});
