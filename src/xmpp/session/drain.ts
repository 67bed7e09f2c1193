import type { Clock } from '../../base/clock';
import type { StanzaQueue } from './stanza-queue';

const LOOK_EVERY_MS = 20;

/** Resolves when the server has everything, the line is gone, or the time is up. */
export function untilDrained(
  queue: StanzaQueue,
  clock: Clock,
  graceMs: number,
  isAlive: () => boolean,
): Promise<void> {
  const until = clock.steady() + graceMs;
  return new Promise((resolve) => {
    const look = (): void => {
      const empty = queue.waiting === 0 && queue.underway === 0;
      if (empty || !isAlive() || clock.steady() >= until) resolve();
      else clock.after(LOOK_EVERY_MS, look);
    };
    look();
  });
}
