import type { History } from '../history/history';
import { UNKNOWN_TIME } from '../history/measured';
import { brief } from './sample-value';
import type { Value } from './states';

/**
 * Records a sample. Nobody knows when a kept message was measured, so it is left out. If it says so, it is recorded
 * once, however often it comes.
 * @param measured as `AlertMachine.sample` takes it
 */
export function recordSample(
  history: History,
  key: string,
  value: Value,
  now: number,
  measured: number | undefined,
): void {
  if (measured === UNKNOWN_TIME) return;
  if (measured !== undefined && isRecorded(history, key, measured, value)) return;
  if (typeof value === 'number') history.record(key, measured ?? now, value);
  else history.recordText(key, measured ?? now, String(brief(value)));
}

/** True if the sample may have come before, like a retained message that comes with each connection. */
function isRecorded(history: History, key: string, at: number, value: Value): boolean {
  const known = history.latest(key);
  if (known?.value !== value) return false;
  const { step } = history;
  // Values read from disk are exact to their bucket.
  const isBucket = known.at % step === 0 && at - (at % step) === known.at;
  return at === known.at || isBucket;
}
