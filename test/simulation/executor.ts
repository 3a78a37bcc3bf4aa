import type { Deliberation, ExecutionReport, GateRefusal } from "../../core/deliberation-types.ts";
import { isPerson } from "../../core/principal.ts";
import { replay } from "../../core/replay.ts";
import { ACTION, OWNER, REQUESTER, rosterWhen } from "../core/explore/company.ts";
import { judgeClaim, type Seen } from "./judge.ts";
import { admit, type Company, evaluationIn } from "./people.ts";
import type { Executed, Item } from "./workflow.ts";
import type { World } from "./world.ts";

const HEARTBEAT_MS = 10_000;
const RUN_MS = 120_000;
const STEP_MS = 200;

/** The activity as Temporal sees it: tries one after the other, the first answer counts, and a limit for all of them. */
export function executeOn(world: World, attempt: number, executeBy: number, put: (item: Item) => void): void {
  const { agenda } = world;
  let isOver = false;
  const until = executeBy + 2 * RUN_MS;
  const end = (item: Item): void => {
    if (isOver) return;
    isOver = true;
    put(item);
  };
  const attemptOnce = (): void => {
    if (isOver) return;
    new Try(world, attempt, {
      answers: (executed) => end({ kind: "executed", attempt, executed }),
      // A try that is silent too long is given up and followed by another; it may wake up later all the same.
      silent: (ms) => {
        if (ms > HEARTBEAT_MS) agenda.after(HEARTBEAT_MS + 1_000, attemptOnce);
      },
    });
  };
  agenda.after(50, attemptOnce);
  agenda.after(Math.max(0, until - agenda.now), () => end({ kind: "lost", attempt }));
}

type Activity = { answers: (executed: Executed) => void; silent: (ms: number) => void };
type Passed = Seen & { executeBy: number };

/** activities/execute.ts, step by step, each step at a time of its own. */
class Try {
  private readonly world: World;
  private readonly attempt: number;
  private readonly activity: Activity;

  constructor(world: World, attempt: number, activity: Activity) {
    this.world = world;
    this.attempt = attempt;
    this.activity = activity;
    this.next("look", () => this.look());
  }

  private look(): void {
    const { database, weakness } = this.world;
    if (database.claims.length > 0 && weakness !== "a retry runs what was claimed before") {
      this.ended(database.report ?? reportOf("unknown"));
    } else if (isTombstoned(this.world, this.attempt)) {
      this.activity.answers(refused("denied", "EXEC_NEVER"));
    } else {
      this.next("gate", () => this.gate());
    }
  }

  private gate(): void {
    const { company, database, agenda } = this.world;
    const seen: Seen = { company: { ...company }, messages: [...database.messages.values()], at: agenda.now };
    const state = deliberatedAgain(this.world, seen);
    const { executeBy } = state;
    if (state.phase === "starting" && executeBy !== null) {
      const passed = { ...seen, executeBy };
      this.next(
        "claim",
        () => this.claim(passed),
        () => this.claimAlone(passed),
      );
    } else {
      const refusal = refusalOf(this.world, state);
      this.next("refuse", () => this.activity.answers(refusal));
    }
  }

  private claim(passed: Passed): void {
    const { database, weakness } = this.world;
    const isStarted = database.claims.length > 0 && weakness === "a retry runs what was claimed before";
    const code = isStarted ? null : this.claimAlone(passed);
    if (code === null) this.next("run", () => this.run());
    else if (code === "EXEC_ALREADY_CLAIMED") this.ended(database.report ?? reportOf("unknown"));
    else this.activity.answers(refused(code === "TIME_NOT_STARTED" ? "expired" : "denied", code));
  }

  private claimAlone(passed: Passed) {
    const claimed = this.world.database.claim(this.attempt, passed.executeBy, this.world.agenda.now);
    if (!claimed.claimed) return claimed.code;
    this.world.note(`attempt ${this.attempt} claims`);
    judgeClaim(this.world, this.attempt, passed);
    return null;
  }

  private run(): void {
    this.world.runs += 1;
    const write = () => this.world.database.writeOutcome(reportOf("succeeded"));
    this.next(
      "outcome",
      () => {
        const report = write();
        this.next("answer", () => this.ended(report));
      },
      write,
    );
  }

  private ended(report: ExecutionReport): void {
    this.activity.answers({ kind: "ended", report });
  }

  /** `last`: what a process that dies right after this step has still written. */
  private next(name: string, act: () => void, last: () => unknown = () => null): void {
    const { agenda } = this.world;
    const fault = this.world.strike(`the executor, attempt ${this.attempt}: ${name}`);
    if (fault?.kind === "crash before" || fault?.kind === "failure before" || fault?.kind === "crash after") {
      if (fault.kind === "crash after") agenda.after(STEP_MS, last);
      this.activity.silent(HEARTBEAT_MS + 1);
      return;
    }
    if (fault?.kind === "pause") this.activity.silent(fault.forMs);
    agenda.after(fault?.kind === "pause" ? fault.forMs : STEP_MS, act);
  }
}

function isTombstoned({ database, weakness }: World, attempt: number): boolean {
  return weakness !== "a tombstone is ignored" && attempt <= Math.max(0, ...database.tombstones);
}

/** activities/gate.ts: the recorded messages again, under the policy, the facts and the directory of now. */
function deliberatedAgain({ database, weakness }: World, { company, messages, at }: Seen): Deliberation {
  const trusts = weakness === "the gate counts whoever has left";
  const directory: Company = trusts ? { ...company, anaHasLeft: false } : company;
  if (weakness === "the gate believes the workflow" && database.state?.phase === "starting") return database.state;
  const evaluation = evaluationIn(company);
  const openedAt = database.state?.openedAt ?? 0;
  const roster = rosterWhen(directory.anaHasLeft);
  const said = messages.flatMap((one) => {
    const admission = admit(one.said, directory);
    return admission.ok && isPerson(admission.message.by) ? [{ message: admission.message, roster, at: one.at }] : [];
  });
  const parties = { requester: REQUESTER, owner: OWNER, onBehalfOf: null };
  const opening = { requestId: "req_1", digest: ACTION, parties, evaluation, roster, openedAt };
  return replay(opening, said, at, (digest) => digest === evaluation.factsDigest);
}

function refusalOf({ company, database }: World, state: Deliberation): Executed {
  const code = state.outcome?.reasons[0]?.code ?? "EXEC_NOT_APPROVED";
  if (state.phase === "ended") return refused(state.outcome?.status === "expired" ? "expired" : "denied", code);
  const evaluation = evaluationIn(company);
  const drifted = database.state?.factsDigest !== evaluation.factsDigest;
  const { factsDigest } = evaluation;
  const again = { evaluation, factsDigest, voidReviewsBefore: drifted, roster: rosterWhen(company.anaHasLeft) };
  return refused("again", code, again);
}

function refused(disposition: GateRefusal["disposition"], code: string, more: Partial<GateRefusal> = {}): Executed {
  const none = { detail: null, reasons: [], evaluation: null, factsDigest: null, voidReviewsBefore: false, roster: [] };
  return { kind: "refused", refusal: { disposition, code, ...none, ...more } };
}

function reportOf(status: "succeeded" | "unknown"): ExecutionReport {
  const code = status === "succeeded" ? "EXEC_SUCCEEDED" : "EXEC_UNKNOWN";
  return { status, code, detail: null, result: null, startedAt: null, endedAt: null };
}
