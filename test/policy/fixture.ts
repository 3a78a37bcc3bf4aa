import { stringify } from "yaml";
import { CATALOGUE } from "../../actions/catalogue.ts";
import { postgresExport } from "../../actions/postgres-export/schema.ts";
import type { Finding } from "../../core/errors.ts";
import type { Evaluation } from "../../core/evaluation.ts";
import type { JsonObject } from "../../core/request.ts";
import { digestOf } from "../../crypto/digest.ts";
import { type CompiledPolicies, compilePolicies, tryCompile } from "../../policy/compile.ts";
import type { Vocabulary } from "../../policy/vocabulary.ts";

export const vocabulary: Vocabulary = {
  groups: ["group:data-owners", "group:data-protection", "group:privacy-oncall", "group:reviewers", "group:security"],
  actions: CATALOGUE,
  reasonCodes: ["ORG_TICKET_MISSING"],
  targets: [
    { name: "crm", environment: "production" },
    { name: "crm-staging", environment: "staging" },
  ],
};

/** A second action, so that globs and rules on several actions have something to differ on. */
export const twoActions: Vocabulary = {
  ...vocabulary,
  actions: [
    ...CATALOGUE,
    { ...postgresExport, type: "postgres.count", facts: { data: { rows: "int", labels: "list<string>" } } },
  ],
};

export const TYPE = "postgres.export";
export const NOW = Date.parse("2026-01-05T12:00:00Z");

/** An export of 12,400 customers with their e-mail addresses, as the describe of the action sees it. */
export const facts = {
  subject: { id: "agent:reporting", kind: "agent", groups: [], owner: "person:dana", on_behalf_of: "" },
  target: { name: "crm", environment: "production", external: false },
  action: { type: TYPE, mode: "execute" },
  args: { statement: "SELECT id, email FROM customers", format: "csv", maxRows: 20_000 },
  data: {
    rows: 12_400,
    tables: ["public.customers"],
    columns: ["public.customers.id", "public.customers.email"],
    labels: ["pii.email"],
    external: false,
    destination: "exports",
    format: "csv",
    maxRows: 20_000,
  },
  sql: { read_only: true, statements: 1, functions: [], text: "SELECT id, email FROM customers" },
};

export type Rule = { [field: string]: unknown };

export const deny = (id: string, when?: string): Rule => ({
  id,
  on: [TYPE],
  ...only(when),
  deny: { reason: "POLICY_DENIED" },
});
export const allow = (id: string, when?: string): Rule => ({
  id,
  on: [TYPE],
  ...only(when),
  allow: { reason: "LOW_RISK_READ" },
});
export const review = (id: string, when?: string, fields: Rule = {}): Rule => ({
  id,
  on: [TYPE],
  ...only(when),
  review: { reason: "BULK_EXPORT", approvals: [{ from: "group:reviewers" }], timeout: "4h", ...fields },
});

/** One policy file that holds these rules. */
export function policy(rules: Rule[], spec: Rule = {}, name = "test"): string {
  return stringify({ apiVersion: "countersign/v1", kind: "Policy", metadata: { name }, spec: { ...spec, rules } });
}

export function compile(...texts: string[]): CompiledPolicies {
  return compilePolicies(sources(texts), vocabulary, digestOf);
}

export function findings(text: string | string[], words: Vocabulary = vocabulary): Finding[] {
  return tryCompile(sources([text].flat()), words, digestOf).findings;
}

/** The one finding there is, with the text it points at. */
export function finding(
  text: string,
  words: Vocabulary = vocabulary,
): { message: string; points: string; place: string } {
  const found = findings(text, words);
  if (found.length !== 1) throw new Error(`${found.length} findings: ${found.map((one) => one.message).join("; ")}`);
  const { message = "", line, column } = found[0] ?? {};
  const points = (text.split("\n")[(line ?? 0) - 1] ?? "").slice((column ?? 0) - 1);
  return { message, points, place: `${line}:${column}` };
}

export function evaluate(policies: CompiledPolicies, given: JsonObject = facts, now = NOW): Evaluation {
  return policies.evaluate(given, { actionType: TYPE, now, factsDigest: digestOf(given) });
}

export function withData(data: JsonObject): JsonObject {
  return { ...facts, data: { ...facts.data, ...data } };
}

export function codes(evaluation: Evaluation): string[] {
  return evaluation.reasons.map((reason) => reason.code);
}

function sources(texts: string[]): { file: string; text: string }[] {
  return texts.map((text, index) => ({ file: `policies/${index}.yaml`, text }));
}

function only(when: string | undefined): Rule {
  return when === undefined ? {} : { when };
}
