import { judgeEnd } from "./judge.ts";
import { type Company, evaluationIn, type Spoken } from "./people.ts";
import type { Act, Plan } from "./plan.ts";
import { Server } from "./server.ts";
import type { Weakness } from "./weaknesses.ts";
import { World } from "./world.ts";

export type Verdict = {
  breaches: string[];
  story: string[];
  faults: number;
  messages: number;
  status: string;
  claims: number;
};

const MOST_EVENTS = 5_000;
const RETRY_MS = 5_000;
const MOST_RETRIES = 200;

/** One request, from its opening until nothing is left to happen. */
export function simulate(plan: Plan, weakness: Weakness | null = null): Verdict {
  const world = new World(plan, weakness);
  const server = new Server(world);
  for (const act of plan.acts) world.agenda.after(act.at, () => happen(world, server, act));
  if (!world.agenda.runAll(MOST_EVENTS)) world.breach("it goes on for ever");
  const spoken = plan.acts.filter((act) => act.kind === "says");
  judgeEnd(world, server, new Map(spoken.map(({ id, verb }) => [id, verb])));
  const { breaches, story, struck, told, database } = world;
  const status = database.outcome?.status ?? "none";
  return { breaches, story, faults: struck, messages: told.size, status, claims: database.claims.length };
}

function happen(world: World, server: Server, act: Act): void {
  if (act.kind === "says") speak(world, server, act);
  else if (act.kind === "reset") server.reset(act.to);
  else if (act.kind === "cancel") server.deliver({ kind: "cancelled" });
  else {
    world.note(act.kind);
    Object.assign(world.company, CHANGES[act.kind]);
  }
}

const CHANGES: { [change: string]: Partial<Company> } = {
  "ana leaves": { anaHasLeft: true },
  "policy turns stricter": { strict: true },
  "facts change": { factsChanged: true },
};

/** Signs once, and sends until told: copies are late, doubled, or lost. */
function speak(world: World, server: Server, act: Act & { kind: "says" }): void {
  const { id, verb, by, copies } = act;
  const { agenda } = world;
  const factsDigest = world.database.state?.factsDigest ?? evaluationIn(world.company).factsDigest;
  const said: Spoken = { id, verb, by, factsDigest, signedAt: agenda.now };
  world.note(`${id}: ${by} ${verb}, copies on their way: ${copies.join(", ") || "lost"}`);
  for (const ms of copies) agenda.after(ms, () => server.deliver({ kind: "message", said }));
  const retry = (left: number): void => {
    if (world.told.has(id) || left === 0) return;
    server.deliver({ kind: "message", said });
    agenda.after(RETRY_MS * (MOST_RETRIES - left + 1), () => retry(left - 1));
  };
  agenda.after(RETRY_MS, () => retry(MOST_RETRIES));
}
