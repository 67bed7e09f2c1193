import { deviceOfKey } from './device-check';
import type { KeyFacts, WatchedKey } from './key-facts';
import type { KeyEntry } from './keys';
import type { Limits } from './limits';
import type { AlertMachine } from './machine';
import type { MessageTexts } from './message-texts';
import { type Condition, PAIR_CONDITIONS, rises, TEXT_CONDITIONS } from './rules';

/** The keys of a node without an open alert, the nearest to their limits first. */
export interface WatchedKeys {
  /** Number of all. */
  count: number;
  keys: WatchedKey[];
}

/** How far a key is from an alert. */
interface Nearness {
  /** 0 at the limit, and rising; Infinity: there is no measure. */
  rank: number;
  distance?: number;
  nearest?: number;
  left?: number;
}

const UNMEASURED: Nearness = { rank: Number.POSITIVE_INFINITY };

export function factsOf(
  machine: AlertMachine,
  words: Pick<MessageTexts, 'titleOf'>,
  entry: KeyEntry,
): KeyFacts {
  const { key, limits, parent, subject } = entry;
  const { limit, limit2 } = limits?.source ?? {};
  return {
    title: words.titleOf(key),
    condition: machine.rules.condition,
    unit: entry.unit,
    ...(limit !== undefined && { limit }),
    ...(limit2 !== undefined && { limit2 }),
    noDataAfter: machine.noData.allowed(entry),
    ...(parent && { parent }),
    topic: subject ? subject.device.id : key,
  };
}

/** The topics that the key of an alert that is over may stand for: itself, else that of the device of a check. */
export function topicsOfKey(key: string): string[] {
  const device = deviceOfKey(key);
  return device === undefined ? [key] : [key, device];
}

/** @param most of those that are nearest to an alert */
export function watchedKeys(
  machine: AlertMachine,
  words: Pick<MessageTexts, 'titleOf'>,
  now: number,
  most: number,
): WatchedKeys {
  const near = [...machine.keys.map.values()]
    .filter(({ episode }) => episode === undefined)
    .map((entry) => ({ entry, ...nearnessOf(machine, entry, now) }))
    .sort((one, two) => (one.rank === two.rank ? 0 : one.rank - two.rank));
  const keys = near.slice(0, most).map(({ entry, rank, distance, nearest, left }): WatchedKey => {
    const { key, state, value, subject } = entry;
    return {
      ...factsOf(machine, words, entry),
      ...{ key, state, rank },
      ...(value !== undefined && { value }),
      ...(subject && { subject }),
      ...(distance !== undefined && { distance }),
      ...(nearest !== undefined && { nearest }),
      ...(left !== undefined && { left }),
    };
  });
  return { count: near.length, keys };
}

function nearnessOf(machine: AlertMachine, entry: KeyEntry, now: number): Nearness {
  const { value, limits, subject, parent } = entry;
  const isSilence = subject ? subject.check === 'silent' : machine.rules.condition === 'nodata';
  if (parent) return UNMEASURED;
  if (isSilence) {
    const allowed = machine.noData.allowed(entry);
    if (!(allowed > 0)) return UNMEASURED;
    const left = Math.max(0, allowed - (now - entry.lastSeen));
    return { rank: left / allowed, left };
  }
  if (typeof value !== 'number' || !limits) return UNMEASURED;
  // Numbers of devices have a lower limit.
  return nearnessTo(subject ? 'below' : machine.rules.condition, value, limits);
}

/** The distance of a number to the nearer of its limits. */
export function nearnessTo(condition: Condition, value: number, { low, high }: Limits): Nearness {
  if (TEXT_CONDITIONS.includes(condition) || condition === 'nodata') return UNMEASURED;
  const [distance, nearest] = PAIR_CONDITIONS.includes(condition)
    ? betweenTwo(condition === 'outside', value, low, high)
    : [rises(condition, low) ? low - value : value - low, low];
  if (!Number.isFinite(distance)) return UNMEASURED;
  const scale = Math.max(Math.abs(nearest), Math.abs(value)) || 1;
  return { rank: distance / scale, distance: plainNumber(distance), nearest };
}

function betweenTwo(isOutside: boolean, value: number, low: number, high: number): [number, number] {
  const nearest = Math.abs(value - low) <= Math.abs(value - high) ? low : high;
  const isWithin = value >= low && value <= high;
  const distance = Math.abs(value - nearest);
  return [isWithin === isOutside ? distance : -distance, nearest];
}

/** Without the last digits, which are those of binary fractions: 0.3 − 0.1 is 0.2. */
const plainNumber = (value: number): number => Number(value.toPrecision(12));
