import type { Answer } from "../../core/deliberation-types.ts";
import { rosterWhen } from "../core/explore/company.ts";
import { executeOn } from "./executor.ts";
import { admit, evaluationIn } from "./people.ts";
import { type Command, deliberation, type Item, type Told } from "./workflow.ts";
import type { World } from "./world.ts";

type Line = {
  kind: Command["kind"];
  told: Told;
  item: Item | null;
  start: [attempt: number, executeBy: number] | null;
};
const MOST_LINES = 3_000;

/**
 * Temporal for one workflow: a history of what the workflow was told, kept task by task. A crash forgets everything
 * since the last task, what was written to the database in between excepted.
 */
export class Server {
  private readonly world: World;
  private history: Line[] = [];
  /** Lengths of the history after each task. */
  private commits: number[] = [];
  private pending: Item[] = [];
  private live: { run: ReturnType<typeof deliberation>; command: Command } | null = null;
  private outbox: (() => void)[] = [];
  private run = 0;
  private timer = 0;
  private scheduled = false;
  hasEnded = false;

  constructor(world: World) {
    this.world = world;
    this.schedule(0);
  }

  deliver(item: Item): void {
    if (item.kind === "message" && this.world.weakness === "a message is acknowledged when it arrives") {
      this.world.tell(item.said.id, { recorded: true, code: "RECEIVED" });
    }
    if (!this.hasEnded) {
      this.pending.push(item);
      this.schedule(1);
    } else if (item.kind === "message") {
      const { id } = item.said;
      this.world.tell(id, {
        recorded: this.world.database.state?.seen.includes(id) ?? false,
        code: "REVIEW_ALREADY_DECIDED",
      });
    }
  }

  /** A new run from an earlier place: messages that had arrived arrive again, what was under way starts again. */
  reset(to: number): void {
    // The task in which it ended is no place to go on from.
    const last = this.commits.length - (this.hasEnded ? 2 : 1);
    if (last < 0) return;
    const kept = Math.min(to, last);
    const length = this.commits[kept] as number;
    this.world.note(`reset to task ${kept}`);
    this.run += 1;
    const undone = this.history.slice(length).flatMap(({ item }) => (item?.kind === "message" ? [item] : []));
    this.pending = [...undone, ...this.pending.filter((item) => item.kind === "message")];
    this.history.length = length;
    this.commits.length = kept + 1;
    Object.assign(this, { live: null, outbox: [], hasEnded: false });
    for (const { start } of this.history) if (start && !this.isOver(start[0])) this.start(...start);
    this.schedule(1);
  }

  private isOver(attempt: number): boolean {
    return this.history.some(({ item }) => item !== null && "attempt" in item && item.attempt === attempt);
  }

  private schedule(ms: number): void {
    if (this.scheduled) return;
    this.scheduled = true;
    this.world.agenda.after(ms, () => {
      this.scheduled = false;
      this.task();
    });
  }

  /** One workflow task: as far as it goes, then committed; or forgotten. */
  private task(): void {
    if (this.hasEnded) return;
    const from = this.history.length;
    try {
      const forgotten = this.advance();
      const fault = forgotten ?? this.world.strike("the commit of a workflow task");
      const commits = forgotten === null && fault?.kind !== "crash before" && fault?.kind !== "pause";
      if (commits) this.commit();
      else this.forget(from);
      if (fault === null || fault.kind === "failure before" || fault.kind === "failure after") return;
      this.live = null;
      this.schedule(fault.forMs);
    } catch (error) {
      this.hasEnded = true;
      this.world.breach(`the workflow is stuck: ${error instanceof Error ? error.message : error}`);
    }
  }

  private commit(): void {
    this.commits.push(this.history.length);
    for (const send of this.outbox.splice(0)) send();
    const waiting = this.live?.command;
    this.timer += 1;
    const { timer } = this;
    if (this.hasEnded) {
      for (const item of this.pending.splice(0)) this.deliver(item);
      return;
    }
    if (waiting?.kind !== "wait" || waiting.until === null) return;
    const { agenda } = this.world;
    agenda.after(Math.max(1, waiting.until - agenda.now), () => timer === this.timer && this.schedule(0));
  }

  private forget(from: number): void {
    const taken = this.history.slice(from).flatMap(({ item }) => item ?? []);
    if (this.world.weakness !== "a crash loses what was taken from the inbox") this.pending.unshift(...taken);
    this.history.length = from;
    this.outbox = [];
    this.hasEnded = false;
  }

  /** Runs the workflow until it waits or ends; answers the fault that stopped it. */
  private advance() {
    let { command, run } = this.live ?? this.replayed();
    for (;;) {
      if (this.history.length > MOST_LINES) throw new Error("it goes on for ever");
      const line: Line = { kind: command.kind, told: null, item: null, start: null };
      if (command.kind === "wait") {
        const item = this.pending.shift() ?? null;
        this.live = { run, command };
        if (item === null && (command.until === null || command.until > this.world.agenda.now)) return null;
        Object.assign(line, { item, told: item });
      } else {
        const fault = this.does(command, line);
        if (fault !== null) return fault;
      }
      this.history.push(line);
      const next = run.next(line.told);
      if (next.done) {
        this.hasEnded = true;
        return null;
      }
      command = next.value;
    }
  }

  private replayed() {
    const run = deliberation(this.world.weakness);
    let next = run.next();
    for (const { kind, told } of this.history) {
      if (next.done || next.value.kind !== kind) throw new Error(`the history says "${kind}", the workflow does not`);
      next = run.next(told);
    }
    if (next.done) throw new Error("the history is over");
    return { run, command: next.value };
  }

  private does(command: Command, line: Line) {
    const { agenda, company, database } = this.world;
    switch (command.kind) {
      case "now":
        line.told = agenda.now;
        return null;
      case "evaluate":
        return this.called(command, line, () => ({
          evaluation: evaluationIn(company),
          roster: rosterWhen(company.anaHasLeft),
        }));
      case "admit":
        return this.called(command, line, () => admit(command.said, company));
      case "record":
        return this.called(command, line, () => database.record(command.input));
      case "settle":
        return this.called(command, line, () => database.settle(command.attempt));
      case "start":
        line.start = [command.attempt, command.executeBy];
        this.outbox.push(() => this.start(command.attempt, command.executeBy));
        return null;
      case "answer":
        this.answer(command.id, command.answer);
        return null;
      case "wait":
        return null;
    }
  }

  /** A local activity: tried again until it works, by a worker that may die before or after. */
  private called(command: Command, line: Line, work: () => Told) {
    const what = command.kind === "record" ? `record ${command.input.seq}` : command.kind;
    for (;;) {
      const fault = this.world.strike(what);
      if (fault?.kind === "crash before" || fault?.kind === "pause") return fault;
      if (fault?.kind === "failure before") continue;
      line.told = work();
      if (fault?.kind === "failure after") continue;
      return fault;
    }
  }

  private answer(id: string, answer: Answer): void {
    this.outbox.push(() => this.world.tell(id, answer));
  }

  private start(attempt: number, executeBy: number): void {
    const { run } = this;
    executeOn(this.world, attempt, executeBy, (item) => {
      if (run === this.run) this.deliver(item);
    });
  }
}
