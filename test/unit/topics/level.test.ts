import assert from 'node:assert/strict';
import { isTopic } from '../../../src/topics/filter';
import { levelOf } from '../../../src/topics/level';

describe('one level of a topic made of a name', () => {
  it('leaves names of accounts and rooms as they are', () => {
    for (const name of ['anna@example.org', 'küche', 'a b', '日本', '$x', 'a.b-c_d'])
      assert.equal(levelOf(name), name);
  });

  it('writes what does not fit as %XX', () => {
    assert.equal(levelOf('a/b'), 'a%2Fb');
    assert.equal(levelOf('+#%'), '%2B%23%25');
    assert.equal(levelOf('a\nb\0c\u007fd\u0085'), 'a%0Ab%00c%7Fd%C2%85');
  });

  it('makes one level of anything, and different ones of different names', () => {
    const names = ['a/b', 'a%2Fb', '%', '%25', '+', '#', '\ud800', 'x\u0000'];
    const levels = names.map(levelOf);
    assert.equal(new Set(levels).size, names.length);
    for (const level of levels) assert.ok(isTopic(level) && !level.includes('/'), level);
  });
});
