export const MINUTE = 60_000;
export const KEYS = 20;

/** Some slow, some noisy, one with all its digits. */
export function valueAt(key: number, minute: number): number {
  if (key === 0) return minute / 7;
  return Math.round(200 + 50 * Math.sin(minute / 40 + key) + ((minute * 7_919 * key) % 13)) / 10;
}
