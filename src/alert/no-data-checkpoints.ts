import type { Clock } from '../base/clock';
import type { AlertMachine } from './machine';

/** Minimum and maximum milliseconds between two writes of how long keys have been without data. */
const OFTEN = 60_000;
const SELDOM = 3_600_000;

/**
 * Writes down from time to time for how long keys have been without data: a process that is killed must not restart the
 * clock of a dead sensor. Where a gap ends within minutes anyway, nothing is written.
 * @param write something is to be written a little later
 * @returns what stops it
 */
export function keepNoDataCheckpoints(machine: AlertMachine, clock: Clock, write: () => void): () => void {
  const pause = Math.min(SELDOM, machine.rules.noDataAfter / 8);
  if (pause < OFTEN) return () => undefined;
  let stop: () => void = () => undefined;
  const wait = (): void => {
    stop = clock.after(pause, () => {
      machine.noteNoDataTimes();
      if (machine.hasChanges) write();
      wait();
    });
  };
  wait();
  return () => stop();
}
