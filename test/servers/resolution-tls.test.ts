/** Certificates that do not hold, over XMPP and over MQTT. */
import assert from 'node:assert/strict';
import {
  type Certificate,
  certificates,
  type Ejabberd,
  type Mosquitto,
  startEjabberd,
  startMosquitto,
  startProxy,
} from '../support/servers/index';
import { assertNoLogin, brief, codes, failure, find, users } from './resolution-support';

interface Case {
  name: string;
  cert: () => Certificate;
  says: RegExp;
  advice: RegExp;
}

const CASES: Case[] = [
  { name: 'expired', cert: () => certificates().expired, says: /the certificate expired/, advice: /Renew/ },
  {
    name: 'self-signed',
    cert: () => certificates().selfSigned,
    says: /self-signed/,
    advice: /TLS configuration/,
  },
  {
    name: 'for another name',
    cert: () => certificates().otherName,
    says: /the certificate is for elsewhere\.test, not for localhost/,
    advice: /Give the server a certificate for localhost/,
  },
];

describe('resolution: certificates that do not hold', () => {
  let good: Ejabberd;
  const xmpp = new Map<string, Ejabberd>();
  const mqtt = new Map<string, Mosquitto>();
  before(async function () {
    this.timeout(60_000);
    const [one] = await Promise.all([
      startEjabberd({ users }),
      ...CASES.map(async ({ name, cert }) => {
        mqtt.set(name, await startMosquitto({ cert: cert(), users }));
      }),
    ]);
    good = one;
    for (const { name, cert } of CASES) xmpp.set(name, await startEjabberd({ users, cert: cert() }));
  });
  after(() => Promise.all([good, ...xmpp.values(), ...mqtt.values()].map((server) => server?.stop())));

  for (const { name, says, advice } of CASES) {
    it(`${name}, over XMPP, with STARTTLS and with direct TLS`, async () => {
      const server = xmpp.get(name) as Ejabberd;
      for (const [port, directTls] of [
        [server.c2sPort, false],
        [server.c2sTlsPort, true],
      ] as const) {
        const error = await failure({ question: { xmppService: { host: 'localhost', port, directTls } } });
        assert.equal(error.code, 'tls');
        assert.equal(error.fatal, false, 'it may be mended while we wait');
        assert.match(error.message, says);
        assert.match(error.message, /Fix the server's certificate/);
      }
      assert.doesNotMatch(server.logs(), /authentication for/i, 'no login was tried');
    });

    it(`${name}, over MQTT`, async () => {
      const port = (mqtt.get(name) as Mosquitto).tlsPort ?? 0;
      const found = await failure({ ports: { xmpp: good.c2sPort, mqtts: port, mqtt: good.mqttPort } });
      assert.equal(found.code, 'tls', 'and not clear text, which is there too');
      const typed = await failure({ question: { host: 'localhost', port } });
      for (const error of [found, typed]) {
        assert.match(error.message, says);
        assert.match(error.message, advice);
      }
    });
  }

  it('says when it expired', async () => {
    const error = await failure({ question: { host: 'localhost', port: mqtt.get('expired')?.tlsPort ?? 0 } });
    assert.match(error.message, /expired on 20\d\d-\d\d-\d\d/);
  });

  it('a self-signed certificate is fine for who put it into a TLS configuration', async () => {
    const plan = await find({
      tls: { ca: certificates().selfSigned.cert },
      question: { host: 'localhost', port: mqtt.get('self-signed')?.tlsPort ?? 0 },
    });
    assert.match(brief(plan), /^mosquitto account mqtts/);
    assert.deepEqual(codes(plan), []);
  });

  it('without the authority nothing is trusted', async () => {
    const error = await failure({ tls: {}, ports: { xmpp: good.c2sPort, mqtts: good.mqttTlsPort ?? 0 } });
    assert.equal(error.code, 'tls');
    assert.match(error.message, /authority|self-signed/);
  });

  it('a TLS configuration that verifies nothing is obeyed, and warned about', async () => {
    const server = xmpp.get('for another name') as Ejabberd;
    const plan = await find({
      tls: { rejectUnauthorized: false },
      ports: { xmpp: server.c2sPort, mqtts: server.mqttTlsPort ?? 0 },
    });
    assert.match(brief(plan), /^ejabberd account mqtts/);
    assert.deepEqual(codes(plan), ['xmpp-unverified', 'mqtt-unverified']);
  });

  it('the name of the TLS configuration counts for MQTT, and not for XMPP', async () => {
    const tls = { ca: certificates().ca, servername: 'elsewhere.test' };
    const plan = await find({
      tls,
      question: { host: '127.0.0.1', port: mqtt.get('for another name')?.tlsPort ?? 0 },
    });
    assert.equal(plan.mqtt?.servername, 'elsewhere.test');
    const server = xmpp.get('for another name') as Ejabberd;
    const error = await failure({ tls, ports: { xmpp: server.c2sPort } });
    assert.match(error.message, /the certificate is for elsewhere\.test, not for localhost/);
  });

  it('NODE_TLS_REJECT_UNAUTHORIZED=0, set by another package, does not switch it off', async () => {
    const server = xmpp.get('for another name') as Ejabberd;
    const saved = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    const silenced = process.emitWarning;
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    process.emitWarning = () => {};
    try {
      assert.equal((await failure({ ports: { xmpp: server.c2sPort } })).code, 'tls');
      assert.equal(
        (await failure({ question: { host: 'localhost', port: server.mqttTlsPort ?? 0 } })).code,
        'tls',
      );
    } finally {
      process.emitWarning = silenced;
      if (saved === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
      else process.env.NODE_TLS_REJECT_UNAUTHORIZED = saved;
    }
  });

  it('a proxy that answers TLS with something else sees no login', async () => {
    const stripper = (port: number) =>
      startProxy({
        target: { port },
        transform: {
          toServer: () => Buffer.from('GET / HTTP/1.1\r\n\r\n'),
          toClient: () => Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'),
        },
      });
    const [overXmpp, overMqtt] = await Promise.all([
      stripper(good.c2sTlsPort),
      stripper(good.mqttTlsPort ?? 0),
    ]);
    try {
      const direct = { host: 'localhost', port: overXmpp.port, directTls: true };
      const error = await failure({ question: { xmppService: direct } });
      assert.equal(error.code, 'tls', error.message);
      assert.match(error.message, /TLS/);
      const broken = await failure({
        ports: { xmpp: good.c2sPort, mqtts: overMqtt.port, mqtt: good.mqttPort },
      });
      assert.equal(broken.code, 'tls', broken.message);
      for (const proxy of [overXmpp, overMqtt]) {
        assert.ok(proxy.accepted > 0);
        assertNoLogin(proxy.captured());
      }
    } finally {
      await Promise.all([overXmpp.stop(), overMqtt.stop()]);
    }
  });
});
