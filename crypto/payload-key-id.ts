import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/**
 * The id of a payload key says by itself that one of our keyrings made it: `LABEL.FINGERPRINT.MARK`. The mark is
 * made with the family's secret, which every process has; so a process that lacks a key can tell that the key is
 * ours and missing here, from a name that somebody made up. The fingerprint ties the id to one key for ever.
 * An id is no secret: whoever copies it still cannot encrypt with its key.
 */
export function markedId(label: string, family: Uint8Array, key: Uint8Array): string {
  const name = `${label}.${fingerprintOf(key)}`;
  return `${name}.${markOf(name, family)}`;
}

/** With `key`: and it is the id of that key. */
export function isMarked(id: string, family: Uint8Array, key?: Uint8Array): boolean {
  const [, name, fingerprint, mark] = FORM.exec(id) ?? [];
  if (name === undefined || fingerprint === undefined || mark === undefined) return false;
  if (key !== undefined && fingerprint !== fingerprintOf(key)) return false;
  return timingSafeEqual(Buffer.from(mark), Buffer.from(markOf(name, family)));
}

export function mayBeMarked(id: string): boolean {
  return FORM.test(id);
}

const FORM = /^([A-Za-z0-9_-]{1,32}\.([0-9a-f]{12}))\.([0-9a-f]{16})$/;

function fingerprintOf(key: Uint8Array): string {
  return createHash("sha256").update(key).digest("hex").slice(0, 12);
}

function markOf(name: string, family: Uint8Array): string {
  return createHmac("sha256", family).update(name).digest("hex").slice(0, 16);
}
