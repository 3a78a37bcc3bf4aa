import {
  createLocalJWKSet,
  createRemoteJWKSet,
  decodeJwt,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from "jose";
import type { TokenIssuer } from "../../config/configuration.ts";
import { CountersignError } from "../../core/errors.ts";
import { LIMITS } from "../../core/limits.ts";
import type { AgentId, Directory, Instant, PersonId } from "../../core/principal.ts";
import { digestOf } from "../../crypto/digest.ts";

export type Workload = { agent: AgentId; onBehalfOf: PersonId | null; credentialId: string; expiresAt: Instant };

/** Only signatures; a shared secret would let whoever verifies also issue. */
const ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];

/**
 * A token of a workload identity provider. The issuer is looked up in the signed configuration before
 * anything of the token is believed, and each issuer's keys verify that issuer's tokens only.
 */
export async function verifyWorkloadJwt(
  token: string,
  issuers: TokenIssuer[],
  directory: Directory,
  now: Instant,
): Promise<Workload> {
  const issuer = issuerOf(token, issuers);
  const payload = await verified(token, issuer, now);
  const value = payload[issuer.claim];
  const match = issuer.agents.find((row) => row.value === value);
  if (match === undefined) throw refused("The token names no agent of the configuration.");
  return {
    agent: match.agent,
    onBehalfOf: onBehalfOf(payload, issuer, directory),
    credentialId: `jwt_${digestOf([issuer.issuer, payload.sub ?? null, payload.jti ?? null]).slice(7, 39)}`,
    expiresAt: (payload.exp ?? 0) * 1000,
  };
}

function issuerOf(token: string, issuers: TokenIssuer[]): TokenIssuer {
  let claimed: string | undefined;
  try {
    claimed = decodeJwt(token).iss;
  } catch {
    throw refused("The token cannot be read.");
  }
  const issuer = issuers.find((row) => row.issuer === claimed);
  if (issuer === undefined) throw refused("The token's issuer is not one of the configuration.");
  return issuer;
}

async function verified(token: string, issuer: TokenIssuer, now: Instant): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, keysOf(issuer), {
      issuer: issuer.issuer,
      audience: issuer.audience,
      algorithms: ALGORITHMS,
      requiredClaims: ["exp", "iss", "aud", issuer.claim],
      clockTolerance: LIMITS.clockSkewSeconds,
      currentDate: new Date(now),
    });
    return payload;
  } catch (cause) {
    if (cause instanceof errors.JWTExpired) throw new CountersignError("CREDENTIAL_EXPIRED", "", { cause });
    throw refused("The token does not verify for this issuer and audience.", cause);
  }
}

/** A person who is vouched for but whom nobody knows is a mistake in the mapping, not an absence. */
function onBehalfOf(payload: JWTPayload, issuer: TokenIssuer, directory: Directory): PersonId | null {
  if (issuer.onBehalfOfClaim === null) return null;
  const value = payload[issuer.onBehalfOfClaim];
  if (value === undefined || value === null) return null;
  const people = directory.people.filter(
    (person) =>
      person.id === value || (typeof value === "string" && person.email?.toLowerCase() === value.toLowerCase()),
  );
  const [person, ...others] = people;
  if (person === undefined || others.length > 0) throw refused("The token speaks for a person the directory lacks.");
  return person.id;
}

/** Remote key sets keep their own cache and cooldown, so one is kept for each address. */
const remotes = new Map<string, JWTVerifyGetKey>();

function keysOf(issuer: TokenIssuer): JWTVerifyGetKey {
  if (issuer.jwks !== null) return createLocalJWKSet(issuer.jwks as unknown as JSONWebKeySet);
  if (issuer.jwksUrl === null) throw refused("The issuer has no keys.");
  const known = remotes.get(issuer.jwksUrl);
  if (known !== undefined) return known;
  const remote = createRemoteJWKSet(new URL(issuer.jwksUrl), { timeoutDuration: LIMITS.readinessSeconds * 1000 });
  remotes.set(issuer.jwksUrl, remote);
  return remote;
}

function refused(detail: string, cause?: unknown): CountersignError {
  return new CountersignError("UNAUTHENTICATED", detail, { cause });
}
