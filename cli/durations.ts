import { usage } from "./exit-codes.ts";

const UNITS: { [unit: string]: number } = { s: 1, m: 60, h: 3600, d: 86_400 };

/** `90`, `90s`, `15m`, `2h`, `1d` → seconds. */
export function secondsOf(text: string): number {
  const match = /^(\d{1,9})([smhd]?)$/.exec(text.trim());
  const unit = UNITS[match?.[2] || "s"];
  if (!match || unit === undefined) throw usage(`"${text}" is not a time.`, "Write 90, 90s, 15m, 2h or 1d.");
  return Number(match[1]) * unit;
}

/** The largest unit that says it, rounded down so that no deadline looks later than it is: "in 14 min", "3 h ago". */
export function fromNow(at: number, now: number): string {
  const seconds = Math.floor(Math.abs(at - now) / 1000);
  const words = inWords(seconds);
  return at >= now ? `in ${words}` : `${words} ago`;
}

export function inWords(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 2 * 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} days`;
}
