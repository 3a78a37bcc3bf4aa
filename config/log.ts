import pino, { type DestinationStream, type Logger } from "pino";
import type { Json } from "../core/request.ts";
import { literal } from "../privacy/literal.ts";
import { redact } from "../privacy/redact.ts";
import type { CommonSettings } from "./settings.ts";

export type LogOutput = DestinationStream & { isTTY?: boolean };

/**
 * JSON lines, one a record; on a developer's terminal one readable line. Every finished record goes
 * through the redaction, whatever was logged and however it got there. `log.child({ requestId })`
 * puts the id of a request on each of its lines.
 */
export function createLog(
  settings: Pick<CommonSettings, "mode" | "logLevel"> & { role?: string },
  output: LogOutput = process.stdout,
): Logger {
  const readable = settings.mode === "development" && output.isTTY === true;
  return pino(
    {
      level: settings.logLevel,
      base: settings.role === undefined ? {} : { role: settings.role },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: pino.stdSerializers.err, error: pino.stdSerializers.err },
      hooks: { streamWrite: (line) => finished(line, readable) },
    },
    output,
  );
}

function finished(line: string, readable: boolean): string {
  const record = parsed(line);
  return readable ? readableLine(record) : `${JSON.stringify(record)}\n`;
}

function parsed(line: string): { [key: string]: Json } {
  try {
    const record = redact(JSON.parse(line));
    if (typeof record === "object" && record !== null && !Array.isArray(record)) return record;
  } catch {
    // What cannot be read cannot be redacted, so it is not written.
  }
  return { level: "error", msg: "A log record could not be redacted and was left out." };
}

function readableLine({ time, level, role, msg, ...rest }: { [key: string]: Json }): string {
  const clock = typeof time === "string" ? time.slice(11, 23) : "";
  const fields = Object.entries(rest).map(([key, value]) => `${key}=${shown(value)}`);
  const parts = [clock, String(level).toUpperCase().padEnd(5), shown(role ?? ""), shown(msg ?? ""), ...fields];
  return `${parts.filter((part) => part !== "").join(" ")}\n`;
}

/** Text of an agent may be in it, and a terminal obeys escape sequences. */
function shown(value: Json): string {
  return literal(typeof value === "string" ? value : JSON.stringify(value));
}
