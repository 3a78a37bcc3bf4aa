import * as client from "openid-client";
import { z } from "zod";
import type { ApiSettings } from "../../config/settings.ts";
import { CountersignError } from "../../core/errors.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Directory, PersonId } from "../../core/principal.ts";

/** Sign-in through the organisation's own identity provider: code flow with PKCE, state and nonce. */
export type Oidc = {
  /** Where to send the browser, and what to remember of it until it comes back. */
  begin(next: string): Promise<{ url: string; pending: Pending }>;
  /** The verified e-mail address; throws SIGN_IN_REFUSED. */
  finish(callback: URL, pending: Pending): Promise<string>;
};

export const Pending = z.object({ verifier: z.string(), state: z.string(), nonce: z.string(), next: z.string() });
export type Pending = z.output<typeof Pending>;

export function createOidc(settings: ApiSettings): Oidc | null {
  const { oidc, publicUrl } = settings;
  if (oidc === null) return null;
  const redirect = `${publicUrl}/sign-in/oidc/callback`;
  const discovered = remembered(() => discover(oidc, settings.mode === "development"));
  return {
    async begin(next) {
      const pending: Pending = {
        verifier: client.randomPKCECodeVerifier(),
        state: client.randomState(),
        nonce: client.randomNonce(),
        next,
      };
      const url = client.buildAuthorizationUrl(await discovered(), {
        redirect_uri: redirect,
        scope: "openid email",
        code_challenge: await client.calculatePKCECodeChallenge(pending.verifier),
        code_challenge_method: "S256",
        state: pending.state,
        nonce: pending.nonce,
      });
      return { url: url.href, pending };
    },
    async finish(callback, pending) {
      const configuration = await discovered();
      try {
        const tokens = await client.authorizationCodeGrant(configuration, new URL(callback.search, redirect), {
          pkceCodeVerifier: pending.verifier,
          expectedState: pending.state,
          expectedNonce: pending.nonce,
          idTokenExpected: true,
        });
        return await verifiedEmail(configuration, tokens);
      } catch (cause) {
        if (cause instanceof CountersignError) throw cause;
        throw new CountersignError("SIGN_IN_REFUSED", "The identity provider did not confirm the sign-in.", { cause });
      }
    },
  };
}

/** Exactly one active person has this address, or nobody signs in. */
export function personOfEmail(email: string, directory: Directory): PersonId {
  const wanted = email.toLowerCase();
  const people = directory.people.filter((person) => person.active && person.email?.toLowerCase() === wanted);
  const [person, ...others] = people;
  if (person === undefined || others.length > 0) {
    throw new CountersignError("SIGN_IN_REFUSED", "No single person of the directory has this e-mail address.");
  }
  return person.id;
}

async function discover(oidc: NonNullable<ApiSettings["oidc"]>, insecure: boolean): Promise<client.Configuration> {
  const options = {
    timeout: LIMITS.readinessSeconds,
    ...(insecure ? { execute: [client.allowInsecureRequests] } : {}),
  };
  try {
    return await client.discovery(new URL(oidc.issuer), oidc.clientId, oidc.clientSecret, undefined, options);
  } catch (cause) {
    throw new CountersignError("SIGN_IN_REFUSED", "The identity provider does not answer.", { cause });
  }
}

type Tokens = Awaited<ReturnType<typeof client.authorizationCodeGrant>>;

/** Many providers put the address into the userinfo answer only. */
async function verifiedEmail(configuration: client.Configuration, tokens: Tokens): Promise<string> {
  const claims = tokens.claims();
  if (claims === undefined) throw new CountersignError("SIGN_IN_REFUSED", "No identity came back.");
  const info =
    claims.email === undefined
      ? await client.fetchUserInfo(configuration, tokens.access_token, claims.sub)
      : { email: claims.email, email_verified: claims.email_verified };
  if (typeof info.email === "string" && info.email_verified === true) return info.email;
  throw new CountersignError("SIGN_IN_REFUSED", "The identity provider has not verified the e-mail address.");
}

/** Kept once it worked; a provider that was down is asked again. */
function remembered<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = null;
      throw error;
    });
    return made;
  };
}
