import type { Configuration } from "../config/configuration.ts";
import { CountersignError } from "../core/errors.ts";
import type { AgentId } from "../core/principal.ts";
import { digestOf } from "../crypto/digest.ts";
import { freezesInForce, orderFreeze } from "../db/admin.ts";
import type { FreezeOrder } from "../db/types.ts";
import type { PersonIdentity } from "./auth/identity.ts";
import type { ApiContext } from "./context.ts";
import type { FreezeView, FrozenView } from "./contract/freeze.ts";
import { nameOf, time } from "./request-view.ts";

/** Throws the switch. When it returns, nothing in its scope starts any more. */
export async function freeze(
  context: ApiContext,
  identity: PersonIdentity,
  scope: FreezeOrder["scope"],
  reason: string,
  key: string | null,
): Promise<FrozenView> {
  const { configuration } = await context.configuration.inForce();
  const said = { kind: "freeze", lifts: null, scope, reason } as const;
  const order = orderOf(context, identity, said, key);
  const { running } = await orderFreeze(context.database, await context.signer.sign("freeze", order));
  return { freeze: freezeView(order, configuration), running: running.map((row) => row.requestId) };
}

/** A lift is a signed order of its own; the freeze it ends stays in the record. */
export async function lift(
  context: ApiContext,
  identity: PersonIdentity,
  id: string,
  reason: string,
  key: string | null,
): Promise<void> {
  const standing = (await ordersInForce(context)).find((order) => order.id === id);
  if (standing === undefined) throw new CountersignError("NOT_FOUND", "There is no such freeze in force.");
  const said = { kind: "lift", lifts: id, scope: standing.scope, reason } as const;
  const order = orderOf(context, identity, said, key);
  await orderFreeze(context.database, await context.signer.sign("freeze", order));
}

export async function standingFreezes(context: ApiContext): Promise<FreezeView[]> {
  const { configuration } = await context.configuration.inForce();
  return (await ordersInForce(context)).map((order) => freezeView(order, configuration));
}

/** A scope names something that is there; a misspelt one would stop nothing and look as if it did. */
export function scopeOf(
  given: { agent: string | null; action: string | null; target: string | null },
  configuration: Configuration,
  actionTypes: string[],
): FreezeOrder["scope"] {
  const { agent, action, target } = given;
  if (agent !== null && !configuration.directory.agents.some((row) => row.id === agent)) throw unknown("agent");
  if (action !== null && !actionTypes.includes(action)) throw unknown("action");
  if (target !== null && !configuration.targets.some((row) => row.name === target)) throw unknown("target");
  return { agent: agent as AgentId | null, actionType: action, target };
}

async function ordersInForce(context: ApiContext): Promise<FreezeOrder[]> {
  const signed = await freezesInForce(context.database, async (order) => {
    return context.verifier.verify("freeze", order).then(
      () => true,
      () => false,
    );
  });
  return signed.map((order) => order.content);
}

type Said = Pick<FreezeOrder, "kind" | "lifts" | "scope" | "reason">;

function orderOf(context: ApiContext, identity: PersonIdentity, said: Said, key: string | null): FreezeOrder {
  const repeated =
    key === null
      ? null
      : digestOf({ by: identity.id, key, ...said })
          .slice("sha256:".length)
          .slice(0, 32);
  return {
    ...{ version: 1, ...said },
    id: repeated === null ? context.newId("frz") : `frz_${repeated}`,
    by: identity.id,
    at: context.clock(),
  };
}

function freezeView(order: FreezeOrder, configuration: Configuration): FreezeView {
  const { agent, actionType: action, target } = order.scope;
  const { id, reason, by, at } = order;
  return { id, scope: { agent, action, target }, reason, by: nameOf(by, configuration), at: time(at) };
}

function unknown(field: string): CountersignError {
  return new CountersignError("MALFORMED", `There is no ${field} of this name.`, { pointer: `/${field}` });
}
