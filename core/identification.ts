import type { AccountId, Instant, PersonId } from "./principal.ts";

/**
 * Who was behind one click, asked afresh at the click and signed by the channels process. It is bound
 * to one message of one account, so that it can never speak for another.
 */
export type Identification = {
  version: 1;
  requestId: string;
  messageId: string;
  account: AccountId;
  /** The entry of the directory that has this account; the person behind it is the directory's to say. */
  person: PersonId;
  /** What says that the account is this person's. */
  found: "directory" | "link" | "email";
  /** Accounts that answered this request before and are switched off, guests or strangers by now. */
  off: AccountId[];
  at: Instant;
};

/** An account that a person linked to themselves, signed in on the page and holding a one-time token. */
export type AccountLink = {
  version: 1;
  id: string;
  account: AccountId;
  person: PersonId;
  at: Instant;
};
