/** Flapping: people hear once of a key that changes its state too often, and again when it has calmed down. */
import type { KeyEntry } from './keys';
import type { Rules } from './rules';

type FlapRules = Pick<Rules, 'flapCount' | 'flapWindow'>;

/** Counts a change of state at `now`; with `flapCount` of them within `flapWindow` the key flaps. */
export function countChange(entry: KeyEntry, { flapCount, flapWindow }: FlapRules, now: number): void {
  if (flapCount === 0) return;
  entry.changes = [...(entry.changes ?? []), now].slice(-flapCount);
  const first = entry.changes[0] ?? now;
  if (entry.changes.length >= flapCount && now - first < flapWindow) entry.flapping = true;
}

/** When a flapping key counts as calm, in milliseconds since the epoch: `flapWindow` after its last change. */
export function calmAt({ changes }: KeyEntry, { flapWindow }: FlapRules): number {
  return (changes?.at(-1) ?? 0) + flapWindow;
}
