import { beforeAll, expect, test } from "vitest";
import { admitMessage, createAdmit } from "../../activities/admit.ts";
import type { WorkflowsContext } from "../../activities/context.ts";
import type { Configuration } from "../../config/configuration.ts";
import { parseConfiguration } from "../../config/yaml.ts";
import type { Delegation } from "../../core/delegation.ts";
import type { Identification } from "../../core/identification.ts";
import type { HumanMessage } from "../../core/message.ts";
import type { Signed } from "../../core/request.ts";
import { createSigner, createVerifier, generateKey } from "../../crypto/signature.ts";
import type { Purpose, Signer, Verifier } from "../../crypto/types.ts";

/** Both the workflow's admission and the gate call `admitMessage`; what it refuses counts nowhere. */
const NOW = 1_800_000_000_000;
const ALICE = "slack:T1/U1" as const;
type Name = "api" | "channels" | "stranger";
const signers = {} as Record<Name, Signer>;
let verifier: Verifier;
let configuration: Configuration;

beforeAll(async () => {
  const purposes: Record<Name, Purpose[]> = {
    api: ["message", "delegation", "link"],
    channels: ["identification"],
    stranger: [],
  };
  const keys = [];
  for (const name of ["api", "channels", "stranger"] as const) {
    const { privateJwk, trustedKey } = await generateKey(name, purposes[name]);
    signers[name] = createSigner(privateJwk);
    keys.push(trustedKey);
  }
  verifier = createVerifier({ keys });
  const text = `
people:
  - { id: alice, name: Alice, groups: [owners] }
  - { id: bob, name: Bob, groups: [owners] }
  - { id: zed, name: Zed, groups: [] }
groups: [owners, imported]
`;
  const draft = parseConfiguration(text, "countersign.yaml");
  const people = draft.directory.people.map((person) =>
    person.id === "person:alice" ? { ...person, accounts: [ALICE] } : person,
  );
  configuration = {
    ...{ ...draft, version: 1, appliedAt: 0, policies: [], imported: [] },
    directory: { ...draft.directory, people },
    slack: {
      ...{ team: "T1", allowDecisions: true, blockStyle: "classic", emailDomains: [] },
      ...{ conversations: [], userGroups: [] },
    },
  };
});

function message(tweak: Partial<HumanMessage> = {}): HumanMessage {
  return {
    ...{ version: 1, id: "msg_1", requestId: "req_1", digest: "sha256:a", factsDigest: "sha256:f", verb: "approve" },
    ...{ flag: null, reason: null, note: null, extendSeconds: null, principal: ALICE, channel: "slack" },
    evidence: {
      ...{ method: "slack", credentialId: "A1", surface: "srf_1", conversation: "C1", message: "1.1" },
      shown: "sha256:card",
    },
    signedAt: NOW,
    ...tweak,
  };
}

function identification(tweak: Partial<Identification> = {}): Identification {
  return {
    ...{ version: 1, requestId: "req_1", messageId: "msg_1", account: ALICE, person: "person:alice" },
    ...{ found: "directory", off: [], at: NOW + 100 },
    ...tweak,
  };
}

type Tried = {
  said?: Partial<HumanMessage>;
  /** null: nobody has said whose account it is. */
  named?: Partial<Identification> | null;
  messageSigner?: Name;
  nameSigner?: Name;
  inForce?: Configuration;
  openedAt?: number;
  delegations?: Signed<Delegation>[];
};

async function tried(input: Tried = {}) {
  const { said, named, messageSigner = "api", nameSigner = "channels", openedAt = NOW, delegations = [] } = input;
  const one = {
    signed: await signers[messageSigner].sign("message", message(said)),
    identification: named === null ? null : await signers[nameSigner].sign("identification", identification(named)),
    ...{ requestId: "req_1", openedAt, reviewers: [], groups: ["group:owners" as const] },
  };
  return admitMessage(one, input.inForce ?? configuration, verifier, delegations);
}

test("an account that the channels process has named is that person, and the account stays on record", async () => {
  const admission = await tried();
  expect(admission).toMatchObject({ ok: true, message: { by: "person:alice", via: ALICE, groups: ["group:owners"] } });
});

test.each<[string, Tried, string]>([
  ["nobody has named", { named: null }, "REVIEW_IDENTITY_UNAVAILABLE"],
  ["a key without that purpose has named", { nameSigner: "api" }, "REVIEW_SIGNATURE_INVALID"],
  ["a key trusted for nothing has named", { nameSigner: "stranger" }, "REVIEW_SIGNATURE_INVALID"],
  ["was named for another message", { named: { messageId: "msg_2" } }, "REVIEW_SIGNATURE_INVALID"],
  ["was named for another request", { named: { requestId: "req_2" } }, "REVIEW_SIGNATURE_INVALID"],
  ["is another one than was named", { named: { account: "slack:T1/U2" } }, "REVIEW_SIGNATURE_INVALID"],
  ["was named long before the click", { named: { at: NOW - 3_600_000 } }, "REVIEW_SIGNATURE_INVALID"],
  ["belongs to somebody else in the directory", { named: { person: "person:bob" } }, "REVIEW_NOT_LINKED"],
  ["comes from another workspace", { said: { principal: "slack:T2/U1" } }, "REVIEW_OUTSIDER"],
])("a click whose account %s counts for nothing", async (_what, input, code) => {
  expect(await tried(input)).toMatchObject({ ok: false, code });
});

test("an account that is an agent's answers for nobody, whoever the channels process names", async () => {
  const agents = [{ ...{ id: "agent:bot" as const, keys: [], actions: [], targets: [] }, accounts: [ALICE] }];
  const admission = await tried({ inForce: { ...configuration, agents } });
  expect(admission).toMatchObject({ ok: false, code: "REVIEW_AGENT_ACCOUNT" });
});

test("the channels process alone cannot answer: the message itself needs the other key", async () => {
  expect(await tried({ messageSigner: "channels" })).toMatchObject({ ok: false, code: "REVIEW_SIGNATURE_INVALID" });
});

test("a person's id with Slack's evidence, or an account outside Slack, is neither one nor the other", async () => {
  const person = await tried({ said: { principal: "person:alice" } });
  const page = await tried({ said: { channel: "page" } });
  const session = await tried({ said: { evidence: { method: "session", credentialId: "x" } } });
  for (const one of [person, page, session]) expect(one).toMatchObject({ ok: false, code: "REVIEW_SIGNATURE_INVALID" });
});

test("without decisions in Slack, or without Slack at all, no click counts", async () => {
  const { slack } = configuration;
  const told = slack === null ? null : { ...slack, allowDecisions: false };
  for (const one of [told, null]) {
    const admission = await tried({ inForce: { ...configuration, slack: one } });
    expect(admission).toMatchObject({ ok: false, code: "REVIEW_CHANNEL_NOT_ALLOWED" });
  }
});

test("whoever joined a Slack user group after the request does not count in it for this request", async () => {
  const imported = [{ group: "group:imported" as const, person: "person:alice" as const, since: NOW }];
  const inForce = { ...configuration, imported };
  const before = await tried({ inForce, openedAt: NOW - 1 });
  const after = await tried({ inForce, openedAt: NOW });
  expect(before).toMatchObject({ ok: true, message: { groups: ["group:owners"] } });
  expect(after).toMatchObject({ ok: true, message: { groups: ["group:owners", "group:imported"] } });
});

const ORDER: Delegation = {
  ...{ version: 1, id: "del_1", from: "person:bob", to: "person:alice", until: NOW + 1000, at: NOW - 1000 },
  by: "slack:T1/U2",
};

test("a delegation in force at the answer is carried with it: until when, and for whose groups", async () => {
  const admission = await tried({ delegations: [await signers.api.sign("delegation", ORDER)] });
  const standsFor = [{ person: "person:bob", name: "Bob", groups: ["group:owners"], until: NOW + 1000 }];
  expect(admission).toMatchObject({ ok: true, message: { standsFor } });
});

test.each<[string, Partial<Delegation>]>([
  ["is over", { until: NOW - 1 }],
  ["was ordered after the answer", { at: NOW + 1 }],
  ["names somebody else", { to: "person:zed" }],
  ["comes from the same person", { from: "person:alice" }],
  ["comes from somebody unknown", { from: "person:ghost" }],
])("a delegation that %s is worth nothing", async (_what, tweak) => {
  const admission = await tried({ delegations: [await signers.api.sign("delegation", { ...ORDER, ...tweak })] });
  expect(admission.ok).toBe(true);
  expect(admission.ok && admission.message.standsFor).toBeUndefined();
});

test("a delegation that was ended, or that nobody we trust has signed, is worth nothing", async () => {
  const given = await signers.api.sign("delegation", ORDER);
  const ended = await signers.api.sign("delegation", { ...ORDER, id: "del_2", to: null, at: NOW - 500 });
  const forged = await signers.stranger.sign("delegation", ORDER);
  for (const delegations of [[given, ended], [ended, given], [forged]]) {
    const admission = await tried({ delegations });
    expect(admission.ok).toBe(true);
    expect(admission.ok && admission.message.standsFor).toBeUndefined();
  }
});

test.each<[string, object]>([
  ["no evidence", { evidence: undefined }],
  ["evidence of no shape", { evidence: { method: "slack" } }],
  ["no time", { signedAt: undefined }],
])(
  "a message with %s that nobody signed is refused and never asked about: a failure would be tried for ever",
  async (_what, tweak) => {
    const context = { inForce: async () => ({ configuration }), verifier: () => verifier, db: null };
    const { admitMessage: admit } = createAdmit(context as unknown as WorkflowsContext);
    const signed = { ...(await signers.api.sign("message", message())), content: { ...message(), ...tweak } };
    const input = { requestId: "req_1", openedAt: NOW, reviewers: [], groups: [], identification: null };
    const admission = await admit({ ...input, signed: signed as Signed<HumanMessage> });
    expect(admission).toMatchObject({ ok: false, code: "REVIEW_SIGNATURE_INVALID" });
  },
);
