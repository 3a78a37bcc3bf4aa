import { expect, test } from "vitest";
import { EXIT_CODES } from "../../cli/exit-codes.ts";
import { createProgram } from "../../cli/main.ts";
import { runCli } from "../support/run-cli.ts";

type Line = { words: string[] };

const program = await createProgram();

function commandLines(command = program, words: string[] = []): Line[] {
  return [{ words }, ...command.commands.flatMap((child) => commandLines(child, [...words, child.name()]))];
}

test("the commands are the ones the documentation names", () => {
  const names = program.commands.map((command) => command.name());
  expect(names.sort()).toEqual(
    [
      "apply",
      "credential",
      "dev",
      "doctor",
      "freeze",
      "keys",
      "list",
      "migrate",
      "policy",
      "request",
      "review",
      "show",
    ].sort(),
  );
});

test.each(commandLines().map(({ words }) => [["countersign", ...words].join(" "), words]))(
  "%s --help explains itself with an example and exits 0",
  async (line, words) => {
    const run = await runCli([...words, "--help"]);
    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(run.stdout).toContain(`Usage: ${line}`);
    expect(run.stdout).toMatch(/Examples?:\n {2}\$ (countersign|npm start)/);
  },
);

test("every exit code is in the help of the program", async () => {
  const { stdout } = await runCli(["--help"]);
  for (const { code, meaning } of Object.values(EXIT_CODES)) expect(stdout).toContain(`${code}  ${meaning}`);
});

test.each([
  ["no command", []],
  ["an unknown command", ["approve-everything"]],
  ["an unknown option", ["list", "--all"]],
  ["a missing argument", ["show"]],
  ["a verb that is none", ["review", "req_x", "bless"]],
  ["a missing target", ["request", "postgres.export"]],
  ["a limit that is no number", ["list", "--limit", "many", "--url", "http://127.0.0.1:1"]],
  [
    "arguments that are no JSON",
    ["request", "postgres.export", "--target", "crm", "--arguments", "{", "--url", "http://127.0.0.1:1"],
  ],
  ["a deny without a reason", ["review", "req_x", "deny", "--yes"]],
  ["an answer that nobody can confirm", ["review", "req_x", "approve"]],
  ["a freeze of nothing", ["freeze", "order", "--reason", "x", "--url", "http://127.0.0.1:1"]],
  ["a request id that is none", ["show", "../../v1/freezes", "--url", "http://127.0.0.1:1"]],
  ["no database", ["credential", "list"]],
] as const)("%s is a usage error: one sentence, exit code 2", async (_, args) => {
  const run = await runCli([...args], { env: { COUNTERSIGN_TOKEN: "t" } });
  expect(run.code).toBe(2);
  expect(run.stderr.trim()).not.toBe("");
  expect(run.stderr).not.toContain("    at ");
});

test("an API that does not answer is exit code 3, with where to look next", async () => {
  const run = await runCli(["list", "--url", "http://127.0.0.1:1"], { env: { COUNTERSIGN_TOKEN: "secret-token" } });
  expect(run.code).toBe(3);
  expect(run.stderr).toMatch(/^NOT_REACHABLE: /);
  expect(run.stderr).toContain("countersign doctor");
  expect(run.stderr).not.toContain("secret-token");
});

test("with --json an error is JSON too", async () => {
  const run = await runCli(["show", "req_x", "--url", "http://127.0.0.1:1", "--json"], {
    env: { COUNTERSIGN_TOKEN: "t" },
  });
  expect(JSON.parse(run.stdout)).toMatchObject({ error: { code: "NOT_REACHABLE" } });
});

test("a token is not taken from the command line, where every user of the machine could read it", async () => {
  const run = await runCli(["list", "--token", "t", "--url", "http://127.0.0.1:1"]);
  expect(run.code).toBe(2);
  expect(run.stderr).toContain("unknown option '--token'");
});
