import type { Instant, PersonId, PrincipalId } from "./principal.ts";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** `sha256:` and 64 hex digits, over RFC 8785 canonical JSON. */
export type Digest = `sha256:${string}`;

/** What is to be done. Its digest is what people approve and what the executor recomputes. */
export type Action = {
  type: string;
  /** The name of a configured target; never an address, a directory or a credential. */
  target: string;
  arguments: JsonObject;
};

/** One ask, as signed by the process that authenticated the requester. */
export type Submission = {
  version: 1;
  /** `req_` + hash(requester, idempotency key): also the workflow id. */
  requestId: string;
  requester: PrincipalId;
  /** The person who prompted the agent; from a verified claim only. */
  onBehalfOf: PersonId | null;
  action: Action;
  digest: Digest;
  justification: string | null;
  /** The agent's own run id: a hint for people, never trusted. */
  run: string | null;
  /** Which credential authenticated the requester. */
  credentialId: string;
  submittedAt: Instant;
};

/**
 * Content plus a detached JWS (RFC 7515, appendix F) over its canonical JSON.
 * The content can be read without a key; believing it takes a verification.
 */
export type Signed<T> = { content: T; jws: string };
