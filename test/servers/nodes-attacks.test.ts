/** Where a password must not go: unencrypted to strangers, and over lines from which somebody took the encryption. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FlowNode } from '../support/flows';
import {
  certificates,
  type Ejabberd,
  forEachGeneration,
  type Proxy as Line,
  type Mosquitto,
  type NonLocalHost,
  type Prosody,
  startEjabberd,
  startMosquitto,
  startNonLocalHost,
  startProsody,
  startProxy,
  stripStartTls,
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
  online,
  PASSWORD,
  settled,
  stopped,
  TLS,
  USER,
  users,
} from './nodes-support';
import { logins, traces } from './nodes-wire';

const HOUSE = 'm0squito-pass';
const LOGIN = { broker: { user: 'house', mqttPassword: HOUSE } };
const PUBSUB = 'pubsub.localhost';

/** Fails where anything of a login went over the line: a password however written, SASL, or a user name. */
function assertNoLogin(line: Line, ...secrets: string[]): void {
  const text = line.captured().toString('latin1');
  for (const secret of secrets) {
    for (const trace of traces(secret)) {
      assert.ok(!text.includes(trace), 'the password went over the line');
    }
  }
  assert.doesNotMatch(text, /<(?:auth|response|authenticate|initial-response)\b/);
  assert.deepEqual(logins(line), []);
}

forEachGeneration('passwords and addresses that are not local', (generation) => {
  let locked: Mosquitto;
  let prosody: Prosody;
  let remote: NonLocalHost;
  let line: Line;
  const harness = new Harness();
  const suite = new Harness();

  before(async function () {
    this.timeout(60_000);
    const host = await startNonLocalHost();
    if ('unavailable' in host) {
      if (process.env.CI) throw new Error(host.unavailable);
      process.stdout.write(`SKIPPED SUITE: ${this.test?.parent?.title}: ${host.unavailable}\n`);
      this.skip();
    }
    remote = suite.keep(host);
    [locked, prosody] = await Promise.all([
      startMosquitto({
        generation,
        tls: true,
        websockets: true,
        users: { house: HOUSE, [`${USER}@localhost`]: PASSWORD },
        cert: certificates().issue({ names: [host.address] }),
      }),
      startProsody({ generation, users }),
    ]);
    await host.relay(8883, { port: locked.tlsPort ?? 0 });
  });
  after(async () => {
    await suite.end();
    await Promise.all([locked?.stop(), prosody?.stop()]);
  });
  beforeEach(async () => {
    line = harness.keep(await startProxy({ target: { port: locked.port } }));
    await remote.relay(line.port, { port: line.port });
  });
  afterEach(() => harness.end());

  const there = (properties: object = {}): FlowNode =>
    dinoxBroker({ host: remote.address, port: line.port, usetls: false, ...properties });

  for (const [who, properties, secrets, secret] of [
    ['an MQTT login', {}, LOGIN, HOUSE],
    ["the account's", { jid: `${USER}@localhost`, serverType: 'mosquitto' }, credentials, PASSWORD],
  ] as const) {
    it(`are refused without TLS (${who}), and nothing was sent`, async () => {
      const flow = await harness.flow(flowOf(there(properties), dinoxIn('in', 'x')), secrets, {
        mqttReconnectTime: 100,
      });
      assert.match((await stopped(flow, 'in')).text ?? '', /reason\.unencrypted$/);
      await sleep(400);
      const errors = logged(flow, 'error').filter((text) => /not a local address/.test(text));
      assert.equal(errors.length, 1, logged(flow, 'error').join('\n'));
      assert.match(
        errors[0] ?? '',
        new RegExp(`${remote.address.replaceAll('.', '\\.')}.*allow passwords without encryption`),
      );
      assertNoLogin(line, secret);
    });

    it(`go out without TLS where that is allowed (${who}), with a standing warning`, async () => {
      const broker = there({ ...properties, allowUnencrypted: true });
      const flow = await harness.flow(flowOf(broker, dinoxOut()), secrets);
      await settled(flow, 'test');
      assert.equal(logins(line).length, 1);
      const warnings = complaints(flow);
      assert.equal(warnings.length, 1, warnings.join('\n'));
      assert.match(warnings[0] ?? '', /unencrypted|TLS is off/);
    });
  }

  it('are refused over ws:// too', async () => {
    // What a client sends over a WebSocket is masked, so that only a connection that was never made proves it.
    const web = harness.keep(await startProxy({ target: { port: locked.wsPort ?? 0 } }));
    await remote.relay(web.port, { port: web.port });
    await sleep(200); // The relay has tried its way by then.
    const { accepted } = web;
    const broker = there({ host: `ws://${remote.address}:${web.port}/mqtt`, port: '' });
    const flow = await harness.flow(flowOf(broker, dinoxIn('in', 'x')), LOGIN);
    assert.match((await stopped(flow, 'in')).text ?? '', /reason\.unencrypted$/);
    assert.equal(web.accepted, accepted);
  });

  it('go out with TLS, without a word', async () => {
    const flow = await harness.flow(flowOf(there({ port: 8883, usetls: true, tls: TLS }), dinoxOut()), LOGIN);
    await settled(flow, 'test');
    assert.deepEqual(complaints(flow), []);
  });

  it("never go to Prosody's bridge, and a bridge that strangers can reach is named", async () => {
    const open = harness.keep(await startProxy({ target: { port: prosody.mqttPort } }));
    await remote.relay(open.port, { port: open.port });
    const broker = there({
      jid: `${USER}@localhost`,
      xmppService: `xmpp://localhost:${prosody.c2sPort}`,
      port: open.port,
      tls: TLS,
    });
    const flow = await harness.flow(flowOf(broker, dinoxIn('in', 'x'), dinoxOut()), credentials);
    await online(flow, 'in');
    const warnings = complaints(flow);
    assert.equal(
      warnings.filter((text) => /anyone who reaches this port/.test(text)).length,
      1,
      warnings.join('\n'),
    );
    // The bridge does speak: what was looked at is not an empty line.
    await flow.call('out', { topic: 'x', payload: '1' });
    await flow.messages('in-sink', 1);
    assertNoLogin(open, PASSWORD);
    assert.ok(open.captured().toString('latin1').includes(`${PUBSUB}/json/x`));
  });
});

forEachGeneration('passwords and lines without their encryption', (generation) => {
  let ejabberd: Ejabberd;
  let prosody: Prosody;
  let locked: Mosquitto;
  const harness = new Harness();

  before(async function () {
    this.timeout(60_000);
    [ejabberd, prosody, locked] = await Promise.all([
      startEjabberd({ generation, users }),
      startProsody({ generation, users }),
      startMosquitto({ generation, tls: true, users: { house: HOUSE } }),
    ]);
  });
  after(() => Promise.all([ejabberd?.stop(), prosody?.stop(), locked?.stop()]));
  afterEach(() => harness.end());

  for (const name of ['ejabberd', 'Prosody'] as const) {
    it(`XMPP without STARTTLS gets no login (${name})`, async () => {
      const { c2sPort } = name === 'ejabberd' ? ejabberd : prosody;
      const line = harness.keep(await startProxy({ target: { port: c2sPort }, transform: stripStartTls() }));
      const broker = dinoxBroker({
        jid: `${USER}@localhost`,
        xmppService: `xmpp://localhost:${line.port}`,
        // Nothing listens there, so that all hangs on XMPP.
        port: 1,
        tls: TLS,
      });
      const flow = await harness.flow(flowOf(broker, dinoxIn('in', 'x')), credentials, {
        mqttReconnectTime: 100,
      });
      const text = await flow.until('the reason', () => complaints(flow)[0], CONNECT_MS);
      assert.match(text, /no TLS|STARTTLS/);
      await sleep(300);
      assert.ok(line.accepted > 0);
      assertNoLogin(line, PASSWORD);
    });
  }

  for (const [who, properties, secrets, secret] of [
    ['an MQTT login', {}, LOGIN, HOUSE],
    ["the account's", { jid: `${USER}@localhost`, serverType: 'ejabberd' }, credentials, PASSWORD],
  ] as const) {
    const target = () => (who === 'an MQTT login' ? locked.port : ejabberd.mqttPort);

    it(`MQTT gets no login where clear text answers instead of TLS (${who})`, async () => {
      const line = harness.keep(await startProxy({ target: { port: target() } }));
      const broker = dinoxBroker({ host: 'localhost', port: line.port, tls: TLS, ...properties });
      const flow = await harness.flow(flowOf(broker, dinoxIn('in', 'x')), secrets, {
        mqttReconnectTime: 100,
      });
      await flow.until('the reason', () => complaints(flow)[0], CONNECT_MS);
      await sleep(1_000);
      assert.ok(line.accepted > 0);
      assert.equal(
        flow.statusesOf('in').some(({ fill }) => fill === 'green'),
        false,
      );
      assertNoLogin(line, secret);
    });

    it(`MQTT gets no login where somebody takes the TLS records away (${who})`, async () => {
      const { tlsPort } = locked;
      const port = who === 'an MQTT login' ? tlsPort : ejabberd.mqttTlsPort;
      // The client's handshake never arrives; what comes back is what a broker without TLS would say.
      const line = harness.keep(
        await startProxy({
          target: { port: port ?? 0 },
          transform: {
            toServer: (chunk) => (chunk[0] === 0x16 ? Buffer.from('GET / HTTP/1.0\r\n\r\n') : chunk),
            toClient: () => Buffer.from([0x20, 2, 0, 0]),
          },
        }),
      );
      const broker = dinoxBroker({ host: 'localhost', port: line.port, tls: TLS, ...properties });
      const flow = await harness.flow(flowOf(broker, dinoxIn('in', 'x')), secrets, {
        mqttReconnectTime: 100,
      });
      await flow.until('the reason', () => complaints(flow)[0], CONNECT_MS);
      await sleep(1_000);
      assert.equal(
        flow.statusesOf('in').some(({ fill }) => fill === 'green'),
        false,
      );
      assertNoLogin(line, secret);
    });
  }

  it('NODE_TLS_REJECT_UNAUTHORIZED=0, which another package sets, does not let a stranger in between', async () => {
    const line = harness.keep(await startProxy({ target: { port: locked.tlsPort ?? 0 } }));
    const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    const emitWarning = process.emitWarning;
    process.emitWarning = () => {};
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    try {
      const broker = dinoxBroker({ host: 'localhost', port: line.port });
      const flow = await harness.flow(flowOf(broker, dinoxIn('in', 'x')), LOGIN);
      const text = await flow.until('the reason', () => complaints(flow)[0], CONNECT_MS);
      assert.match(text, /not signed by an authority known here/);
      assert.doesNotMatch(locked.logs(), /as house|u'house'/);
    } finally {
      if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
      else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
      process.emitWarning = emitWarning;
    }
  });
});
