/** The connection of a broker node, with the real MQTT.js and a broker that does what it is told. */

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import * as mqtt from 'mqtt';
import { inEnglish, words } from '../../../../src/base/catalogue';
import { systemClock } from '../../../../src/base/clock';
import type { Notice, Plan, Question } from '../../../../src/discovery/types';
import { BrokerClient } from '../../../../src/transport/connection/broker-client';
import type {
  ClientSettings,
  ClientState,
  ClientTools,
} from '../../../../src/transport/connection/client-types';
import { LinkError } from '../../../../src/transport/errors';
import { parseJid } from '../../../../src/xmpp/jid';
import { Receiver } from '../fake-server';
import { ScriptBroker } from '../script-broker';

const QUESTION: Question = {
  serverType: 'auto',
  usetls: false,
  useXmppCredentials: true,
  transport: 'auto',
  protocolVersion: 'auto',
  allowUnencrypted: false,
};

const clients: BrokerClient[] = [];
let broker: ScriptBroker;

beforeEach(async () => {
  broker = await ScriptBroker.start();
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.end(new Error('over'))));
  await broker.end();
});

interface SetUp {
  settings?: Partial<ClientSettings>;
  question?: Partial<Question>;
  plan?: Partial<Plan>;
  mqtt?: Partial<NonNullable<Plan['mqtt']>>;
  random?: number;
  findPlan?: ClientTools['findPlan'];
}

function setUp(how: SetUp = {}) {
  const states: ClientState[] = [];
  const notices: Notice[] = [];
  const queued: number[] = [];
  const searches: boolean[] = [];
  const plan: Plan = {
    serverType: 'mosquitto',
    mqtt: {
      endpoint: { protocol: 'mqtt', host: '127.0.0.1', port: broker.port },
      servername: '127.0.0.1',
      login: 'typed',
      ...how.mqtt,
    },
    services: {},
    steps: [],
    notices: [],
    at: '2026-01-01T00:00:00.000Z',
    ...how.plan,
  };
  const settings: ClientSettings = {
    question: { ...QUESTION, ...how.question },
    secrets: { user: 'u', mqttPassword: 'p' },
    tls: {},
    clientId: 'dinox-1',
    keepalive: 60,
    cleanSession: true,
    payloadType: 'json',
    limits: { messages: 100, bytes: 1_000_000, ttl: 60_000 },
    reconnectMin: 10,
    connectTimeout: 2_000,
    ...how.settings,
  };
  const tools: ClientTools = {
    clock: systemClock,
    random: () => how.random ?? 0,
    findPlan: (asked, signal, fresh) => {
      searches.push(fresh);
      return how.findPlan ? how.findPlan(asked, signal, fresh) : Promise.resolve(plan);
    },
    loadMqtt: () => Promise.resolve(mqtt),
  };
  const client = new BrokerClient(settings, tools, {
    state: (state) => void states.push(state),
    queued: (count) => void queued.push(count),
    notice: (notice) => void notices.push(notice),
    plan: () => {},
  });
  clients.push(client);
  const publish = (payload: string, qos: 0 | 1 | 2 = 0): { results: (Error | undefined)[] } => {
    const results: (Error | undefined)[] = [];
    client.publish({ topic: 't', payload, qos, retain: false }, (error) => results.push(error));
    return { results };
  };
  return {
    client,
    settings,
    plan,
    states,
    notices,
    queued,
    searches,
    publish,
    phases: () => states.map(({ phase }) => phase),
  };
}

async function until(what: string, look: () => boolean, ms = 5_000): Promise<void> {
  const end = Date.now() + ms;
  while (!look()) {
    if (Date.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
    await sleep(5);
  }
}

const connected = (client: BrokerClient) =>
  new Promise<void>((resolve, reject) => client.connect((error) => (error ? reject(error) : resolve())));

describe('broker client: connecting', () => {
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

describe('broker client: lost', () => {
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
    broker = await ScriptBroker.start();
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

describe('broker client: leaving', () => {
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

function setUpPublish(client: BrokerClient): { results: (Error | undefined)[] } {
  const results: (Error | undefined)[] = [];
  client.publish({ topic: 't', payload: 'waits', qos: 1, retain: false }, (error) => results.push(error));
  return { results };
}

describe('broker client: more comes than the flow can handle', () => {
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
