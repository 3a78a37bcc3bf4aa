import { z } from "zod";
import { literal } from "../privacy/literal.ts";
import { isSecretName } from "./secrets.ts";

/** What countersign.yaml may say, field by field. What fields say together is judged in yaml-rules.ts. */

const id = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, "must be lower-case letters, digits, dots, hyphens");
const shown = z
  .string()
  .min(1, "must not be empty")
  .max(200)
  .refine((text) => literal(text) === text, "holds a character that cannot be seen");
const column = z.string().regex(/^[^.\s]+\.[^.\s]+\.[^.\s]+$/, "must be schema.table.column");
const label = z.string().regex(/^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$/, "must be a label such as pii.email");
const webUrl = z
  .url({ protocol: /^https?$/ })
  .refine((text) => /^https:|^http:\/\/(localhost|127\.0\.0\.1)([:/]|$)/.test(text), "must be https");
const secretName = z
  .string()
  .refine(isSecretName, "must be a name such as CRM_EXPORT_URL, and none of our own, Temporal's or Node's variables")
  .describe("Name of a variable or file of the executor; never the value.");

const slackId = (letters: string, what: string) =>
  z.string().regex(new RegExp(`^[${letters}][A-Z0-9]{2,20}$`), `must be the id of ${what}`);
const slackUser = slackId("UW", "a Slack account, U…");
const slackUsers = z.union([slackUser, z.array(slackUser)]).default([]);

const person = z.strictObject({
  id: id.describe("Short name; `person:` is put in front of it."),
  name: shown,
  email: z.email().nullable().default(null).describe("The address this person signs in with."),
  groups: z.array(id).default([]),
  active: z.boolean().default(true).describe("false: can no longer answer, own or ask."),
  slack: slackUsers.describe("This person's Slack account, U…, or a list of them."),
  same_as: id.nullable().default(null).describe("On a second account: the person it belongs to."),
});

const agent = z.strictObject({
  id: id.describe("Short name; `agent:` is put in front of it."),
  name: shown,
  owner: id.describe("The person answerable for it; never a reviewer of what it asks."),
  groups: z.array(id).default([]),
  active: z.boolean().default(true),
  actions: z.array(z.string()).default([]).describe("Action types it may ask for. Empty: all."),
  targets: z.array(id).default([]).describe("Targets it may name. Empty: all."),
  keys: z
    .array(
      z.strictObject({
        id: z.string().regex(/^[A-Za-z0-9._:-]{1,128}$/, "must be letters, digits, dots, colons, hyphens"),
        x: z
          .string()
          .regex(/^[A-Za-z0-9_-]{43}$/, "must be the x of an Ed25519 public JWK: 43 characters of base64url"),
        revoked: z.boolean().default(false),
      }),
    )
    .default([])
    .describe("Public keys of programs that start workflows themselves."),
  slack: slackUsers.describe("Slack accounts that are the agent's: nobody answers from them."),
});

const slack = z.strictObject({
  team: slackId("T", "a workspace, T…").describe("The workspace; whatever comes from another one is refused."),
  allow_decisions: z.boolean().default(true).describe("false: cards tell and link, answers are given elsewhere."),
  block_style: z.enum(["classic", "plain"]).default("classic").describe("plain: for clients that draw no rich text."),
  conversations: z
    .array(
      z.strictObject({
        id: slackId("CG", "a conversation, C…"),
        groups: z.array(id).default([]).describe("Requests that wait for one of them are shown here. Empty: all."),
      }),
    )
    .default([])
    .describe("Where requests are shown; the app has to be a member."),
  email_domains: z
    .array(z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, "must be a domain such as example.com, in lower case"))
    .default([])
    .describe("Domains whose confirmed addresses may stand for a link. Empty: e-mail is never looked at."),
  user_groups: z
    .record(id, slackId("S", "a user group, S…"))
    .default({})
    .describe("group: user group whose members `countersign apply` puts into it."),
});

const access = z.strictObject({
  role: z.string().regex(/^[a-z_][a-z0-9_$]{0,62}$/, "must be the name of a Postgres role"),
  url: z.strictObject({ secret: secretName }),
});

const target = z.strictObject({
  kind: z.literal("postgres"),
  environment: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "must be lower-case letters, digits and hyphens")
    .describe("The executor of this environment serves it."),
  external: z.boolean().describe("Does what leaves through this target leave the company?"),
  describe: access.describe("A role that may read the catalogue and samples, for the facts."),
  execute: access.describe("The role the approved action runs with."),
  exports: z.strictObject({
    directory: z
      .string()
      .max(200)
      .regex(
        /^(?!.*(^|\/)\.{1,2}(\/|$))[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+)*$/,
        "must be a directory below the exports directory, without .. or a leading /",
      ),
  }),
  labels: z.record(column, z.array(label)).default({}).describe("schema.table.column: [labels]"),
  functions: z
    .array(z.string().regex(/^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?$/, "must be the name of a function"))
    .default([])
    .describe("Functions a statement may call here, beyond the built-in list."),
});

const issuer = z.strictObject({
  issuer: webUrl.describe("The `iss` of its tokens."),
  audience: z.string().min(1).max(200).describe("The `aud` that means us."),
  jwks_url: webUrl.nullable().default(null),
  jwks: z
    .strictObject({ keys: z.array(z.record(z.string(), z.unknown())).min(1) })
    .nullable()
    .default(null),
  claim: z.string().min(1).max(200).describe("The claim that names the workload."),
  agents: z.record(z.string().min(1).max(500), id).describe("Value of the claim: agent."),
  on_behalf_of_claim: z
    .string()
    .min(1)
    .max(200)
    .nullable()
    .default(null)
    .describe("The claim that names the person who prompted the agent, if this issuer vouches for one."),
});

const reasonCode = z.strictObject({
  code: z.string().regex(/^ORG_[A-Z0-9_]{1,60}$/, "must begin with ORG_, in capitals"),
  sentence: shown,
  by: z.enum(["policy", "reviewer"]).describe("Who may use it."),
  note_required: z.boolean().default(false),
});

export const configurationSchema = z.strictObject({
  people: z.array(person).min(1, "needs at least one person"),
  groups: z.array(id).default([]).describe("operators and auditors always exist."),
  agents: z.array(agent).default([]),
  targets: z.record(id, target).default({}),
  issuers: z.array(issuer).default([]),
  reason_codes: z.array(reasonCode).default([]),
  slack: slack.nullable().default(null).describe("Left out: nobody is told or answers in Slack."),
});

export type ConfigurationYaml = z.output<typeof configurationSchema>;

/** JSON Schema for editors: docs/countersign.schema.json. */
export function configurationJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(configurationSchema, { io: "input", target: "draft-2020-12" });
  return { title: "countersign.yaml", ...schema };
}
