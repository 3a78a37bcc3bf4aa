import { literal, literalBlock } from "./literal.ts";

/** Agent text for places that render Markdown: never a link, an image, HTML, or a line that seems to be ours. */

/** One line: white space collapsed, every sign of Markdown escaped, addresses broken. */
export function markdownLine(text: string, maxChars: number): string {
  const line = literal(text.replace(/\s+/g, " ").trim(), maxChars);
  return line
    .replace(/[\\`*_{}[\]()#+\-!|~<>&@]/g, "\\$&")
    .replaceAll("://", ":\\/\\/")
    .replace(/www\./gi, "www\\.");
}

/** A fenced block, verbatim; the fence is longer than any run of backticks in the text. */
export function markdownBlock(text: string, maxChars: number, language = ""): string {
  const body = literalBlock(text.replaceAll("\r\n", "\n"), maxChars);
  const longest = Math.max(0, ...[...body.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(Math.max(3, longest + 1));
  return `${fence}${language}\n${body}\n${fence}`;
}
