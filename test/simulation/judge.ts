import { canBeSeated } from "../core/explore/brute-force.ts";
import { ONCALL } from "../core/explore/company.ts";
import { type Approval, isExcluded, type Ledger } from "../core/explore/ledger.ts";
import type { Company, Spoken } from "./people.ts";
import { evaluationIn } from "./people.ts";
import type { Server } from "./server.ts";
import type { World } from "./world.ts";

/** What an executor had in front of it when it judged. */
export type Seen = { company: Company; messages: { said: Spoken; at: number }[]; at: number };

const ESCALATES_MS = 600_000;

/** At the moment of a claim: is everything there that a start needs? Counts for itself, from the recorded messages. */
export function judgeClaim(world: World, attempt: number, { company, messages, at }: Seen): void {
  const { database } = world;
  const { requirement, factsDigest } = evaluationIn(company);
  const approvals = new Map<string, Approval>();
  for (const { said } of messages) {
    if (said.verb !== "approve" || (company.anaHasLeft && said.by === "person:ana")) continue;
    const { by, factsDigest: facts } = said;
    if (requirement && isExcluded(requirement, by)) world.breach("the approval of somebody excluded is in the record");
    approvals.set(by, { person: by, places: [], via: by, channel: "page", facts });
  }
  const valid = [...approvals.values()].filter(({ facts }) => facts === factsDigest);
  const ledger: Ledger = { approvals: valid, anaHasLeft: company.anaHasLeft };
  const widened = at - (database.state?.openedAt ?? 0) >= ESCALATES_MS ? [[], [ONCALL]] : [[], []];
  if (requirement && !canBeSeated(requirement, widened, ledger)) world.breach("started without its requirement met");
  if (attempt <= Math.max(0, ...database.tombstones)) world.breach("started after a tombstone");
  const phase = database.state?.phase ?? "none";
  if (phase !== "starting" && phase !== "settling") world.breach(`started while the record says "${phase}"`);
  if (database.claims.length > 1) world.breach("claimed twice");
}

const CALLED_OFF: readonly string[] = ["denied", "expired", "withdrawn"];
const NO: readonly string[] = ["deny", "withdraw", "reject"];

/** When nothing is left to happen. */
export function judgeEnd(world: World, server: Server, verbs: ReadonlyMap<string, string>): void {
  const { database, told, runs } = world;
  const hasStarted = database.claims.length > 0;
  if (!server.hasEnded || database.outcome === null) world.breach("the request has not ended");
  if (runs > 1) world.breach("the action ran twice");
  if (runs > 0 && !hasStarted) world.breach("the action ran without a claim");
  for (const [id, { recorded }] of told) {
    const verb = verbs.get(id) ?? "";
    if (recorded && !database.messages.has(id)) world.breach("a message that was acknowledged is not in the record");
    if (recorded && NO.includes(verb) && hasStarted) world.breach("it ran although a no was acknowledged");
  }
  for (const id of verbs.keys()) if (!told.has(id)) world.breach("a message was never answered");
  const status = database.outcome?.status ?? "none";
  if (hasStarted && CALLED_OFF.includes(status)) world.breach(`it ran, and the record says ${status}`);
  if (!hasStarted && !CALLED_OFF.includes(status)) world.breach(`it never ran, and the record says ${status}`);
}
