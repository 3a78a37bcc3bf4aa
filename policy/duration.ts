const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;
type Unit = keyof typeof SECONDS;

export const DURATION_PATTERN = /^([1-9][0-9]{0,8})([smhd])$/;

/** "15m", "8h", "2d" in seconds; null when it is not written like that. */
export function parseDuration(text: string): number | null {
  const match = DURATION_PATTERN.exec(text);
  if (!match) return null;
  return Number(match[1]) * SECONDS[match[2] as Unit];
}

/** The largest unit that says it exactly. */
export function formatDuration(seconds: number): string {
  for (const unit of ["d", "h", "m"] as const) {
    if (seconds > 0 && seconds % SECONDS[unit] === 0) return `${seconds / SECONDS[unit]}${unit}`;
  }
  return `${seconds}s`;
}
