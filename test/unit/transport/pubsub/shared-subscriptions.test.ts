import assert from 'node:assert/strict';
import { AskWindow } from '../../../../src/transport/pubsub/ask-window';
import type { PubsubService } from '../../../../src/transport/pubsub/service';
import { SharedSubscriptions } from '../../../../src/transport/pubsub/shared-subscriptions';
import { FakeClock } from '../fake-clock';

describe('subscriptions that sessions of an account share', () => {
  function shared(nodes: readonly string[]) {
    const clock = new FakeClock();
    const asked: string[] = [];
    const told: string[][] = [];
    const renewed: string[] = [];
    const service = {
      clock,
      requests: {
        unsubscribe: (node: string) => node,
        unsubscribed: (names: string[], type: string) => (type === 'normal' ? names : []),
      },
      ask: async (node: string) => asked.push(node),
      tell: (names: string[]) => {
        if (names.length > 0) told.push(names);
      },
    };
    const window = new AskWindow(clock);
    const subscriptions = new SharedSubscriptions(
      service as unknown as PubsubService,
      window,
      new Set(nodes),
      (node) => renewed.push(node),
    );
    return { clock, subscriptions, asked, told, renewed };
  }

  it('end one by one, and the other sessions are told of twenty at a time', () => {
    const { subscriptions, asked, told } = shared([]);
    const nodes = Array.from({ length: 45 }, (_, n) => `t/${n}`);
    subscriptions.end(nodes);
    assert.deepEqual(asked, nodes);
    assert.deepEqual(
      told.map(({ length }) => length),
      [20, 20, 5],
    );
    assert.deepEqual(told.flat(), nodes);
    subscriptions.end([]);
    assert.equal(told.length, 3);
    // Anybody who may make nodes may call them so: a message that is too large costs the session.
    const long = Array.from({ length: 5 }, (_, n) => `${n}`.padEnd(3_000, 'x'));
    subscriptions.end([...long, 'short', 'x'.repeat(60_000)]);
    const lengths = told.slice(3).map((names) => names.length);
    assert.deepEqual([lengths, told.slice(3).flat().length], [[2, 2, 2, 1], 7]);
  });

  it('are renewed a second later, once each, and only those that are wanted', () => {
    const { clock, subscriptions, renewed, told } = shared(['a', 'b', 'c']);
    for (const node of ['a', 'b', 'a', 'foreign']) subscriptions.endedElsewhere(node);
    clock.advance(999);
    assert.deepEqual(renewed, []);
    subscriptions.endedElsewhere('c');
    clock.advance(1);
    assert.deepEqual(renewed, ['a', 'b', 'c']);
    // Nobody answers a message with another one.
    assert.deepEqual(told, []);
    subscriptions.endedElsewhere('a');
    subscriptions.stop();
    clock.advance(10_000);
    assert.deepEqual([renewed.length, clock.waiting], [3, 0]);
  });
});
