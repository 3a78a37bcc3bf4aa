import { LogLevel, type Logger as VendorLogger } from "@slack/web-api";
import type { Logger } from "pino";

/**
 * What Slack's libraries have to say. At debug and info they write whole payloads, triggers and answer addresses,
 * so only their warnings and errors are kept, cut to where no payload fits.
 */
export function vendorLog(log: Logger): VendorLogger {
  const line = (parts: unknown[]) => parts.map(String).join(" ").slice(0, LINE_CHARS);
  return {
    debug() {},
    info() {},
    warn: (...parts) => log.warn({ from: "slack library" }, line(parts)),
    error: (...parts) => log.error({ from: "slack library" }, line(parts)),
    setLevel() {},
    getLevel: () => LogLevel.WARN,
    setName() {},
  };
}

const LINE_CHARS = 200;
