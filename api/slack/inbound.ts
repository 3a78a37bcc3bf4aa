/** One delivery as it came in: verified to be Slack's, and nothing else yet. */
export type Inbound = {
  body: unknown;
  /** Once at most; for a view it may carry what the view shall do. Rejects when it does not get through. */
  ack: (answer?: object) => Promise<void>;
};

/** What both receivers feed. Rejecting means that nothing is acknowledged, so that Slack shows its own error. */
export type TakeInbound = (inbound: Inbound) => Promise<void>;

/** Why a delivery is not taken, and the HTTP status that says so; `code` is for the log. */
export class NotTaken extends Error {
  override readonly name = "NotTaken";
  readonly code: string;
  readonly status: number;
  constructor(code: string, status = 403) {
    super(code);
    this.code = code;
    this.status = status;
  }
}
