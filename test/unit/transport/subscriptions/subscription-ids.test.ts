import assert from 'node:assert/strict';
import { SubscriptionIds } from '../../../../src/transport/subscriptions/subscription-ids';

const filters = Array.from({ length: 60_000 }, (_, index) => `house/${index}/#`);

describe('subscription ids', () => {
  it('are those of MQTT, and each filter has its own, also where two would have the same', () => {
    const ids = new SubscriptionIds();
    const taken = filters.map((filter) => ids.take(filter));
    assert.equal(new Set(taken).size, filters.length);
    assert.ok(taken.every((id) => Number.isInteger(id) && id >= 1 && id <= 268_435_455));
    // Among so many, some would have met: those ask for another one when they are alone.
    const alone = filters.map((filter) => new SubscriptionIds().take(filter));
    assert.ok(new Set(alone).size < filters.length);
  });

  it('are the same in every process', () => {
    assert.equal(new SubscriptionIds().take('house/#'), new SubscriptionIds().take('house/#'));
    // A session outlives an update too.
    assert.equal(new SubscriptionIds().take('house/#'), 135_330_749);
  });

  it('of what was given up are remembered, until they are taken again', () => {
    const ids = new SubscriptionIds();
    const id = ids.take('a');
    ids.giveUp(id);
    assert.deepEqual([...ids.givenUp], [id]);
    assert.equal(ids.take('a'), id);
    assert.deepEqual([...ids.givenUp], []);
  });

  it('but not more than ten thousand', () => {
    const ids = new SubscriptionIds();
    for (const filter of filters) {
      ids.giveUp(ids.take(filter));
      assert.ok(ids.givenUp.size <= 10_000);
    }
  });
});
