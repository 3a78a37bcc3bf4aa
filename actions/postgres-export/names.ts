const PLAIN = /^[\p{Ll}\p{Lo}_][\p{Ll}\p{Lo}\p{M}\p{Nd}_$]*$/u;
const MAX = 80;

/** A name as people see it: what cannot be seen is written out, and it is never longer than a line. */
export function shown(name: string, max = MAX): string {
  const visible = name.replace(/[\p{C}\p{Z}]/gu, (c) =>
    c === " " ? c : `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`,
  );
  const characters = [...visible];
  return characters.length <= max ? visible : `${characters.slice(0, max - 1).join("")}…`;
}

/** Names joined for one line, the rest counted: `a, b and 3 more`. */
export function listed(names: readonly string[], max = 12): string {
  if (names.length === 0) return "none";
  const first = names.slice(0, max).map((name) => shown(name));
  const more = names.length - first.length;
  return more > 0 ? `${first.join(", ")} and ${more} more` : first.join(", ");
}

/** `schema.table` or `schema.table.column`, quoted where a part would not stand by itself. */
export function qualified(...parts: string[]): string {
  return parts.map((part) => (PLAIN.test(part) ? part : `"${part.replaceAll('"', '""')}"`)).join(".");
}

export function counted(count: number, noun: string): string {
  return `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;
}
