import { existsSync, readFileSync } from "node:fs";
import { Command, Option } from "commander";
import { CATALOGUE } from "../actions/catalogue.ts";
import { parseConfiguration } from "../config/yaml.ts";
import { digestOf } from "../crypto/digest.ts";
import { type CompiledPolicies, tryCompile } from "../policy/compile.ts";
import type { PolicySource } from "../policy/load.ts";
import { staffingFindings } from "../policy/staffing.ts";
import { loadCases, runCases } from "../policy/test-cases.ts";
import { REPORT_FORMATS, type ReportFormat, reportOf } from "../policy/test-report.ts";
import { vocabularyOf } from "../policy/vocabulary.ts";
import { literalBlock } from "../privacy/literal.ts";
import { type ConnectionOptions, connectionOf, withConnection } from "./connection.ts";
import { CommandFailure, EXIT_CODES, usage } from "./exit-codes.ts";
import { findingLines } from "./findings.ts";
import { readCaseSources, readPolicySources } from "./policy-files.ts";
import { readExplanation } from "./requests.ts";
import { remark, say, sayJson } from "./terminal.ts";

export function policyCommand(): Command {
  return new Command("policy")
    .description("Look at policies: are they right, do they do what they should, why did one decide like that.")
    .addCommand(checkCommand())
    .addCommand(testCommand())
    .addCommand(explainCommand())
    .addHelpText("after", "\nExample:\n  $ countersign policy check && countersign policy test");
}

function checkCommand(): Command {
  return new Command("check")
    .description(
      "Shape, names, types, conditions that could never be true, slots nobody could fill: with line and column.",
    )
    .argument("[dir]", "directory of the policies", "policies")
    .option("--config <file>", "the configuration whose groups and targets they name", "countersign.yaml")
    .option("--json", "print what was found as JSON")
    .addHelpText("after", "\nExample:\n  $ countersign policy check policies --config countersign.yaml")
    .action(check);
}

function check(directory: string, options: { config: string; json?: boolean }): void {
  const sources = readPolicySources(directory);
  const { compiled, findings } = compileWith(sources, options.config);
  if (options.json) sayJson({ ok: compiled !== null, policyDigest: compiled?.policyDigest ?? null, findings });
  if (!compiled) {
    process.exitCode = EXIT_CODES.refused.code;
    if (!options.json) remark(...findingLines(findings, sources), "", `${findings.length} found.`);
  } else if (!options.json) {
    say(
      `${sources.length} files, ${compiled.rules.length} rules: no mistakes found.`,
      `policy ${compiled.policyDigest}`,
    );
  }
}

function testCommand(): Command {
  return new Command("test")
    .description("Runs the cases in DIR/tests; fails when one comes out differently, or no case reaches a deny rule.")
    .argument("[dir]", "directory of the policies", "policies")
    .option("--config <file>", "the configuration whose groups and targets they name", "countersign.yaml")
    .addOption(new Option("--format <format>", "how to report").choices(REPORT_FORMATS).default("human"))
    .addHelpText("after", "\nExample:\n  $ countersign policy test policies --format junit > policy.xml")
    .action(test);
}

function test(directory: string, options: { config: string; format: ReportFormat }): void {
  const sources = readPolicySources(directory);
  const caseSources = readCaseSources(directory);
  const { compiled, findings } = compileWith(sources, options.config);
  const { cases, findings: caseFindings } = loadCases(caseSources);
  const all = [...findings, ...caseFindings];
  if (!compiled || all.length > 0) {
    const lines = findingLines(all, [...sources, ...caseSources]);
    throw new CommandFailure("refused", "POLICY_INVALID", "Nothing was tested; there are mistakes first.", { lines });
  }
  const run = runCases(compiled, cases, digestOf);
  say(...reportOf(run, options.format));
  if (!run.ok) process.exitCode = EXIT_CODES.refused.code;
}

function explainCommand(): Command {
  const command = new Command("explain")
    .description(
      "Why the policy answered a request as it did: matched rules and their values, skipped rules, who set what.",
    )
    .argument("<request>", "request id, req_…")
    .option("--json", "print the explanation as JSON");
  return withConnection(command)
    .addHelpText("after", "\nExample:\n  $ countersign policy explain req_0k3… --as alice")
    .action(explain);
}

async function explain(requestId: string, options: ConnectionOptions & { json?: boolean }): Promise<void> {
  const explanation = await readExplanation(connectionOf(options, "agent"), requestId);
  if (options.json) return sayJson(explanation);
  say(literalBlock(explanation.text.trimEnd(), Number.POSITIVE_INFINITY));
}

/** Mistakes in the configuration come first, as an error of their own. */
function compileWith(sources: PolicySource[], configFile: string): ReturnType<typeof tryCompile> {
  if (!existsSync(configFile)) {
    throw usage(`There is no configuration ${configFile}.`, "Name it with --config: policies speak about its groups.");
  }
  const configuration = parseConfiguration(readFileSync(configFile, "utf8"), configFile);
  const result = tryCompile(sources, vocabularyOf(configuration, CATALOGUE), digestOf);
  if (!result.compiled) return result;
  const findings = staffing(result.compiled, configuration.directory);
  return { compiled: findings.length > 0 ? null : result.compiled, findings };
}

function staffing(compiled: CompiledPolicies, directory: Parameters<typeof staffingFindings>[2]) {
  const types = CATALOGUE.map((action) => action.type);
  return staffingFindings(compiled, types, directory);
}
