import assert from 'node:assert/strict';
import { PHRASES, Phrases } from '../../../src/nodes/dinox-broker/editor/phrases';
import german from '../../../src/nodes/dinox-broker/locales/de.json';
import english from '../../../src/nodes/dinox-broker/locales/en-US.json';

const GERMAN: Readonly<Record<string, string>> = german['dinox-broker'].phrase;
const placeholders = (text: string) => (text.match(/__\w+?__/g) ?? []).sort();

describe('the steps of a connection test, in words', () => {
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
  ];
  for (const [text, wanted] of cases)
    it(`tells ${text.slice(0, 60)}`, () => assert.equal(phrases.translate(text), wanted));

  it('leaves alone what is too long, and takes no time for it', () => {
    const long = 'connected to '.repeat(10_000);
    assert.equal(phrases.translate(long), long);
  });
});
