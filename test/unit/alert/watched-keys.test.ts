import assert from 'node:assert/strict';
import { readyLimits } from '../../../src/alert/ready-limits';
import type { Condition, LimitSource } from '../../../src/alert/rules';
import { factsOf, nearnessTo, topicsOfKey, watchedKeys } from '../../../src/alert/watched-keys';
import { Harness } from './support';

const MINUTE = 60_000;
const words = { titleOf: (key: string) => `The ${key}` };
const watched = (harness: Harness, most = 10) =>
  watchedKeys(harness.machine, words, harness.clock.now(), most);

describe('keys without an open alert', () => {
  it('come with their distance to the limit, the nearest first, and only so many', () => {
    const harness = new Harness({ condition: 'above', limits: { limit: -15 } });
    harness.sample('cellar', -20, '°C');
    harness.sample('freezer', -15.5, '°C');
    harness.sample('warm', 3, '°C');
    harness.sample('kitchen', -18, '°C');
    const { count, keys } = watched(harness, 2);
    assert.equal(count, 3, 'the alert is not among them');
    assert.deepEqual(
      keys.map(({ title, value, unit, distance, nearest }) => [title, value, unit, distance, nearest]),
      [
        ['The freezer', -15.5, '°C', 0.5, -15],
        ['The kitchen', -18, '°C', 3, -15],
      ],
    );
    assert.deepEqual(
      watched(harness).keys.map(({ key }) => key),
      ['freezer', 'kitchen', 'cellar'],
    );
  });

  it('are beyond the limit while the hold time runs', () => {
    const harness = new Harness({ condition: 'above', limits: { limit: 20 }, holdFor: MINUTE });
    harness.sample('a', 22);
    const [one] = watched(harness).keys;
    assert.deepEqual([one?.state, one?.distance], ['pending', -2]);
    harness.wait(MINUTE);
    assert.deepEqual(watched(harness), { count: 0, keys: [] });
  });

  it('that are watched for silence have the time that is left; texts and what has no value have no measure', () => {
    const silent = new Harness({ condition: 'nodata', noDataAfter: 10 * MINUTE });
    silent.sample('a', 1);
    silent.wait(4 * MINUTE);
    silent.sample('b', 'x');
    assert.deepEqual(
      watched(silent).keys.map(({ key, left, distance }) => [key, left, distance]),
      [
        ['a', 6 * MINUTE, undefined],
        ['b', 10 * MINUTE, undefined],
      ],
    );
    const door = new Harness({ condition: 'equals', limits: { limit: 'open' } });
    door.sample('door', 'closed');
    const [one] = watched(door).keys;
    assert.deepEqual(
      [one?.value, one?.limit, one?.distance, one?.left],
      ['closed', 'open', undefined, undefined],
    );
  });

  it('measures every condition to the nearer limit', () => {
    const near = (condition: Condition, limits: LimitSource, value: number) => {
      const { distance, nearest } = nearnessTo(
        condition,
        value,
        readyLimits(condition, limits, { size: 0, percent: false }),
      );
      return [distance, nearest];
    };
    assert.deepEqual(near('above', { limit: 0.3 }, 0.1), [0.2, 0.3]);
    assert.deepEqual(near('below', { limit: 20 }, 80), [60, 20]);
    assert.deepEqual(near('outside', { limit: 18, limit2: 24 }, 23), [1, 24]);
    assert.deepEqual(near('outside', { limit: 18, limit2: 24 }, 17), [-1, 18]);
    assert.deepEqual(near('inside', { limit: 18, limit2: 24 }, 26), [2, 24]);
    assert.deepEqual(near('inside', { limit: 18, limit2: 24 }, 19), [-1, 18]);
    assert.deepEqual(near('rate', { limit: 5 }, 2), [3, 5]);
    assert.deepEqual(near('rate', { limit: -5 }, -2), [3, -5]);
    assert.deepEqual(near('above', { limit: 0 }, 0), [0, 0]);
  });

  it('an alert has what a sentence about it needs, and the topics of a device are behind its check', () => {
    const harness = new Harness({ condition: 'outside', limits: { limit: 18, limit2: 24 } });
    harness.sample('a', 30, '°C');
    const entry = harness.machine.keys.map.get('a');
    assert.ok(entry);
    assert.deepEqual(factsOf(harness.machine, words, entry), {
      ...{
        title: 'The a',
        condition: 'outside',
        unit: '°C',
        limit: 18,
        limit2: 24,
        noDataAfter: 0,
        topic: 'a',
      },
    });
    // A topic may be called as a check is.
    harness.sample('home/kitchen/battery', 20);
    assert.equal(watched(harness).keys[0]?.topic, 'home/kitchen/battery');
    const check = 'zigbee2mqtt/Front door/battery';
    assert.deepEqual(topicsOfKey(check), [check, 'zigbee2mqtt/Front door']);
    assert.deepEqual(topicsOfKey('home/kitchen/temperature'), ['home/kitchen/temperature']);
  });
});
