import type { Digest, Json } from "../core/request.ts";
import type { PolicyDocument, PolicyRule } from "./load.ts";

/** Makes the digest of a JSON value over its canonical form (RFC 8785). */
export type DigestOf = (json: Json) => Digest;

/**
 * What a set of policies says, and nothing of how it is written: file names, comments, the order
 * of files and of rules, quoting and positions leave no trace in its digest.
 */
export function policySetOf(documents: PolicyDocument[]): Json {
  const policies = documents.map((document) =>
    plain({
      name: document.name,
      owner: document.owner,
      floor: document.floor,
      defaults: document.defaults,
      rules: document.rules.map(ruleOf).sort(byId),
    }),
  );
  return { version: 1, policies: policies.sort(byName) };
}

function ruleOf({ id, on, when, mode, effect, reason, requirement }: PolicyRule): { id: string } {
  return { id, on: [...on].sort(), when, mode, effect, reason, requirement } as { id: string };
}

function byId(a: { id: string }, b: { id: string }): number {
  return a.id < b.id ? -1 : 1;
}

function byName(a: Json, b: Json): number {
  return (a as { name: string }).name < (b as { name: string }).name ? -1 : 1;
}

/** Without the fields that were left open. */
function plain(value: unknown): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}
