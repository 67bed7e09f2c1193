import assert from 'node:assert/strict';
import { inEnglish } from '../../../../src/base/english';
import { homeTopics } from '../../../../src/runtime/config/home-topics';

describe('topics of the page for phones', () => {
  const said = (home: unknown): string[] | undefined =>
    homeTopics({ dinox: { home } })?.problems.map((problem) => inEnglish(problem));

  it('are off until settings.js has them', () => {
    for (const dinox of [undefined, null, true, [], {}, { home: undefined }, { home: null }, { home: false }])
      assert.equal(homeTopics({ dinox }), undefined);
    assert.deepEqual(homeTopics({ dinox: { home: { topics: [] } } }), { filters: [], problems: [] });
  });

  it('are filters, each once', () => {
    const home = { topics: ['home/#', 'a/+/b', 'home/#'] };
    assert.deepEqual(homeTopics({ dinox: { home } }), { filters: ['home/#', 'a/+/b'], problems: [] });
  });

  it('kind: a restriction that cannot be read. It is named, chooses nothing, and the others stay', () => {
    for (const home of [true, 'home/#', {}, { topics: 'home/#' }, []]) {
      assert.deepEqual(homeTopics({ dinox: { home } })?.filters, []);
      assert.match(said(home)?.[0] ?? '', /must be an object with topics/);
    }
    const topics = ['ok', 'a#', '', 7, null, '$share/g/x', 'a\0b'];
    assert.deepEqual(homeTopics({ dinox: { home: { topics } } })?.filters, ['ok']);
    const problems = said({ topics }) ?? [];
    assert.equal(problems.length, 6);
    assert.match(problems[0] ?? '', /holds "a#"/);
    assert.match(problems.join('\n'), /shared subscription/);
  });

  it('are bounded', () => {
    const topics = Array.from({ length: 300 }, (_, i) => `t${i}`);
    assert.equal(homeTopics({ dinox: { home: { topics } } })?.filters.length, 100);
    assert.match(said({ topics })?.[0] ?? '', /more than 100/);
  });
});
