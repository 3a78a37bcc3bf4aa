import type { Json } from "../core/request.ts";

/**
 * A place where people are told of requests and answer them. Shared code knows these verbs and nothing
 * of the vendor behind them; what a verb cannot do it says by throwing a `ChannelFailure`.
 */
export interface Channel<Payload> {
  /** Shows something new in a conversation. */
  post(post: Post<Payload>): Promise<Posted>;
  /** Makes a message show something else. */
  update(place: Place & { message: string }, payload: Payload): Promise<void>;
  /** Says something in the thread of a message. */
  reply(post: Post<Payload> & { message: string }): Promise<Posted>;
  /** Takes back a message of ours that is there twice or cannot be changed; one that is not there is taken back already. */
  remove(place: Place & { message: string }): Promise<void>;
}

/** A conversation of several, or the vendor's id of one person: then it is the conversation with them alone. */
export type Place = { conversation: string };

export type Post<Payload> = Place & {
  payload: Payload;
  /** Our own id of what is posted; comes back with the message, so that it can be found again. */
  id: string;
  /**
   * An earlier try ended and nobody knows how: look for `id` among the messages since then (milliseconds
   * since the Unix epoch) before posting. null: this is the first try.
   */
  uncertainSince: number | null;
};

/**
 * `message` names the message within `conversation`, which is the one a click on it will name. `adopted`: an
 * earlier try had arrived.
 */
export type Posted = Place & { message: string; adopted: boolean };

/** What became of a call to the vendor, as far as what to do next is concerned. */
export type FailureKind =
  /** Not done; the same call may succeed after `retryAfterMs`. */
  | "later"
  /** Nobody knows whether it was done. */
  | "uncertain"
  /** The message is not there any more: post afresh. */
  | "gone"
  /** Will not succeed until somebody changes the set-up; `code` says what. */
  | "refused";

export class ChannelFailure extends Error {
  override readonly name = "ChannelFailure";
  readonly kind: FailureKind;
  /** The vendor's word for it, e.g. `not_in_channel`. */
  readonly code: string;
  readonly retryAfterMs: number | null;
  constructor(kind: FailureKind, code: string, retryAfterMs: number | null = null) {
    super(`${kind}: ${code}`);
    this.kind = kind;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

/** What is kept of everything drawn anywhere: enough for the pure renderer to draw it again. */
export type Drawing = { kind: string; input: Json };
