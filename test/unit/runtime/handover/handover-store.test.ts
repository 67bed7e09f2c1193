import assert from 'node:assert/strict';
import { HandoverStore } from '../../../../src/runtime/handover/handover-store';
import type { PendingPublication } from '../../../../src/transport/outbox/outbox';
import { FakeClock } from '../../transport/fake-clock';

const REASON = new Error('the node was closed');

function pending(payload: string): PendingPublication & { results: (Error | undefined)[] } {
  const results: (Error | undefined)[] = [];
  return {
    publication: { topic: 't', payload, qos: 1, retain: false },
    due: 5_000_000,
    done: (error) => results.push(error),
    results,
  };
}

describe('handover store', () => {
  it('go to the successor under the same id, once, in order', () => {
    const clock = new FakeClock();
    const store = new HandoverStore(clock);
    const [a, b] = [pending('a'), pending('b')];
    store.release('one', [a, b], REASON);
    assert.deepEqual(store.take('other'), []);
    assert.deepEqual(store.take('one'), [a, b]);
    assert.deepEqual(store.take('one'), []);
    clock.advance(60_000);
    assert.deepEqual([a.results, b.results], [[], []]);
    assert.equal(clock.waiting, 0);
  });

  it('that nobody claims get their done with the reason, once, and are nobody’s then', () => {
    const clock = new FakeClock();
    const store = new HandoverStore(clock);
    const one = pending('a');
    store.release('one', [one], REASON);
    // Node-RED waits 15 s for a node that does not close: its deploy must not come too late.
    clock.advance(19_000);
    assert.deepEqual(one.results, []);
    clock.advance(1_000);
    assert.deepEqual(one.results, [REASON]);
    assert.deepEqual(store.take('one'), []);
    clock.advance(60_000);
    assert.deepEqual(one.results, [REASON]);
  });

  it('of two predecessors come together, the older first, and wait anew', () => {
    const clock = new FakeClock();
    const store = new HandoverStore(clock);
    const [a, b] = [pending('a'), pending('b')];
    store.release('one', [a], REASON);
    clock.advance(15_000);
    store.release('one', [b], REASON);
    clock.advance(15_000);
    assert.deepEqual(store.take('one'), [a, b]);
    assert.equal(clock.waiting, 0);
  });

  it('that are empty leave no timer', () => {
    const clock = new FakeClock();
    const store = new HandoverStore(clock);
    store.release('one', [], REASON);
    assert.equal(clock.waiting, 0);
    assert.deepEqual(store.take('one'), []);
  });
});
