import type { Clock } from '../../base/clock';
import type { Broker } from '../broker/broker';

/** Longest wait, in milliseconds. */
const CONNECTS_MS = 10_000;

/**
 * The line to the devices may come later than what people wrote meanwhile.
 * @returns `came` resolves when the line is there, after ten seconds, or when somebody calls `end`; undefined: it is
 * there, or never comes
 */
export function firstConnection(
  broker: Pick<Broker, 'connected' | 'usable' | 'onConnected'>,
  clock: Clock,
): { came: Promise<void>; end: () => void } | undefined {
  if (broker.connected || !broker.usable) return undefined;
  let end = (): void => {};
  const came = new Promise<void>((resolve) => {
    const stopWaiting = clock.after(CONNECTS_MS, () => end());
    const stopWatching = broker.onConnected(() => end());
    end = () => {
      stopWaiting();
      stopWatching();
      resolve();
    };
  });
  return { came, end: () => end() };
}
