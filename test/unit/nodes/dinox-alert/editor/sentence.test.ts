import assert from 'node:assert/strict';
import { spelled } from '../../../../../src/editor/spelled';

describe('durations of dinox-alert', () => {
  it('are spelled as people read them', () => {
    const say = (key: string) => key.replace('unit.', '');
    assert.equal(spelled('1h30m', say), '1\u00a0h 30\u00a0min');
    assert.equal(spelled('90', say), '90\u00a0s');
    assert.equal(spelled('1,5h', say), '1,5\u00a0h');
    assert.equal(spelled('5x', say), '5x');
  });
});
