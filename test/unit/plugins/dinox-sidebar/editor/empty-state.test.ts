import assert from 'node:assert/strict';
import { isBrokerComing } from '../../../../../src/plugins/dinox-sidebar/editor/empty-state';

describe('a connection that Node-RED does not know', () => {
  const page = globalThis as { RED?: unknown };
  const was = page.RED;
  afterEach(() => {
    page.RED = was;
  });

  for (const [what, configs, isDirty, isComing] of [
    [
      'is on its way where a deploy has just taken it',
      [{ type: 'ui' }, { type: 'dinox-broker' }],
      false,
      true,
    ],
    ['is missing where the flows have none', [{ type: 'mqtt-broker' }], false, false],
    ['is missing until it is deployed', [{ type: 'dinox-broker' }], true, false],
    ['is missing where it is disabled', [{ type: 'dinox-broker', d: true }], false, false],
    ['is missing where its flow may be disabled', [{ type: 'dinox-broker', z: 'flow' }], false, false],
  ] as const) {
    it(what, () => {
      page.RED = {
        nodes: {
          eachConfig: (visit: (one: object) => boolean) => configs.every(visit),
          dirty: () => isDirty,
        },
      };
      assert.equal(isBrokerComing(), isComing);
    });
  }
});
