/** Networks that do not answer, and addresses that are not local. */
import assert from 'node:assert/strict';
import {
  type Ejabberd,
  type Endpoint,
  type NonLocalHost,
  type Prosody,
  startBlackhole,
  startDnsmasq,
  startEjabberd,
  startNonLocalHost,
  startProsody,
  swallowAddress,
} from '../support/servers/index';
import { brief, codes, failure, find, said, users } from './resolution-support';

describe('resolution: networks that do not answer', function () {
  this.timeout(60_000);
  let server: Ejabberd;
  let swallows: Endpoint;
  let mute: Endpoint;
  before(async () => {
    [server, swallows, mute] = await Promise.all([
      startEjabberd({ users }),
      swallowAddress(),
      startBlackhole(),
    ]);
  });
  after(() => Promise.all([server?.stop(), swallows?.stop(), mute?.stop()]));

  it('a host that swallows packets: within 15 s, with what was tried', async () => {
    const started = Date.now();
    const ports = { xmpp: swallows.port, mqtt: swallows.port, mqtts: swallows.port };
    const error = await failure({ jid: 'anna@127.0.0.1', ports });
    assert.ok(Date.now() - started < 15_000, `${Date.now() - started} ms`);
    assert.equal(error.code, 'timeout');
    assert.match(
      error.message,
      /XMPP login at xmpp:\/\/127\.0\.0\.1.*no answer.*no MQTT broker answered.*Check/,
    );
  });

  it('a host that accepts and says nothing', async () => {
    const ports = { xmpp: mute.port, mqtt: mute.port, mqtts: mute.port };
    const started = Date.now();
    const error = await failure({ ports });
    assert.ok(Date.now() - started < 15_000);
    assert.equal(error.code, 'timeout');
    assert.match(said(error), /accepts connections, but did not answer/);
  });

  it('a typed host that swallows packets, beside XMPP that answers', async () => {
    const question = { host: '127.0.0.1', port: swallows.port };
    const error = await failure({ question, ports: { xmpp: server.c2sPort } });
    assert.equal(error.code, 'network');
    assert.match(
      error.message,
      /No broker answered at mqtts:\/\/127\.0\.0\.1:\d+: no answer.*Check host and port/,
    );
  });

  it('XMPP that swallows packets beside MQTT that answers is only a reason', async () => {
    const plan = await find({ ports: { xmpp: swallows.port, mqtts: server.mqttTlsPort ?? 0 } });
    assert.match(brief(plan), /^ejabberd account mqtts/);
  });

  it('a wrong port: nothing listens, another protocol', async () => {
    const nothing = await failure({ question: { host: 'localhost', port: 1, usetls: false } });
    assert.equal(nothing.code, 'network');
    assert.match(nothing.message, /connection refused: nothing listens on localhost:1\. Check host and port/);
    const xmpp = await failure({ question: { host: 'localhost', port: server.c2sPort, usetls: false } });
    assert.match(xmpp.message, /does not speak MQTT|closed without an answer to MQTT/);
  });

  it('MQTT where XMPP is expected', async () => {
    const ports = { xmpp: server.mqttPort };
    const error = await failure({ ports });
    assert.ok(['network', 'refused', 'timeout'].includes(error.code), error.message);
  });

  it('leaves no sockets and no timers', async () => {
    // What the process holds open besides these is the harness's; it does not change.
    const held = () => process.getActiveResourcesInfo().filter((kind) => /TCP|TLS|Timeout/.test(kind)).length;
    await find({ ports: { xmpp: server.c2sPort, mqtt: server.mqttPort, mqtts: server.mqttTlsPort ?? 0 } });
    await new Promise((resolve) => setTimeout(resolve, 100));
    const before = held();
    for (const [xmpp, password] of [
      [server.c2sPort, 'g3heim-zebra'],
      [server.c2sPort, 'wrong-one'],
      [server.c2sTlsPort, 'x'],
      [1, 'x'],
    ] as const) {
      await find({
        secrets: { password },
        ports: { xmpp, mqtt: server.mqttPort, mqtts: server.mqttTlsPort ?? 0 },
        timeoutMs: 3_000,
      }).catch(() => {});
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(held(), before, process.getActiveResourcesInfo().join(' '));
  });
});

describe('resolution: an address that is not local', function () {
  this.timeout(60_000);
  let host: NonLocalHost;
  let ejabberd: Ejabberd;
  let prosody: Prosody;
  const XMPP = 5222;
  const stops: (() => Promise<unknown>)[] = [];
  before(async function () {
    const started = await startNonLocalHost();
    if ('unavailable' in started) {
      process.stdout.write(
        `SKIPPED SUITE: resolution: an address that is not local: ${started.unavailable}\n`,
      );
      if (process.env.CI) throw new Error(started.unavailable);
      return this.skip();
    }
    host = started;
    [ejabberd, prosody] = await Promise.all([startEjabberd({ users }), startProsody({ users })]);
    await host.relay(XMPP, { port: ejabberd.c2sPort });
    await host.relay(1883, { port: ejabberd.mqttPort });
    await host.relay(8883, { port: ejabberd.mqttTlsPort ?? 0 });
    await host.relay(5223, { port: prosody.c2sPort });
    await host.relay(1884, { port: prosody.mqttPort });
    await host.relay(8884, { port: prosody.mqttTlsPort });
  });
  afterEach(() => Promise.all(stops.splice(0).map((stop) => stop())));
  after(() => Promise.all([ejabberd?.stop(), prosody?.stop(), host?.stop()]));

  /** The account's domain is on that host. */
  async function dns(): Promise<string> {
    const server = await startDnsmasq({ a: { 'dinox.test': host.address } });
    stops.push(server.stop);
    return server.address;
  }
  const jid = 'anna@dinox.test';

  it('with TLS: nothing to warn about', async () => {
    const plan = await find({ jid, dns: await dns(), ports: { xmpp: XMPP, mqtt: 1883, mqtts: 8883 } });
    assert.equal(brief(plan), 'ejabberd account mqtts://dinox.test:8883 dinox.test');
    assert.deepEqual(codes(plan), []);
  });

  it('clear text is not taken by itself', async () => {
    const error = await failure({ jid, dns: await dns(), ports: { xmpp: XMPP, mqtt: 1883 } });
    assert.equal(error.code, 'unencrypted');
    assert.ok(error.message.includes(`${host.address} is not a local address`), error.message);
  });

  it('clear text that was chosen: an error with a password, a warning where that is allowed', async () => {
    const asking = { jid, dns: await dns(), ports: { xmpp: XMPP, mqtt: 1883 } };
    const error = await failure({ ...asking, question: { usetls: false } });
    assert.equal(error.code, 'unencrypted');
    assert.match(error.message, /password would go unencrypted/);
    const plan = await find({ ...asking, question: { usetls: false, allowUnencrypted: true } });
    assert.deepEqual(codes(plan), ['tls-off']);
  });

  it("Prosody's bridge: a warning, and one more without TLS", async () => {
    const asking = { jid, dns: await dns(), ports: { xmpp: 5223, mqtt: 1884, mqtts: 8884 } };
    const chosen = { transport: 'mqtt' } as const;
    assert.deepEqual(codes(await find({ ...asking, question: chosen })), ['bridge-open']);
    const plain = await find({ ...asking, question: { ...chosen, usetls: false } });
    assert.equal(brief(plain), 'prosody none mqtt://dinox.test:1884 dinox.test');
    assert.deepEqual(codes(plain), ['tls-off', 'bridge-open']);
  });

  it("Prosody's bridge that nobody chose: PubSub instead, with the reason", async () => {
    const ports = { xmpp: 5223, mqtt: 1884, mqtts: 8884 };
    const plan = await find({ jid, dns: await dns(), ports });
    assert.equal(brief(plan), 'prosody pubsub pubsub.dinox.test');
    assert.equal(plan.transport?.why, 'remote');
  });

  it('an address that swallows everything: within 15 s', async () => {
    const started = Date.now();
    const ports = { xmpp: XMPP, mqtt: 1883, mqtts: 8883 };
    const error = await failure({ jid: `anna@${host.swallows}`, ports });
    assert.ok(Date.now() - started < 15_000);
    assert.equal(error.code, 'timeout');
  });
});
