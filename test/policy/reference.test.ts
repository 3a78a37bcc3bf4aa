import { expect, test } from "vitest";
import { CATALOGUE } from "../../actions/catalogue.ts";
import { caseSchema, policyReference, policySchema } from "../../policy/reference.ts";
import { ruleReasonCodes } from "../../policy/vocabulary.ts";

test("the reference lists every fact of every action, with its type", () => {
  const { "policy-facts": text = "" } = policyReference(CATALOGUE);
  for (const action of CATALOGUE) {
    for (const [namespace, fields] of Object.entries(action.facts)) {
      for (const [field, type] of Object.entries(fields))
        expect(text).toContain(`| \`${namespace}.${field}\` | \`${type}\` |`);
    }
  }
  for (const name of ["subject.on_behalf_of", "target.environment", "now", "args.maxRows"])
    expect(text).toContain(name);
});

test("the reference lists every reason code a rule may give", () => {
  const { "policy-reasons": text = "" } = policyReference(CATALOGUE);
  for (const code of ruleReasonCodes()) expect(text).toContain(`\`${code}\``);
});

test("editors are told that unknown fields are wrong, and that a rule has one effect", () => {
  const rule = policySchema().properties?.spec?.properties?.rules?.items;
  expect(rule).toMatchObject({ additionalProperties: false, required: ["id", "on"] });
  expect(rule?.oneOf).toEqual([{ required: ["allow"] }, { required: ["deny"] }, { required: ["review"] }]);
});

test("a case file has a schema of its own", () => {
  expect(caseSchema()).toMatchObject({ additionalProperties: false, required: ["cases"] });
});
