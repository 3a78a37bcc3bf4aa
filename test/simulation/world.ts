import type { Answer } from "../../core/deliberation-types.ts";
import { Agenda } from "./agenda.ts";
import { Database } from "./database.ts";
import type { Company, Spoken } from "./people.ts";
import type { Fault, Plan } from "./plan.ts";
import type { Weakness } from "./weaknesses.ts";

/** One request and everything around it, with the books that the judge reads at the end. */
export class World {
  readonly agenda = new Agenda();
  readonly database: Database;
  readonly company: Company = { anaHasLeft: false, strict: false, factsChanged: false };
  readonly weakness: Weakness | null;
  /** What senders were told, by message. */
  readonly told = new Map<string, Answer>();
  readonly breaches: string[] = [];
  readonly story: string[] = [];
  /** How often the action really ran. */
  runs = 0;
  effects = 0;
  struck = 0;
  private readonly faults: Map<number, Fault>;

  constructor(plan: Plan, weakness: Weakness | null) {
    this.weakness = weakness;
    this.database = new Database(weakness);
    this.faults = new Map(plan.faults.map((fault) => [fault.effect, fault]));
  }

  /** Counts an effect, and says what strikes it. */
  strike(what: string): Fault | null {
    const fault = this.faults.get(this.effects++) ?? null;
    if (fault === null) return null;
    this.struck += 1;
    this.note(`${fault.kind} (${fault.forMs} ms) at: ${what}`);
    return fault;
  }

  note(what: string): void {
    this.story.push(`${(this.agenda.now / 1000).toFixed(3)} s  ${what}`);
  }

  breach(law: string): void {
    this.note(`BROKEN: ${law}`);
    this.breaches.push(law);
  }

  tell(said: Spoken["id"], answer: Answer): void {
    this.note(`${said} is told ${answer.recorded ? "recorded" : "refused"}: ${answer.code}`);
    // Whoever was once told that it is recorded keeps that.
    if (!this.told.get(said)?.recorded) this.told.set(said, answer);
  }
}
