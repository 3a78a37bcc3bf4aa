import { statSync } from "node:fs";
import { loadKeyring } from "../../crypto/keyring.ts";
import { loadSigningKey, loadTrust } from "../../crypto/trust-file.ts";
import { PURPOSES, type TrustFile } from "../../crypto/types.ts";
import { failureOf } from "../failure.ts";
import { type Finding, notChecked, ok, type Surroundings, wrong } from "./check.ts";

/** Do the key files hold keys, does somebody we trust sign for each purpose, and can only we read them? */
export function checkKeys(surroundings: Surroundings): Finding[] {
  const { trustFile, payloadKeyringFile, signingKeyFiles } = surroundings;
  const trust = trustFile === null ? null : loaded("trust file", () => loadTrust(trustFile));
  return [
    ...(trust === null ? [notChecked("trust file", "set COUNTERSIGN_TRUST_FILE")] : trustFindings(trust)),
    ...signingKeyFiles.flatMap((file) => signingKeyFindings(file, trust)),
    ...(payloadKeyringFile === null
      ? [notChecked("payload keyring", "set COUNTERSIGN_PAYLOAD_KEYRING_FILE")]
      : keyringFindings(payloadKeyringFile)),
  ];
}

type Loaded<T> = { value: T } | { finding: Finding };

function loaded<T>(check: string, load: () => T): Loaded<T> {
  try {
    return { value: load() };
  } catch (error) {
    return { finding: wrong(check, failureOf(error).message, "Restore the file, or make a new key and trust it.") };
  }
}

function trustFindings(trust: Loaded<TrustFile>): Finding[] {
  if ("finding" in trust) return [trust.finding];
  const usable = trust.value.keys.filter((key) => !key.revoked);
  const without = PURPOSES.filter((purpose) => !usable.some((key) => key.purposes.includes(purpose)));
  const alone = usable.find(({ purposes }) => purposes.includes("message") && purposes.includes("identification"));
  if (alone) {
    const detail = `${alone.id} is trusted for messages and for whose they are: one process could answer for anybody`;
    return [wrong("trust file", detail, "Give the channels process a key of its own, for identification only.")];
  }
  if (without.length === 0) return [ok("trust file", `${usable.length} keys, every purpose has one`)];
  const detail = `no key is trusted for: ${without.join(", ")}`;
  return [wrong("trust file", detail, "Add the public key of the process that signs these.")];
}

function signingKeyFindings(file: string, trust: Loaded<TrustFile> | null): Finding[] {
  const check = `signing key ${file}`;
  const key = loaded(check, () => loadSigningKey(file));
  if ("finding" in key) return [key.finding];
  const { kid, x } = key.value;
  const known = trust !== null && "value" in trust ? trust.value.keys.find(({ id }) => id === kid) : undefined;
  if (trust !== null && "value" in trust && (known === undefined || known.publicJwk.x !== x || known.revoked)) {
    return [
      wrong(check, `${kid} is not trusted, so nothing it signs counts`, "Add its public half to the trust file."),
      ...modeFindings(file),
    ];
  }
  return [ok(check, `${kid} holds`), ...modeFindings(file)];
}

function keyringFindings(file: string): Finding[] {
  const keyring = loaded("payload keyring", () => loadKeyring(file));
  if ("finding" in keyring) return [keyring.finding];
  return [ok("payload keyring", `encrypts with ${keyring.value.encrypt.id}`), ...modeFindings(file)];
}

/** Windows has no such bits. */
function modeFindings(file: string): Finding[] {
  if (process.platform === "win32" || (statSync(file).mode & 0o077) === 0) return [];
  return [wrong("file mode", `others of this machine may read ${file}`, `chmod 600 ${file}`)];
}
