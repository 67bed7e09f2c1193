import assert from 'node:assert/strict';
import { inEnglish } from '../../../../src/base/english';
import { allChosenTopics, chosenTopics } from '../../../../src/runtime/config/chosen-topics';

describe('topics of the page for phones', () => {
  const said = (home: unknown): string[] | undefined =>
    chosenTopics({ dinox: { home } }, 'home')?.problems.map((problem) => inEnglish(problem));

  it('are off until settings.js has them', () => {
    for (const dinox of [undefined, null, true, [], {}, { home: undefined }, { home: null }, { home: false }])
      assert.equal(chosenTopics({ dinox }, 'home'), undefined);
    assert.deepEqual(chosenTopics({ dinox: { home: { topics: [] } } }, 'home'), {
      filters: [],
      problems: [],
    });
  });

  it('are filters, each once', () => {
    const home = { topics: ['home/#', 'a/+/b', 'home/#'] };
    assert.deepEqual(chosenTopics({ dinox: { home } }, 'home'), {
      filters: ['home/#', 'a/+/b'],
      problems: [],
    });
  });

  it('kind: a restriction that cannot be read. It is named, chooses nothing, and the others stay', () => {
    for (const home of [true, 'home/#', {}, { topics: 'home/#' }, []]) {
      assert.deepEqual(chosenTopics({ dinox: { home } }, 'home')?.filters, []);
      assert.match(said(home)?.[0] ?? '', /must be an object with topics/);
    }
    const topics = ['ok', 'a#', '', 7, null, '$share/g/x', 'a\0b'];
    assert.deepEqual(chosenTopics({ dinox: { home: { topics } } }, 'home')?.filters, ['ok']);
    const problems = said({ topics }) ?? [];
    assert.equal(problems.length, 6);
    assert.match(problems[0] ?? '', /holds "a#"/);
    assert.match(problems.join('\n'), /shared subscription/);
  });

  it('are bounded', () => {
    const topics = Array.from({ length: 300 }, (_, i) => `t${i}`);
    assert.equal(chosenTopics({ dinox: { home: { topics } } }, 'home')?.filters.length, 100);
    assert.match(said({ topics })?.[0] ?? '', /more than 100/);
  });

  it('of metrics: true means none, and all purposes are received', () => {
    assert.deepEqual(chosenTopics({ dinox: { metrics: true } }, 'metrics'), { filters: [], problems: [] });
    assert.equal(chosenTopics({ dinox: { metrics: false } }, 'metrics'), undefined);
    const [problem] = chosenTopics({ dinox: { metrics: 'true' } }, 'metrics')?.problems ?? [];
    assert.match(problem ? inEnglish(problem) : '', /dinox\.metrics must be an object with topics/);
    const dinox = { home: { topics: ['a/#', 'b'] }, metrics: { topics: ['b', 'c', '#/d'] } };
    assert.deepEqual(allChosenTopics({ dinox }), ['a/#', 'b', 'c']);
  });
});
