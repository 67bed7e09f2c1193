import type { Row } from '../../../../../src/plugins/dinox-sidebar/editor/rows';

/** Time of the sidebar's tests, in milliseconds since the epoch. */
export const NOW = 1_000_000_000;

/** A topic that had the number 1 just now. */
export function row(topic: string, more: Partial<Row> = {}): Row {
  return {
    topic,
    kind: 'number',
    text: '1',
    number: 1,
    retained: false,
    qos: 0,
    at: NOW,
    count: 10,
    rate: 0,
    every: 0,
    steady: true,
    bytes: 1,
    ...more,
  };
}
