import assert from 'node:assert/strict';
import { list, sentences, text, words } from '../../../src/base/catalogue';
import { CodedError, textOf } from '../../../src/base/coded-error';
import { inEnglish } from '../../../src/base/english';
import { render } from '../../../src/base/text';
import { enableMqtt } from '../../../src/discovery/advice';
import { lineNotices } from '../../../src/discovery/notices';
import type { Plan } from '../../../src/discovery/types';
import { tlsAdvice, tlsFault } from '../../../src/net/tls-fault';
import { profileOf } from '../../../src/servers/profiles';
import { passwordGuard } from '../../../src/transport/connection/credentials';
import { connackError, disconnectError, networkError, takenOver } from '../../../src/transport/mqtt/reasons';
import { BlockedError, toXmppError, networkError as xmppNetworkError } from '../../../src/xmpp/errors';
import { parseJid } from '../../../src/xmpp/jid';
import { assertReadable, inGerman } from '../../support/readable';

describe('texts', () => {
  it('become words with what stands in them, texts and lists of texts included', () => {
    const said = text('discovery.noneTls', {
      hosts: text('discovery.two', { one: 'mqtts://a.b:8883', two: 'mqtt://a.b:1883' }),
      answers: [text('discovery.noAnswer'), text('net.nothingListens', { where: 'a.b:1883' })],
    });
    assert.equal(
      inEnglish(said),
      'No broker answered at mqtts://a.b:8883 and mqtt://a.b:1883: no answer in time; connection refused: nothing listens on a.b:1883. Check host and port, and whether that port has TLS.',
    );
    assert.equal(
      inGerman(said),
      'Unter mqtts://a.b:8883 und mqtt://a.b:1883 antwortete kein Broker: keine rechtzeitige Antwort; Verbindung abgelehnt: unter a.b:1883 lauscht nichts. Prüfen Sie Host und Port, und ob dieser Port TLS hat.',
    );
  });

  it('never read again what a parameter holds', () => {
    const said = text('discovery.answersOnly', { where: '__text__', text: words('$t(key) __where__') });
    assert.equal(inEnglish(said), '__text__ answers, but $t(key) __where__.');
  });

  it('bound what somebody else said, and show no control characters', () => {
    const [said = ''] = Object.values(words(`a\nb\u202e${'x'.repeat(1_000)}`).params ?? {});
    assert.match(String(said), /^a\ufffdb\ufffdx{495,}…$/);
  });

  it('are JSON', () => {
    const said = sentences(text('mqtt.closedMute', { where: 'a' }), list([words('b')]), undefined);
    assert.deepEqual(JSON.parse(JSON.stringify(said)), said);
  });

  it('show a placeholder that nobody filled, and group digits as the reader does', () => {
    const shown = render(
      { key: 'k', params: { n: 1_000 } },
      () => '__n__ of __all__',
      (n) => `<${n}>`,
    );
    assert.equal(shown, '<1000> of __all__');
  });

  it('are what an error says: a foreign one by its own words', () => {
    const error = new CodedError('odd', text('xmpp.lost'));
    assert.deepEqual(
      [error.code, error.message, textOf(error)],
      ['odd', 'the connection was lost', error.text],
    );
    assert.deepEqual(textOf(new Error('boom')), words('boom'));
  });
});

describe('what the outside world says, in every language', () => {
  it('certificates', () => {
    const certificate = { subjectaltname: 'DNS:a.b', issuer: { CN: 'Some CA' }, valid_to: 'Jan 1 2026' };
    for (const code of [
      ...['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'CERT_UNTRUSTED'],
      ...['ERR_TLS_CERT_ALTNAME_INVALID', 'ERR_SSL_WRONG_VERSION_NUMBER', 'ECONNRESET', 'other'],
    ]) {
      for (const shown of [certificate, undefined]) {
        const fault = tlsFault(code, 'detail', 'c.d', shown as never);
        assertReadable(fault.text);
        assertReadable(tlsAdvice(fault, 'c.d'));
      }
    }
  });

  it('XMPP', () => {
    for (const condition of [
      ...['not-authorized', 'account-disabled', 'credentials-expired', 'invalid-authzid', 'policy-violation'],
      ...['host-unknown', 'host-gone', 'conflict', 'system-shutdown', 'reset', 'temporary-auth-failure'],
      ...['remote-connection-failed', 'resource-constraint', 'connection-timeout', 'encryption-required'],
      ...['mechanism-too-weak', 'see-other-host', 'undefined-condition'],
    ]) {
      for (const said of ['', 'own words, at length; and more'])
        assertReadable(toXmppError({ condition, text: said }).text);
    }
    for (const error of [new Error('SASL: none'), new Error('odd'), new DOMException('', 'TimeoutError')])
      assertReadable(toXmppError(error).text);
    for (const isLong of [true, false]) assertReadable(new BlockedError(9, { isLong }).text);
    const refused = toXmppError({ condition: 'not-authorized', text: 'no; never' });
    assert.equal(inGerman(refused.text), 'der Server lehnt das Passwort ab (not-authorized: "no; never")');
  });

  it('sockets', () => {
    for (const code of [
      'ECONNREFUSED',
      'ENOTFOUND',
      'EAI_AGAIN',
      'ETIMEDOUT',
      'ECONNRESET',
      'EHOSTUNREACH',
    ]) {
      const error = Object.assign(new Error('x'), { code });
      assertReadable(xmppNetworkError(error, 'c.d:5222').text);
      assertReadable(networkError(error, WHERE).text);
      assertReadable(toXmppError(error).text);
    }
  });

  it('MQTT', () => {
    for (const [code, message] of [
      ['CERT_HAS_EXPIRED', ''],
      ['DEPTH_ZERO_SELF_SIGNED_CERT', ''],
      ['ERR_TLS_CERT_ALTNAME_INVALID', 'Host c.d is not in the altnames'],
      ['EPROTO', 'wrong version number'],
      ['CERT_OTHER', 'something'],
      [undefined, 'connack timeout'],
      [undefined, 'Keepalive timeout'],
      [undefined, 'Invalid header flag bits'],
    ] as const)
      assertReadable(networkError(Object.assign(new Error(message), { code }), WHERE).text);
    for (let code = 0; code < 256; code++) {
      for (const user of ['anna@example.org', undefined])
        assertReadable(connackError(code, WHERE, user).text);
      for (const reason of ['no', undefined])
        assertReadable(disconnectError(code, reason, WHERE, 'id', reason).text);
    }
    assertReadable(takenOver(WHERE, 'id', true).text);
    assert.equal(
      inGerman(connackError(135, 'mqtts://a.b:8883', 'anna').text),
      'mqtts://a.b:8883 lehnt die Anmeldung als anna ab: nicht berechtigt (135). Prüfen Sie Benutzername und Passwort; bis sie sich ändern, wird es nicht noch einmal versucht.',
    );
  });

  it('what is wrong with a plan, and what to do', () => {
    const plan = { mqtt: { endpoint: { protocol: 'mqtt', host: 'c.d', port: 1883 } } } as Plan;
    const guard = passwordGuard(plan, { password: 'x' }, false);
    assertReadable(textOf(guard.refuse('c.d', '192.0.2.1')));
    for (const type of ['ejabberd', 'prosody', 'mosquitto'] as const) {
      assertReadable(text(profileOf(type).subackHint));
      for (const pubsub of [undefined, 'pubsub.c.d'])
        assertReadable(enableMqtt(type, parseJid('a@c.d'), pubsub));
    }
  });

  it('notices', () => {
    const line = { login: 'account', verify: false } as const;
    for (const endpoint of [
      { protocol: 'mqtt', host: 'c.d', port: 1883 },
      { protocol: 'mqtts', host: 'c.d', port: 8883 },
    ] as const) {
      for (const address of ['127.0.0.1', '192.0.2.1']) {
        for (const fallback of [false, true]) {
          for (const login of ['account', 'none'] as const) {
            const facts = { ...line, endpoint, address, login, fallback, serverType: 'prosody' } as const;
            for (const notice of lineNotices(facts)) assertReadable(notice.text);
          }
        }
      }
    }
  });
});

const WHERE = 'mqtts://c.d:8883';
