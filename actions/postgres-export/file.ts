import { createHash, randomBytes } from "node:crypto";
import { constants, createReadStream } from "node:fs";
import { type FileHandle, link, lstat, mkdir, open, readdir, realpath, unlink } from "node:fs/promises";
import { join } from "node:path";
import { LIMITS } from "../../core/limits.ts";
import { ActionFailure } from "../action.ts";

/** A file that does not exist until it is complete. */
export type PendingFile = {
  write(text: string): Promise<void>;
  readonly bytes: number;
  /** Makes it durable under its final name; never replaces another file. */
  publish(): Promise<{ file: string; bytes: number; sha256: string }>;
  /** Leaves nothing; harmless after publish. */
  discard(): Promise<void>;
};

export type Place = { root: string; directory: string; requestId: string; extension: string };

export async function createPendingFile(place: Place): Promise<PendingFile> {
  const folder = await folderOf(place);
  await removeLeftovers(folder, place.requestId);
  const name = `${place.requestId}.${place.extension}`;
  const temporary = join(folder, `.${place.requestId}.${randomBytes(8).toString("hex")}.partial`);
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const handle = await open(temporary, flags, 0o600);
  const hash = createHash("sha256");
  let bytes = 0;
  let exists = true;

  return {
    get bytes() {
      return bytes;
    },
    async write(text) {
      const chunk = Buffer.from(text, "utf8");
      hash.update(chunk);
      bytes += chunk.length;
      await handle.writeFile(chunk);
    },
    async publish() {
      const sha256 = hash.digest("hex");
      await handle.sync();
      await handle.close();
      await publishAs(temporary, join(folder, name), sha256);
      exists = false;
      await syncFolder(folder);
      return { file: `${place.directory}/${name}`, bytes, sha256 };
    },
    async discard() {
      await handle.close().catch(() => undefined);
      if (exists) await unlink(temporary).catch(ignoreMissing);
      exists = false;
    },
  };
}

/** Names made of these only: no separator, no dot at the front, so no way out of the root. */
const SAFE_NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,200}$/;

async function folderOf(place: Place): Promise<string> {
  const parts = place.directory.split("/");
  for (const part of [...parts, place.requestId, place.extension]) {
    if (!SAFE_NAME.test(part))
      throw new ActionFailure("EXEC_FAILED", "The export directory is not a plain relative path.");
  }
  await mkdir(place.root, { recursive: true, mode: 0o700 });
  const root = await realpath(place.root);
  const folder = join(root, ...parts);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if ((await realpath(folder)) !== folder) {
    throw new ActionFailure("EXEC_FAILED", "The export directory is a link to another place.");
  }
  return folder;
}

/**
 * A process that was killed could not tidy up. At most one attempt of a request runs, so what an
 * earlier one of this request left is nobody's; what another request left is, once no export runs that long.
 */
async function removeLeftovers(folder: string, requestId: string): Promise<void> {
  const abandonedBefore = Date.now() - 2 * LIMITS.exportSeconds * 1000;
  for (const name of await readdir(folder)) {
    if (!name.startsWith(".") || !name.endsWith(".partial")) continue;
    const path = join(folder, name);
    const own = name.startsWith(`.${requestId}.`);
    const abandoned = own || ((await lstat(path).catch(() => null))?.mtimeMs ?? Infinity) < abandonedBefore;
    if (abandoned) await unlink(path).catch(ignoreMissing);
  }
}

/** A link fails where a rename would silently replace what is there. */
async function publishAs(temporary: string, final: string, sha256: string): Promise<void> {
  try {
    await link(temporary, final);
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
    if (!(await lstat(final)).isFile() || (await digestOfFile(final)) !== sha256) {
      throw new ActionFailure("EXEC_FAILED", "Another file of this name is there already; it was left alone.");
    }
  }
  await unlink(temporary);
}

async function digestOfFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest("hex");
}

async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle | null = null;
  try {
    handle = await open(folder, constants.O_RDONLY);
    await handle.sync();
  } catch (error) {
    // Windows cannot open a directory; the name is then durable whenever the system writes it.
    if (codeOf(error) !== "EPERM" && codeOf(error) !== "EISDIR" && codeOf(error) !== "EACCES") throw error;
  } finally {
    await handle?.close();
  }
}

function ignoreMissing(error: unknown): void {
  if (codeOf(error) !== "ENOENT") throw error;
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | null)?.code;
}
