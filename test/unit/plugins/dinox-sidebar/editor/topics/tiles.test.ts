import assert from 'node:assert/strict';
import type { DeviceCard } from '../../../../../../src/plugins/dinox-sidebar/editor/devices/device-cards';
import { tilesOf } from '../../../../../../src/plugins/dinox-sidebar/editor/topics/tiles';
import { NOW, row } from '../sample-row';

describe('sidebar: tiles of topics and of devices', () => {
  const rows = new Map(
    [
      row('a', { at: NOW - 5, rate: 2 }),
      row('b', { at: NOW, rate: 3 }),
      row('c'),
      row('gone', { kind: 'empty' }),
    ].map((one) => [one.topic, one]),
  );
  const reading = { topic: 'a', label: 'A', unit: '', icon: 'x' };
  const card: DeviceCard = {
    ...{ key: '\0d', name: 'D', area: '', path: '', topics: ['a', 'b'], readings: [reading], presence: [] },
  };
  const cards = {
    cards: [card],
    byTopic: new Map([card].flatMap((one) => one.topics.map((topic) => [topic, one]))),
  };
  const keys = (wanted: (topic: string) => boolean, ...pins: string[]) => {
    const { tiles, found } = tilesOf(rows, cards, wanted, new Set(pins));
    return [found, ...tiles.map(({ key }) => key)];
  };

  it('a device stands for all of its topics, and what was cleared is left out', () => {
    assert.deepEqual(
      keys(() => true),
      [3, 'c', '\0d'],
    );
    const [, tile] = tilesOf(rows, cards, () => true, new Set()).tiles;
    assert.deepEqual([tile?.row.topic, tile?.row.at, tile?.row.rate], ['a', NOW, 5]);
  });

  it('who looks for one of its topics finds that one', () => {
    assert.deepEqual(
      keys((topic) => topic === 'b'),
      [1, 'b'],
    );
  });

  it('a pinned topic has a tile of its own, even when it was cleared', () => {
    assert.deepEqual(
      keys(() => true, 'b', 'gone'),
      [4, 'b', 'c', 'gone', '\0d'],
    );
    assert.deepEqual(
      keys((topic) => topic !== 'a', 'b'),
      [2, 'b', 'c'],
    );
  });
});
