import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writePidFile } from "../../../cli/dev/pid-file.ts";
import { freePort } from "../../../cli/dev/ports.ts";
import { startSlackDouble, type Workspace } from "../../../cli/dev/slack-double/double.ts";
import { createDriver, type Driver } from "./driver.ts";
import { WORKSPACE } from "./workspace.ts";

export type LocalSlackOptions = {
  workspace?: Workspace;
  /** Where signed deliveries go; null: Socket Mode. */
  requestUrl: string | null;
  baseHost?: string;
};

export type LocalSlack = Driver & {
  url: string;
  /** Base of the Web API, as SLACK_API_URL wants it. */
  apiUrl: string;
  workspace: Workspace;
  stop(): Promise<void>;
};

/** The double as a process of its own, with a driver for what people do in it. */
export async function startLocalSlack(options: LocalSlackOptions): Promise<LocalSlack> {
  const { workspace = WORKSPACE, requestUrl, baseHost } = options;
  const directory = mkdtempSync(join(tmpdir(), "countersign-test-"));
  chmodSync(directory, 0o700);
  // So that the next run finds it should this one be killed.
  writePidFile(directory, { name: "owner", pid: process.pid, marker: "node", stopSignal: "SIGTERM" });
  const { child, url, apiUrl } = await startSlackDouble({
    workspace,
    requestUrl,
    ...(baseHost === undefined ? {} : { baseHost }),
    port: await freePort(),
    directory,
    logFile: join(directory, "slack-double.log"),
    pidDirectory: directory,
  });
  return {
    ...createDriver(url),
    ...{ url, apiUrl, workspace },
    async stop() {
      await child.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
