/** Line and column (both from 1, columns in code points) of a place given in UTF-16 units. */
export function columnOf(text: string, at: number): { line: number; column: number } {
  const before = text.slice(0, at);
  const lines = before.split("\n");
  return { line: lines.length, column: [...(lines.at(-1) ?? "")].length + 1 };
}

/** Postgres counts bytes of UTF-8; JavaScript counts UTF-16 units. */
export function unitsOfBytes(text: string, bytes: number): number {
  return Buffer.from(text, "utf8").subarray(0, bytes).toString("utf8").length;
}
