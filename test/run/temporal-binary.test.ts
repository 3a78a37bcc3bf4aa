import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { temporalBinary } from "../../cli/dev/temporal-binary.ts";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "countersign-temporal-test-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test("a temporal on PATH is used before one in the cache", async () => {
  const onPath = program(join(directory, "bin"));
  program(join(directory, "cache", "temporal-1.9.1"));
  const found = await temporalBinary(join(directory, "cache"), { PATH: join(directory, "bin") });
  expect(found).toEqual({ path: onPath, from: "PATH" });
});

test("what an earlier start fetched is used without asking any network", async () => {
  const cached = program(join(directory, "cache", "temporal-1.9.1"));
  const found = await temporalBinary(join(directory, "cache"), { PATH: directory });
  expect(found).toEqual({ path: cached, from: "the cache" });
});

function program(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "temporal");
  writeFileSync(path, "#!/bin/sh\n");
  chmodSync(path, 0o755);
  return path;
}
