import { expect, test } from "vitest";
import type { InForce } from "../../activities/context.ts";
import { judge } from "../../activities/judge.ts";
import type { Configuration } from "../../config/configuration.ts";
import { parseConfiguration } from "../../config/yaml.ts";
import { open } from "../../core/deliberation.ts";
import type { Description } from "../../core/evaluation.ts";
import type { GroupId } from "../../core/principal.ts";
import type { Submission } from "../../core/request.ts";
import { actionDigest } from "../../crypto/digest.ts";
import { AGENT, OPENED, opening, reviewing, slot } from "../core/fixture.ts";

const IMPORTED: GroupId = "group:imported";
const LEADS: GroupId = "group:leads";

function inForce(since: number): InForce {
  const text = `
people: [{ id: ana, name: Ana }, { id: lea, name: Lea, groups: [leads] }]
groups: [imported, leads]
`;
  const configuration: Configuration = {
    ...parseConfiguration(text, "countersign.yaml"),
    ...{ version: 1, appliedAt: 0, policies: [] },
    imported: [{ group: IMPORTED, person: "person:ana", since }],
  };
  const requirement = { slots: [slot(IMPORTED, 1, [{ afterSeconds: 3600, to: LEADS }])] };
  return { configuration, policies: { evaluate: () => reviewing(requirement) } } as unknown as InForce;
}

const action = { type: "postgres.export", target: "crm", arguments: {} };
const submission: Submission = {
  ...{ version: 1, requestId: "req_1", requester: AGENT, onBehalfOf: null, action, digest: actionDigest(action) },
  ...{ justification: null, run: null, credentialId: "cred_1", submittedAt: OPENED },
};
const description = { facts: {}, preview: null } as unknown as Description;

test("a group that a chat's user group fills is not empty when a request is opened, so nobody else is asked early", () => {
  const { roster } = judge(inForce(OPENED - 1), submission, description, OPENED);
  expect(roster.map((one) => [one.person, one.groups])).toContainEqual(["person:ana", [IMPORTED]]);
  const { state } = open(opening(inForce(0).policies.evaluate({}, {} as never), { roster }));
  expect(state.widened).toEqual([[]]);
});

test("whom the user group brings in only later is not asked", () => {
  const { roster } = judge(inForce(OPENED + 1), submission, description, OPENED);
  expect(roster.map((one) => one.person)).toEqual(["person:lea"]);
});
