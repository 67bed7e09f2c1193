import assert from 'node:assert/strict';
import { enableMqtt } from '../../../src/discovery/advice';
import { lineNotices } from '../../../src/discovery/notices';
import type { Plan } from '../../../src/discovery/types';
import { PHRASES, Phrases } from '../../../src/editor/phrases';
import { tlsAdvice, tlsFault } from '../../../src/net/tls-fault';
import german from '../../../src/nodes/dinox-broker/locales/de.json';
import english from '../../../src/nodes/dinox-broker/locales/en-US.json';
import { profileOf } from '../../../src/servers/profiles';
import { passwordGuard } from '../../../src/transport/connection/credentials';
import { connackError, networkError } from '../../../src/transport/mqtt/reasons';
import { toXmppError, networkError as xmppNetworkError } from '../../../src/xmpp/errors';
import { assertToldWhole } from '../discovery/phrases';

const GERMAN: Readonly<Record<string, string>> = german['dinox-broker'].phrase;
const placeholders = (text: string) => (text.match(/__\w+?__/g) ?? []).sort();

describe('what a connection test says, in words', () => {
  const phrases = new Phrases((key, values = {}) =>
    (GERMAN[key] ?? key).replace(/__(\w+?)__/g, (_, name: string) => values[name] ?? ''),
  );

  it('has the same phrases in all languages, with the same parts', () => {
    assert.deepEqual(english['dinox-broker'].phrase, PHRASES);
    for (const [key, phrase] of Object.entries(PHRASES))
      assert.deepEqual(placeholders(GERMAN[key] ?? ''), placeholders(phrase), key);
  });

  const cases: [string, string][] = [
    [
      'XMPP login of anna@example.org at xmpp://example.org:5222',
      'XMPP-Anmeldung von anna@example.org an xmpp://example.org:5222',
    ],
    ['stop', 'aufhören'],
    [
      'connected to 192.0.2.1; certificate valid for example.org; MQTT 5 was refused (code 1), an open login with MQTT 3.1.1 was accepted: as Mosquitto and other brokers do',
      'verbunden mit 192.0.2.1; Zertifikat gültig für example.org; MQTT 5 wurde abgelehnt (Code 1), eine offene Anmeldung mit MQTT 3.1.1 wurde angenommen: wie Mosquitto und andere Broker',
    ],
    [
      'ejabberd at mqtts://a.b:8883, as typed; others that answered: mqtt://c.d:1883',
      'ejabberd unter mqtts://a.b:8883, wie eingegeben; außerdem antworteten: mqtt://c.d:1883',
    ],
    [
      'not usable: the certificate expired on 2026-01-31',
      'nicht brauchbar: das Zertifikat ist am 2026-01-31 abgelaufen',
    ],
    ['online; ejabberd 24.12; pubsub.example.org', 'online; ejabberd 24.12; pubsub.example.org'],
    ['a.b:5222 (priority 5, weight 0)', 'a.b:5222 (Priorität 5, Gewicht 0)'],
    ['something that a server says', 'something that a server says'],
    [
      'The XMPP login at xmpp://example.org:5222 failed: connection refused: nothing listens on example.org:5222; and no MQTT broker answered at mqtts://example.org:8883, mqtt://example.org:1883. Check the JID and the network, or type the XMPP service or the host of the broker.',
      'Die XMPP-Anmeldung an xmpp://example.org:5222 misslang: Verbindung abgelehnt: unter example.org:5222 lauscht nichts; und kein MQTT-Broker antwortete unter mqtts://example.org:8883, mqtt://example.org:1883. Prüfen Sie JID und Netz, oder geben Sie den XMPP-Server oder den Host des Brokers ein.',
    ],
    [
      'No broker answered at mqtts://a.b:8883 and mqtt://a.b:1883: no answer in time; connection refused: nothing listens on a.b:1883. Check host and port, and whether that port has TLS.',
      'Unter mqtts://a.b:8883 und mqtt://a.b:1883 antwortete kein Broker: keine rechtzeitige Antwort; Verbindung abgelehnt: unter a.b:1883 lauscht nichts. Prüfen Sie Host und Port, und ob dieser Port TLS hat.',
    ],
    [
      'anna@a.b cannot log in at xmpp://a.b:5222: the server refused the password (not-authorized: "no; never"). Check the JID and the password (it is not tried again by itself).',
      'anna@a.b kann sich an xmpp://a.b:5222 nicht anmelden: der Server lehnt das Passwort ab (not-authorized: "no; never"). Prüfen Sie JID und Passwort (von selbst wird es nicht noch einmal versucht).',
    ],
    [
      'mqtts://a.b:8883 refused the login as anna: not authorized (135). Check user name and password; it is not tried again until they change.',
      'mqtts://a.b:8883 lehnt die Anmeldung als anna ab: nicht berechtigt (135). Prüfen Sie Benutzername und Passwort; bis sie sich ändern, wird es nicht noch einmal versucht.',
    ],
  ];
  for (const [text, wanted] of cases)
    it(`tells ${text.slice(0, 60)}`, () => assert.equal(phrases.translate(text), wanted));

  it('has words for what a certificate, XMPP, MQTT and the network say', () => {
    const certificate = { subjectaltname: 'DNS:a.b', issuer: { CN: 'Some CA' }, valid_to: 'Jan 1 2026' };
    for (const code of [
      ...['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'CERT_UNTRUSTED'],
      ...['ERR_TLS_CERT_ALTNAME_INVALID', 'ERR_SSL_WRONG_VERSION_NUMBER', 'ECONNRESET', 'other'],
    ]) {
      const fault = tlsFault(code, 'detail', 'c.d', certificate as never);
      assertToldWhole(`mqtts://c.d:8883 answers, but ${fault.text}. ${tlsAdvice(fault, 'c.d')}`);
    }
    for (const condition of [
      ...['not-authorized', 'account-disabled', 'credentials-expired', 'invalid-authzid', 'policy-violation'],
      ...['host-unknown', 'host-gone', 'conflict', 'system-shutdown', 'reset', 'temporary-auth-failure'],
      ...['remote-connection-failed', 'resource-constraint', 'connection-timeout', 'encryption-required'],
      ...['mechanism-too-weak', 'see-other-host', 'undefined-condition'],
    ]) {
      for (const text of ['', 'own words, at length; and more'])
        assertToldWhole(toXmppError({ condition, text }).message);
    }
    for (const error of [new Error('SASL: none'), new Error('odd'), new DOMException('', 'TimeoutError')])
      assertToldWhole(toXmppError(error).message);
    const where = 'mqtts://c.d:8883';
    for (const code of [
      'ECONNREFUSED',
      'ENOTFOUND',
      'EAI_AGAIN',
      'ETIMEDOUT',
      'ECONNRESET',
      'EHOSTUNREACH',
    ]) {
      const error = Object.assign(new Error('x'), { code });
      assertToldWhole(xmppNetworkError(error, 'c.d:5222').message);
      assertToldWhole(networkError(error, where).message);
    }
    for (const [code, message] of [
      ['CERT_HAS_EXPIRED', ''],
      ['DEPTH_ZERO_SELF_SIGNED_CERT', ''],
      ['ERR_TLS_CERT_ALTNAME_INVALID', 'Host c.d is not in the altnames'],
      ['EPROTO', 'wrong version number'],
      [undefined, 'connack timeout'],
      [undefined, 'Keepalive timeout'],
      [undefined, 'Invalid header flag bits'],
    ] as const)
      assertToldWhole(networkError(Object.assign(new Error(message), { code }), where).message);
    for (const code of [
      1, 2, 3, 4, 5, 128, 132, 133, 134, 135, 136, 137, 138, 140, 149, 151, 156, 157, 159,
    ]) {
      for (const login of ['as anna@example.org', 'without a user name'])
        assertToldWhole(connackError(code, where, login).message);
    }
    const plan = { mqtt: { endpoint: { protocol: 'mqtt', host: 'c.d', port: 1883 } } } as Plan;
    const guard = passwordGuard(plan, { password: 'x' }, false);
    assertToldWhole(guard.refuse('c.d', '192.0.2.1').message);
    for (const profile of [profileOf('ejabberd'), profileOf('prosody'), profileOf('mosquitto')])
      assertToldWhole(`${where} did not confirm a subscription. ${profile.subackHint}`);
    for (const pubsub of [undefined, 'pubsub.c.d'])
      assertToldWhole(
        `no MQTT broker answered at ${where}, mqtt://c.d:1883. ${enableMqtt('prosody', 'c.d', pubsub)}`,
      );
    const line = {
      endpoint: { protocol: 'mqtt', host: 'c.d', port: 1883 },
      login: 'account',
      verify: false,
    } as const;
    for (const endpoint of [line.endpoint, { protocol: 'mqtts', host: 'c.d', port: 8883 } as const]) {
      for (const address of ['127.0.0.1', '192.0.2.1']) {
        for (const fallback of [false, true]) {
          for (const login of ['account', 'none'] as const)
            for (const { text } of lineNotices({
              ...line,
              endpoint,
              address,
              login,
              fallback,
              serverType: 'prosody',
            }))
              assertToldWhole(text);
        }
      }
    }
  });

  it('leaves alone what is too long, and takes no time for it', () => {
    const long = 'connected to '.repeat(10_000);
    assert.equal(phrases.translate(long), long);
  });
});
