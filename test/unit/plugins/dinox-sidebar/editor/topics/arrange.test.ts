import assert from 'node:assert/strict';
import { arrange, groupOf } from '../../../../../../src/plugins/dinox-sidebar/editor/topics/arrange';
import { NOW, row } from '../sample-row';

describe('sidebar: tiles', () => {
  const topics = (...args: Parameters<typeof arrange>) =>
    arrange(...args).map(({ heading, rows }) => [heading, rows.map(({ topic }) => topic)]);
  const all = (): boolean => true;

  it('puts the pinned ones first', () => {
    const rows = [row('a'), row('b'), row('c')];
    assert.deepEqual(topics(rows, all, new Set(['b']), 'name', 'none', NOW, 'Pinned'), [
      ['Pinned', ['b']],
      ['', ['a', 'c']],
    ]);
  });

  it('groups by path and by last level', () => {
    const rows = [row('home/temp/kitchen'), row('home/light/kitchen'), row('home/temp/bath')];
    assert.deepEqual(topics(rows, all, new Set(), 'name', 'last', NOW, ''), [
      ['bath', ['home/temp/bath']],
      ['kitchen', ['home/light/kitchen', 'home/temp/kitchen']],
    ]);
    assert.equal(groupOf('home/temp/kitchen', 'path'), 'home/temp');
    assert.equal(groupOf('alone', 'path'), '/');
  });

  it('sorts by what is busy, new, and silent', () => {
    const rows = [
      row('slow', { at: NOW - 3_600_000, every: 60_000 }),
      row('busy', { rate: 500, at: NOW - 10 }),
      row('new', { at: NOW }),
    ];
    const first = (sort: 'active' | 'newest' | 'stale') =>
      arrange(rows, all, new Set(), sort, 'none', NOW, '')[0]?.rows[0]?.topic;
    assert.deepEqual([first('active'), first('newest'), first('stale')], ['busy', 'new', 'slow']);
  });

  it('leaves out what was cleared', () => {
    assert.deepEqual(topics([row('a', { kind: 'empty' })], all, new Set(), 'name', 'none', NOW, ''), []);
  });
});
