import { and, arrayOverlaps, type Column, gte, inArray, not, or, type SQL, sql } from "drizzle-orm";
import type { GroupId, PersonId, PrincipalId } from "../../core/principal.ts";
import { requests } from "../schema/requests.ts";
import type { Reader } from "../types.ts";

/** Requests the reader asked for, owns, is asked to answer, or answered: the same as `mayRead` says one by one. */
export function concerns(reader: Reader): SQL | undefined {
  return or(isPartyTo(reader.self), answeredBy(reader.self), isAsked(reader));
}

export function isPartyTo(self: PrincipalId[]): SQL | undefined {
  const people = self as PersonId[];
  return or(inArray(requests.requester, self), inArray(requests.owner, people), inArray(requests.onBehalfOf, people));
}

/** Requests that wait for somebody, and the reader could be that somebody. */
export function waitsFor(reader: Reader): SQL | undefined {
  const { self, groups, joined, standsFor } = reader;
  const always = groups.filter((group) => !joined.some((one) => one.group === group));
  const since = joined.map((one) => and(waitsForGroups([one.group]), gte(requests.createdAt, one.since)));
  const away = standsFor.map((one) => and(waitsForGroups(one.groups), not(keepsOut([one.person], one.groups))));
  return and(or(waitsForGroups(always), ...since, ...away), not(keepsOut(self, groups)));
}

/** Requests that wait for a group of the reader, and not for the reader: done already, or kept from answering. */
export function waitsForOthers({ self, groups }: Reader): SQL | undefined {
  return and(waitsForGroups(groups), keepsOut(self, groups));
}

function isAsked({ groups, standsFor }: Reader): SQL {
  return overlaps(requests.asked, [...groups, ...standsFor.flatMap((one) => one.groups)]);
}

function answeredBy(self: PrincipalId[]): SQL {
  return overlaps(requests.answered, self as PersonId[]);
}

function waitsForGroups(groups: GroupId[]): SQL {
  return overlaps(requests.waitingFor, groups);
}

function keepsOut(self: PrincipalId[], groups: GroupId[]): SQL {
  return overlaps(requests.keptOut, [...self, ...groups]);
}

/** Nothing has something in common with nothing. */
function overlaps(column: Column, values: string[]): SQL {
  return values.length === 0 ? sql`false` : arrayOverlaps(column, values);
}
