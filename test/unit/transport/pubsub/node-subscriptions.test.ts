/** What a service that has too much of everything costs: it is dropped with a word, and the rest works. */
import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import type { Element } from '@xmpp/client';
import type { Text } from '../../../../src/base/text';
import { EventInbound } from '../../../../src/transport/pubsub/inbound';
import { NodeSubscriptions } from '../../../../src/transport/pubsub/node-subscriptions';
import type { PubsubService } from '../../../../src/transport/pubsub/service';
import { reader } from '../../xmpp/parse';
import { FakeClock } from '../fake-clock';

describe('pubsub: too much', () => {
  let read: (xml: string) => Element;
  before(async () => {
    read = await reader();
  });

  /** @param answer to a question, by its name and node; undefined: never */
  function subscriptions(
    answer: (question: string, node?: string) => Element | Promise<Element> | undefined,
  ) {
    const clock = new FakeClock();
    const notices: string[] = [];
    const delivered: string[] = [];
    const question = (name: string) => (node?: string) => ({ name, node });
    const requests = Object.fromEntries(
      ['nodes', 'affiliations', 'info', 'subscribe', 'lastItems', 'item', 'unsubscribe'].map((name) => [
        name,
        question(name),
      ]),
    );
    const service = {
      jid: 'pubsub.x',
      clock,
      requests,
      ask: ({ name, node }: { name: string; node?: string }) => {
        const found = answer(name, node);
        return found ? Promise.resolve(found) : new Promise(() => {});
      },
    };
    const made = new NodeSubscriptions(
      service as unknown as PubsubService,
      { maxItems: 1, poll: 60_000 },
      {
        notice: (code: string, _note: Text, level?: 'info') => {
          if (level !== 'info') notices.push(code);
        },
        deliver: (node) => delivered.push(node),
        replayed: () => {},
        progress: () => {},
      },
    );
    made.up(true);
    const wanted = (filter: string) =>
      made.subscribe({ filter, qos: 0, nl: false, rap: true, rh: 0 }, undefined);
    return { clock, made, wanted, notices, delivered };
  }

  it('of more than 20,000 nodes the others are left out, and it is said', async () => {
    const items = Array.from({ length: 20_100 }, (_, n) => `<item node='t/${n}'/>`).join('');
    const list = read(
      `<iq type='result'><query xmlns='http://jabber.org/protocol/disco#items'>${items}</query></iq>`,
    );
    const ok = read("<iq type='result'/>");
    let subscribed = 0;
    const { made, wanted, notices } = subscriptions((question) => {
      if (question === 'subscribe') subscribed += 1;
      return question === 'nodes' ? list : ok;
    });
    // One that no list names takes a place too.
    assert.equal(await wanted('u'), 0);
    assert.equal(await wanted('#'), 0);
    for (let turns = 0; turns < 100_000 && subscribed < 20_000; turns++) await turn();
    assert.equal(subscribed, 20_000);
    assert.ok(notices.includes('pubsub-many'), String(notices));
    made.end(false);
  });

  it('of events before the subscription is confirmed 10,000 wait, and it is said', async () => {
    const { made, wanted, notices, delivered } = subscriptions(() => undefined);
    void wanted('t');
    await turn();
    const content = { type: 'json' as const, text: '1' };
    for (let n = 0; n < 10_000; n++)
      made.handle({ kind: 'items', node: 't', items: [{ id: `${n}`, content }], kept: false });
    assert.deepEqual(notices, []);
    made.handle({ kind: 'items', node: 't', items: [{ id: 'more', content }], kept: false });
    assert.deepEqual([notices, delivered], [['pubsub-held'], []]);
    made.end(false);
  });

  it('kind: what if it changes while we live. Ended by another session while its last items are read, it is renewed', async () => {
    const ok = read("<iq type='result'/>");
    let come = (_items: Element): void => {};
    let subscribed = 0;
    const { clock, made, wanted } = subscriptions((question) => {
      if (question === 'subscribe') subscribed += 1;
      if (question !== 'lastItems' || subscribed > 1) return ok;
      return new Promise((resolve) => {
        come = resolve;
      });
    });
    void wanted('t');
    await turn();
    made.shared.endedElsewhere('t');
    clock.advance(1_000);
    await turn();
    come(ok);
    for (let turns = 0; turns < 10; turns++) await turn();
    assert.equal(subscribed, 2);
    made.end(false);
  });

  it('of messages during a deploy the oldest go, and it is said', () => {
    const came: string[] = [];
    let dropped = 0;
    const inbound = new EventInbound(
      { message: (topic: string) => came.push(topic) } as unknown as ConstructorParameters<
        typeof EventInbound
      >[0],
      () => {
        dropped += 1;
      },
    );
    const flags = { qos: 0 as const, retain: false, dup: false };
    inbound.gate(true);
    for (let n = 0; n < 10_003; n++) inbound.take(`${n}`, Buffer.from('1'), flags);
    assert.equal(dropped, 3);
    assert.deepEqual(came, []);
    inbound.gate(false);
    assert.deepEqual([came.length, came[0], came.at(-1)], [10_000, '3', '10002']);
  });
});
