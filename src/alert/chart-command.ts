import type { About } from './command-words';
import type { KeyFinder } from './key-finder';
import type { AlertMachine } from './machine';
import { matchesFilter } from './silences';

export const MAX_CHARTS = 3;

export interface ChartCommandOptions {
  machine: AlertMachine;
  finder: KeyFinder;
  /** Keys that there is a history of. @default none */
  recorded?(): Iterable<string>;
}

/** The keys of which somebody wants a picture; empty: there is none. */
export function keysToChart(
  { machine, finder, recorded }: ChartCommandOptions,
  { which, filter = which?.key }: About,
  alertId: string | undefined,
): string[] {
  const { map } = machine.keys;
  const keys = (isMeant: (key: string) => boolean): string[] => {
    const found = new Set<string>();
    for (const some of [map.keys(), recorded?.() ?? []]) {
      for (const key of some) if (found.size < MAX_CHARTS && isMeant(key)) found.add(key);
    }
    return [...found];
  };
  const exact = keys((key) => key === filter);
  const isOne = which?.id !== undefined || which?.number !== undefined;
  const chart = isOne
    ? finder.of(which).map(({ key }) => key)
    : exact.length > 0
      ? exact
      : filter !== undefined
        ? keys((key) => matchesFilter(key, filter))
        : alertId !== undefined
          ? finder.of({ id: alertId }).map(({ key }) => key)
          : machine.active.size > 0
            ? [...machine.active].map(({ key }) => key)
            : keys(() => true);
  return chart.slice(0, MAX_CHARTS);
}
