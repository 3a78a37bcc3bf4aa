import { type Document, LineCounter, parseDocument } from "yaml";
import { CountersignError, type Finding } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import type { AgentId, GroupId, PersonId } from "../core/principal.ts";
import type { Configuration } from "./configuration.ts";
import { findingsOf, type Problem, shapeProblems } from "./yaml-findings.ts";
import { BUILT_IN_GROUPS, ruleProblems } from "./yaml-rules.ts";
import { type ConfigurationYaml, configurationSchema } from "./yaml-schema.ts";

/** A configuration before `countersign apply` numbers it, joins the policies and signs it. */
export type ConfigurationDraft = Omit<Configuration, "version" | "appliedAt" | "policies">;

/** Throws CONFIGURATION_INVALID with everything that is wrong, each with its line and column. */
export function parseConfiguration(text: string, file: string): ConfigurationDraft {
  if (Buffer.byteLength(text) > LIMITS.configurationFileBytes) {
    throw invalid([{ ...nowhere(file), message: `the file is larger than ${LIMITS.configurationFileBytes} bytes` }]);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, strict: true, uniqueKeys: true });
  const syntax = [...document.errors, ...document.warnings].map(({ message, pos }): Finding => {
    const { line, col } = lines.linePos(pos[0]);
    return { ...nowhere(file), message, line: Math.max(line, 1), column: Math.max(col, 1) };
  });
  if (syntax.length > 0) throw invalid(syntax);

  const raw = plainValue(document, file);
  const parsed = configurationSchema.safeParse(raw, { reportInput: true });
  const problems: Problem[] = [...(parsed.success ? [] : shapeProblems(parsed.error)), ...ruleProblems(raw)];
  if (!parsed.success || problems.length > 0) throw invalid(findingsOf(problems, document, lines, file));
  return draftOf(parsed.data);
}

function plainValue(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch {
    throw invalid([{ ...nowhere(file), message: "the file repeats too much by reference (*alias)" }]);
  }
}

const MAX_ALIASES = 100;

function draftOf(yaml: ConfigurationYaml): ConfigurationDraft {
  return {
    directory: {
      groups: [...new Set([...yaml.groups, ...BUILT_IN_GROUPS])].map(groupId),
      people: yaml.people.map(({ id, name, email, groups, active, same_as: sameAs }) => {
        return {
          id: personId(id),
          name,
          email,
          groups: groups.map(groupId),
          active,
          sameAs: sameAs === null ? null : personId(sameAs),
          accounts: [],
        };
      }),
      agents: yaml.agents.map(({ id, name, owner, groups, active }) => {
        return { id: agentId(id), name, owner: personId(owner), groups: groups.map(groupId), active };
      }),
    },
    agents: yaml.agents.map(({ id, keys, actions, targets }) => ({ id: agentId(id), keys, actions, targets })),
    targets: Object.entries(yaml.targets).map(([name, target]) => ({
      ...target,
      name,
      describe: { role: target.describe.role, url: target.describe.url.secret },
      execute: { role: target.execute.role, url: target.execute.url.secret },
    })),
    issuers: yaml.issuers.map((row) => ({
      issuer: row.issuer,
      audience: row.audience,
      jwksUrl: row.jwks_url,
      jwks: row.jwks,
      claim: row.claim,
      agents: Object.entries(row.agents).map(([value, agent]) => ({ value, agent: agentId(agent) })),
      onBehalfOfClaim: row.on_behalf_of_claim,
    })),
    slack: null,
    imported: [],
    reasonCodes: yaml.reason_codes.map(({ code, sentence, by, note_required: noteRequired }) => {
      return { code, sentence, by, noteRequired };
    }),
  };
}

const personId = (id: string): PersonId => `person:${id}`;
const agentId = (id: string): AgentId => `agent:${id}`;
const groupId = (id: string): GroupId => `group:${id}`;

function nowhere(file: string): Finding {
  return { message: "", pointer: null, file, line: 1, column: 1 };
}

function invalid(findings: Finding[]): CountersignError {
  const lines = findings.map(({ message, file, line, column }) => `\n${file}:${line}:${column} ${message}`);
  return new CountersignError("CONFIGURATION_INVALID", lines.join(""), { findings });
}
