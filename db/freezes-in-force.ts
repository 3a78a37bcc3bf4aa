import { and, asc, eq, inArray, isNull, or } from "drizzle-orm";
import type { Signed } from "../core/request.ts";
import type { Orm, Transaction } from "./client.ts";
import { freezes } from "./schema/freezes.ts";
import type { ClaimInput, FreezeOrder } from "./types.ts";

type LiftHolds = (lift: Signed<FreezeOrder>) => Promise<boolean>;

/** Id of a freeze that covers this and is not lifted, or null. */
export async function freezeOver(
  orm: Orm | Transaction,
  scope: ClaimInput["scope"],
  liftHolds: LiftHolds,
): Promise<string | null> {
  const covering = await ordersIn(
    orm,
    and(
      or(isNull(freezes.agent), eq(freezes.agent, scope.agent as `agent:${string}`)),
      or(isNull(freezes.actionType), eq(freezes.actionType, scope.actionType)),
      or(isNull(freezes.target), eq(freezes.target, scope.target)),
    ),
  );
  const [first] = await notLifted(orm, covering, liftHolds);
  return first?.content.id ?? null;
}

/** Every freeze that is not lifted, oldest first. */
export async function freezesStanding(orm: Orm | Transaction, liftHolds: LiftHolds): Promise<Signed<FreezeOrder>[]> {
  return notLifted(orm, await ordersIn(orm, undefined), liftHolds);
}

async function ordersIn(orm: Orm | Transaction, scope: ReturnType<typeof and>): Promise<Signed<FreezeOrder>[]> {
  return orm
    .select({ content: freezes.content, jws: freezes.jws })
    .from(freezes)
    .where(and(eq(freezes.kind, "freeze"), scope))
    .orderBy(asc(freezes.at), asc(freezes.id));
}

async function notLifted(
  orm: Orm | Transaction,
  orders: Signed<FreezeOrder>[],
  liftHolds: LiftHolds,
): Promise<Signed<FreezeOrder>[]> {
  if (orders.length === 0) return [];
  const ids = orders.map((order) => order.content.id);
  const lifts: Signed<FreezeOrder>[] = await orm
    .select({ content: freezes.content, jws: freezes.jws })
    .from(freezes)
    .where(and(eq(freezes.kind, "lift"), inArray(freezes.lifts, ids)));
  const lifted = new Set<string>();
  for (const lift of lifts) {
    // What was signed says which freeze it ends, not the column beside it.
    const { kind, lifts: id } = lift.content;
    if (kind === "lift" && id !== null && !lifted.has(id) && (await liftHolds(lift))) lifted.add(id);
  }
  return orders.filter((order) => !lifted.has(order.content.id));
}
