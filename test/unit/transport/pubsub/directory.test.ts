import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { AskWindow } from '../../../../src/transport/pubsub/ask-window';
import { NodeDirectory } from '../../../../src/transport/pubsub/directory';
import type { PubsubService } from '../../../../src/transport/pubsub/service';
import { reader } from '../../xmpp/parse';
import { FakeClock } from '../fake-clock';

describe('the look at the nodes of a PubSub service', () => {
  it('comes in its time, however often something changes meanwhile', async () => {
    const read = await reader();
    const clock = new FakeClock();
    const answer = read("<iq type='result'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>");
    const requests = { nodes: () => undefined, affiliations: () => undefined };
    const service = { jid: 'pubsub.x', clock, requests, ask: async () => answer };
    let looks = 0;
    const directory = new NodeDirectory(service as unknown as PubsubService, new AskWindow(clock), 10_000, {
      notice: () => {},
      looked: () => {
        looks += 1;
      },
    });
    directory.watch(true);
    for (let second = 0; second < 11; second++) {
      clock.advance(1_000);
      directory.watch(true);
      await turn();
    }
    assert.equal(looks, 1);
    directory.stop();
    assert.equal(clock.waiting, 0);
  });
});
