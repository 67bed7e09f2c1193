import assert from 'node:assert/strict';
import type { Look } from '../../../../../src/nodes/dinox-alert/editor/fields';
import { bandOf, limitOf } from '../../../../../src/nodes/dinox-alert/editor/limit-values';

const looking =
  (fields: Record<string, string>): Look =>
  (property) =>
    fields[property] ?? (property.endsWith('Type') ? 'num' : '');

describe('typed limits of dinox-alert', () => {
  it('are read as they are typed', () => {
    assert.equal(limitOf(looking({ limit: ' 21,5 ' }), 'limit'), 21.5);
    assert.equal(limitOf(looking({ limit: '−3' }), 'limit'), -3);
    assert.equal(limitOf(looking({ limit: '3', limitType: 'flow' }), 'limit'), undefined);
    assert.equal(limitOf(looking({}), 'limit'), undefined);
    assert.equal(bandOf(looking({ hysteresis: '10%' }), -20), 2);
    assert.equal(bandOf(looking({ hysteresis: '0.5' }), -20), 0.5);
  });
});
