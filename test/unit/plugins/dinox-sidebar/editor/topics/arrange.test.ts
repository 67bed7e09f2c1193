import assert from 'node:assert/strict';
import type { Row } from '../../../../../../src/plugins/dinox-sidebar/editor/rows';
import { arrange, groupOf } from '../../../../../../src/plugins/dinox-sidebar/editor/topics/arrange';
import type { Tile } from '../../../../../../src/plugins/dinox-sidebar/editor/topics/tiles';
import { NOW, row } from '../sample-row';

type Rest = Parameters<typeof arrange> extends [unknown, ...infer More] ? More : never;

describe('sidebar: tiles', () => {
  const tiles = (rows: readonly Row[]): Tile[] => rows.map((one) => ({ key: one.topic, row: one }));
  const topics = (rows: readonly Row[], ...args: Rest) =>
    arrange(tiles(rows), ...args).map((one) => [one.heading, one.tiles.map(({ key }) => key)]);

  it('puts the pinned ones first', () => {
    const rows = [row('a'), row('b'), row('c')];
    assert.deepEqual(topics(rows, new Set(['b']), 'name', 'none', NOW, 'Pinned'), [
      ['Pinned', ['b']],
      ['', ['a', 'c']],
    ]);
  });

  it('groups by path and by last level', () => {
    const rows = [row('home/temp/kitchen'), row('home/light/kitchen'), row('home/temp/bath')];
    assert.deepEqual(topics(rows, new Set(), 'name', 'last', NOW, ''), [
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
      arrange(tiles(rows), new Set(), sort, 'none', NOW, '')[0]?.tiles[0]?.key;
    assert.deepEqual([first('active'), first('newest'), first('stale')], ['busy', 'new', 'slow']);
  });
});
