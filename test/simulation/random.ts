/** Numbers that look random and are the same for the same seed (mulberry32). */
export type Random = {
  below(end: number): number;
  chance(probability: number): boolean;
  one<T>(list: readonly T[]): T;
};

export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (end: number) => Math.floor(next() * end);
  return {
    below,
    chance: (probability) => next() < probability,
    one<T>(list: readonly T[]): T {
      return list[below(list.length)] as T;
    },
  };
}
