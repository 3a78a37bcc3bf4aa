import type { Finding } from "../core/errors.ts";
import type { RequirementFields } from "../core/merge.ts";
import { CHANNELS, type ChannelName } from "../core/message.ts";
import type { GroupId } from "../core/principal.ts";
import type { PolicyDocument, PolicyRule } from "./load.ts";
import type { Path } from "./positions.ts";
import { actionTypesMatching, ruleReasonCodes, type Vocabulary } from "./vocabulary.ts";

/** What can be wrong between the files, or with the names they use; conditions are compile.ts's. */
export function checkDocuments(documents: PolicyDocument[], vocabulary: Vocabulary): Finding[] {
  return [
    ...duplicateFindings(documents),
    ...documents.flatMap((document) => nameFindings(document, vocabulary)),
    ...channelFindings(documents, vocabulary),
  ];
}

/** A name is taken by whoever comes first in the order of the files' names. */
function duplicateFindings(documents: PolicyDocument[]): Finding[] {
  const policies = new Map<string, string>();
  const rules = new Map<string, string>([
    ["floor", "the floor"],
    ["defaults", "the defaults"],
  ]);
  let defaultsIn: string | null = null;
  const findings: Finding[] = [];
  for (const document of [...documents].sort((a, b) => (a.file < b.file ? -1 : 1))) {
    const { name, file, where } = document;
    const path = ["metadata", "name"];
    if (policies.has(name))
      findings.push(where.value(path, `the policy "${name}" is already in ${policies.get(name)}`));
    else policies.set(name, file);
    if (document.defaults && defaultsIn !== null) {
      findings.push(where.key(["spec", "defaults"], `there is one "defaults" in a set, and ${defaultsIn} has it`));
    }
    if (document.defaults) defaultsIn = `${file}:${document.where.key(["spec", "defaults"], "").line}`;
    for (const rule of document.rules) {
      const other = rules.get(rule.id);
      if (other) findings.push(where.value([...rule.path, "id"], `the name "${rule.id}" is already taken by ${other}`));
      else rules.set(rule.id, `the rule at ${file}:${rule.place.line}`);
    }
  }
  return findings;
}

function nameFindings(document: PolicyDocument, vocabulary: Vocabulary): Finding[] {
  const { where, floor, defaults } = document;
  const findings: Finding[] = [];
  if (document.owner) findings.push(...unknownGroup(document, ["metadata", "owner"], document.owner, vocabulary));
  if (floor) findings.push(...groupFindings(document, ["spec", "floor", "review"], floor, vocabulary));
  if (defaults) {
    const path = ["spec", "defaults", "review"];
    findings.push(...groupFindings(document, path, defaults.requirement, vocabulary));
    findings.push(...reasonFindings(document, [...path, "reason"], defaults.reason, vocabulary));
  }
  for (const rule of document.rules) {
    const path = [...rule.path, rule.effect];
    findings.push(...reasonFindings(document, [...path, "reason"], rule.reason, vocabulary));
    if (rule.requirement) findings.push(...groupFindings(document, path, rule.requirement, vocabulary));
    rule.on.forEach((pattern, index) => {
      const types = vocabulary.actions.map((action) => action.type);
      if (actionTypesMatching(pattern, types).length > 0) return;
      const message = `no action type is "${pattern}"; known: ${types.join(", ")}`;
      findings.push(where.value([...rule.path, "on", index], message));
    });
  }
  return findings;
}

function reasonFindings(document: PolicyDocument, path: Path, reason: string, vocabulary: Vocabulary): Finding[] {
  const known = [...ruleReasonCodes(), ...vocabulary.reasonCodes];
  if (known.includes(reason)) return [];
  const message = `"${reason}" is not a reason code a rule may give; known: ${known.join(", ")}`;
  return [document.where.value(path, message)];
}

function groupFindings(
  document: PolicyDocument,
  path: Path,
  fields: RequirementFields,
  vocabulary: Vocabulary,
): Finding[] {
  const slots = (fields.slots ?? []).flatMap((slot, index) => [
    ...unknownGroup(document, [...path, "approvals", index, "from"], slot.from, vocabulary),
    ...slot.escalate.flatMap((step, place) =>
      unknownGroup(document, [...path, "approvals", index, "escalate", place, "to"], step.to, vocabulary),
    ),
  ]);
  const excluded = (fields.excludeGroups ?? []).flatMap((group, index) =>
    unknownGroup(document, [...path, "exclude", index], group, vocabulary),
  );
  return [...slots, ...excluded, ...emptiedSlots(document, path, fields)];
}

function unknownGroup(document: PolicyDocument, path: Path, group: GroupId, vocabulary: Vocabulary): Finding[] {
  if (vocabulary.groups.includes(group)) return [];
  const message = `there is no group "${group}"; known: ${vocabulary.groups.join(", ")}`;
  return [document.where.value(path, message)];
}

/** A slot whose own group is excluded, and every group it escalates to, could never be filled. */
function emptiedSlots(document: PolicyDocument, path: Path, fields: RequirementFields): Finding[] {
  const excluded = fields.excludeGroups ?? [];
  return (fields.slots ?? []).flatMap((slot, index) => {
    const groups = [slot.from, ...slot.escalate.map((step) => step.to)];
    if (!groups.every((group) => excluded.includes(group))) return [];
    return [document.where.value([...path, "approvals", index], "nobody can fill this slot: its groups are excluded")];
  });
}

/** Any rules on one action type can match together, so all of them must share a channel. */
function channelFindings(documents: PolicyDocument[], vocabulary: Vocabulary): Finding[] {
  const types = vocabulary.actions.map((action) => action.type);
  const floors = documents.flatMap((document) =>
    document.floor ? [{ document, fields: document.floor, rule: null }] : [],
  );
  const found = new Map<string, Finding>();
  for (const type of types) {
    const rules = documents.flatMap((document) =>
      document.rules
        .filter((rule) => reviews(rule, type))
        .map((rule) => ({ document, fields: rule.requirement, rule })),
    );
    let left: ChannelName[] = [...CHANNELS];
    for (const { document, fields, rule } of [...floors, ...rules]) {
      const channels = fields?.channels;
      if (!channels) continue;
      left = left.filter((channel) => channels.includes(channel));
      if (left.length > 0) continue;
      const path = rule ? [...rule.path, "review", "channels"] : ["spec", "floor", "review", "channels"];
      const message = `no channel is left when this is merged with the other reviews of ${type}, so nobody could answer`;
      found.set(`${document.file} ${path.join("/")}`, document.where.value(path, message));
      break;
    }
  }
  return [...found.values(), ...defaultsWithoutChannel(documents)];
}

function defaultsWithoutChannel(documents: PolicyDocument[]): Finding[] {
  const floors = documents.flatMap((document) => document.floor?.channels ?? null).filter((one) => one !== null);
  return documents.flatMap((document) => {
    const channels = document.defaults?.requirement.channels;
    if (!channels || floors.length === 0) return [];
    if (channels.some((channel) => floors.includes(channel))) return [];
    const path = ["spec", "defaults", "review", "channels"];
    return [
      document.where.value(path, "no channel is left when this is merged with the floor, so nobody could answer"),
    ];
  });
}

function reviews(rule: PolicyRule, type: string): boolean {
  return rule.effect === "review" && rule.on.some((pattern) => actionTypesMatching(pattern, [type]).length > 0);
}
