/** SRV records of a real DNS server, and what a forged one can and cannot do. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import {
  certificates,
  type Dnsmasq,
  type DnsmasqOptions,
  type Ejabberd,
  type Mosquitto,
  type SrvRecord,
  startDnsmasq,
  startEjabberd,
  startMosquitto,
  startProxy,
} from '../support/servers/index';
import { assertNoLogin, brief, failure, find, said, USER, users } from './resolution-support';

type Line = Awaited<ReturnType<typeof startProxy>>;

const JID = `${USER}@dinox.test`;
const LOOPBACK = '127.0.0.1';

describe('resolution: DNS', () => {
  let server: Ejabberd;
  /** Somebody else's servers, with a certificate that is valid, for elsewhere.test. */
  let elsewhere: { xmpp: Ejabberd; mqtt: Mosquitto };
  let proxies: { xmpp: Line; xmpps: Line; mqtts: Line; mqtt: Line };
  const dns: Dnsmasq[] = [];

  before(async function () {
    this.timeout(60_000);
    const cert = certificates().otherName;
    const [own, xmpp, mqtt] = await Promise.all([
      startEjabberd({ users }),
      startEjabberd({ users, cert }),
      startMosquitto({ tls: true, cert, users }),
    ]);
    server = own;
    elsewhere = { xmpp, mqtt };
    const [a, b, c, d] = await Promise.all(
      [xmpp.c2sPort, xmpp.c2sTlsPort, mqtt.tlsPort ?? 0, mqtt.port].map((port) =>
        startProxy({ target: { port } }),
      ),
    );
    proxies = { xmpp: a as Line, xmpps: b as Line, mqtts: c as Line, mqtt: d as Line };
  });
  afterEach(() => Promise.all(dns.splice(0).map((one) => one.stop())));
  after(() =>
    Promise.all([
      server?.stop(),
      elsewhere?.xmpp.stop(),
      elsewhere?.mqtt.stop(),
      ...Object.values(proxies ?? {}).map((proxy) => proxy.stop()),
    ]),
  );

  async function serve(srv: SrvRecord[], more: Omit<DnsmasqOptions, 'srv'> = {}): Promise<string> {
    const a = {
      'dinox.test': LOOPBACK,
      'xmpp.dinox.test': LOOPBACK,
      'mqtt.dinox.test': LOOPBACK,
      'elsewhere.test': LOOPBACK,
    };
    const one = await startDnsmasq({ srv, ...more, a: { ...a, ...more.a } });
    dns.push(one);
    return one.address;
  }
  const record = (service: string, target: string, port: number, priority = 0, weight = 0): SrvRecord => ({
    name: `${service}._tcp.dinox.test`,
    target,
    port,
    priority,
    weight,
  });

  it('follows XMPP and MQTT records, by priority', async () => {
    const address = await serve([
      record('_xmpp-client', 'xmpp.dinox.test', server.c2sPort, 20),
      record('_xmpps-client', 'xmpp.dinox.test', server.c2sTlsPort, 10),
      record('_secure-mqtt', 'mqtt.dinox.test', 1, 10),
      record('_secure-mqtt', 'mqtt.dinox.test', server.mqttTlsPort ?? 0, 20),
    ]);
    const plan = await find({ jid: JID, dns: address });
    assert.equal(brief(plan), `ejabberd account mqtts://mqtt.dinox.test:${server.mqttTlsPort} dinox.test`);
    assert.deepEqual(plan.xmpp, {
      host: 'xmpp.dinox.test',
      port: server.c2sTlsPort,
      directTls: true,
      domain: 'dinox.test',
    });
    assert.match(
      said(plan),
      /SRV _secure-mqtt\._tcp\.dinox\.test: mqtt\.dinox\.test:1 \(priority 10, weight 0\); mqtt/,
    );
  });

  it('goes on to the next XMPP target where the first does not answer', async () => {
    const address = await serve([
      record('_xmpp-client', 'xmpp.dinox.test', 1, 10),
      record('_xmpp-client', 'xmpp.dinox.test', server.c2sPort, 20),
    ]);
    const plan = await find({ jid: JID, dns: address, ports: { mqtts: server.mqttTlsPort ?? 0 } });
    // The certificate holds *.dinox.test, the domain is asked for first.
    assert.equal(brief(plan), `ejabberd account mqtts://xmpp.dinox.test:${server.mqttTlsPort} dinox.test`);
    assert.match(said(plan), /xmpp\.dinox\.test:1: connection refused.*try the next one/);
  });

  it('draws by weight', async () => {
    const address = await serve([
      record('_secure-mqtt', 'xmpp.dinox.test', server.mqttTlsPort ?? 0, 5, 1),
      record('_secure-mqtt', 'mqtt.dinox.test', server.mqttTlsPort ?? 0, 5, 60_000),
      record('_xmpp-client', 'xmpp.dinox.test', server.c2sPort),
    ]);
    const plan = await find({ jid: JID, dns: address });
    assert.equal(plan.mqtt?.endpoint.host, 'mqtt.dinox.test');
  });

  it('obeys the target "."', async () => {
    const address = await serve([
      record('_xmpp-client', '.', 0),
      record('_secure-mqtt', '.', 0),
      record('_mqtt', '.', 0),
    ]);
    const ports = { xmpp: server.c2sPort, mqtt: server.mqttPort, mqtts: server.mqttTlsPort ?? 0 };
    const error = await failure({ jid: JID, dns: address, ports });
    assert.equal(error.code, 'refused');
    assert.match(error.message, /explicitly offers no XMPP; and DNS says that MQTT is not offered/);
  });

  it('without any record: the domain itself', async () => {
    const ports = { xmpp: server.c2sPort, mqtt: server.mqttPort, mqtts: server.mqttTlsPort ?? 0 };
    const plan = await find({ jid: JID, dns: await serve([]), ports });
    assert.equal(brief(plan), `ejabberd account mqtts://dinox.test:${server.mqttTlsPort} dinox.test`);
  });

  it('a domain that does not exist', async () => {
    const error = await failure({ jid: 'anna@nowhere.test', dns: await serve([]) });
    assert.equal(error.code, 'no-domain');
    assert.match(error.message, /there is no host nowhere\.test in DNS.*Check how the domain of the JID/);
  });

  it('DNS that refuses, and DNS that swallows the questions', async function () {
    this.timeout(40_000);
    const silent = createSocket('udp4');
    await new Promise<void>((resolve) => silent.bind(0, '127.0.0.1', resolve));
    try {
      for (const dns of ['127.0.0.1:9', `127.0.0.1:${silent.address().port}`]) {
        const started = Date.now();
        const error = await failure({ jid: 'anna@nowhere.test', dns });
        assert.ok(['network', 'timeout'].includes(error.code), error.message);
        assert.match(said(error), /DNS did not answer in time|no DNS server can be reached/);
        assert.ok(Date.now() - started < 15_500, `${Date.now() - started} ms`);
      }
    } finally {
      silent.close();
    }
  });

  it('a broker that the records name, on a host of its own with the certificate of the domain', async () => {
    const address = await serve(
      [
        record('_secure-mqtt', 'rented.test', server.mqttTlsPort ?? 0),
        record('_xmpp-client', 'xmpp.dinox.test', server.c2sPort),
      ],
      { a: { 'rented.test': LOOPBACK } },
    );
    const plan = await find({ jid: JID, dns: address });
    assert.equal(brief(plan), `ejabberd account mqtts://rented.test:${server.mqttTlsPort} dinox.test`);
    assert.match(said(plan), /its certificate proves that it belongs to dinox\.test/);
  });

  it('a forged MQTT record to a server with a valid certificate of its own: no login goes there', async () => {
    const address = await serve([
      record('_secure-mqtt', 'elsewhere.test', proxies.mqtts.port),
      record('_mqtt', 'elsewhere.test', proxies.mqtt.port),
      record('_xmpp-client', 'xmpp.dinox.test', server.c2sPort),
    ]);
    const seen = proxies.mqtts.accepted;
    const error = await failure({ jid: JID, dns: address });
    assert.equal(error.code, 'host-unconfirmed', error.message);
    assert.match(
      error.message,
      /certificate is for elsewhere\.test, not for dinox\.test.*type elsewhere\.test as the host/,
    );
    assert.ok(proxies.mqtts.accepted > seen, 'it was looked at');
    assertNoLogin(proxies.mqtts.captured());
    assertNoLogin(proxies.mqtt.captured());
    // Typed, it is confirmed: the same server then is a broker with a login.
    const typed = await find({
      jid: JID,
      dns: address,
      question: { host: 'elsewhere.test', port: proxies.mqtts.port },
    });
    assert.equal(
      brief(typed),
      `mosquitto account mqtts://elsewhere.test:${proxies.mqtts.port} elsewhere.test`,
    );
  });

  it('a forged XMPP record to a server with a valid certificate of its own: no login goes there', async () => {
    for (const [service, proxy] of [
      ['_xmpp-client', proxies.xmpp],
      ['_xmpps-client', proxies.xmpps],
    ] as const) {
      const seen = proxy.accepted;
      const error = await failure({
        jid: JID,
        dns: await serve([record(service, 'elsewhere.test', proxy.port)]),
      });
      assert.equal(error.code, 'tls', error.message);
      assert.match(error.message, /the certificate is for elsewhere\.test, not for dinox\.test/);
      assert.equal(proxy.accepted, seen + 1);
      assertNoLogin(proxy.captured());
    }
    // Nothing inside TLS either: that server never saw a login.
    assert.doesNotMatch(elsewhere.xmpp.logs(), /authentication for/i);
  });
});
