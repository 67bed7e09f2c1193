/**
 * Certificates that nobody vouches for and that are trusted by their fingerprint: these very ones, over MQTT and XMPP, and
 * no others; nothing is said to any other.
 */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { createServer } from 'node:tls';
import mqtt from 'mqtt';
import { probeMqtt } from '../../src/discovery/probe/anonymous-probe';
import { fingerprintOf } from '../../src/net/fingerprint';
import type { TlsSettings } from '../../src/net/tls';
import { createClient } from '../../src/transport/mqtt/client';
import { loginAndDiscover } from '../../src/xmpp/stream/login';
import { type Certificate, certificates } from '../support/servers/index';

const PASSWORD = 'zebra-9-geheim';
const NAMES = ['a.test', 'b.test', 'c.test', 'd.test', 'e.test', 'f.test'];
const pinOf = ({ cert }: Certificate): string =>
  fingerprintOf(new X509Certificate(cert).fingerprint256) ?? '';

/** Accepts TLS and keeps everything that is said over it. */
async function listen(
  certificate: Certificate,
): Promise<{ end: () => void; port: number; heard: () => string }> {
  let heard = '';
  const sockets = new Set<Socket>();
  const server = createServer({ cert: certificate.cert, key: certificate.key }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1');
    });
  });
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const end = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { end, port, heard: () => heard };
}

describe('certificates trusted by their fingerprint', () => {
  const own = certificates().issue({ names: NAMES, selfSigned: true });
  const other = certificates().issue({ names: NAMES, selfSigned: true });
  const ends: (() => void)[] = [];
  afterEach(() => {
    for (const end of ends.splice(0)) end();
  });
  const open = async (certificate: Certificate) => {
    const listener = await listen(certificate);
    ends.push(listener.end);
    return listener;
  };

  /** What goes wrong, and everything that the other side heard. */
  async function mqttTo(protocol: 'mqtts' | 'wss', certificate: Certificate, tls: TlsSettings) {
    const { port, heard } = await open(certificate);
    const client = createClient(
      mqtt as never,
      {
        endpoint: { protocol, host: '127.0.0.1', port, ...(protocol === 'wss' && { path: '/mqtt' }) },
        servername: 'localhost',
        tls,
        lookup: undefined as never,
        version: 4,
        clientId: 'trust',
        username: 'anna',
        password: PASSWORD,
        keepalive: 0,
        clean: true,
        connectTimeout: 2_000,
        nextDelay: () => 60_000,
        steady: () => performance.now(),
      },
      (stream, mqttjs) => void stream.on('data', (chunk) => mqttjs.write(chunk)),
    );
    ends.push(() => {
      // As a link does it: MQTT.js would come back after its end.
      client.options.reconnectPeriod = 0;
      client.end(true);
    });
    const failed = new Promise<string>((resolve) => {
      client.on('error', (error) => resolve((error as NodeJS.ErrnoException).code ?? error.message));
    });
    client.connect();
    let timer: NodeJS.Timeout | undefined;
    const came = new Promise<string>((resolve) => {
      timer = setInterval(() => heard() !== '' && resolve('heard'), 10);
    });
    const first = await Promise.race([failed, came]);
    clearInterval(timer);
    await new Promise((resolve) => setTimeout(resolve, 100));
    return { first, heard: heard() };
  }

  for (const protocol of ['mqtts', 'wss'] as const) {
    it(`${protocol}: this one is spoken to, any other hears not a byte`, async () => {
      const pins = [pinOf(own)];
      assert.equal((await mqttTo(protocol, own, { pins })).first, 'heard');
      for (const tls of [{ pins: [pinOf(other)] }, { pins: [pinOf(certificates().good)] }, {}]) {
        assert.deepEqual(await mqttTo(protocol, own, tls), {
          first: 'DEPTH_ZERO_SELF_SIGNED_CERT',
          heard: '',
        });
      }
      // A certificate of a trusted authority, for another name.
      const tls = { pins, ca: certificates().ca };
      const named = await mqttTo(protocol, certificates().otherName, tls);
      assert.deepEqual(named, { first: 'ERR_TLS_CERT_ALTNAME_INVALID', heard: '' });
      assert.equal(
        (await mqttTo(protocol, certificates().good, tls)).first,
        'heard',
        'others may be vouched for',
      );
    });
  }

  it('XMPP and the probe: the same, and the refusal shows all names and the fingerprint', async () => {
    const signal = new AbortController().signal;
    const ask = async (certificate: Certificate, tls: TlsSettings) => {
      const { port, heard } = await open(certificate);
      const common = { host: '127.0.0.1', port, timeoutMs: 1_000 };
      const account = { local: 'anna', domain: 'localhost', password: PASSWORD, allowUnencrypted: false };
      const login = await loginAndDiscover({ ...common, ...account, directTls: true }, { tls }, signal);
      const spoken = heard();
      const wanted = { ...common, tls: true, webSocket: true, servernames: ['localhost'] };
      const probe = await probeMqtt(wanted, { tls }, signal);
      assert.ok(!login.ok && probe.ok);
      return { login, spoken, tls: probe.tls };
    };
    for (const pins of [[pinOf(other)], []]) {
      const { login, spoken, tls } = await ask(own, { pins });
      const names = NAMES.join(', ');
      assert.deepEqual(login.text, { key: 'net.selfSigned', params: { names } });
      const shown = login.certificate;
      assert.deepEqual([fingerprintOf(shown?.fingerprint ?? ''), shown?.names], [pinOf(own), names]);
      assert.deepEqual(tls?.fault?.certificate, shown);
      assert.equal(spoken, '');
    }
    const { login, spoken, tls } = await ask(own, { pins: [pinOf(own)] });
    assert.deepEqual([login.failure, tls], ['timeout', { servername: 'localhost', pinned: true }]);
    assert.match(spoken, /<stream:stream/);
  });

  it('reads fingerprints as people copy them, and nothing else', () => {
    const hex = pinOf(own);
    const pairs = hex.match(/../g)?.join(':') ?? '';
    for (const text of [
      hex,
      hex.toLowerCase(),
      pairs,
      ` sha256 Fingerprint=${pairs}\n`,
      `SHA-256: ${pairs}`,
    ]) {
      assert.equal(fingerprintOf(text), hex, text);
    }
    for (const text of ['', 'x', hex.slice(2), `${hex}00`, hex.replace(/./, 'G')]) {
      assert.equal(fingerprintOf(text), undefined, text);
    }
  });
});
