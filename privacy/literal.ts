import { LIMITS } from "../core/limits.ts";

/**
 * Text of an agent, made safe to show as a literal. Whatever could hide, reorder or overwrite what
 * stands around it (controls, bidirectional marks, zero-width and blank characters, stacked accents,
 * halves of characters) is shown as an escape such as `\u{202e}`. Two different texts never look the
 * same by this, and what is left out at the end is counted.
 */
export function literal(text: string, maxChars: number = LIMITS.literalChars): string {
  const { shown, omitted } = literalParts(text, { maxChars, lines: false });
  return omitted === 0 ? shown : `${shown}… [${omitted} more characters]`;
}

/** The same over several lines: line breaks and tabs stay as they are. */
export function literalBlock(text: string, maxChars: number = LIMITS.literalChars): string {
  const { shown, omitted } = literalParts(text, { maxChars, lines: true });
  return omitted === 0 ? shown : `${shown}…\n[${omitted} more characters]`;
}

/** For a surface that marks the cut in its own way. `omitted` counts characters of the original. */
export function literalParts(
  text: string,
  { maxChars, lines }: { maxChars: number; lines: boolean },
): { shown: string; omitted: number } {
  const characters = [...text];
  let shown = "";
  let marks = 0;
  // A mark with nothing before it would settle on our own label, or on the line above.
  let base = false;
  for (const [index, character] of characters.entries()) {
    const isMark = /^\p{M}$/u.test(character);
    marks = isMark ? marks + 1 : 0;
    const kept = lines && (character === "\n" || character === "\t");
    const stacked = isMark && (!base || marks > MARKS_PER_CHARACTER);
    const spelt = character === "\\" && characters[index + 1] === "u" && characters[index + 2] === "{";
    const next = !kept && (stacked || spelt || HIDDEN.test(character)) ? escapeOf(character) : character;
    if (shown.length + next.length > maxChars) return { shown, omitted: characters.length - index };
    shown += next;
    base = isMark ? base : !kept;
  }
  return { shown, omitted: 0 };
}

/** Accents that real words need; more of them cover the lines above and below. */
const MARKS_PER_CHARACTER = 3;

/**
 * Controls, format characters (bidi, zero-width, tags), surrogates, private use, unassigned, every
 * separator but the plain space, and letters and marks that draw nothing (U+2800 is an empty Braille cell).
 */
const HIDDEN = /^(?! )[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]$/u;

function escapeOf(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
