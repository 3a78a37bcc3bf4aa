import type { z } from "zod";
import { CountersignError } from "../core/errors.ts";
import type { PrincipalId } from "../core/principal.ts";
import type { ListFilter, Reader } from "../db/types.ts";
import { type Identity, isAuditor, isOperator } from "./auth/identity.ts";
import type { ListQuery } from "./contract/request.ts";
import { accountsOf } from "./visibility.ts";

/** What the caller asked for, narrowed to what the caller may see. */
export function listFilterOf(query: z.output<typeof ListQuery>, identity: Identity): ListFilter {
  const reader = readerOf(identity);
  const all = isOperator(identity) || isAuditor(identity);
  const mine = query.requester === "me";
  return {
    status: query.status ?? null,
    waitingFor: query.waitingFor === "me" ? reader : null,
    partyTo: mine ? reader.self : null,
    // Whoever looks after everything may ask for less.
    concerning: all && query.concerning === undefined ? null : reader,
    requester: mine || query.requester === undefined ? null : principalOf(query.requester),
    actionType: query.action ?? null,
    text: query.text ?? null,
    cursor: query.cursor ?? null,
    limit: query.limit,
  };
}

/** Whose lists these are: an agent is asked by nobody, so only what it asked for concerns it. */
export function readerOf(identity: Identity): Reader {
  const self = [...accountsOf(identity)];
  if (identity.kind === "agent") return { self, groups: [], joined: [], standsFor: [] };
  const { groups, joined, standsFor } = identity;
  return { self, groups, joined, standsFor };
}

function principalOf(text: string): PrincipalId {
  if (/^(agent|person):/.test(text)) return text as PrincipalId;
  throw new CountersignError("MALFORMED", "Name an agent as `agent:…`, or `me`.", { pointer: "?requester" });
}
