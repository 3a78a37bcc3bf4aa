import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CATALOGUE } from "../../actions/catalogue.ts";
import { readCaseSources, readPolicySources } from "../../cli/policy-files.ts";
import { parseConfiguration } from "../../config/yaml.ts";
import { digestOf } from "../../crypto/digest.ts";
import { tryCompile } from "../../policy/compile.ts";
import { staffingFindings } from "../../policy/staffing.ts";
import { loadCases, runCases } from "../../policy/test-cases.ts";
import { vocabularyOf } from "../../policy/vocabulary.ts";
import { codes, evaluate } from "./fixture.ts";

const root = new URL("../../", import.meta.url);
const path = (name: string) => new URL(name, root).pathname;
const configuration = parseConfiguration(readFileSync(path("countersign.yaml"), "utf8"), "countersign.yaml");
const { compiled, findings } = tryCompile(
  readPolicySources(path("policies")),
  vocabularyOf(configuration, CATALOGUE),
  digestOf,
);

test("the shipped policies have no mistakes, and speak only of what countersign.yaml has", () => {
  expect(findings).toEqual([]);
});

test("every review of the shipped policies can be met by the people of countersign.yaml", () => {
  if (!compiled) throw new Error("the policies do not compile");
  expect(
    staffingFindings(
      compiled,
      CATALOGUE.map((action) => action.type),
      configuration.directory,
    ),
  ).toEqual([]);
});

test("every shipped case comes out as it says, and together they reach every rule", () => {
  if (!compiled) throw new Error("the policies do not compile");
  const cases = loadCases(readCaseSources(path("policies")));
  expect(cases.findings).toEqual([]);
  const run = runCases(compiled, cases.cases, digestOf);
  expect(run.results.filter((result) => result.differences.length > 0)).toEqual([]);
  expect(run.unreached).toEqual([]);
});

test("an export of 12,400 customers with their e-mail addresses waits for data protection and data owners", () => {
  if (!compiled) throw new Error("the policies do not compile");
  const evaluation = evaluate(compiled);
  expect(evaluation.outcome).toBe("review");
  expect(codes(evaluation)).toContain("PII_EXPORT");
  expect(evaluation.requirement).toMatchObject({
    slots: [
      { from: "group:data-owners", count: 1 },
      { from: "group:data-protection", count: 1 },
    ],
    timeoutSeconds: 4 * 3600,
    validForSeconds: 900,
    channels: ["api", "page", "slack"],
    justification: "required",
  });
});
