import { type Document, LineCounter, parseDocument } from "yaml";
import { CountersignError, type Finding } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import type { AccountId, AgentId, GroupId, PersonId } from "../core/principal.ts";
import type { Configuration, SlackSettings } from "./configuration.ts";
import { BUILT_IN_GROUPS } from "./yaml-entries.ts";
import { findingsOf, type Problem, shapeProblems } from "./yaml-findings.ts";
import { ruleProblems } from "./yaml-rules.ts";
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
      people: yaml.people.map(({ id, name, email, groups, active, same_as: sameAs, slack }) => {
        return {
          id: personId(id),
          name,
          email,
          groups: groups.map(groupId),
          active,
          sameAs: sameAs === null ? null : personId(sameAs),
          accounts: accountsOf(yaml, slack),
        };
      }),
      agents: yaml.agents.map(({ id, name, owner, groups, active }) => {
        return { id: agentId(id), name, owner: personId(owner), groups: groups.map(groupId), active };
      }),
    },
    agents: yaml.agents.map(({ id, keys, actions, targets, slack }) => {
      return { id: agentId(id), keys, actions, targets, accounts: accountsOf(yaml, slack) };
    }),
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
    slack: slackOf(yaml.slack),
    imported: [],
    reasonCodes: yaml.reason_codes.map(({ code, sentence, by, note_required: noteRequired }) => {
      return { code, sentence, by, noteRequired };
    }),
  };
}

function slackOf(slack: ConfigurationYaml["slack"]): SlackSettings | null {
  if (slack === null) return null;
  return {
    team: slack.team,
    allowDecisions: slack.allow_decisions,
    blockStyle: slack.block_style,
    conversations: slack.conversations.map(({ id, groups }) => ({ id, groups: groups.map(groupId) })),
    emailDomains: slack.email_domains,
    userGroups: Object.entries(slack.user_groups).map(([group, userGroup]) => ({ group: groupId(group), userGroup })),
  };
}

/** Of the one workspace there is; without it yaml-rules.ts refuses every account. */
function accountsOf({ slack }: ConfigurationYaml, users: string | string[]): AccountId[] {
  if (slack === null) return [];
  return [users].flat().map((user): AccountId => `slack:${slack.team}/${user}`);
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
