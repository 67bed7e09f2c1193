/** The three nodes and certificates: which ones hold, which are refused with which words; WebSockets and IPv6 too. */
import assert from 'node:assert/strict';
import { type AddressInfo, connect } from 'node:net';
import { createServer } from 'node:tls';
import type { Credentials } from '../support/flows';
import {
  certificates,
  forEachGeneration,
  type Mosquitto,
  startMosquitto,
  startProxy,
} from '../support/servers/index';
import {
  CONNECT_MS,
  complaints,
  credentials,
  dinoxBroker,
  dinoxIn,
  flowOf,
  Harness,
  TLS,
  tlsConfig,
  USER,
  works,
} from './nodes-support';

const LOGIN: Credentials = { broker: { user: 'house', mqttPassword: 'm0squito-pass' } };

/** Ends TLS in front of a server that has none, as a reverse proxy does. */
async function startTlsFront(target: number, certificate: { cert: string; key: string }) {
  const server = createServer({ cert: certificate.cert, key: certificate.key }, (client) => {
    const onwards = connect(target, '127.0.0.1');
    client.on('error', () => onwards.destroy()).pipe(onwards);
    onwards.on('error', () => client.destroy()).pipe(client);
  });
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    stop: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

forEachGeneration('nodes and TLS', (generation) => {
  let open: Mosquitto;
  let locked: Mosquitto;
  let six: Mosquitto;
  const broken: Record<string, Mosquitto> = {};
  let topic: string;
  const harness = new Harness();

  before(async function () {
    this.timeout(60_000);
    const { expired, selfSigned, otherName } = certificates();
    const [first, second, third, ...bad] = await Promise.all([
      startMosquitto({ generation, websockets: true }),
      startMosquitto({ generation, users: { house: 'm0squito-pass' }, tls: true }),
      startMosquitto({ generation, ipv6: true }),
      ...[expired, selfSigned, otherName].map((cert) => startMosquitto({ generation, cert })),
    ]);
    [open, locked, six] = [first, second, third];
    for (const [index, name] of ['expired', 'selfSigned', 'otherName'].entries()) {
      const server = bad[index];
      if (server) broken[name] = server;
    }
  });
  after(() => Promise.all([open, locked, six, ...Object.values(broken)].map((server) => server?.stop())));
  beforeEach(() => {
    topic = harness.topic();
  });
  afterEach(() => harness.end());

  const plain = (server: Mosquitto, properties: object = {}) =>
    dinoxBroker({ host: server.host, port: server.port, usetls: false, ...properties });
  const encrypted = (server: Mosquitto, properties: object = {}) =>
    dinoxBroker({ host: 'localhost', port: server.tlsPort, tls: TLS, ...properties });

  describe('TLS', () => {
    it('verifies with the authority of a tls-config', async () => {
      const flow = await works(harness, topic, encrypted(locked), LOGIN);
      assert.deepEqual(complaints(flow), []);
    });

    const faults: [string, string, RegExp][] = [
      ['expired', TLS, /certificate.*expired.*Renew it/],
      ['selfSigned', TLS, /not signed by an authority known here/],
      ['otherName', TLS, /is for another name.*elsewhere\.test/],
      ['good', '', /not signed by an authority known here.*TLS configuration/],
    ];
    for (const [name, tls, expected] of faults) {
      const title = name === 'good' ? 'one of an unknown authority' : name;
      it(`refuses a certificate, and says why: ${title}`, async () => {
        const server = name === 'good' ? locked : broken[name];
        assert.ok(server);
        const proxy = harness.keep(await startProxy({ target: { port: server.tlsPort ?? 0 } }));
        const flow = await harness.flow(
          flowOf(encrypted(server, { port: proxy.port, tls }), dinoxIn('in', topic)),
          LOGIN,
        );
        const text = await flow.until('the reason', () => complaints(flow)[0], CONNECT_MS);
        assert.match(text, expected);
        assert.equal(
          flow.statusesOf('in').some(({ fill }) => fill === 'green'),
          false,
        );
        assert.doesNotMatch(proxy.captured().toString('latin1'), /m0squito|house/);
      });
    }

    it('accepts any certificate where the tls-config says so, with a standing notice', async () => {
      assert.ok(broken.expired);
      const off = { ...tlsConfig(), verifyservercert: false };
      const flow = await works(harness, topic, encrypted(broken.expired), {}, { nodes: [off] });
      const notices = complaints(flow);
      assert.equal(notices.length, 1, notices.join('\n'));
      assert.match(notices[0] ?? '', /certificate of mqtts:\/\/localhost:\d+ is not verified/);
    });

    it('checks the name that a tls-config asks for', async () => {
      assert.ok(broken.otherName);
      const flow = await works(
        harness,
        topic,
        encrypted(broken.otherName),
        {},
        { nodes: [tlsConfig({ servername: 'elsewhere.test' })] },
      );
      assert.deepEqual(complaints(flow), []);
    });

    it('verifies all the same where an old flow says verifyservercert: false, and names it', async () => {
      assert.ok(broken.selfSigned);
      // As core's editor saved it before there was a tls-config; only the type is another one.
      const { tlsPort } = broken.selfSigned;
      const old = {
        id: 'broker',
        type: 'dinox-broker',
        broker: 'localhost',
        port: String(tlsPort),
        usetls: true,
        verifyservercert: false,
      };
      const flow = await harness.flow(flowOf(old, dinoxIn('in', topic)), {});
      const text = await flow.until('the reason', () => complaints(flow)[0], CONNECT_MS);
      assert.match(text, /not signed by an authority.*verifyservercert: false.*does not switch.*tls-config/s);
      assert.equal(
        flow.statusesOf('in').some(({ fill }) => fill === 'green'),
        false,
      );
    });

    it('names verifyservercert also where an account has to find the broker', async () => {
      assert.ok(broken.selfSigned);
      const broker = encrypted(broken.selfSigned, {
        jid: `${USER}@localhost`,
        serverType: 'mosquitto',
        tls: '',
      });
      const flow = await harness.flow(
        flowOf({ ...broker, verifyservercert: false }, dinoxIn('in', topic)),
        credentials,
      );
      const text = await flow.until('the reason', () => complaints(flow)[0], CONNECT_MS);
      assert.match(text, /verifyservercert: false.*tls-config/s);
      await flow.until('the status', () =>
        flow.statusesOf('in').some(({ text: said }) => /status\.again|reason\.tls/.test(said ?? '')),
      );
    });
  });

  describe('ways', () => {
    it('speaks over ws:// with a path', async () => {
      const proxy = harness.keep(await startProxy({ target: { port: open.wsPort ?? 0 } }));
      const flow = await works(
        harness,
        topic,
        plain(open, { host: `ws://127.0.0.1:${proxy.port}/deep/path?q=1`, port: '' }),
      );
      assert.match(proxy.captured().toString('latin1'), /^GET \/deep\/path\?q=1 HTTP/);
      assert.deepEqual(complaints(flow), []);
    });

    it('speaks over wss:// with a path, and verifies', async () => {
      const front = harness.keep(await startTlsFront(open.wsPort ?? 0, certificates().good));
      const host = `wss://localhost:${front.port}/mqtt`;
      const flow = await works(harness, topic, dinoxBroker({ host, tls: TLS }));
      assert.deepEqual(complaints(flow), []);
      await flow.stop();
      const refused = await harness.flow(flowOf(dinoxBroker({ host }), dinoxIn('in', topic)), {});
      const text = await refused.until('the reason', () => complaints(refused)[0], CONNECT_MS);
      assert.match(text, /not signed by an authority known here/);
    });

    it('speaks over wss:// with a certificate for another name only where it is told to', async () => {
      const front = harness.keep(await startTlsFront(open.wsPort ?? 0, certificates().otherName));
      const broker = dinoxBroker({ host: `wss://localhost:${front.port}/mqtt`, tls: TLS });
      const refused = await harness.flow(flowOf(broker, dinoxIn('in', topic)), {});
      const text = await refused.until('the reason', () => complaints(refused)[0], CONNECT_MS);
      assert.match(text, /is for another name/);
      await refused.stop();
      await works(harness, topic, broker, {}, { nodes: [tlsConfig({ servername: 'elsewhere.test' })] });
    });

    for (const host of ['::1', '[::1]', 'mqtt://[::1]']) {
      it(`speaks over IPv6: ${host}`, async () => {
        const flow = await works(harness, topic, plain(six, { host }));
        assert.deepEqual(complaints(flow), []);
      });
    }
  });
});
