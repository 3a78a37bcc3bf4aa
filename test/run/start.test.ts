import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isOurs, readPidFiles, writePidFile } from "../../cli/dev/pid-file.ts";
import { freePort } from "../../cli/dev/ports.ts";

type Ended = { code: number; stderr: string };

let data: string;
let taken: Server;
let takenPort: number;
const strangers: ChildProcess[] = [];

beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), "countersign-start-"));
  taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const address = taken.address();
  takenPort = typeof address === "object" && address !== null ? address.port : 0;
});

afterEach(async () => {
  for (const stranger of strangers.splice(0)) stranger.kill("SIGKILL");
  await new Promise((resolve) => taken.close(resolve));
  rmSync(data, { recursive: true, force: true });
});

test("a taken port is one sentence that names the port and the flag, and nothing is left running", async () => {
  const { code, stderr } = await start();
  expect(code).toBe(1);
  expect(stderr).toContain(`Port ${takenPort}`);
  expect(stderr).toContain("--port");
  expect(stderr).not.toContain("    at ");
  expect(readPidFiles(join(data, "run"))).toEqual([]);
  expect(existsSync(join(data, "run", "start.lock"))).toBe(false);
  expect(existsSync(join(data, "dev.json"))).toBe(false);
});

test("a second start in the same clone refuses and says who runs", async () => {
  const holder = runningProcess("holder");
  lock(holder.pid ?? 0, "holder");
  const { code, stderr } = await start();
  expect(code).toBe(1);
  expect(stderr).toContain(`already running (process ${holder.pid})`);
  expect(isOurs({ pid: holder.pid ?? 0, marker: "holder" })).toBe(true);
});

test("the lock of a start that was killed stops nobody", async () => {
  const holder = runningProcess("holder");
  lock(holder.pid ?? 0, "somebody else's command line");
  const { stderr } = await start();
  expect(stderr).toContain(`Port ${takenPort}`);
});

test("what a killed start left running is stopped by the next one; a stranger with its number is not", async () => {
  const leftover = runningProcess("leftover-of-ours");
  const stranger = runningProcess("a-stranger");
  const run = makeRun();
  writePidFile(run, { name: "api", pid: leftover.pid ?? 0, marker: "leftover-of-ours", stopSignal: "SIGTERM" });
  writePidFile(run, { name: "worker", pid: stranger.pid ?? 0, marker: "worker/main.ts", stopSignal: "SIGTERM" });
  const { stderr } = await start();
  expect(stderr).toContain("had left running: api");
  expect(isOurs({ pid: leftover.pid ?? 0, marker: "leftover-of-ours" })).toBe(false);
  expect(isOurs({ pid: stranger.pid ?? 0, marker: "a-stranger" })).toBe(true);
});

test("reset refuses while a start is running, and removes everything once it is not", async () => {
  const holder = runningProcess("holder");
  lock(holder.pid ?? 0, "holder");
  const refused = await run("reset", {}, "--data", data);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain("is running");
  expect(existsSync(data)).toBe(true);
  const gone = once(holder, "exit");
  holder.kill("SIGKILL");
  await gone;
  expect((await run("reset", {}, "--data", data)).code).toBe(0);
  expect(existsSync(data)).toBe(false);
});

test("a flag that makes no sense is a usage error, and nothing is written", async () => {
  const { code, stderr } = await run("start", {}, "--data", data, "--port", "eighty");
  expect(code).toBe(2);
  expect(stderr).toContain("--port eighty is not a port");
  expect(readdirSync(data)).toEqual([]);
});

test.each([
  [{ SLACK_BOT_TOKEN: "xoxb-1" }, "nothing says how Slack's clicks arrive"],
  [{ SLACK_APP_TOKEN: "xapp-1" }, "SLACK_BOT_TOKEN is not"],
  [{ SLACK_BOT_TOKEN: "xoxb-1", SLACK_APP_TOKEN: "xapp-1", SLACK_SIGNING_SECRET: "s" }, "only one way leads in"],
])("half of what Slack needs is one sentence that says the other half: %o", async (env, sentence) => {
  const { code, stderr } = await run("start", env, "--data", data);
  expect(code).toBe(1);
  expect(stderr).toContain(sentence);
  expect(stderr).toContain("Set SLACK_BOT_TOKEN with SLACK_APP_TOKEN");
  expect(readdirSync(data)).toEqual([]);
});

test("a workspace that countersign.yaml does not name is told with what to write there", async () => {
  const { code, stderr } = await start(await freePort(), { SLACK_BOT_TOKEN: "xoxb-1", SLACK_APP_TOKEN: "xapp-1" });
  expect(code).toBe(1);
  expect(stderr).toContain("countersign.yaml has no slack section");
  expect(stderr).toContain("conversations:");
  expect(readPidFiles(join(data, "run"))).toEqual([]);
});

async function start(port = takenPort, env: Record<string, string> = {}): Promise<Ended> {
  const others = await Promise.all([freePort(), freePort(), freePort()]);
  const flags = ["--ui-port", "--temporal-port", "--postgres-port"].flatMap((flag, at) => [flag, String(others[at])]);
  return run("start", env, "--data", data, "--port", String(port), ...flags, "--exit-when-pending");
}

function run(script: "start" | "reset", more: Record<string, string>, ...args: string[]): Promise<Ended> {
  const env = { ...process.env, ...more };
  return new Promise((resolve) => {
    execFile(process.execPath, [`scripts/${script}.js`, ...args], { env }, (error, _stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, stderr });
    });
  });
}

/** A process that does nothing, with a word on its command line to know it by. */
function runningProcess(word: string): ChildProcess {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)", word], { stdio: "ignore" });
  strangers.push(child);
  return child;
}

function lock(pid: number, marker: string): void {
  writeFileSync(join(makeRun(), "start.lock"), JSON.stringify({ name: "start", pid, marker, stopSignal: "SIGTERM" }));
}

function makeRun(): string {
  const directory = join(data, "run");
  mkdirSync(directory, { recursive: true });
  return directory;
}
