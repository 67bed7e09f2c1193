import assert from 'node:assert/strict';
import { HomeAssistant } from '../../../../src/runtime/homeassistant/home-assistant';
import type { RegisteredNode } from '../../../../src/runtime/node-contract';
import type { Subscription } from '../../../../src/transport/subscriptions/subscription-set';
import { FakeClock } from '../../transport/fake-clock';

describe('what all nodes of a connection share of Home Assistant', () => {
  it('reads few prefixes for dialogs at once, whatever somebody asks for who may only look', () => {
    const wanted = new Set<Subscription>();
    const registered = new Set<RegisteredNode>();
    const shared = new HomeAssistant(
      {
        subscribe: (one) => wanted.add(one),
        unsubscribe: (one) => wanted.delete(one),
        register: (node) => registered.add(node),
        deregister: (node) => Promise.resolve(void registered.delete(node)),
      },
      new FakeClock(),
    );
    const prefixes = (): string[] => [
      ...new Set([...wanted].map(({ filter }) => filter.split('/')[0] ?? '')),
    ];
    const ofNode = shared.reader('node');
    const stop = ofNode.listen({ changed: () => {}, refused: () => {} });
    shared.browser('node').look();
    for (let at = 0; at < 50; at++) shared.browser(`p${at}`).look();
    // The node's own goes on, though its dialog is gone.
    assert.deepEqual(prefixes(), ['node', 'p47', 'p48', 'p49']);
    assert.equal(registered.size, 3);
    assert.equal(shared.reader('node'), ofNode);
    shared.browser('p48').look();
    assert.deepEqual(prefixes(), ['node', 'p47', 'p48', 'p49']);
    stop();
    shared.close();
    assert.deepEqual([wanted.size, registered.size], [0, 0]);
  });
});
