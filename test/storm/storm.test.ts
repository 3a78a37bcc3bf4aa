import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { planOf } from "../../storm/plan.ts";
import type { Summary } from "../../storm/report.ts";

const directory = mkdtempSync(join(tmpdir(), "countersign-storm-test-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const storm = (...options: string[]) =>
  spawnSync(process.execPath, ["storm/main.ts", ...options], { encoding: "utf8", timeout: 240_000 });

test("in a short storm nothing is lost, nothing starts twice, and everything ends", () => {
  const json = join(directory, "storm.json");
  const { status, stdout, stderr } = storm("--approvals", "40", "--kills", "6", "--seed", "7", "--json", json);
  expect(status, `${stdout}\n${stderr}`).toBe(0);
  const summary = JSON.parse(readFileSync(json, "utf8")) as Summary;
  expect(summary.findings).toEqual([]);
  expect(Object.values(summary.ends).reduce((sum, count) => sum + count, 0)).toBe(40);
  expect(Object.values(summary.disturbances).reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(6);
  expect(Object.keys(summary.recoveryMs).length).toBeGreaterThan(0);
}, 250_000);

test("a seed makes the same storm again, and another seed another one", () => {
  const size = { approvals: 200, kills: 20 };
  expect(planOf({ ...size, seed: 3 })).toEqual(planOf({ ...size, seed: 3 }));
  expect(planOf({ ...size, seed: 3 })).not.toEqual(planOf({ ...size, seed: 4 }));
});

test("every way to go and every process is in the plan of a long storm", () => {
  const { requests, disturbances } = planOf({ approvals: 2_000, kills: 100, seed: 1 });
  expect(new Set(requests.map(({ course }) => course)).size).toBe(11);
  expect(new Set(disturbances.flatMap(({ victims }) => victims)).size).toBe(4);
  expect(disturbances.some(({ how }) => how === "pause")).toBe(true);
});

test("options that make no sense are refused before anything starts", () => {
  const refused = [
    ["--approvals", "0"],
    ["--kills", "-1"],
    ["--seed", "x"],
    ["--concurrency", "19"],
    ["--what"],
    ["more"],
  ];
  for (const options of refused) expect(storm(...options).status, options.join(" ")).toBe(1);
  expect(storm("--help")).toMatchObject({ status: 0, stdout: expect.stringContaining("--approvals <count>") });
});
