import { expect, test } from "vitest";
import { applyConfiguration } from "../../db/admin.ts";
import {
  createCredential,
  credentialByHash,
  listCredentials,
  type NewCredential,
  revokeCredential,
  touchCredential,
} from "../../db/credentials.ts";
import { latestConfiguration } from "../../db/read/configuration.ts";
import { auditEvents } from "../../db/schema/audit-events.ts";
import { consumeSignInLink, createSession, createSignInLink, endSession, sessionByHash } from "../../db/sessions.ts";
import { NOON } from "./fixture.ts";
import { world } from "./world.ts";

const w = world();
let made = 0;

function credential(tweak: Partial<NewCredential> = {}): NewCredential {
  const id = `cred_${++made}`;
  const whose = { kind: "agent-key" as const, principal: "agent:reporter" as const, scopes: ["requests:write"] };
  return { id, hash: `sha256:${id}`, ...whose, createdAt: NOON, expiresAt: NOON + 60_000, ...tweak };
}

test("a configuration is applied only as the one after the last, and the newest is in force", async () => {
  const apply = (version: number) =>
    applyConfiguration(w.admin, { content: configuration(version), jws: `jws ${version}` });
  expect(await latestConfiguration(w.app)).toBeNull();
  await expect(apply(2)).rejects.toMatchObject({ code: "CONFIGURATION_INVALID" });
  const { digest } = await apply(1);
  await expect(apply(1)).rejects.toMatchObject({ code: "CONFIGURATION_INVALID" });
  const signed = { content: configuration(1), jws: "jws 1" };
  expect(await latestConfiguration(w.executor)).toEqual({ version: 1, digest, signed });
  await apply(2);
  expect((await latestConfiguration(w.app))?.version).toBe(2);
  expect((await administration()).filter((event) => event.type === "configuration.applied")).toHaveLength(2);
});

test("of two operators who apply the same version at once one has to look again", async () => {
  const version = ((await latestConfiguration(w.app))?.version ?? 0) + 1;
  const both = ["one", "other"].map((jws) => applyConfiguration(w.admin, { content: configuration(version), jws }));
  const answers = await Promise.allSettled(both);
  expect(answers.map((answer) => answer.status).sort()).toEqual(["fulfilled", "rejected"]);
});

test("a credential is found by its hash, with what became of it and without the hash", async () => {
  const given = credential();
  const { hash, ...kept } = given;
  const fresh = { ...kept, revokedAt: null, lastUsedAt: null };
  expect(await createCredential(w.app, given)).toEqual(fresh);
  await touchCredential(w.app, given.id, NOON + 5);
  expect(await credentialByHash(w.app, hash)).toEqual({ ...fresh, lastUsedAt: NOON + 5 });
  expect(await listCredentials(w.app, "agent:reporter")).toContainEqual({ ...fresh, lastUsedAt: NOON + 5 });
  expect(await credentialByHash(w.app, "sha256:nobody")).toBeNull();
});

test("a credential is revoked once, and that it was is in the audit log once", async () => {
  const given = credential();
  await createCredential(w.app, given);
  const tries = Array.from({ length: 5 }, (_, n) => revokeCredential(w.app, given.id, NOON + n, "person:oscar"));
  expect((await Promise.all(tries)).filter((ended) => ended)).toHaveLength(1);
  expect((await credentialByHash(w.app, given.hash))?.revokedAt).toBeGreaterThanOrEqual(NOON);
  const about = (await administration()).filter((event) => event.data.id === given.id);
  expect(about.map((event) => event.type)).toEqual(["credential.created", "credential.revoked"]);
  expect(await revokeCredential(w.app, "cred_nobody", NOON)).toBe(false);
});

test("no audit event holds the hash of a credential or of a link", async () => {
  const given = credential();
  await createCredential(w.app, given);
  await createSignInLink(w.app, link("sha256:secret-link"));
  const bodies = (await administration()).map((event) => event.body).join("\n");
  expect(bodies).toContain(given.id);
  expect(bodies).not.toContain(given.hash);
  expect(bodies).not.toContain("sha256:secret-link");
});

test("a session ends once, and says when", async () => {
  const session = { id: "ses_1", person: "person:dana" as const, createdAt: NOON, expiresAt: NOON + 1_000 };
  await createSession(w.app, { ...session, hash: "sha256:cookie" });
  expect(await sessionByHash(w.app, "sha256:cookie")).toEqual({ ...session, endedAt: null });
  await endSession(w.app, "sha256:cookie", NOON + 10);
  await endSession(w.app, "sha256:cookie", NOON + 20);
  expect(await sessionByHash(w.app, "sha256:cookie")).toEqual({ ...session, endedAt: NOON + 10 });
  expect(await sessionByHash(w.app, "sha256:other")).toBeNull();
});

test("a sign-in link signs in exactly one of all who try it at once", async () => {
  await createSignInLink(w.app, link("sha256:once"));
  const tries = Array.from({ length: 10 }, () => consumeSignInLink(w.app, "sha256:once", NOON + 1));
  const people = (await Promise.all(tries)).filter((person) => person !== null);
  expect(people).toEqual(["person:dana"]);
});

test("a sign-in link signs nobody in from the moment it expires", async () => {
  await createSignInLink(w.app, link("sha256:late"));
  expect(await consumeSignInLink(w.app, "sha256:late", NOON + 1_000)).toBeNull();
  expect(await consumeSignInLink(w.app, "sha256:late", NOON + 999)).toBe("person:dana");
  expect(await consumeSignInLink(w.app, "sha256:nobody", NOON)).toBeNull();
});

function link(hash: string) {
  return { hash, person: "person:dana" as const, createdAt: NOON, expiresAt: NOON + 1_000 };
}

async function administration() {
  const events = await w.app.orm.select().from(auditEvents).orderBy(auditEvents.id);
  return events.filter((event) => event.stream === "administration");
}

function configuration(version: number) {
  const directory = { groups: [], people: [], agents: [] };
  return {
    version,
    appliedAt: NOON,
    directory,
    agents: [],
    targets: [],
    issuers: [],
    reasonCodes: [],
    slack: null,
    imported: [],
    policies: [],
  };
}
