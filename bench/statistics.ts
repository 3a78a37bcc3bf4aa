/** Milliseconds: what a run took, summed up. Percentiles by nearest rank. */
export type Timing = { n: number; p50: number; p95: number; p99: number; max: number };

export function timingOf(milliseconds: number[]): Timing {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  const rank = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
  return { n: sorted.length, p50: rank(0.5), p95: rank(0.95), p99: rank(0.99), max: rank(1) };
}

/** Does `work` for every item, so many at once, and answers how long each took. */
export async function timed<T>(items: T[], concurrency: number, work: (item: T) => Promise<void>): Promise<number[]> {
  const waiting = [...items];
  const took: number[] = [];
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      const startedAt = performance.now();
      await work(item);
      took.push(performance.now() - startedAt);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return took;
}
