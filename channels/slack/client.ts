import { LogLevel, type Logger as VendorLogger, WebClient } from "@slack/web-api";
import { LIMITS } from "../../core/limits.ts";

/** Where Slack's own library may complain. */
export type ComplaintLog = { warn: (data: object, text: string) => void };

/**
 * Slack's Web API, one call a call: the library's own retries would post a card twice after a lost answer,
 * and its waiting for a rate limit would hold up everything behind it.
 */
export function createSlackClient(
  { botToken, apiUrl }: { botToken: string; apiUrl: string },
  log: ComplaintLog,
): WebClient {
  return new WebClient(botToken, {
    slackApiUrl: apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: LIMITS.slackCallSeconds * 1000,
    allowAbsoluteUrls: false,
    logger: complaints(log),
  });
}

/** At debug and info the library writes whole payloads; the rest is cut to where no payload fits. */
export function complaints(log: ComplaintLog): VendorLogger {
  const said = (parts: unknown[]) =>
    log.warn({ from: "slack library" }, parts.map(String).join(" ").slice(0, LINE_CHARS));
  return {
    debug() {},
    info() {},
    warn: (...parts) => said(parts),
    error: (...parts) => said(parts),
    setLevel() {},
    getLevel: () => LogLevel.WARN,
    setName() {},
  };
}

const LINE_CHARS = 200;
