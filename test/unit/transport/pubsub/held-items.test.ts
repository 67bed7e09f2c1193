import assert from 'node:assert/strict';
import { HeldItems } from '../../../../src/transport/pubsub/held-items';
import { wantedNode } from '../../../../src/transport/pubsub/wanted-node';

const item = (id: string, length = 0) => ({
  id,
  content: { type: 'utf8' as const, text: 'x'.repeat(length) },
});

describe('pubsub: items that wait for the subscription of their node', () => {
  it('are few, and of all nodes together', () => {
    const held = new HeldItems();
    const [a, b] = [wantedNode('a', 1), wantedNode('b', 1)];
    for (let at = 0; at < 10_000; at++) assert.ok(held.add(at % 2 ? a : b, item('i'), false));
    assert.equal(held.add(a, item('i'), false), false);
    assert.equal(held.takeOut(a).length, 5_000);
    assert.equal(held.add(b, item('i'), false), true);
  });

  it('are short together, and give their room back', () => {
    const held = new HeldItems();
    const node = wantedNode('a', 1);
    let count = 0;
    while (held.add(node, item(`${count}`, 250_000), false)) count += 1;
    assert.ok(count > 60 && count < 70, String(count));
    // A small one still finds room.
    assert.ok(held.add(node, item('small'), true));
    assert.equal(held.takeOut(node).length, count + 1);
    assert.ok(held.add(node, item('large', 16_000_000), false));
  });
});
