import { setTimeout as sleep } from "node:timers/promises";

/** Looks again and again until something is there; fails with what was waited for. */
export async function eventually<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
  limitMs = 20_000,
): Promise<T> {
  const until = Date.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > until) throw new Error(`waited ${limitMs} ms for ${what}`);
    await sleep(25);
  }
}

/** The same for something that holds or does not. */
export async function until(holds: () => Promise<boolean>, limitMs = 30_000): Promise<void> {
  await eventually("it to hold", async () => ((await holds()) ? true : undefined), limitMs);
}
