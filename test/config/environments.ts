import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { readSettings, type SettingsOf } from "../../config/env.ts";
import { CountersignError } from "../../core/errors.ts";

const directory = mkdtempSync(join(tmpdir(), "env-"));
export const file = (name: string, text = "{}") => {
  writeFileSync(join(directory, name), text);
  return join(directory, name);
};
export const RANDOM = "Zk3vQ9wT1xB7mN5cR8yL2pD6hG4jF0sA";

export const common = {
  COUNTERSIGN_DATABASE_URL: `postgres://countersign_app:${RANDOM}@db.internal/countersign`,
  COUNTERSIGN_TEMPORAL_ADDRESS: "temporal.internal:7233",
  COUNTERSIGN_TRUST_FILE: file("trust.json"),
  COUNTERSIGN_PAYLOAD_KEYRING_FILE: file("keyring.json"),
};
export const base = {
  api: {
    ...common,
    COUNTERSIGN_PUBLIC_URL: "https://approvals.example.com/",
    COUNTERSIGN_SIGNING_KEY_FILE: file("api.json"),
    COUNTERSIGN_SESSION_SECRET: RANDOM,
  },
  workflows: common,
  channels: {
    ...common,
    COUNTERSIGN_PUBLIC_URL: "https://approvals.example.com",
    COUNTERSIGN_SIGNING_KEY_FILE: file("channels.json"),
    SLACK_BOT_TOKEN: `xoxb-${RANDOM}`,
    COUNTERSIGN_SURFACE_SECRET: `surface-${RANDOM}`,
  },
  executor: { ...common, COUNTERSIGN_ENVIRONMENT: "production", COUNTERSIGN_EXPORTS_DIR: "/exports" },
};

export function problemsOf(role: keyof SettingsOf, env: Record<string, string | undefined>): string[] {
  try {
    readSettings(role, env);
  } catch (error) {
    if (error instanceof CountersignError && error.code === "CONFIGURATION_INVALID") {
      for (const { message } of error.findings) expect(error.detail).toContain(message);
      return error.findings.map(({ message }) => message);
    }
    throw error;
  }
  return [];
}

export const namesIn = (problems: string[]) => problems.map((problem) => problem.split(" ")[0]).sort();
