/** The connection of a broker node, with the real MQTT.js and a broker that does what it is told. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { words } from '../../../../src/base/catalogue';
import { inEnglish } from '../../../../src/base/english';
import type { Plan } from '../../../../src/discovery/types';
import { LinkError } from '../../../../src/transport/errors';
import { parseJid } from '../../../../src/xmpp/jid';
import { Receiver } from '../fake-server';
import { broker, connected, setUp, setUpPublish, until, withBroker } from './client-support';

describe('broker client: connecting', () => {
  withBroker();

  it('finds, connects and tells', async () => {
    const { client, phases, searches, states } = setUp();
    assert.equal(client.idle, true);
    await connected(client);
    assert.deepEqual(phases(), ['finding', 'connecting', 'connected']);
    assert.deepEqual(searches, [false]);
    assert.equal(states.at(-1)?.where, `mqtt://127.0.0.1:${broker.port}`);
    assert.equal(client.connected, true);
    assert.equal(client.version, 5);
    const [connect] = broker.got('connect');
    assert.equal(connect?.clientId, 'dinox-1');
    assert.equal(connect?.username, 'u');
    assert.equal(String(connect?.password), 'p');
  });

  it('opens one connection, however many ask for it', async () => {
    const { client, searches } = setUp();
    await Promise.all([connected(client), connected(client), connected(client)]);
    await connected(client);
    assert.equal(searches.length, 1);
    assert.equal(broker.lines.length, 1);
  });

  it('sends the account’s bare JID and password where the plan says so, and never the MQTT one', async () => {
    const { client } = setUp({
      question: { jid: parseJid('anna@example.org/x') },
      mqtt: { login: 'account' },
      settings: { secrets: { password: 'xmpp', user: 'u', mqttPassword: 'm' } },
    });
    await connected(client);
    const [connect] = broker.got('connect');
    assert.deepEqual([connect?.username, String(connect?.password)], ['anna@example.org', 'xmpp']);
  });

  it('never sends a login to Prosody’s bridge, whatever the plan says', async () => {
    const { client } = setUp({
      question: { jid: parseJid('anna@example.org') },
      plan: { serverType: 'prosody', services: { pubsub: 'pubsub.example.org' } },
      mqtt: { login: 'account' },
      settings: {
        secrets: { password: 'xmpp', user: 'u', mqttPassword: 'm' },
        will: { topic: 'w', payload: 'x', qos: 0, retain: false },
      },
    });
    await connected(client);
    const [connect] = broker.got('connect');
    assert.deepEqual(
      [connect?.username, connect?.password, connect?.protocolVersion],
      [undefined, undefined, 4],
    );
    assert.equal(connect?.will, undefined, 'the bridge would never send it');
  });

  it('lets no password go unencrypted to an address that is not local, and tries once', async () => {
    const { client, states } = setUp({
      mqtt: { endpoint: { protocol: 'mqtt', host: '192.0.2.1', port: 1883 } },
    });
    await assert.rejects(connected(client), /was not sent: 192\.0\.2\.1 is not a local address/);
    assert.equal(client.state.phase, 'stopped');
    assert.equal(client.state.reason?.code, 'unencrypted');
    assert.equal(states.filter(({ phase }) => phase === 'finding').length, 1);
  });

  it('says what the search found where there is no MQTT', async () => {
    const said = {
      asked: words('a'),
      answer: words('nothing answered'),
      follows: words('switch mod_mqtt on'),
    };
    const step = { ...said, ok: false, ms: 1 };
    const { client, plan } = setUp({ plan: { steps: [step] } });
    delete plan.mqtt;
    await assert.rejects(connected(client), /no MQTT: nothing answered: switch mod_mqtt on/);
    assert.equal(client.state.phase, 'stopped');
  });
});

describe('broker client: refused', () => {
  withBroker();

  for (const [version, code] of [
    [4, 5],
    [4, 4],
    [5, 135],
    [5, 134],
  ] as const) {
    it(`a login refused with ${code} stops after one try`, async () => {
      broker.answer = (packet, line) => {
        if (packet.cmd !== 'connect') return false;
        line.send({ cmd: 'connack', returnCode: code, reasonCode: code, sessionPresent: false });
        line.socket.end();
        return true;
      };
      const { client, states } = setUp({ question: { protocolVersion: version } });
      const { results } = setUpPublish(client);
      await assert.rejects(connected(client), /refused the login as u/);
      assert.equal(client.state.phase, 'stopped');
      assert.equal(client.state.reason?.code, 'login');
      await sleep(150);
      assert.equal(broker.lines.length, 1);
      assert.equal(states.filter(({ phase }) => phase === 'stopped').length, 1);
      assert.deepEqual(results, [], 'what waits goes on waiting');
      // Somebody asks for a new try.
      broker.answer = () => false;
      await connected(client);
      await until('what waited is sent', () => results.length === 1);
    });
  }

  it('a busy server is tried again', async () => {
    broker.answer = (packet, line) => {
      if (packet.cmd !== 'connect' || broker.lines.length > 2) return false;
      line.send({ cmd: 'connack', returnCode: 137, reasonCode: 137, sessionPresent: false });
      return true;
    };
    const { client, states } = setUp();
    await connected(client);
    assert.equal(broker.lines.length, 3);
    assert.ok(
      states.some(
        ({ phase, reason }) => phase === 'waiting' && /server busy \(137\)/.test(String(reason?.message)),
      ),
    );
  });

  it('version 5 refused: 3.1.1 at once, and remembered', async () => {
    broker.answer = (packet, line) => {
      if (packet.cmd !== 'connect' || packet.protocolVersion !== 5) return false;
      line.version = 4;
      line.send({ cmd: 'connack', returnCode: 1, sessionPresent: false });
      line.socket.end();
      return true;
    };
    const { client, phases } = setUp();
    await connected(client);
    assert.equal(client.version, 4);
    assert.equal(phases().includes('waiting'), false);
    broker.cut();
    await until('it is back', () => broker.got('connect').length === 3 && client.connected);
    await client.disconnect();
    await connected(client);
    assert.deepEqual(
      broker.got('connect').map(({ protocolVersion }) => protocolVersion),
      [5, 4, 4, 4],
    );
  });

  it('what a predecessor left counts for the version that is taken in the end, too', async () => {
    const one = new Receiver('one');
    broker.answer = (packet, line) => {
      if (packet.cmd !== 'connect') return false;
      if (packet.protocolVersion === 5) line.socket.end();
      else line.send({ cmd: 'connack', returnCode: 0, sessionPresent: true });
      return true;
    };
    const { client } = setUp({ settings: { cleanSession: false } });
    client.subscriptions.add(one.subscription('a', { qos: 2 }));
    const where = `mqtt://127.0.0.1:${broker.port}`;
    client.take([], { where, inbound: [], unreleased: new Set([7]) });
    await connected(client);
    assert.equal(client.version, 4);
    for (const messageId of [7, 8]) {
      const payload = `${messageId}`;
      broker.last.send({ cmd: 'publish', topic: 'a', payload, qos: 2, dup: true, retain: false, messageId });
    }
    await until('both are received', () => broker.got('pubrec').length === 2);
    assert.deepEqual(one.seen, ['a=8']);
  });

  it('version 5 hung up on: 3.1.1 at once', async () => {
    broker.answer = (packet, line) => {
      if (packet.cmd !== 'connect' || packet.protocolVersion !== 5) return false;
      line.socket.end();
      return true;
    };
    const { client } = setUp();
    await connected(client);
    assert.equal(client.version, 4);
  });

  it('a typed version that is refused stops and says what to set', async () => {
    broker.answer = (packet, line) => {
      if (packet.cmd !== 'connect') return false;
      line.version = 4;
      line.send({ cmd: 'connack', returnCode: 1, sessionPresent: false });
      return true;
    };
    const { client } = setUp({ question: { protocolVersion: 5 } });
    await assert.rejects(connected(client), /refused the MQTT version.*protocol version to auto/s);
    await sleep(100);
    assert.equal(broker.lines.length, 1);
  });
});

describe('broker client: leaving', () => {
  withBroker();

  it('while it searches: the search is cancelled, and its late answer means nothing', async () => {
    let signal: AbortSignal | undefined;
    let answer: (plan: Plan) => void = () => {};
    const { client, plan, phases } = setUp({
      findPlan: (_settings, given) => {
        signal = given;
        return new Promise((resolve) => {
          answer = resolve;
        });
      },
    });
    client.connect();
    await client.disconnect();
    assert.equal(signal?.aborted, true);
    answer(plan);
    await sleep(50);
    assert.deepEqual(phases(), ['finding', 'idle']);
    assert.equal(broker.lines.length, 0);
  });

  it('while it waits for the next try: there is none', async () => {
    broker.accepted = ({ socket }) => socket.destroy();
    const { client } = setUp({ question: { protocolVersion: 4 }, settings: { reconnectMin: 60 } });
    client.connect();
    await until('a loss', () => client.state.phase === 'waiting');
    await client.disconnect();
    const { length } = broker.lines;
    await sleep(200);
    assert.equal(broker.lines.length, length);
    assert.equal(client.idle, true);
  });

  it('while a loss during the goodbye makes it search: not afterwards', async () => {
    broker.answer = (packet) => packet.cmd === 'publish';
    const { client, publish, searches } = setUp({ question: { jid: parseJid('anna@example.org') } });
    await connected(client);
    publish('never confirmed', 1);
    await until('it is out', () => broker.published.length === 1);
    const gone = client.disconnect();
    broker.accepted = ({ socket }) => socket.destroy();
    broker.cut();
    await gone;
    const { length } = searches;
    assert.ok(length > 1, 'it had searched');
    await sleep(200);
    assert.deepEqual([client.state.phase, searches.length], ['idle', length]);
  });

  it('whoever waits for the connection is told', async () => {
    const { client } = setUp({ findPlan: () => new Promise(() => {}) });
    const waiting = connected(client);
    await client.disconnect();
    await assert.rejects(waiting, /Disconnected/);
  });

  it('birth comes first, close last, the will stands in CONNECT', async () => {
    const message = (payload: string) => ({ topic: 'status', payload, qos: 1 as const, retain: true });
    const { client, publish } = setUp({
      settings: {
        birth: message('born'),
        close: message('gone'),
        will: { ...message('dead'), willDelayInterval: 5 },
      },
    });
    publish('waited');
    await connected(client);
    await until('both', () => broker.published.length === 2);
    await client.disconnect();
    assert.deepEqual(broker.published, ['born', 'waited', 'gone']);
    assert.equal(broker.got('disconnect').length, 1);
    const will = broker.got('connect')[0]?.will;
    assert.deepEqual(
      [will?.topic, String(will?.payload), will?.retain, will?.qos, will?.properties?.willDelayInterval],
      ['status', 'dead', true, 1, 5],
    );
  });

  it('what waits goes on waiting, and is sent after the next connect', async () => {
    const { client, publish, queued } = setUp();
    await client.disconnect();
    const { results } = publish('x');
    assert.equal(client.queued, 1);
    assert.deepEqual(queued, [1]);
    await connected(client);
    await until('it is sent', () => results.length === 1);
    await until('the number is told', () => queued.at(-1) === 0);
  });

  it('last words are the will, unless the user typed one, and the last message before a goodbye', async () => {
    const words = (kind: string) => ({ topic: kind, payload: 'x', qos: 1 as const, retain: true });
    const own = { topic: 'mine', payload: 'x', qos: 0 as const, retain: false };
    for (const will of [undefined, own]) {
      const { client } = setUp({ settings: { will }, lastWords: words });
      await connected(client);
      const at = broker.got('connect').length - 1;
      assert.equal(broker.got('connect')[at]?.will?.topic, will ? 'mine' : 'will');
      await client.disconnect();
      assert.equal(broker.got('publish').at(-1)?.topic, 'close');
    }
  });

  it('a close message that found no way out is not sent after the next birth', async () => {
    const message = (payload: string) => ({ topic: 'status', payload, qos: 1 as const, retain: true });
    const { client } = setUp({ settings: { birth: message('online'), close: message('offline') } });
    await connected(client);
    // The line hangs: nothing is acknowledged any more.
    broker.answer = (packet) => packet.cmd === 'publish' && broker.lines.length === 1;
    await client.disconnect();
    await connected(client);
    await until('the birth message', () => broker.last.packets.some(({ cmd }) => cmd === 'publish'));
    await sleep(100);
    const sent = broker.last.packets.flatMap((packet) =>
      packet.cmd === 'publish' ? [packet.payload.toString()] : [],
    );
    assert.deepEqual(sent, ['online']);
  }).timeout(10_000);

  it('the end gives everybody the reason, once', async () => {
    broker.answer = (packet) => packet.cmd === 'publish';
    const { client, publish } = setUp({ settings: { reconnectMin: 10_000 } });
    await connected(client);
    const underway = publish('a', 1);
    await until('it is out', () => broker.published.length === 1);
    broker.cut();
    await until('it noticed', () => !client.connected);
    const waiting = publish('b');
    const reason = new LinkError('closed', words('redeployed'));
    await client.end(reason);
    const late = publish('c');
    await sleep(50);
    for (const { results } of [underway, waiting, late]) assert.deepEqual(results, [reason]);
  });
});

describe('broker client: what it says', () => {
  withBroker();

  it('each notice once, until the settings change', async () => {
    const { client, notices, settings } = setUp({ question: { protocolVersion: 4 } });
    const withProperties = () =>
      new Promise<void>((resolve) =>
        client.publish(
          { topic: 't', payload: '', qos: 0, retain: false, properties: { contentType: 'x' } },
          () => resolve(),
        ),
      );
    await connected(client);
    await withProperties();
    await withProperties();
    const said = () => notices.filter(({ code }) => code === 'properties-dropped').length;
    assert.equal(said(), 1);
    client.configure(settings);
    await withProperties();
    assert.equal(said(), 2);
  });

  it('that a session is kept for less than asked', async () => {
    broker.answer = (packet, line) => {
      if (packet.cmd !== 'connect') return false;
      line.send({
        cmd: 'connack',
        reasonCode: 0,
        sessionPresent: false,
        properties: { sessionExpiryInterval: 300 },
      });
      return true;
    };
    const { client, notices } = setUp({ settings: { cleanSession: false, sessionExpiry: 3_600 } });
    await connected(client);
    assert.match(String(notices.map(({ text }) => inEnglish(text))), /300 s only instead of the 3600 s/);
  });
});
