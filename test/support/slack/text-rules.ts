import type { Fields } from "./driver.ts";

/** Where something is wrong with blocks, and what. */
export type Problems = string[];

/** What Slack says of a text object: its kind, and between one and so many characters. */
export function textProblems(where: string, value: unknown, limit: number, kind: "any" | "plain" = "any"): Problems {
  if (!isFields(value)) return [`${where}: no text object`];
  const { type, text } = value;
  if (type !== "plain_text" && type !== "mrkdwn") return [`${where}: unknown text type ${String(type)}`];
  if (kind === "plain" && type !== "plain_text") return [`${where}: has to be plain_text`];
  if (typeof text !== "string") return [`${where}: no text`];
  const known = type === "plain_text" ? ["type", "text", "emoji"] : ["type", "text", "verbatim"];
  const length = countedLength(text, type === "mrkdwn");
  return [
    ...unknownFields(where, value, known),
    ...(length < 1 ? [`${where}: must be more than 0 characters`] : []),
    ...(length > limit ? [`${where}: must be less than ${limit + 1} characters, is ${length}`] : []),
  ];
}

/**
 * Slack keeps `& < >` as entities and counts those: 2,850 characters have been seen to become 4,950. In
 * mrkdwn what is written as an entity is one already, and angle brackets are markup.
 */
export function countedLength(text: string, isMarkup: boolean): number {
  if (isMarkup) return text.replaceAll(/&(?!amp;|lt;|gt;)/g, "&amp;").length;
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").length;
}

export function stringProblems(where: string, value: unknown, limit: number, required = false): Problems {
  if (value === undefined && !required) return [];
  if (typeof value !== "string") return [`${where}: has to be a string`];
  if (value.length < 1) return [`${where}: must be more than 0 characters`];
  return value.length > limit ? [`${where}: must be less than ${limit + 1} characters, is ${value.length}`] : [];
}

export function unknownFields(where: string, value: Fields, known: string[]): Problems {
  return Object.keys(value)
    .filter((key) => !known.includes(key))
    .map((key) => `${where}: invalid additional property ${key}`);
}

export function countProblems(where: string, value: unknown, least: number, most: number): Problems {
  if (!Array.isArray(value)) return [`${where}: has to be a list`];
  if (value.length < least) return [`${where}: no less than ${least} items allowed`];
  return value.length > most ? [`${where}: no more than ${most} items allowed, has ${value.length}`] : [];
}

export function duplicates(where: string, values: unknown[]): Problems {
  const given = values.filter((value) => value !== undefined);
  return given
    .filter((value, at) => given.indexOf(value) !== at)
    .map((value) => `${where}: ${String(value)} already exists`);
}

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function listOf(value: unknown): Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}
