/** One rule broken on purpose: a text that must be there exactly once, and what stands there instead. */
export type Planted = { rule: string; file: string; text: string; instead: string };

/** Each is found, or the suite fails; so does a text that the source no longer has. */
export function plant(rule: string, file: string, text: string, instead: string): Planted {
  return { rule, file, text, instead };
}
