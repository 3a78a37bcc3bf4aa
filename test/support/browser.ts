import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { cacheDirectory } from "../../cli/dev/home.ts";
import { findOnPath } from "../../cli/dev/temporal-binary.ts";

/**
 * A real Chromium: CHROME_PATH, an installed one, else the one that ships inside a registry
 * package, so that `npm test` needs nothing a user would not have.
 */
export async function launchBrowser(): Promise<Browser> {
  const { path, env } = installedBrowser() ?? (await packagedBrowser());
  return chromium.launch({ executablePath: path, headless: true, args: flags(), env: { ...process.env, ...env } });
}

type Executable = { path: string; env: Record<string, string> };

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const USUAL_PLACES = ["/usr/bin/chromium", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"];

function installedBrowser(): Executable | null {
  const named = process.env.CHROME_PATH;
  if (named !== undefined && named !== "") return { path: named, env: {} };
  const onPath = NAMES.map((name) => findOnPath(name)).find((path) => path !== null);
  const path = onPath ?? USUAL_PLACES.find((place) => existsSync(place));
  return path === undefined ? null : { path, env: {} };
}

/** Unpacked once into the cache, by rename; with fonts and, where the system lacks them, libraries. */
export async function packagedBrowser(cache = cacheDirectory()): Promise<Executable> {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Error("No Chromium here: install Chrome or Chromium, or name one in CHROME_PATH.");
  }
  const root = dirname(dirname(createRequire(import.meta.url).resolve("@sparticuz/chromium")));
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  const directory = join(cache, `chromium-${version}`);
  if (!existsSync(directory)) await unpack(join(root, "bin"), directory);
  const path = join(directory, "chromium");
  const env: Record<string, string> = { FONTCONFIG_FILE: join(directory, "fonts.conf") };
  if (spawnSync(path, ["--version"]).status !== 0) env.LD_LIBRARY_PATH = join(directory, "al2023", "lib");
  return { path, env };
}

async function unpack(archives: string, directory: string): Promise<void> {
  const { inflate } = await import("@sparticuz/chromium");
  mkdirSync(dirname(directory), { recursive: true });
  const making = mkdtempSync(join(dirname(directory), "making-"));
  // `inflate` writes to the temporary directory of the environment, and nowhere else.
  const temporary = process.env.TMPDIR;
  process.env.TMPDIR = making;
  try {
    for (const name of ["chromium.br", "fonts.tar.br", "al2023.tar.br"]) await inflate(join(archives, name));
    writeFileSync(join(making, "fonts.conf"), fontConfiguration(join(directory, "fonts")));
    renameSync(making, directory);
  } catch (error) {
    // Another test file was first: its copy is as good.
    if (!existsSync(directory)) throw error;
  } finally {
    if (temporary === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = temporary;
    rmSync(making, { recursive: true, force: true });
  }
}

function fontConfiguration(fonts: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>${fonts}</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
`;
}

/** Nothing here may ask the network for anything; the sandbox does not work as root. */
function flags(): string[] {
  return [
    ...["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
    ...["--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--no-zygote"],
    ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
  ];
}
