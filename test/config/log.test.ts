import { expect, test } from "vitest";
import { createLog, type LogOutput } from "../../config/log.ts";
import { newApiKey } from "../../crypto/api-key.ts";

function logInto(mode: "development" | "production", isTTY: boolean) {
  const lines: string[] = [];
  const output: LogOutput = { isTTY, write: (line) => lines.push(line) };
  return { lines, log: createLog({ mode, logLevel: "info", role: "api" }, output) };
}

test("each record is one line of JSON with time, level, role and request", () => {
  const { lines, log } = logInto("production", true);
  log.child({ requestId: "req_1" }).info({ status: 200 }, "answered %s", "GET /");
  expect(lines).toHaveLength(1);
  expect(lines[0]?.endsWith("\n")).toBe(true);
  expect(JSON.parse(lines[0] ?? "")).toEqual({
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    level: "info",
    role: "api",
    requestId: "req_1",
    status: 200,
    msg: "answered GET /",
  });
});

test("less than the level is not written", () => {
  const { lines, log } = logInto("production", false);
  log.debug("quiet");
  expect(lines).toEqual([]);
});

test("a secret reaches no line, whatever way it takes", () => {
  const { text } = newApiKey("agent-key");
  const secret = text.slice(4);
  for (const [mode, isTTY] of [
    ["production", false],
    ["development", true],
  ] as const) {
    const { lines, log } = logInto(mode, isTTY);
    log.info(text);
    log.info("Bearer %s", secret);
    log.info({ password: secret }, "object");
    log.info({ req: { headers: { authorization: secret, cookie: `a=${secret}` } } });
    log.child({ token: secret }).info("child");
    log.child({ deep: { url: `postgres://app:${secret}@db/app` } }).info("child");
    log.error(new Error(`connect postgres://app:${secret}@db/app`));
    log.error({ err: new Error("outer", { cause: new Error(`password=${secret}`) }) });
    log.error({ error: Object.assign(new Error("x"), { token: secret }) });
    expect(lines).toHaveLength(9);
    expect(lines.join("")).not.toContain(secret);
    expect(lines.join("")).toContain("[redacted]");
  }
});

test("an error is written with its message and stack", () => {
  const { lines, log } = logInto("production", false);
  log.error(new Error("the reason"), "failed");
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    err: { message: "the reason", stack: expect.stringContaining("at ") },
  });
});

test("a developer's terminal shows one readable line, and obeys nothing in it", () => {
  const { lines, log } = logInto("development", true);
  log.warn({ justification: "quick\u001b[2J\nfake line", rows: 3 }, "asked\u202e");
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(
    /^\d\d:\d\d:\d\d\.\d{3} WARN {2}api asked\\u\{202e\} justification=quick\\u\{1b\}\[2J\\u\{a\}fake line rows=3\n$/,
  );
});

test("in development without a terminal it is JSON", () => {
  const { lines, log } = logInto("development", false);
  log.info("hello");
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({ msg: "hello" });
});
