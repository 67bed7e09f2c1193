import assert from 'node:assert/strict';
import { matchesFilter } from '../../../src/alert/silences';

describe('alert: filters of silences', () => {
  for (const [key, filter, expected] of [
    ['home/freezer/t', 'freezer', true],
    ['home/freezer/t', 'FREEZER', true],
    ['home/freezer/t', 'fridge', false],
    ['home/freezer/t', 'home/+/t', true],
    ['home/a/b/t', 'home/+/t', false],
    ['home/a/b/t', 'home/#', true],
    ['home', 'home/#', true],
    ['other', 'home/#', false],
    ['home/a/b/t', 'home/*/t', true],
    ['home/a/b/x', 'home/*/t', false],
    ['home/a', '*a', true],
    ['home/ab', '*a', false],
    ['a.b', 'a+b', false],
  ] as const) {
    it(`${filter} ${expected ? 'is' : 'is not'} ${key}`, () =>
      assert.equal(matchesFilter(key, filter), expected));
  }
  it('a pattern of a thousand stars is answered at once', () => {
    assert.equal(matchesFilter('a'.repeat(1_000), `${'*a'.repeat(500)}*b`), false);
  });
});
