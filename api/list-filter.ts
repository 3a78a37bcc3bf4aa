import type { z } from "zod";
import { CountersignError } from "../core/errors.ts";
import type { PrincipalId } from "../core/principal.ts";
import type { ListFilter, RequestRecord } from "../db/types.ts";
import { type Identity, isAuditor, isOperator } from "./auth/identity.ts";
import type { ListQuery } from "./contract/request.ts";
import { accountsOf } from "./visibility.ts";

/** What the caller asked for, narrowed to what the caller may see. */
export function listFilterOf(query: z.output<typeof ListQuery>, identity: Identity): ListFilter {
  const self = [...accountsOf(identity)];
  const all = isOperator(identity) || isAuditor(identity);
  const mine = query.requester === "me";
  const waiting = query.waitingFor === "me";
  // Whoever may answer a request may read it, so for these the groups are the limit.
  const visibleTo = (all && !mine) || waiting ? null : self;
  return {
    status: query.status ?? null,
    waitingFor: waiting ? identity.groups : null,
    visibleTo,
    requester: mine || query.requester === undefined ? null : principalOf(query.requester),
    actionType: query.action ?? null,
    text: query.text ?? null,
    cursor: query.cursor ?? null,
    limit: query.limit,
  };
}

/** Nobody answers their own request, so it never waits for them, whatever their groups. */
export function waitsFor(record: RequestRecord, identity: Identity): boolean {
  const self = accountsOf(identity);
  const parties = record.state?.parties;
  return ![parties?.requester, parties?.owner, parties?.onBehalfOf].some((party) => party && self.has(party));
}

function principalOf(text: string): PrincipalId {
  if (/^(agent|person):/.test(text)) return text as PrincipalId;
  throw new CountersignError("MALFORMED", "Name an agent as `agent:…`, or `me`.", { pointer: "?requester" });
}
