import { CommandFailure } from "../exit-codes.ts";
import { ChildDied } from "./child.ts";
import type { DevHome } from "./home.ts";

/** What went wrong as one sentence, with the last words of a process that died. */
export function explainStartFailure(error: unknown, home: DevHome): unknown {
  if (error instanceof CommandFailure) return error;
  if (isDiskFull(error)) {
    return new CommandFailure("refused", "DISK_FULL", `The disk that holds ${home.directory} is full.`, {
      next: "Free about 500 MB, then start again: nothing was lost.",
    });
  }
  if (error instanceof ChildDied) {
    return new CommandFailure("refused", "PROCESS_DIED", error.message, {
      lines: error.logTail,
      next: `Its whole log is ${error.logFile}`,
    });
  }
  return error;
}

function isDiskFull(error: unknown): boolean {
  const words = /ENOSPC|No space left on device|database or disk is full|could not extend file/;
  if (error instanceof ChildDied) return error.logTail.some((line) => words.test(line));
  return error instanceof Error && (words.test(error.message) || ("code" in error && error.code === "53100"));
}
