import { randomBytes } from "node:crypto";
import type { PersonId, PrincipalId } from "../../core/principal.ts";
import { newApiKey } from "../../crypto/api-key.ts";
import { sha256 } from "../../crypto/digest.ts";
import { connect } from "../../db/client.ts";
import { createCredential, revokeCredential } from "../../db/credentials.ts";
import { createSignInLink } from "../../db/sessions.ts";

export type DevTokens = { agent: string; reviewers: { [name: string]: string } };

/** Credentials live as long as this start: made at its beginning, revoked at its end, expired after a day at the latest. */
export type DevCredentials = {
  tokens: DevTokens;
  /** Signs this person in, once, within a day. */
  signInCode(person: PersonId): Promise<string>;
  revoke(): Promise<void>;
};

const DAY_MS = 24 * 3_600_000;

export async function createDevCredentials(adminUrl: string, agent: string, people: string[]): Promise<DevCredentials> {
  const database = connect(adminUrl, { max: 2 });
  const now = Date.now();
  const ids: string[] = [];
  const make = async (kind: "agent-key" | "person-token", principal: PrincipalId) => {
    const { id, hash, text } = newApiKey(kind);
    await createCredential(database, {
      id,
      hash,
      kind,
      principal,
      scopes: [],
      createdAt: now,
      expiresAt: now + DAY_MS,
    });
    ids.push(id);
    return text;
  };
  const agentToken = await make("agent-key", `agent:${agent}`);
  const reviewers: DevTokens["reviewers"] = {};
  for (const person of people) reviewers[person] = await make("person-token", `person:${person}`);
  return {
    tokens: { agent: agentToken, reviewers },
    async signInCode(person) {
      const code = randomBytes(32).toString("base64url");
      await createSignInLink(database, { hash: sha256(code), person, createdAt: now, expiresAt: now + DAY_MS });
      return code;
    },
    async revoke() {
      for (const id of ids) await revokeCredential(database, id, Date.now());
      await database.close();
    },
  };
}
