/** What every command's exit code means; `countersign --help` prints this table. */
export const EXIT_CODES = {
  ok: { code: 0, meaning: "done; for `request`: the action was executed" },
  refused: { code: 1, meaning: "refused or failed; the sentence says why and what to do next" },
  usage: { code: 2, meaning: "the command line or a file named on it is wrong" },
  notReachable: { code: 3, meaning: "the API, the database or Temporal does not answer; nothing was changed" },
  pending: { code: 4, meaning: "the wait is over and the request is not; it goes on" },
} as const;

export type ExitCode = keyof typeof EXIT_CODES;

/** Ends a command with one clear sentence, a code and a next step. */
export class CommandFailure extends Error {
  override readonly name = "CommandFailure";
  readonly exit: ExitCode;
  readonly code: string;
  readonly next: string | null;
  /** Lines below the sentence, e.g. findings with their places. */
  readonly lines: string[];
  constructor(exit: ExitCode, code: string, sentence: string, more: { next?: string; lines?: string[] } = {}) {
    super(sentence);
    this.exit = exit;
    this.code = code;
    this.next = more.next ?? null;
    this.lines = more.lines ?? [];
  }
}

export function usage(sentence: string, next?: string): CommandFailure {
  return new CommandFailure("usage", "USAGE", sentence, next === undefined ? {} : { next });
}
