import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Fault } from '../../../src/base/fault';
import { type HostParts, readHost, readXmppService, type XmppEndpoint } from '../../../src/net/host';
import { assertReadable } from '../../support/readable';

function codeOf(reading: object): string {
  assert.ok(reading instanceof Fault, JSON.stringify(reading));
  assertReadable(reading.text);
  return reading.code;
}

describe('readHost', () => {
  const good: [typed: string, parts: HostParts][] = [
    ['h', { host: 'h' }],
    ['MQTT.Example.org.', { host: 'MQTT.Example.org.' }],
    ['my_server', { host: 'my_server' }],
    ['müller.example', { host: 'xn--mller-kva.example' }],
    ['10.0.0.1', { host: '10.0.0.1' }],
    ['::1', { host: '::1' }],
    ['[2001:db8::1]', { host: '2001:db8::1' }],
    ['fe80::1%eth0.2', { host: 'fe80::1%eth0.2' }],
    ['mqtt://h', { host: 'h', scheme: 'mqtt' }],
    ['TCP://h:1884/', { host: 'h', scheme: 'mqtt', port: 1884 }],
    ['ssl://müller.example:8884', { host: 'xn--mller-kva.example', scheme: 'mqtts', port: 8884 }],
    ['mqtts://[::1]:8883', { host: '::1', scheme: 'mqtts', port: 8883 }],
    ['ws://h', { host: 'h', scheme: 'ws', port: 80, path: '/' }],
    ['wss://h/mqtt?x=1', { host: 'h', scheme: 'wss', port: 443, path: '/mqtt?x=1' }],
    ['wss://h:9001?x', { host: 'h', scheme: 'wss', port: 9001, path: '/?x' }],
  ];
  for (const [typed, parts] of good) it(`takes ${typed}`, () => assert.deepEqual(readHost(typed), parts));

  const bad: [typed: string, code: string][] = [
    ['h/mqtt', 'host-path'],
    ['a b', 'host-name'],
    ['a..b', 'host-name'],
    ['.', 'host-name'],
    ['d'.repeat(64), 'host-name'],
    ['h:1883', 'host-colon'],
    ['::1:zz', 'host-colon'],
    ['u@h', 'host-name'],
    ['h#x', 'host-name'],
    ['h%65', 'host-name'],
    ['[h', 'host-name'],
    ['http://h', 'host-scheme'],
    ['://h', 'host-scheme'],
    ['mqtt://u:p@h', 'host-login'],
    ['mqtt://h/path', 'host-mqtt-path'],
    ['wss://', 'host-none'],
    ['wss:///mqtt', 'host-none'],
    ['wss://:9001', 'host-none'],
    ['wss://h:0', 'host-port'],
    ['wss://h:99999/mqtt', 'host-port'],
    ['wss://h:/mqtt', 'host-port'],
    ['wss://h: 1/mqtt', 'host-port'],
    ['wss://h:1.', 'host-port'],
    ['wss://[::1', 'host-name'],
    ['wss://[::1]x', 'host-name'],
    ['wss://h/a b', 'host-url'],
    ['ws://[fe80::1%eth0]/mqtt', 'host-url'],
    ['wss://h/a#b', 'host-url'],
    ['wss://h\\evil/x', 'host-name'],
  ];
  for (const [typed, code] of bad) {
    it(`refuses ${typed.slice(0, 30)}: ${code}`, () => assert.equal(codeOf(readHost(typed)), code));
  }

  it('kind: a parser for something that only looks like it. What it takes, a URL names the same', () => {
    const piece = fc.constantFrom(
      'a',
      'B',
      '.',
      '-',
      '_',
      '#',
      '?',
      '@',
      '\\',
      '%',
      '%65',
      ':',
      '[',
      ']',
      '::1',
      '1',
      'ü',
      ' ',
    );
    const name = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''));
    const rest = fc.constantFrom('', '/', '/mqtt', '?x', ':1', ':65536', ':x');
    const bytes = (path: string) => decodeURIComponent(path).replace(/\?$/, '');
    fc.assert(
      fc.property(name, rest, (host, more) => {
        const found = readHost(`ws://${host}${more}`);
        // A number is an address to a URL: `1` is 0.0.0.1.
        if (found instanceof Fault || /(^|\.)\d+\.?$/.test(found.host)) return;
        const { hostname, port, pathname, search } = new URL(`ws://${host}${more}`);
        assert.equal(hostname.replace(/^\[(.*)\]$/, '$1'), found.host.toLowerCase());
        assert.equal(Number(port || 80), found.port);
        if (!/%(?!65)/.test(`${host}${more}`))
          assert.equal(bytes(`${pathname}${search}`), bytes(found.path ?? ''));
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('readXmppService', () => {
  const good: [typed: string, endpoint: XmppEndpoint][] = [
    ['xmpp://h', { host: 'h', port: 5222, directTls: false }],
    ['XMPPS://h/', { host: 'h', port: 5223, directTls: true }],
    ['xmpps://[::1]:5270', { host: '::1', port: 5270, directTls: true }],
  ];
  for (const [typed, endpoint] of good) {
    it(`takes ${typed}`, () => assert.deepEqual(readXmppService(typed), endpoint));
  }

  const bad: [typed: string, code: string][] = [
    ['h', 'xmpp-service'],
    ['http://h', 'xmpp-service'],
    ['xmpp://h/x', 'xmpp-service'],
    ['xmpp://', 'host-none'],
    ['xmpp://h:0', 'host-port'],
    ['xmpp://h:99999', 'host-port'],
    ['xmpp://a b', 'host-name'],
    ['xmpp://h#x', 'host-name'],
    ['xmpp://u@h', 'host-name'],
    ['xmpp://h%65', 'host-name'],
  ];
  for (const [typed, code] of bad) {
    it(`refuses ${typed}: ${code}`, () => assert.equal(codeOf(readXmppService(typed)), code));
  }
});
