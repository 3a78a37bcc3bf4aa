import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { resolveSecret } from "../../config/secrets.ts";

const secretsDirectory = mkdtempSync(join(tmpdir(), "secrets-"));
writeFileSync(join(secretsDirectory, "CRM_EXPORT_URL"), "postgres://from-directory\n");
writeFileSync(join(secretsDirectory, "EMPTY_URL"), "\n");
writeFileSync(join(secretsDirectory, "other"), "postgres://from-named-file");
const settings = { secretsDirectory };

test("the variable comes first, then the file it names, then the directory", () => {
  const named = { CRM_EXPORT_URL_FILE: join(secretsDirectory, "other") };
  expect(resolveSecret(settings, "CRM_EXPORT_URL", { ...named, CRM_EXPORT_URL: "postgres://from-env" })).toBe(
    "postgres://from-env",
  );
  expect(resolveSecret(settings, "CRM_EXPORT_URL", named)).toBe("postgres://from-named-file");
  expect(resolveSecret(settings, "CRM_EXPORT_URL", {})).toBe("postgres://from-directory");
});

test("a missing secret is named, with what to do", () => {
  expect(() => resolveSecret(settings, "CRM_DESCRIBE_URL", {})).toThrow(/CRM_DESCRIBE_URL.*ENOENT/);
  expect(() => resolveSecret({ secretsDirectory: null }, "CRM_DESCRIBE_URL", {})).toThrow(
    /Set the variable CRM_DESCRIBE_URL or CRM_DESCRIBE_URL_FILE, or COUNTERSIGN_SECRETS_DIR/,
  );
  expect(() => resolveSecret(settings, "EMPTY_URL", {})).toThrow(/EMPTY_URL.*is empty/);
});

test.each([
  "COUNTERSIGN_DATABASE_URL",
  "SLACK_BOT_TOKEN",
  "TEMPORAL_API_KEY",
  "NODE_OPTIONS",
  "CRM_EXPORT_URL_FILE",
  "../other",
  "other",
  "",
  "A/B",
])("a target cannot name %j as its secret", (name) => {
  const env = { [name]: "the process's own", COUNTERSIGN_DATABASE_URL: "the process's own" };
  expect(() => resolveSecret(settings, name, env)).toThrow(/is not a name that a target's secret may have/);
});
