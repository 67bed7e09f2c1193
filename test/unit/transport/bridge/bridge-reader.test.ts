import assert from 'node:assert/strict';
import { type BridgeNode, bridgeNode } from '../../../../src/transport/bridge/bridge-node';
import { BridgeReader } from '../../../../src/transport/bridge/bridge-reader';
import { AskWindow } from '../../../../src/transport/pubsub/ask-window';
import { FakeClock } from '../fake-clock';

describe('what the bridge leaves out', () => {
  it('takes no room once its node is gone, however many come and go', async () => {
    const gone = new Set<BridgeNode>();
    const dropped: string[] = [];
    const session = { service: undefined, isComing: true, whenReady: () => new Promise(() => {}) };
    const reader = new BridgeReader(session as never, new AskWindow(new FakeClock()), {
      isWanted: (node) => !gone.has(node),
      deliver: () => {},
      learnt: () => {},
      unreadable: () => {},
      dropped: ({ name }) => dropped.push(name),
    });
    for (let at = 0; at < 10_000; at++) {
      const node = bridgeNode(`n${at}`, 'json');
      reader.takes(node, 'json', Buffer.alloc(0));
      gone.add(node);
    }
    await new Promise(setImmediate);
    reader.takes(bridgeNode('real', 'json'), 'json', Buffer.alloc(0));
    assert.deepEqual(dropped, []);
  });
});
