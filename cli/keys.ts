import { existsSync, renameSync, writeFileSync } from "node:fs";
import { Command } from "commander";
import { API_PURPOSES, CHANNELS_PURPOSES, OPERATOR_PURPOSES } from "../config/development-keys.ts";
import { CountersignError } from "../core/errors.ts";
import {
  encryptingWith,
  type KeyringFile,
  parseKeyring,
  parseKeyringFile,
  readKeyringFile,
  withNewKey,
} from "../crypto/keyring.ts";
import { generateKey } from "../crypto/signature.ts";
import { loadTrust } from "../crypto/trust-file.ts";
import type { Purpose } from "../crypto/types.ts";
import { usage } from "./exit-codes.ts";
import { say } from "./terminal.ts";

/** Only files of this machine are changed; docs/KEYS.md says in which order, and which processes to start again. */
export function keysCommand(): Command {
  return new Command("keys")
    .description("Make, take into use and revoke keys, in the files that processes read. docs/KEYS.md has the steps.")
    .addCommand(payloadCommand())
    .addCommand(signingCommand())
    .addCommand(revokeCommand())
    .addHelpText("after", "\nExample:\n  $ countersign keys payload keyring.json --add 2027-05");
}

const SIGNERS: { [process: string]: Purpose[] } = {
  api: API_PURPOSES,
  channels: CHANNELS_PURPOSES,
  operator: OPERATOR_PURPOSES,
};

function payloadCommand(): Command {
  return new Command("payload")
    .description("Add a key to a payload keyring, or have one of its keys encrypt.")
    .argument("<keyring>", "the file that COUNTERSIGN_PAYLOAD_KEYRING_FILE names")
    .option("--add <label>", "make a key that nobody encrypts with yet; letters, digits, - and _")
    .option("--encrypt-with <id>", "encrypt with this key from now on, and only decrypt with the one before")
    .addHelpText("after", "\nExample:\n  $ countersign keys payload keyring.json --add 2027-05")
    .action(payload);
}

function payload(file: string, { add, encryptWith }: { add?: string; encryptWith?: string }): void {
  if ((add === undefined) === (encryptWith === undefined)) throw usage("Say either --add or --encrypt-with.");
  const keyring = parseKeyringFile(readKeyringFile(file), file);
  if (add !== undefined) {
    if (!/^[A-Za-z0-9_-]{1,32}$/.test(add)) throw usage("A label is up to 32 letters, digits, - and _.");
    const { keyring: extended, id } = withNewKey(keyring, add);
    writeKeyring(file, extended);
    say(
      `${id} is in ${file}, and decrypts. Give the file to every process and start each again; then:`,
      `  countersign keys payload ${file} --encrypt-with ${id}`,
    );
    return;
  }
  if (!keyring.keys.some(({ id }) => id === encryptWith)) throw usage(`${file} has no key ${encryptWith}.`);
  writeKeyring(file, encryptingWith(keyring, encryptWith ?? ""));
  say(`${encryptWith} encrypts from the next start of each process. The keys before it stay in the file.`);
}

function signingCommand(): Command {
  return new Command("signing")
    .description("Make a key that signs, and trust it. The key before it stays trusted.")
    .argument("<file>", "where the private key is to be written")
    .requiredOption("--id <id>", "its name, in the trust file and in every signature")
    .requiredOption("--for <process>", "whose it is: api, channels or operator")
    .requiredOption("--trust <file>", "the trust file that gets its public half")
    .addHelpText(
      "after",
      "\nExample:\n  $ countersign keys signing api-2027.json --id api-2027 --for api --trust trust.json",
    )
    .action(signing);
}

async function signing(file: string, options: { id: string; for: string; trust: string }): Promise<void> {
  const purposes = Object.hasOwn(SIGNERS, options.for) ? SIGNERS[options.for] : undefined;
  if (purposes === undefined) throw usage("--for takes api, channels or operator.");
  if (existsSync(file)) throw usage(`${file} is there already; a key is never written over.`);
  const trust = loadTrust(options.trust);
  if (trust.keys.some(({ id }) => id === options.id)) throw usage(`${options.trust} has a key ${options.id} already.`);
  const { privateJwk, trustedKey } = await generateKey(options.id, purposes);
  write(file, privateJwk);
  write(options.trust, { keys: [...trust.keys, trustedKey] });
  say(`${file} signs as ${options.id}, and ${options.trust} trusts it. Give the trust file to every process first.`);
}

function revokeCommand(): Command {
  return new Command("revoke")
    .description("Believe nothing more that a key signed. What it approved and has not run is void.")
    .argument("<id>", "the key's id")
    .requiredOption("--trust <file>", "the trust file")
    .addHelpText("after", "\nExample:\n  $ countersign keys revoke api-2026 --trust trust.json")
    .action(revoke);
}

function revoke(id: string, { trust: file }: { trust: string }): void {
  const { keys } = loadTrust(file);
  if (!keys.some((key) => key.id === id)) throw usage(`${file} has no key ${id}.`);
  write(file, { keys: keys.map((key) => (key.id === id ? { ...key, revoked: true } : key)) });
  say(`${id} is revoked in ${file}. Give the file to every process, the executor first, and start each again.`);
}

function writeKeyring(file: string, keyring: KeyringFile): void {
  // A keyring that no process could read is not written.
  parseKeyring(JSON.stringify(keyring), file);
  write(file, keyring);
}

/** Whole or not at all. */
function write(file: string, content: unknown): void {
  const half = `${file}.${process.pid}`;
  try {
    writeFileSync(half, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600, flag: "wx" });
    renameSync(half, file);
  } catch (cause) {
    throw new CountersignError("CONFIGURATION_INVALID", `${file} cannot be written.`, { cause });
  }
}
