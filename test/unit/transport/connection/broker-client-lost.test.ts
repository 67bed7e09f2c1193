/** What a lost connection of a broker node costs, with the real MQTT.js and a broker that does what it is told. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientState } from '../../../../src/transport/connection/client-types';
import { parseJid } from '../../../../src/xmpp/jid';
import { Receiver } from '../fake-server';
import { broker, connected, setUp, startAnotherBroker, until, withBroker } from './client-support';

describe('broker client: lost', () => {
  withBroker();

  it('waits twice as long each time', async () => {
    const { client, states } = setUp({ random: 0.999_999 });
    broker.accepted = ({ socket }) => socket.destroy();
    client.connect();
    await until('four losses', () => states.filter(({ phase }) => phase === 'waiting').length >= 4);
    const waits = states.filter(({ phase }) => phase === 'waiting').map(({ retryInMs }) => retryInMs ?? 0);
    // One step for each round, although each tries two versions.
    assert.deepEqual(waits.slice(0, 4), [20, 40, 80, 160]);
  });

  it('comes back after the wait that it told, no earlier', async () => {
    const { client, states } = setUp({ settings: { reconnectMin: 1_600 } });
    await connected(client);
    broker.cut();
    await until('it noticed', () => client.state.phase === 'waiting');
    const begin = Date.now();
    assert.equal(client.state.retryInMs, 1_600);
    await until('it is back', () => client.connected);
    assert.ok(Date.now() - begin > 1_500, `after ${Date.now() - begin} ms`);
    assert.equal(states.filter(({ phase }) => phase === 'waiting').length, 1);
  });

  it('names what is wrong while it tries', async () => {
    const { client, states } = setUp();
    await broker.end();
    client.connect();
    await until('a reason', () => states.some(({ phase }) => phase === 'waiting'));
    const { reason } = states.find(({ phase }) => phase === 'waiting') as ClientState;
    assert.equal(reason?.code, 'network');
    assert.match(String(reason?.message), /nothing listens there/);
    await startAnotherBroker();
  });

  it('a way that was found is looked for anew after two failures; a typed one is not', async () => {
    broker.accepted = ({ socket }) => socket.destroy();
    const found = setUp({ question: { jid: parseJid('anna@example.org'), protocolVersion: 4 } });
    const typed = setUp({ question: { protocolVersion: 4 } });
    found.client.connect();
    typed.client.connect();
    await until('a fresh search', () => found.searches.includes(true));
    assert.deepEqual(found.searches.slice(0, 2), [false, true]);
    await until('tries', () => typed.states.filter(({ phase }) => phase === 'waiting').length > 3);
    assert.deepEqual(typed.searches, [false]);
  });

  it('also where it is the version that seems to be wrong', async () => {
    broker.accepted = ({ socket }) => socket.end();
    const { client, searches } = setUp({ question: { jid: parseJid('anna@example.org') } });
    client.connect();
    await until('a fresh search', () => searches.includes(true));
  });

  it('a search that fails is tried again afresh; a fatal one stops', async () => {
    const failing = setUp({ findPlan: () => Promise.reject(new Error('DNS is away')) });
    failing.client.connect();
    await until('a second search', () => failing.searches.length > 1);
    assert.deepEqual(failing.searches.slice(0, 2), [false, true]);
    assert.ok(failing.states.some(({ phase, reason }) => phase === 'waiting' && reason?.code === 'network'));
    const fatal = setUp({
      findPlan: () =>
        Promise.reject(Object.assign(new Error('wrong password'), { fatal: true, code: 'login' })),
    });
    await assert.rejects(connected(fatal.client), /wrong password/);
    await sleep(60);
    assert.equal(fatal.searches.length, 1);
    assert.equal(fatal.client.state.reason?.code, 'login');
  });

  it('subscriptions and what waits come after it', async () => {
    const { client, publish } = setUp();
    const one = new Receiver('one');
    client.subscriptions.add(one.subscription('a/#'));
    await connected(client);
    await until('it is subscribed', () => one.granted === 1);
    broker.cut();
    await until('it noticed', () => !client.connected);
    const { results } = publish('x', 1);
    await until('it is sent', () => results.length === 1);
    assert.deepEqual(results, [undefined]);
    await until('it is subscribed again', () => one.granted === 2);
    broker.last.send({ cmd: 'publish', topic: 'a/b', payload: 'y', qos: 0 });
    await until('it receives', () => one.got.length === 1);
  });

  it('a message under way is sent again, and done once', async () => {
    broker.answer = (packet) => packet.cmd === 'publish' && broker.lines.length === 1;
    const { client, publish } = setUp();
    await connected(client);
    const { results } = publish('x', 1);
    await until('it is out', () => broker.published.length === 1);
    broker.cut();
    await until('it is done', () => results.length > 0);
    await sleep(50);
    assert.deepEqual(results, [undefined]);
    assert.deepEqual(broker.published, ['x', 'x']);
  });

  it('another client with the same id is named (MQTT 5)', async () => {
    const { client, states } = setUp();
    await connected(client);
    broker.last.send({ cmd: 'disconnect', reasonCode: 142 });
    broker.last.socket.end();
    await until('it noticed', () => states.some(({ reason }) => reason?.code === 'takenover'));
    const reason = states.find(({ phase }) => phase === 'waiting')?.reason;
    assert.match(String(reason?.message), /"dinox-1" took over/);
    await until('it is back', () => client.connected);
  });

  it('a twin on 3.1.1, where nobody says so, is recognised', async () => {
    const { client, states } = setUp({ question: { protocolVersion: 4 } });
    client.connect();
    for (let loss = 1; loss <= 3; loss++) {
      await until(`connection ${loss}`, () => broker.lines.length === loss && client.connected);
      broker.last.socket.end();
      await until(`loss ${loss}`, () => states.filter(({ phase }) => phase === 'waiting').length === loss);
    }
    const reasons = states.filter(({ phase }) => phase === 'waiting').map(({ reason }) => reason?.code);
    assert.deepEqual(reasons, ['closed', 'closed', 'takenover']);
    assert.match(
      String(states.filter(({ phase }) => phase === 'waiting').at(-1)?.reason?.message),
      /probably took over/,
    );
  });

  it('a version that worked is not doubted because the server restarts', async () => {
    const { client } = setUp();
    await connected(client);
    let hangUps = 2;
    broker.accepted = ({ socket }) => {
      if (hangUps-- > 0) socket.end();
    };
    broker.cut();
    await until('it is back', () => broker.lines.length === 4 && client.connected);
    assert.deepEqual(
      broker.got('connect').map(({ protocolVersion }) => protocolVersion),
      broker.got('connect').map(() => 5),
    );
  });

  it('no more is under way than the server takes', async () => {
    const waiting: (() => void)[] = [];
    broker.answer = (packet, line) => {
      if (packet.cmd === 'connect') {
        line.send({
          cmd: 'connack',
          reasonCode: 0,
          sessionPresent: false,
          properties: { receiveMaximum: 2 },
        });
        return true;
      }
      if (packet.cmd !== 'publish') return false;
      waiting.push(() => line.send({ cmd: 'puback', messageId: packet.messageId, reasonCode: 0 }));
      return true;
    };
    const { client, publish } = setUp();
    await connected(client);
    const all = ['a', 'b', 'c', 'd', 'e'].map((payload) => publish(payload, 1));
    for (const expected of [2, 3, 4, 5]) {
      await until(`${expected} messages`, () => broker.published.length === expected);
      await sleep(20);
      assert.equal(broker.published.length, expected);
      waiting.shift()?.();
    }
    for (const acknowledge of waiting) acknowledge();
    await until('all are done', () => all.every(({ results }) => results.length === 1));
  });

  it('a server that takes fewer topic aliases after a reconnect gets no more than it takes', async () => {
    const most = [10, 1, 0];
    broker.answer = (packet, line) => {
      const index = broker.lines.indexOf(line);
      if (packet.cmd === 'connect') {
        const properties = { topicAliasMaximum: most[index] ?? 0 };
        line.send({ cmd: 'connack', reasonCode: 0, sessionPresent: true, properties });
        return true;
      }
      // The last ones of each line are not confirmed, and go out again on the next.
      return packet.cmd === 'publish' && index < 2 && packet.payload.toString().endsWith(`${index}!`);
    };
    const { client } = setUp({ settings: { cleanSession: false, sessionExpiry: 60 } });
    const all: (Error | undefined)[] = [];
    const send = (topic: string, payload: string, topicAlias?: number): void => {
      const properties = topicAlias === undefined ? {} : { properties: { topicAlias } };
      client.publish({ topic, payload, qos: 1, retain: false, ...properties }, (error) => all.push(error));
    };
    const ofRound = (round: number) =>
      broker.last.packets.filter(
        (packet) => packet.cmd === 'publish' && packet.payload.toString().includes(` ${round}`),
      );
    await connected(client);
    for (let round = 0; round < most.length; round++) {
      await until('the line', () => client.connected && broker.lines.length === round + 1);
      for (const ending of ['', '', '!']) {
        for (const topic of ['a', 'b', 'c']) send(topic, `${topic} by itself ${round}${ending}`);
        send('d', `d by the flow ${round}${ending}`, 5);
      }
      await until('all are there', () => ofRound(round).length === 12);
      if (round < most.length - 1) broker.cut();
    }
    await until('all are done', () => all.length === 36);

    assert.deepEqual(all, Array(36).fill(undefined));
    for (const [index, line] of broker.lines.entries()) {
      const names = new Map<number, string>();
      let aliased = 0;
      for (const packet of line.packets) {
        if (packet.cmd !== 'publish') continue;
        const alias = packet.properties?.topicAlias;
        assert.ok(alias === undefined || alias <= (most[index] ?? 0), `alias ${alias} on line ${index}`);
        if (alias !== undefined && packet.topic !== '') names.set(alias, packet.topic);
        const topic = packet.topic || names.get(alias ?? 0);
        assert.equal(topic, packet.payload.toString()[0], `on line ${index}`);
        if (alias !== undefined) aliased += 1;
      }
      assert.equal(aliased > 0, (most[index] ?? 0) > 0, `aliases on line ${index}`);
    }
  });

  it('a socket that was full goes on when it has room', async () => {
    const { client, publish } = setUp({
      settings: { limits: { messages: 1_000, bytes: 100_000_000, ttl: 60_000 } },
    });
    await connected(client);
    broker.last.socket.pause();
    const all = Array.from({ length: 200 }, (_, index) => publish(String(index).padEnd(100_000)));
    assert.ok(client.queued > 0, 'the socket is full');
    broker.last.socket.resume();
    await until('all are sent', () => broker.published.length === 200);
    assert.ok(all.every(({ results }) => results.length === 1 && results[0] === undefined));
    assert.equal(client.queued, 0);
  });

  it('a SUBACK that leaves MQTT.js deaf ends in a new connection', async () => {
    broker.answer = (packet, line) => {
      if (packet.cmd !== 'subscribe' || broker.lines.length > 1) return false;
      // As ejabberd does on 3.1.1; no encoder writes it.
      line.socket.write(
        Buffer.from([0x90, 3, (packet.messageId ?? 0) >> 8, (packet.messageId ?? 0) & 255, 0x8f]),
      );
      return true;
    };
    const { client, states } = setUp({ question: { protocolVersion: 4 } });
    const one = new Receiver('one');
    client.subscriptions.add(one.subscription('a'));
    client.connect();
    await until('it is subscribed after all', () => one.granted === 1);
    assert.ok(states.some(({ phase, reason }) => phase === 'waiting' && reason?.code === 'protocol'));
    assert.equal(broker.lines.length, 2);
  });
});

describe('broker client: more comes than the flow can handle', () => {
  withBroker();

  it('reading pauses until it has caught up, one notice says so, and nothing is left out', async () => {
    const { client, notices } = setUp({ question: { protocolVersion: 4 } });
    await connected(client);
    let came = 0;
    client.subscriptions.add({
      owner: 'x',
      filter: '#',
      options: { qos: 1, nl: false, rap: false, rh: 0 },
      deliver: () => {
        came += 1;
        // A flow that works for longer than a second, twice.
        for (const end = Date.now() + (came === 1 || came === 51 ? 1_400 : 0); Date.now() < end; );
      },
      refused: () => {},
    });
    await until('subscribed', () => broker.got('subscribe').length === 1);
    const pauses: boolean[] = [];
    const link = client['open']?.link.inbound;
    assert.ok(link);
    const pause = link.pause.bind(link);
    link.pause = (reason, on) => {
      pauses.push(on);
      pause(reason, on);
    };
    for (const round of [1, 2]) {
      for (let i = 0; i < 50; i++)
        broker.last.send({
          cmd: 'publish',
          topic: 'x',
          payload: 'x',
          qos: 1,
          retain: false,
          dup: false,
          messageId: i + 1,
        });
      await until('all of them', () => came === 50 * round, 10_000);
      await until('going on', () => pauses.length >= 2 * round && pauses.at(-1) === false, 10_000);
    }
    await until('acknowledged', () => broker.got('puback').length === 100);
    assert.equal(notices.filter(({ code }) => code === 'congested').length, 1);
  }).timeout(30_000);
});

describe('broker client: one message stops nothing else', () => {
  withBroker();

  const ENDINGS: [string, 4 | 5, { reasonCode: number } | undefined][] = [
    ['3.1.1, closed without a word', 4, undefined],
    ['5, closed without a word', 5, undefined],
    ['5, DISCONNECT 135 (not authorized)', 5, { reasonCode: 135 }],
    ['5, DISCONNECT 155 (QoS not supported)', 5, { reasonCode: 155 }],
  ];
  for (const [name, version, farewell] of ENDINGS) {
    for (const cleanSession of [true, false]) {
      it(`a broker that closes for one (${name}, ${cleanSession ? 'clean' : 'kept'} session): it alone is given up, with the reason`, async () => {
        const isBad = ({ topic, qos }: { topic: string; qos: number }): boolean =>
          farewell?.reasonCode === 155 ? qos === 2 : topic === 'forbidden';
        broker.answer = (packet, line) => {
          if (packet.cmd === 'connect') {
            const sessionPresent = !cleanSession && broker.lines.length > 1;
            line.send({ cmd: 'connack', returnCode: 0, reasonCode: 0, sessionPresent });
            return true;
          }
          if (packet.cmd !== 'publish' || !isBad(packet)) return false;
          if (farewell) line.send({ cmd: 'disconnect', ...farewell });
          line.socket.end();
          return true;
        };
        const { client, states } = setUp({
          question: { protocolVersion: version },
          settings: { cleanSession },
        });
        await connected(client);
        const results = new Map<string, (Error | undefined)[]>();
        const publish = (topic: string, qos: 0 | 1 | 2): void => {
          const calls: (Error | undefined)[] = [];
          results.set(topic, calls);
          client.publish({ topic, payload: 'x', qos, retain: false }, (error) => calls.push(error));
        };
        publish('before', 1);
        publish('forbidden', farewell?.reasonCode === 155 ? 2 : 1);
        publish('after', 1);
        await until('all are done', () => [...results.values()].every(({ length }) => length === 1));
        assert.deepEqual([results.get('before'), results.get('after')], [[undefined], [undefined]]);
        const [error] = results.get('forbidden') ?? [];
        assert.match(error?.message ?? '', /Given up.*Topic: "forbidden"/);
        if (farewell) assert.match(error?.message ?? '', new RegExp(`\\(${farewell.reasonCode}\\)`));
        assert.ok(states.some(({ reason }) => reason?.behind === '"forbidden"'));
        assert.equal(client.version, version, 'it was taken for the version');
        const lines = broker.lines.length;
        assert.ok(lines <= (cleanSession ? 5 : 8), `${lines} connections`);
        await sleep(100);
        assert.equal(broker.lines.length, lines);
      });
    }
  }
});

describe('broker client: a lifetime runs for what is sent again in a kept session', () => {
  withBroker();

  for (const version of [4, 5] as const) {
    it(`MQTT ${version}: what is over is not, and the rest of the seconds goes to the server`, async () => {
      let deaf = true;
      broker.answer = (packet, line) => {
        if (packet.cmd === 'connect') {
          line.send({
            cmd: 'connack',
            returnCode: 0,
            reasonCode: 0,
            sessionPresent: broker.lines.length > 1,
          });
          return true;
        }
        return deaf && packet.cmd === 'publish';
      };
      const { client } = setUp({
        question: { protocolVersion: version },
        settings: { cleanSession: false, sessionExpiry: 600 },
      });
      await connected(client);
      const outcome = new Map<string, string>();
      for (const [payload, messageExpiryInterval] of [
        ['short', 1],
        ['long', 60],
      ] as const)
        client.publish(
          { topic: 't', payload, qos: 1, retain: false, properties: { messageExpiryInterval } },
          (error) => outcome.set(payload, error ? error.message : 'sent'),
        );
      await until('both are under way', () => broker.published.length === 2);
      await sleep(1_050);
      deaf = false;
      broker.cut();
      await until('both are done', () => outcome.size === 2);
      assert.match(outcome.get('short') ?? '', /^Not confirmed before its time/);
      assert.equal(outcome.get('long'), 'sent');
      assert.deepEqual(broker.published, ['short', 'long', 'long']);
      const last = broker.got('publish').at(-1)?.properties?.messageExpiryInterval;
      assert.equal(last, version === 5 ? 59 : undefined);
    });
  }
});
