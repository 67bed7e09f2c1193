import assert from 'node:assert/strict';
import { ItemIds } from '../../../../src/transport/pubsub/item-ids';

describe('ids of PubSub items', () => {
  it('are unique, rise, and name who sent them', () => {
    const ids = new ItemIds('3a12', 1_796_014_113_554);
    assert.deepEqual(
      [ids.next(), ids.next()],
      ['nr-3a12-1796014113554000001', 'nr-3a12-1796014113554000002'],
    );
    const later = new ItemIds('3a12', 1_796_014_113_555);
    assert.ok(later.next() > ids.next());
  });

  it('are own ones only with the whole name in front', () => {
    const ids = new ItemIds('3a12', 1);
    assert.deepEqual(
      ['nr-3a12-1', 'nr-3a123-1', 'nr-3a1-1', '', 'nr-'].map((id) => ids.isOwn(id)),
      [true, false, false, false, false],
    );
  });

  it('tell an own item that is repeated; those of others are never dropped', () => {
    const ids = new ItemIds('3a12', 1);
    const id = ids.next();
    assert.deepEqual([ids.isRepeated(id), ids.isRepeated(id)], [false, true]);
    assert.deepEqual([ids.isRepeated('current'), ids.isRepeated('current')], [false, false]);
  });

  it('are forgotten, the oldest first', () => {
    const ids = new ItemIds('3a12', 1);
    const first = ids.next();
    ids.isRepeated(first);
    for (let n = 0; n < 10_000; n++) ids.isRepeated(ids.next());
    assert.equal(ids.isRepeated(first), false);
  });
});
