import { rmSync } from "node:fs";
import { join } from "node:path";
import type { DevelopmentFile } from "../connection.ts";
import { writeSecretFile } from "./secrets.ts";

/** `.countersign/dev.json`, while `npm start` runs: how scripts and the CLI find it and speak to it. */
export type DevFile = Omit<DevelopmentFile, "temporalUiUrl"> & {
  /** null with a Temporal server that is not ours and whose UI nobody named. */
  temporalUiUrl: string | null;
  requestId: string;
  reviewUrl: string;
};

export function writeDevFile(directory: string, content: DevFile): void {
  writeSecretFile(pathOf(directory), `${JSON.stringify(content, null, 2)}\n`);
}

export function removeDevFile(directory: string): void {
  rmSync(pathOf(directory), { force: true });
}

function pathOf(directory: string): string {
  return join(directory, "dev.json");
}
