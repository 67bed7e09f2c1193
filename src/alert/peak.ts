import type { KeyEntry } from './keys';
import type { Limits } from './limits';
import { type Rules, rises } from './rules';

/** Keeps the worst value of an open alert; for conditions on text, and within a span, there is none. */
export function notePeak(
  { episode, value }: KeyEntry,
  { condition }: Rules,
  limits: Limits | undefined,
): void {
  if (!episode || typeof value !== 'number' || !limits) return;
  const { low, high } = limits;
  if (condition === 'outside') {
    const beyond = (one: number): number => Math.max(low - one, one - high);
    if (episode.peak === undefined || beyond(value) > beyond(episode.peak)) episode.peak = value;
    return;
  }
  if (condition !== 'above' && condition !== 'below' && condition !== 'rate') return;
  const isHigher = rises(condition, low);
  const { peak = value } = episode;
  episode.peak = isHigher ? Math.max(peak, value) : Math.min(peak, value);
}
