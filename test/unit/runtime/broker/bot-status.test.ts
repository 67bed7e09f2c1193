import assert from 'node:assert/strict';
import { BrokerBotStatus } from '../../../../src/runtime/broker/bot-status';
import { brokerConfig } from '../../../../src/runtime/config/broker-config';
import type { Publication, ReceivedPublication } from '../../../../src/transport/messages';
import type { Subscription } from '../../../../src/transport/subscriptions/subscription-set';
import { FakeClock } from '../../transport/fake-clock';

function setUp(raw: object, connected = false) {
  const calls: string[] = [];
  const published: Publication[] = [];
  const warned: unknown[] = [];
  const clock = new FakeClock();
  let tell: (connected: boolean) => void = () => {};
  let answer: Error | undefined;
  let listening: Subscription | undefined;
  const chat = { counts: { received: 2, sent: 3, errors: 1 }, isDown: false };
  const counts = { received: 100, own: 40 };
  const host = {
    config: brokerConfig({ host: 'localhost', ...raw }, { password: 'x' }),
    usable: true,
    connected,
    faults: { any: false },
    recorder: {
      get received() {
        return counts.received;
      },
      countOf: () => counts.own,
    },
    openedChat: chat,
    client: {
      capabilities: { will: true },
      publish: (publication: Publication, done: (error?: Error) => void) => {
        published.push(publication);
        done(answer);
      },
    },
    register: () => calls.push('register'),
    subscribe: (one: Subscription) => {
      listening = one;
    },
    unsubscribe: () => {
      listening = undefined;
    },
    onConnected: (watcher: (connected: boolean) => void) => {
      tell = watcher;
      return () => calls.push('unwatch');
    },
    connect: () => calls.push('connect'),
    disconnect: () => {
      calls.push('disconnect');
      return Promise.resolve();
    },
  };
  const log = { warn: (said: unknown) => warned.push(said) };
  const status = new BrokerBotStatus(host as never, { clientId: 'dinox-1', clock, log });
  const last = () => JSON.parse(String(published.at(-1)?.payload)) as Record<string, unknown>;
  const overwrite = (payload: string, retain = false) =>
    listening?.deliver({
      topic: status.topic,
      payload: Buffer.from(payload),
      retain,
    } as ReceivedPublication);
  return {
    ...{ status, calls, published, warned, clock, counts, chat, host, last },
    connectedNow: (is: boolean) => tell(is),
    /** Another status on our topic, live or kept. */
    another: (said: object, retain = false) => {
      const payload = JSON.stringify({ id: status.topic.split('/').at(-1), ...said });
      overwrite(payload, retain);
    },
    overwrite,
    listens: () => listening !== undefined,
    answers: (error?: Error) => {
      answer = error;
    },
  };
}

describe('bot status of a broker', () => {
  it('is named after the account, else after the client; a typed id and name win', () => {
    const topic = (raw: object) => setUp(raw).status.topic;
    assert.equal(topic({ jid: 'anna@example.org' }), 'dinox/bots/status/anna');
    assert.equal(topic({}), 'dinox/bots/status/dinox-1');
    assert.equal(topic({ clientid: 'a/b' }), 'dinox/bots/status/a%2Fb');
    assert.equal(topic({ jid: 'anna@example.org', botId: ' house ' }), 'dinox/bots/status/house');
  });

  it('says nothing, has no will and counts nothing until somebody needs it', () => {
    const { status, calls, published, connectedNow } = setUp({});
    connectedNow(true);
    assert.deepEqual([published, calls], [[], []]);
    assert.equal(status.lastWords('will'), undefined);
    const done = () => {};
    assert.equal(status.counted(done), done, 'nothing on the path of a message');
  });

  it('is needed without the box: its connection is made anew, for a server learns of a will only then', async () => {
    const { status, calls, published, host, connectedNow } = setUp({}, true);
    status.lastWords('will');
    connectedNow(true);
    status.need();
    status.need();
    await new Promise(setImmediate);
    assert.deepEqual(calls, ['register', 'disconnect', 'connect']);
    assert.equal(published.length, 1);
    assert.equal(JSON.parse(status.lastWords('will')?.payload ?? '').status, 'offline');
    assert.equal(host.connected, true);
  });

  it('does not come back to a connection that a deploy ends meanwhile: its successor has the same client id', async () => {
    const { status, calls } = setUp({}, true);
    status.lastWords('will');
    status.need();
    status.close();
    await new Promise(setImmediate);
    assert.deepEqual(calls, ['register', 'disconnect', 'unwatch']);
  });

  it("leaves the connection where the server has no will, or the user's own is there", async () => {
    for (const how of ['server', 'user']) {
      const { status, calls, host } = setUp(how === 'user' ? { willTopic: 'w' } : {}, true);
      if (how === 'server') host.client.capabilities.will = false;
      status.lastWords('will');
      status.need();
      await Promise.resolve();
      assert.deepEqual(calls, ['register'], how);
    }
  });

  it('counts MQTT and chat together, since it began, without its own topic', () => {
    const { status, connectedNow, counts, clock, last } = setUp({ botStatus: true });
    connectedNow(true);
    assert.deepEqual([last().received, last().sent, last().errors], [2, 3, 1]);
    counts.received += 10;
    counts.own += 4;
    status.counted(() => {})();
    status.counted(() => {})(new Error('refused'));
    status.lost();
    clock.advance(10_000);
    assert.deepEqual([last().received, last().sent, last().errors], [8, 4, 3]);
  });

  it('is an error while the chat is down or a subscription refused', () => {
    const { connectedNow, chat, host, clock, last } = setUp({ botStatus: true });
    connectedNow(true);
    chat.isDown = true;
    clock.advance(10_000);
    assert.equal(last().status, 'error');
    chat.isDown = false;
    clock.advance(10_000);
    assert.equal(last().status, 'online');
    host.faults.any = true;
    clock.advance(10_000);
    assert.equal(last().status, 'error');
  });

  it('that the server refuses is logged once', () => {
    const { connectedNow, warned, answers, clock } = setUp({ botStatus: true });
    answers(new Error('not allowed'));
    connectedNow(true);
    clock.advance(3_600_000);
    assert.equal(warned.length, 1);
  });

  it('says again that it is there where somebody else has said that it is not', () => {
    const { published, connectedNow, another, clock, warned } = setUp({ botStatus: true });
    connectedNow(true);
    clock.advance(10_000);
    assert.equal(published.length, 1, 'nothing new, nothing said');
    // The will of our last run, whose connection the server took for alive until now.
    another({ status: 'offline', since: '2020-01-01T00:00:00.000Z' });
    clock.advance(10_000);
    assert.equal(published.length, 2);
    another({ status: 'offline', since: '2020-01-01T00:00:00.000Z' }, true);
    clock.advance(10_000);
    assert.equal(published.length, 2, 'what the server kept was there before us');
    assert.deepEqual(warned, []);
  });

  it('says again what somebody has cleared, or has put something else in the place of, every 10 s at most', () => {
    for (const payload of ['', 'offline', '[]', '{"id":"other","status":"offline"}', '{"status":"gone"}']) {
      const { published, connectedNow, overwrite, clock, warned } = setUp({ botStatus: true });
      connectedNow(true);
      clock.advance(10_000);
      for (let n = 0; n < 100; n++) overwrite(payload);
      clock.advance(30_000);
      assert.deepEqual([published.length, warned], [2, []], payload);
    }
  });

  it('warns once of a bot with the same id, not of itself or a forged status, and listens only where there are wills', () => {
    const { status, connectedNow, another, listens, warned, host, last } = setUp({ botStatus: true });
    connectedNow(true);
    another({ status: 'online', since: last().since });
    another({ id: 'other', status: 'online', since: '2020-01-01T00:00:00.000Z' });
    assert.deepEqual(warned, []);
    for (let n = 0; n < 3; n++) another({ status: 'online', since: '2020-01-01T00:00:00.000Z' });
    assert.equal(warned.length, 1);
    status.close();
    assert.equal(listens(), false);
    host.client.capabilities.will = false;
    connectedNow(true);
    assert.equal(listens(), false, 'over PubSub');
  });
});
