import { customType } from "drizzle-orm/pg-core";
import type { Instant } from "../../core/principal.ts";

/**
 * Postgres `json`, not `jsonb`: what was signed comes back character for character, and text with a NUL or half
 * a surrogate pair, which `jsonb` refuses, can be kept and so cannot block the record of its own request.
 */
export function json<T>(name: string) {
  return customType<{ data: T; driverData: unknown }>({
    dataType: () => "json",
    // The driver parses what comes back, so the text is made here and nowhere else.
    toDriver: (value) => JSON.stringify(value),
    fromDriver: (value) => value as T,
  })(name);
}

/** `timestamp with time zone` outside, milliseconds inside. */
export const instant = customType<{ data: Instant; driverData: string }>({
  dataType: () => "timestamp with time zone",
  toDriver: (value) => new Date(value).toISOString(),
  fromDriver: (value) => new Date(value).getTime(),
});

/** A 64-bit place in a list, given by the database; a string, because a number would lose digits. */
export const place = customType<{ data: string; driverData: string; default: true }>({
  dataType: () => "bigint",
});
