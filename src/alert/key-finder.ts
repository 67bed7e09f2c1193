import type { Which } from './command-words';
import type { KeyEntry } from './keys';
import type { AlertMachine } from './machine';
import { matchesFilter } from './silences';

/** A key cannot be longer. */
const MAX_FILTER_LENGTH = 1_000;

/** Finds the keys that a command is about. */
export class KeyFinder {
  constructor(
    private readonly machine: AlertMachine,
    /** Keys that there is a history of, also those that were not heard of since the start. */
    private readonly recorded: () => Iterable<string>,
  ) {}

  /** Those with the alert; of a part of a key only the one open alert that has it. */
  of({ id, number, key }: Which): KeyEntry[] {
    const { machine } = this;
    const members = id === undefined ? [] : machine.notifier.grouped.membersOf(id);
    const isMeant = ({ episode, notified }: KeyEntry): boolean => {
      if (number !== undefined && episode?.number !== number) return false;
      const ids = [episode?.id, notified?.id];
      return (
        id === undefined || ids.some((one) => one !== undefined && (one === id || members.includes(one)))
      );
    };
    if (key === undefined) return [...machine.active].filter(isMeant);
    const entry = machine.keys.map.get(key);
    if (entry) return isMeant(entry) ? [entry] : [];
    const open = [...machine.active].filter((one) => matchesFilter(one.key, key) && isMeant(one));
    return open.length === 1 ? open : [];
  }

  /** Those that a part of a key, or a pattern, fits; without one all. */
  like(filter: string | undefined): KeyEntry[] {
    const all = [...this.machine.keys.map.values()];
    return filter === undefined ? all : all.filter(({ key }) => matchesFilter(key, filter));
  }

  /** The same among all that there were ever, as far as is known: by name. */
  known(filter: string): string[] {
    if (filter.length > MAX_FILTER_LENGTH) return [];
    const keys = new Set([...this.recorded(), ...this.machine.keys.map.keys()]);
    return [...keys].filter((key) => matchesFilter(key, filter));
  }

  /** The newest open alert; for an acknowledgement the newest that has none, if there is one. */
  newest(isAck: boolean, at?: number): KeyEntry | undefined {
    let best: KeyEntry | undefined;
    for (const entry of this.machine.active) {
      if (isOpenAt(entry, at) && (!best || rankOf(entry, isAck) >= rankOf(best, isAck))) best = entry;
    }
    return best;
  }
}

/** The clock of who says when something was written may be behind ours by this much, in milliseconds. */
const CLOCKS_APART = 30_000;

/** True if the alert is open, and was so `at` that time, in milliseconds since the epoch. */
export function isOpenAt({ episode }: KeyEntry, at: number | undefined): boolean {
  return episode !== undefined && (at === undefined || episode.startedAt <= at + CLOCKS_APART);
}

/** The larger one is meant. */
export function rankOf({ episode }: KeyEntry, isAck: boolean): number {
  return (episode?.startedAt ?? 0) + (isAck === (episode?.acked === undefined) ? 1e15 : 0);
}
