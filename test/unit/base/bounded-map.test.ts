import assert from 'node:assert/strict';
import { BoundedMap, BoundedSet } from '../../../src/base/bounded-map';

describe('a bounded map', () => {
  it('forgets what was set longest ago, and counts what is set again as new', () => {
    const map = new BoundedMap<string, number>(2);
    map.set('a', 1).set('b', 2).set('a', 3).set('c', 4);
    assert.deepEqual(
      [...map],
      [
        ['a', 3],
        ['c', 4],
      ],
    );
  });

  it('a set says what is new to it, once as long as it is remembered', () => {
    const set = new BoundedSet<string>(2);
    assert.deepEqual(
      ['a', 'b', 'a', 'c', 'a'].map((value) => set.add(value)),
      [true, true, false, true, true],
    );
    assert.deepEqual([set.has('b'), set.has('c')], [false, true]);
    set.clear();
    assert.equal(set.add('c'), true);
  });
});
