/** A day of a freezer, made by formula, so that pictures of it can be compared: noise, a failure, a gap, a peak. */
import { History } from '../../../src/history/history';
import type { Series } from '../../../src/history/types';

export const MINUTE = 60_000;
export const HOUR = 3_600_000;
/** 2026-03-02 00:00 UTC. */
export const MIDNIGHT = Date.UTC(2026, 2, 2);

function freezerValue(minute: number): number | undefined {
  if (minute >= 300 && minute < 390) return undefined;
  const compressor = Math.sin((minute / 45) * 2 * Math.PI) * 1.2;
  const noise = (((minute * 7_919) % 101) / 101 - 0.5) * 0.8;
  const failure = minute >= 900 && minute < 1_080 ? 14 * Math.sin(((minute - 900) / 180) * Math.PI) : 0;
  const door = minute === 620 ? 6 : 0;
  return Math.round((-18 + compressor + noise + failure + door) * 10) / 10;
}

export function freezerDay(points: number): Series {
  const history = new History({ points: 1 });
  for (let minute = 0; minute < 1_440; minute++) {
    const value = freezerValue(minute);
    if (value !== undefined) history.record('k', MIDNIGHT + minute * MINUTE, value);
  }
  return history.series('k', MIDNIGHT, MIDNIGHT + 24 * HOUR - 1, points);
}

/** The failure goes over this limit, and the alert lasts from hold time to recovery. */
export const FREEZER_LIMIT = -12;
export const FREEZER_MARKS = [{ at: MIDNIGHT + 935 * MINUTE, end: MIDNIGHT + 1_060 * MINUTE }];
