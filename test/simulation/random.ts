import { createRandom } from "../support/random.ts";

/** Numbers that look random and are the same for the same seed. */
export type Random = {
  below(end: number): number;
  chance(probability: number): boolean;
  one<T>(list: readonly T[]): T;
};

export function randomFrom(seed: number): Random {
  const next = createRandom(seed);
  const below = (end: number) => Math.floor(next() * end);
  return {
    below,
    chance: (probability) => next() < probability,
    one<T>(list: readonly T[]): T {
      return list[below(list.length)] as T;
    },
  };
}
