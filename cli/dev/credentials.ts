import type { AgentId, PersonId, PrincipalId } from "../../core/principal.ts";
import { newApiKey } from "../../crypto/api-key.ts";
import { connect } from "../../db/client.ts";
import { createCredential, revokeCredential } from "../../db/credentials.ts";
import { createSignInLink } from "../../db/sessions.ts";
import { newSignInLink } from "../sign-in-link.ts";

export type DevTokens = { agent: string; reviewers: { [name: string]: string } };

/** Credentials live as long as this start: made at its beginning, revoked at its end, expired after a day at the latest. */
export type DevCredentials = {
  tokens: DevTokens;
  /** Signs this person in, once, within a day. */
  signInLink(person: PersonId): Promise<string>;
  revoke(): Promise<void>;
};

const DAY_MS = 24 * 3_600_000;

export async function createDevCredentials(
  adminUrl: string,
  apiUrl: string,
  agent: AgentId,
  people: PersonId[],
): Promise<DevCredentials> {
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
  const agentToken = await make("agent-key", agent);
  const reviewers: DevTokens["reviewers"] = {};
  for (const person of people) reviewers[nameOf(person)] = await make("person-token", person);
  return {
    tokens: { agent: agentToken, reviewers },
    async signInLink(person) {
      const { url, row } = newSignInLink(apiUrl, person, Date.now());
      await createSignInLink(database, { ...row, expiresAt: row.createdAt + DAY_MS });
      return url;
    },
    async revoke() {
      for (const id of ids) await revokeCredential(database, id, Date.now());
      await database.close();
    },
  };
}

/** `person:alice` is alice on the command line and in dev.json. */
export function nameOf(person: PersonId): string {
  return person.slice("person:".length);
}
