import assert from 'node:assert/strict';
import type { NodeAPI } from 'node-red';
import { alertsAbout } from '../../../../src/runtime/tiles/tile-alerts';

const viewOf = (key: string): object => ({
  ...{ key, id: `id of ${key}`, state: 'firing', severity: 'critical', since: 1 },
});

/** A Node-RED with alert nodes, each with these open keys. */
function withAlerts(keys: readonly (readonly string[])[]): NodeAPI {
  const nodes = keys.map((open, n) => ({
    ...{ id: `n${n}`, type: 'dinox-alert', name: '' },
    dinoxAlert: {
      open: () => open.map(viewOf),
      of: (key: string) =>
        open.includes(key) ? viewOf(key) : key === 'calm' ? { key, state: 'normal' } : undefined,
    },
  }));
  return {
    nodes: {
      eachNode: (visit: (node: object) => void) => nodes.forEach(visit),
      getNode: (id: string) => nodes.find((node) => node.id === id),
    },
  } as unknown as NodeAPI;
}

describe('alerts of tiles', () => {
  it('are shown, however many other alerts are open', () => {
    const RED = withAlerts([Array.from({ length: 2_000 }, (_, n) => `invented/${n}`), ['fire']]);
    assert.deepEqual(
      alertsAbout(RED, new Set(['fire', 'calm', 'other'])).map(({ topic }) => topic),
      ['fire'],
    );
  });
});
