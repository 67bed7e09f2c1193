import { sentences, text } from '../../base/catalogue';
import { textOf } from '../../base/coded-error';
import type { Notice } from '../../discovery/types';
import type { Done } from '../outbox/outbox';

/**
 * `done` for messages that an earlier process left in the queue. Their flow is gone, so a notice reports lost ones, one
 * for each turn of the event loop.
 */
export function restoredDone(report: (notice: Notice) => void): Done {
  let dropped: Error[] = [];
  return (error) => {
    if (!error || dropped.push(error) > 1) return;
    setImmediate(() => {
      const { length, 0: first } = dropped;
      dropped = [];
      report({
        level: 'warning',
        code: 'left-behind',
        text: sentences(text('mqtt.leftBehind', { count: length }), first && textOf(first)),
      });
    });
  };
}
