/** The three nodes on Mosquitto: logins, certificates, WebSockets, versions, and a broker that goes and comes back. */
import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { connect, createServer as createTcpServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Credentials } from '../support/flows';
import {
  forEachGeneration,
  freePort,
  type Mosquitto,
  type ProxyTransform,
  startMosquitto,
  startProxy,
} from '../support/servers/index';
import {
  CONNECT_MS,
  complaints,
  credentials,
  dinoxBroker,
  dinoxIn,
  dinoxOut,
  flowOf,
  Harness,
  logged,
  PASSWORD,
  settled,
  stopped,
  TLS,
  USER,
  works,
} from './nodes-support';
import { connects, logins } from './nodes-wire';
import { oneItemSuite } from './one-item-suite';

const LOGIN: Credentials = { broker: { user: 'house', mqttPassword: 'm0squito-pass' } };
const accounts = { house: 'm0squito-pass', [`${USER}@localhost`]: PASSWORD };

/** True for a CONNECT packet of MQTT 5. */
function asksForV5(chunk: Buffer): boolean {
  return chunk[0] === 0x10 && chunk[chunk.indexOf('MQTT') + 4] === 5;
}

/** A broker that hangs up without a word where it meets a version that it does not know. */
async function startOldBroker(target: number) {
  const versions: number[] = [];
  const server = createTcpServer((client) => {
    client.on('error', () => {});
    client.once('data', (chunk) => {
      versions.push(chunk[chunk.indexOf('MQTT') + 4] ?? 0);
      if (asksForV5(chunk)) {
        client.end();
        return;
      }
      const onwards = connect(target, '127.0.0.1');
      onwards.on('error', () => client.destroy()).write(chunk);
      client.pipe(onwards).pipe(client);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    versions,
    port: (server.address() as AddressInfo).port,
    stop: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

/** A broker from before MQTT 5: it answers with CONNACK 1, "unacceptable protocol version". */
function oldBroker(): ProxyTransform {
  const refused = new Set<number>();
  return {
    toServer(chunk, connection) {
      if (asksForV5(chunk)) refused.add(connection);
      return chunk;
    },
    toClient: (chunk, connection) => (refused.has(connection) ? Buffer.from([0x20, 2, 0, 1]) : chunk),
  };
}

forEachGeneration('nodes on Mosquitto', (generation) => {
  let open: Mosquitto;
  let locked: Mosquitto;
  let topic: string;
  const harness = new Harness();

  before(async function () {
    this.timeout(60_000);
    [open, locked] = await Promise.all([
      startMosquitto({ generation }),
      startMosquitto({ generation, users: accounts, tls: true }),
    ]);
  });
  after(() => Promise.all([open?.stop(), locked?.stop()]));
  beforeEach(() => {
    topic = harness.topic();
  });
  afterEach(() => harness.end());

  const plain = (server: Mosquitto, properties: object = {}) =>
    dinoxBroker({ host: server.host, port: server.port, usetls: false, ...properties });
  const encrypted = (server: Mosquitto, properties: object = {}) =>
    dinoxBroker({ host: 'localhost', port: server.tlsPort, tls: TLS, ...properties });
  const watched = async (server: Mosquitto, properties: object = {}, transform: ProxyTransform = {}) => {
    const proxy = harness.keep(await startProxy({ target: { port: server.port }, transform }));
    return { proxy, broker: plain(server, { port: proxy.port, ...properties }) };
  };
  describe('logins', () => {
    for (const protocolVersion of ['5', '4', 'auto']) {
      it(`needs none where the broker asks for none (version ${protocolVersion})`, async () => {
        const flow = await works(harness, topic, plain(open, { protocolVersion }));
        assert.deepEqual(complaints(flow), []);
      });
    }

    it('logs in with user name and password', async () => {
      const { proxy, broker } = await watched(locked);
      const flow = await works(harness, topic, broker, LOGIN);
      assert.deepEqual(
        connects(proxy).map(({ username, password }) => [username, String(password)]),
        [['house', 'm0squito-pass']],
      );
      assert.deepEqual(complaints(flow), []);
    });

    it("takes core's credential names", async () => {
      await works(harness, topic, plain(locked), { broker: { user: 'house', password: 'm0squito-pass' } });
    });

    it('logs in with the account where that is the login, also to a broker beside the XMPP server', async () => {
      await works(
        harness,
        topic,
        encrypted(locked, { jid: `${USER}@localhost`, serverType: 'mosquitto' }),
        credentials,
      );
    });

    for (const protocolVersion of ['5', '4']) {
      it(`stops at a wrong password after exactly one login, said once (version ${protocolVersion})`, async () => {
        const { proxy, broker } = await watched(locked, { protocolVersion });
        const flow = await harness.flow(
          flowOf(broker, dinoxIn('in', topic)),
          { broker: { user: 'house', mqttPassword: 'wr0ng' } },
          { mqttReconnectTime: 100 },
        );
        assert.match((await stopped(flow, 'in')).text ?? '', /reason\.login$/);
        await sleep(1_200);
        assert.equal(logins(proxy).length, 1);
        const errors = logged(flow, 'error');
        assert.equal(errors.length, 1, errors.join('\n'));
        assert.match(errors[0] ?? '', /refused the login as house.*Check user name and password/);
      });
    }

    it('says that a login is missing', async () => {
      const flow = await harness.flow(flowOf(plain(locked), dinoxIn('in', topic)), {});
      await stopped(flow, 'in');
      assert.match(logged(flow, 'error').join('\n'), /refused the login without a user name/);
    });
  });

  it('comes back after the broker was killed, with what was published meanwhile', async function () {
    this.timeout(60_000);
    const server = await startMosquitto({ generation });
    harness.after(() => server.stop());
    const flow = await harness.flow(
      flowOf(plain(server), dinoxIn('in', topic), dinoxOut()),
      {},
      { mqttReconnectTime: 200 },
    );
    await settled(flow, topic);
    await server.kill();
    await flow.shows('in', 'yellow');
    assert.equal(flow.node('broker').connected, false);
    const sending = [1, 2, 3].map((n) => flow.call('out', { topic, payload: n, qos: 1 }, 30_000));
    await sleep(500);
    await server.restart();
    await flow.shows('in', 'green', 20_000);
    for (const { error } of await Promise.all(sending)) assert.equal(error, undefined);
    const got = await flow.messages('in-sink', 3);
    assert.deepEqual(
      got.map(({ payload }) => payload),
      [1, 2, 3],
    );
    assert.equal(flow.node('broker').connected, true);
  });

  for (const protocolVersion of ['5', '4']) {
    it(`a lifetime runs while a message waits: what is over is not sent after the outage (version ${protocolVersion})`, async () => {
      const { proxy, broker } = await watched(open, { protocolVersion });
      const flow = await harness.flow(flowOf(broker, dinoxOut()), {}, { mqttReconnectTime: 100 });
      await settled(flow, topic);
      const partner = await harness.partner(`mqtt://127.0.0.1:${open.port}`, { protocolVersion: 5 });
      await partner.subscribe(`${topic}/#`);
      await proxy.refuse(true);
      proxy.cut();
      await flow.shows('out', 'yellow');
      const over = flow.call('out', {
        topic: `${topic}/garage`,
        payload: 'open',
        qos: 1,
        messageExpiryInterval: 1,
      });
      const rest = flow.call(
        'out',
        { topic: `${topic}/lamp`, payload: 'on', qos: 1, messageExpiryInterval: 60 },
        CONNECT_MS,
      );
      assert.match((await over).error ?? '', /its 1 s \(messageExpiryInterval\) were over.*garage/);
      await proxy.refuse(false);
      assert.equal((await rest).error, undefined);
      await partner.arrived(1, topic);
      assert.deepEqual(
        partner.seen.map(({ topic: on, expiry }) => [on, expiry !== undefined && expiry < 60]),
        [[`${topic}/lamp`, protocolVersion === '5']],
      );
    });
  }

  it('Retain As Published of one node does not reach another one on the same filter', async () => {
    const flow = await harness.flow(
      flowOf(
        plain(open, { protocolVersion: '5' }),
        dinoxIn('keeps', topic, { rap: true }),
        dinoxIn('plain', topic, { rap: false }),
        dinoxOut(),
      ),
      {},
    );
    await settled(flow, topic);
    // The time in which a replay of retained messages is waited for.
    await sleep(1_200);
    await flow.call('out', { topic, payload: 'live', qos: 1, retain: true });
    const [kept] = await flow.messages('keeps-sink', 1);
    const [plainly] = await flow.messages('plain-sink', 1);
    await flow.call('out', { topic, payload: '', qos: 1, retain: true });
    assert.deepEqual([kept?.retain, plainly?.retain], [true, false]);
  });

  describe('versions', () => {
    it('speaks MQTT 5 first', async () => {
      const { proxy, broker } = await watched(open);
      await works(harness, topic, broker);
      assert.deepEqual(
        connects(proxy).map(({ protocolVersion }) => protocolVersion),
        [5],
      );
    });

    it('falls back to 3.1.1 where 5 is refused, at once, and remembers it', async () => {
      const { proxy, broker } = await watched(open, {}, oldBroker());
      const flow = await works(harness, topic, broker, {}, { settings: { mqttReconnectTime: 50 } });
      const versions = () => connects(proxy).map(({ protocolVersion }) => protocolVersion);
      assert.deepEqual(versions(), [5, 4]);
      // Also after tries that failed for another reason.
      proxy.target = { port: await freePort() };
      proxy.cut();
      await sleep(500);
      proxy.target = { port: open.port };
      await flow.shows('in', 'green', CONNECT_MS);
      const [, , ...later] = versions();
      assert.ok(later.length >= 2, `${later.length} tries`);
      assert.deepEqual([...new Set(later)], [4]);
    });

    it('falls back where the broker hangs up on MQTT 5', async () => {
      const old = harness.keep(await startOldBroker(open.port));
      await works(harness, topic, plain(open, { port: old.port }));
      assert.deepEqual(old.versions, [5, 4]);
    });

    it('stops where the typed version is refused, and says what to choose', async () => {
      const { proxy, broker } = await watched(open, { protocolVersion: '5' }, oldBroker());
      const flow = await harness.flow(flowOf(broker, dinoxIn('in', topic)), {}, { mqttReconnectTime: 100 });
      assert.match((await stopped(flow, 'in')).text ?? '', /reason\.version$/);
      await sleep(500);
      assert.equal(connects(proxy).length, 1);
      assert.match(
        logged(flow, 'error').join('\n'),
        /refused the MQTT version.*Set the protocol version to auto/,
      );
    });
  });

  describe('what the CONNACK says', () => {
    it('obeys the highest QoS, with one notice', async function () {
      this.timeout(40_000);
      const server = await startMosquitto({ generation, maxQos: 1 });
      harness.after(() => server.stop());
      const flow = await harness.flow(flowOf(plain(server), dinoxIn('in', topic), dinoxOut()), {});
      await settled(flow, topic);
      for (const n of [1, 2]) {
        assert.equal((await flow.call('out', { topic, payload: n, qos: 2 })).error, undefined);
      }
      const got = await flow.messages('in-sink', 2);
      assert.deepEqual(
        got.map(({ qos }) => qos),
        [1, 1],
      );
      const notices = complaints(flow);
      assert.equal(notices.length, 1, notices.join('\n'));
      assert.match(notices[0] ?? '', /at QoS 1 at most: QoS 2 is lowered/);
    });

    it('refuses a message over the largest packet, and the next one passes', async function () {
      this.timeout(40_000);
      const server = await startMosquitto({ generation, extraConfig: 'max_packet_size 2000' });
      harness.after(() => server.stop());
      const flow = await harness.flow(flowOf(plain(server), dinoxIn('in', topic), dinoxOut()), {});
      await settled(flow, topic);
      const { error } = await flow.call('out', { topic, payload: 'x'.repeat(3_000), qos: 1 });
      assert.match(error ?? '', /takes 2000 in one packet.*Send it in parts/);
      await flow.call('out', { topic, payload: 'x'.repeat(1_000), qos: 1 });
      await flow.messages('in-sink', 1);
      assert.equal(flow.statusesOf('in').at(-1)?.fill, 'green');
    });

    for (const protocolVersion of ['5', '4']) {
      it(`brings one message to each node where filters overlap (version ${protocolVersion})`, async () => {
        const filters = {
          all: `${topic}/#`,
          plus: `${topic}/+/t`,
          exact: `${topic}/a/t`,
          same: `${topic}/a/t`,
        };
        const nodes = Object.entries(filters).map(([id, filter]) => dinoxIn(id, filter));
        const flow = await harness.flow(flowOf(plain(open, { protocolVersion }), ...nodes, dinoxOut()), {});
        await settled(flow, topic);
        for (const payload of ['20', '20', '21']) {
          await flow.call('out', { topic: `${topic}/a/t`, payload, qos: 1 });
        }
        await flow.call('out', { topic: `${topic}/end`, payload: '"end"', qos: 1 });
        await flow.until('the end', () => flow.at('all-sink').at(-1)?.payload === 'end');
        await sleep(200);
        for (const id of ['plus', 'exact', 'same']) {
          assert.deepEqual(
            flow.at(`${id}-sink`).map(({ payload }) => payload),
            [20, 20, 21],
            id,
          );
        }
        assert.equal(flow.at('all-sink').filter((message) => message.topic === `${topic}/a/t`).length, 3);
      });

      it(`shares a subscription between two connections (version ${protocolVersion})`, async () => {
        const shared = `$share/g/${topic}/#`;
        const second = { ...plain(open, { protocolVersion }), id: 'broker2' };
        const flow = await harness.flow(
          flowOf(
            plain(open, { protocolVersion }),
            second,
            dinoxIn('one', shared),
            dinoxIn('two', shared, { broker: 'broker2' }),
            dinoxOut('out'),
            dinoxOut('out2', { broker: 'broker2' }),
          ),
          {},
        );
        await settled(flow, `other/${topic}`, 'out');
        await settled(flow, `other/${topic}`, 'out2');
        for (let n = 0; n < 10; n++) await flow.call('out', { topic: `${topic}/x`, payload: n, qos: 1 });
        await flow.until('ten messages', () => flow.received.length >= 10);
        await sleep(100);
        assert.equal(flow.received.length, 10);
        assert.ok(flow.at('one-sink').length > 0 && flow.at('two-sink').length > 0);
      });

      it(`names a second client with the same id (version ${protocolVersion})`, async () => {
        const flow = await harness.flow(
          flowOf(
            plain(open, { protocolVersion, clientid: `twin-${topic}` }),
            dinoxIn('in', topic),
            dinoxOut(),
          ),
          {},
          { mqttReconnectTime: 100 },
        );
        await settled(flow, topic);
        await harness.partner(`mqtt://127.0.0.1:${open.port}`, {
          clientId: `twin-${topic}`,
          protocolVersion: protocolVersion === '5' ? 5 : 4,
          reconnectPeriod: 50,
        });
        await flow.until(
          'the twin is named',
          () => complaints(flow).some((text) => /Another client with the client id "twin-/.test(text)),
          CONNECT_MS,
        );
      });
    }
  });

  oneItemSuite(harness, generation, () => open);
});
