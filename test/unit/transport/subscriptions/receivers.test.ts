import assert from 'node:assert/strict';
import type { SubscribeOptions } from '../../../../src/transport/messages';
import { isFirstCopy } from '../../../../src/transport/subscriptions/receivers';
import type { Subscription } from '../../../../src/transport/subscriptions/subscription-set';
import { WireFilter } from '../../../../src/transport/subscriptions/wire-filter';

function subscription(options: Partial<SubscribeOptions>, passive: boolean): Subscription {
  return {
    owner: passive ? 'recorder' : 'node',
    filter: '#',
    options: { qos: 0, nl: false, rap: true, rh: 0, ...options },
    passive,
    deliver: () => {},
    refused: () => {},
  };
}

describe('the recorder beside flows', () => {
  it('changes nothing of what a flow asked of the same filter', () => {
    const filter = new WireFilter('#');
    filter.subscriptions.push(subscription({ qos: 1, nl: true, rap: false, rh: 2 }, false));
    const alone = filter.options(true, 2);
    filter.subscriptions.push(subscription({}, true));
    const { rh: _rh, ...rest } = filter.options(true, 2);
    assert.deepEqual(rest, { qos: alone.qos, nl: true, rap: false });
  });

  it('has its own options where it is alone', () => {
    const filter = new WireFilter('#');
    filter.subscriptions.push(subscription({}, true));
    assert.deepEqual(filter.options(true, 2), { qos: 0, nl: false, rap: true, rh: 0 });
  });

  it('sees the copy of the filter that stands longest, and no other', () => {
    const filters = [1, 2].map((rank) => {
      const filter = new WireFilter(rank === 1 ? 'home/#' : '#');
      Object.assign(filter, { rank, granted: true, sent: { qos: 0, nl: false, rap: true, rh: 0, id: rank } });
      return filter;
    });
    const none = new Set<number>();
    assert.equal(isFirstCopy(filters, 1, none), true);
    assert.equal(isFirstCopy(filters, 2, none), false);
    assert.equal(isFirstCopy(filters, [1, 2], none), true);
    assert.equal(isFirstCopy(filters, undefined, none), true);
    assert.equal(isFirstCopy(filters.slice(1), 2, none), true);
  });
});
