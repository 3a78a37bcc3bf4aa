import { processorTimeOf } from "./processor-time.ts";
import { type Timing, timed, timingOf } from "./statistics.ts";

/** One way to get an action approved and done. */
export type Contender = {
  name: string;
  /** Asks, waits until people may answer, answers, waits for the result; null where nobody is asked. */
  run(index: number): Promise<{ askToPendingMs: number | null; answerToResultMs: number }>;
  /** What the history of one of them holds. */
  history(): Promise<{ events: number; bytes: number }>;
};

export type Measured = {
  perSecond: number;
  askToPending: Timing | null;
  answerToResult: Timing;
  /** Milliseconds of processor time for each, by process. */
  cpuMs: { [process: string]: number };
  historyEvents: number;
  historyBytes: number;
};

export async function measure(
  contender: Contender,
  { n, concurrency, pids }: { n: number; concurrency: number; pids: { [name: string]: number } },
): Promise<Measured> {
  const asked: number[] = [];
  const answered: number[] = [];
  const startedAt = performance.now();
  const cpu = await processorTimeOf(pids, async () => {
    const items = Array.from({ length: n }, (_, index) => index);
    await timed(items, concurrency, async (index) => {
      const { askToPendingMs, answerToResultMs } = await contender.run(index);
      if (askToPendingMs !== null) asked.push(askToPendingMs);
      answered.push(answerToResultMs);
    });
  });
  const seconds = (performance.now() - startedAt) / 1000;
  const { events, bytes } = await contender.history();
  return {
    perSecond: n / seconds,
    askToPending: asked.length === 0 ? null : timingOf(asked),
    answerToResult: timingOf(answered),
    cpuMs: Object.fromEntries(Object.entries(cpu).map(([name, ms]) => [name, ms / n])),
    historyEvents: events,
    historyBytes: bytes,
  };
}
