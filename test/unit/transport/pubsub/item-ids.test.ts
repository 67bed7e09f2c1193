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

  const ME = 'anna@example.org';
  const item = (id: string, text = '1', publisher?: string) => ({
    id,
    content: { type: 'json' as const, text },
    ...(publisher !== undefined && { publisher }),
  });

  it('are own ones only with the whole name in front', () => {
    const ids = new ItemIds('3a12', 1);
    assert.deepEqual(
      ['nr-3a12-1', 'nr-3a123-1', 'nr-3a1-1', '', 'nr-'].map((id) => ids.originOf(item(id), ME)),
      ['ours', 'theirs', 'theirs', 'theirs', 'theirs'],
    );
  });

  it('tell an own item that is repeated; those of others are never dropped', () => {
    const ids = new ItemIds('3a12', 1);
    const own = item(ids.next());
    assert.deepEqual([ids.originOf(own, ME), ids.originOf(own, ME)], ['ours', 'again']);
    const current = item('current');
    assert.deepEqual([ids.originOf(current, ME), ids.originOf(current, ME)], ['theirs', 'theirs']);
  });

  it('tell an item that somebody else publishes under an id of ours', () => {
    const ids = new ItemIds('3a12', 1);
    const id = ids.next();
    const origin = (text: string, publisher?: string) => ids.originOf(item(id, text, publisher), ME);
    assert.deepEqual([origin('1', `${ME}/x`), origin('1', 'ben@example.org')], ['ours', 'theirs']);
    assert.deepEqual([origin('1'), origin('2'), origin('1')], ['again', 'theirs', 'theirs']);
  });

  it('are forgotten, the oldest first', () => {
    const ids = new ItemIds('3a12', 1);
    const first = item(ids.next());
    ids.originOf(first, ME);
    for (let n = 0; n < 10_000; n++) ids.originOf(item(ids.next()), ME);
    assert.equal(ids.originOf(first, ME), 'ours');
  });
});
