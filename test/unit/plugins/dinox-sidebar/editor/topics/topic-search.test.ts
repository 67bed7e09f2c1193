import assert from 'node:assert/strict';
import { searchFor } from '../../../../../../src/plugins/dinox-sidebar/editor/topics/topic-search';

describe('sidebar: search', () => {
  const cases: [string, string, boolean][] = [
    ['', 'a/b', true],
    ['kitchen', 'home/Kitchen/light', true],
    ['kitchen temp', 'home/temperature/kitchen', true],
    ['kitchen temp', 'home/kitchen/light', false],
    ['home/+/light', 'home/kitchen/light', true],
    ['home/+/light', 'home/kitchen/light/set', false],
    ['home/#', 'home', true],
    ['home/#', 'homes/x', false],
    ['#', '$SYS/uptime', false],
    ['/kit.*t$/', 'home/kitchen/light', true],
    ['/kit.*t$/', 'home/kitchen/lights', false],
    ['/kitchen', 'home/kitchen', true],
    ['c++', 'lib/c++/x', true],
  ];
  for (const [text, topic, wanted] of cases) {
    it(`${JSON.stringify(text)} ${wanted ? 'finds' : 'does not find'} ${topic}`, () =>
      assert.equal(searchFor(text).matches(topic), wanted));
  }

  it('names an expression that is none, and shows everything meanwhile', () => {
    const search = searchFor('/[/');
    assert.deepEqual([search.fault, search.matches('a')], [true, true]);
  });
});
