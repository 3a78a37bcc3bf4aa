import { ACCOUNTS, CHANNELS, WORKSPACE } from "./slack/workspace.ts";

/** The people of the tests: like the demo's, with a second account and a slow function for long runs. */
export const CONFIGURATION = `
people:
  - { id: alice, name: Alice Ahmadi, email: alice@example.com, groups: [data-owners, reviewers] }
  - { id: bob, name: Bob Brandt, email: bob@example.com, groups: [data-owners, data-protection] }
  - { id: carol, name: Carol Costa, email: carol@example.com, groups: [data-protection] }
  - { id: frank, name: Frank Fuchs, email: frank@example.com, groups: [privacy-oncall] }
  - { id: dana, name: Dana Duarte, email: dana@example.com, groups: [data-owners] }
  - { id: dana-private, name: Dana D., email: dd@example.com, same_as: dana }
  - { id: erin, name: Erin Eriksen, email: erin@example.com, groups: [auditors] }
  - { id: omar, name: Omar Okafor, email: omar@example.com, groups: [operators] }
groups: [data-owners, data-protection, privacy-oncall, reviewers, operators, auditors]
agents:
  - { id: reporting-bot, name: Reporting bot, owner: dana, groups: [], actions: [postgres.export], targets: [crm] }
  - { id: other-bot, name: Other bot, owner: alice, groups: [], actions: [postgres.export], targets: [crm] }
targets:
  crm:
    kind: postgres
    environment: production
    external: false
    describe: { role: crm_describe, url: { secret: CRM_DESCRIBE_URL } }
    execute: { role: crm_export, url: { secret: CRM_EXPORT_URL } }
    exports: { directory: crm }
    labels:
      public.customers.email: [pii.email]
    functions: [pg_sleep]
`;

/** The same people with their accounts in the double's workspace; what concerns privacy is shown in a place of its own. */
export const SLACK_CONFIGURATION = `${CONFIGURATION.replaceAll(/\{ id: ([a-z-]+), name/g, (found, name: string) => {
  const account = ACCOUNTS[name as keyof typeof ACCOUNTS];
  return account === undefined ? found : `{ id: ${name}, slack: ${account}, name`;
})}
slack:
  team: ${WORKSPACE.team}
  block_style: plain
  conversations:
    - { id: ${CHANNELS.approvals} }
    - { id: ${CHANNELS.privacy}, groups: [data-protection, privacy-oncall] }
`;

/** One review rule for exports, with whatever the test is about in its body. */
export function reviewPolicy(body: string, more = ""): { file: string; text: string }[] {
  const text = `
apiVersion: countersign/v1
kind: Policy
metadata: { name: test, owner: group:reviewers }
spec:
  floor:
    review: { valid_for: 10m, channels: [page, api, slack], hold: { for: 1h } }
  rules:
    - id: exports
      on: [postgres.export]
      when: data.rows > 10
      review:
        reason: BULK_EXPORT
${body.trimEnd().replaceAll(/^/gm, "        ")}
    - id: small
      on: [postgres.export]
      when: data.rows <= 10
      allow: { reason: LOW_RISK_READ }
${more}`;
  return [{ file: "test.yaml", text }];
}

export const ONE_OWNER = reviewPolicy(`approvals: [{ from: group:data-owners, count: 1 }]
timeout: 10m`);

export const MANY_ROWS = "select id, name, email from customers order by id";
export const FEW_ROWS = "select id, name from customers where id = 7";
/** A hundredth of a second a row: long enough to be killed in the middle. */
export const SLOW = "select id, name, pg_sleep(0.01) from customers order by id";
