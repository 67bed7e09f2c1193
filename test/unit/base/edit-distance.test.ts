import assert from 'node:assert/strict';
import { distance, isWithin } from '../../../src/base/edit-distance';

describe('letters that differ', () => {
  it('are few or many, as they are counted', () => {
    const words = [''];
    for (let length = 1; length <= 5; length++)
      for (let n = 0; n < 2 ** length; n++)
        words.push([...n.toString(2).padStart(length, '0')].map((bit) => 'ab'[Number(bit)]).join(''));
    for (const a of words)
      for (const b of words)
        for (const most of [0, 1, 2, 3])
          assert.equal(isWithin(a, b, most), distance(a, b) <= most, `${a} ${b} ${most}`);
  });
});
