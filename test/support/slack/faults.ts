import { createRandom } from "../random.ts";
import type { Fields } from "./driver.ts";

/** What goes wrong with one call. */
export type Fault =
  /** 429; `retryAfter` in seconds, null: without the header, which Slack sometimes leaves out. */
  | { kind: "rateLimited"; retryAfter: number | null }
  | { kind: "status"; status: number }
  /** Slack does it, and its answer never arrives. */
  | { kind: "lost" }
  /** It never reaches Slack. */
  | { kind: "unreached" }
  | { kind: "slow"; ms: number }
  /** Slack answers with this error. */
  | { kind: "error"; error: string; more?: Fields };

export type FaultOptions = {
  /** For so many calls only. */
  times?: number;
  /** Between 0 and 1, by the proxy's seed. */
  chance?: number;
  where?: (args: Fields) => boolean;
};

export type Faults = {
  /** `method` as Slack names it, `response_url` for private answers, `*` for everything. The answer takes it back. */
  add(method: string, fault: Fault, options?: FaultOptions): () => void;
  clear(): void;
  of(method: string, args: Fields): Fault | null;
};

/** The first rule that matches decides; with a seed, the same calls meet the same faults. */
export function createFaults(seed: number): Faults {
  type Rule = { method: string; fault: Fault; left: number; chance: number; where: (args: Fields) => boolean };
  const rules = new Set<Rule>();
  const random = createRandom(seed);
  return {
    add(method, fault, { times = Number.POSITIVE_INFINITY, chance = 1, where = () => true } = {}) {
      const rule = { method, fault, left: times, chance, where };
      rules.add(rule);
      return () => void rules.delete(rule);
    },
    clear: () => rules.clear(),
    of(method, args) {
      for (const rule of rules) {
        if (rule.method !== "*" && rule.method !== method) continue;
        if (rule.left <= 0 || !rule.where(args) || random() >= rule.chance) continue;
        rule.left -= 1;
        return rule.fault;
      }
      return null;
    },
  };
}
