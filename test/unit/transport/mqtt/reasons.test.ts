import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { words } from '../../../../src/base/catalogue';
import { inEnglish } from '../../../../src/base/english';
import english from '../../../../src/base/texts/en-US.json';
import { LinkError, type ReasonCode, SubackError } from '../../../../src/transport/errors';
import {
  connackError,
  disconnectError,
  networkError,
  reasonText,
  takenOver,
} from '../../../../src/transport/mqtt/reasons';

describe('reasons', () => {
  const code = (error: LinkError): [ReasonCode, boolean] => [error.code, error.fatal];

  it('a refused login stops; a refused version and a busy server do not', () => {
    for (const number of [4, 5, 134, 135, 138, 140])
      assert.deepEqual(
        code(connackError(number, 'mqtt://h:1883', 'as anna')),
        ['login', true],
        String(number),
      );
    for (const number of [1, 132]) assert.deepEqual(code(connackError(number, 'w', 'l')), ['version', false]);
    for (const number of [2, 3, 128, 133, 136, 137, 151, 159, 200])
      assert.deepEqual(code(connackError(number, 'w', 'l')), ['refused', false]);
  });

  it('name where, who, what and the number', () => {
    const { message } = connackError(5, 'mqtts://h:8883', 'anna@example.org');
    assert.match(
      message,
      /^mqtts:\/\/h:8883 refused the login as anna@example\.org: not authorized \(5\)\. Check/,
    );
    assert.equal(inEnglish(reasonText(151)), 'quota exceeded (151)');
    assert.equal(inEnglish(reasonText(77)), 'unknown reason (77)');
  });

  it('a second client with the same id is named', () => {
    const error = disconnectError(142, undefined, 'mqtt://h:1883', 'dinox-1');
    assert.deepEqual(code(error), ['takenover', false]);
    assert.match(error.message, /"dinox-1" took over .* own client id/);
    assert.match(takenOver('w', 'id', true).message, /probably took over/);
  });

  it('a packet that is too large is a reason of its own, for the status', () => {
    const error = disconnectError(149, undefined, 'w', 'id');
    assert.deepEqual(code(error), ['toolarge', false]);
    assert.match(error.message, /packet too large \(149\)/);
  });

  it('another DISCONNECT says its reason', () => {
    assert.match(
      disconnectError(139, 'bye', 'w', 'id').message,
      /^w closed the connection: server shutting down \(139\), "bye"\.$/,
    );
    assert.match(disconnectError(139, undefined, 'w', 'id').message, /\(139\)\.$/);
  });

  const coded = (errorCode: string, message = 'm') => Object.assign(new Error(message), { code: errorCode });
  const table: [label: string, error: Error, code: ReasonCode, says: RegExp][] = [
    ['nothing listens', coded('ECONNREFUSED'), 'network', /nothing listens.*port/],
    ['no such name', coded('ENOTFOUND'), 'network', /name could not be found/],
    ['DNS is away', coded('EAI_AGAIN'), 'network', /DNS/],
    ['packets vanish', coded('ETIMEDOUT'), 'network', /firewall/],
    ['no route', coded('EHOSTUNREACH'), 'network', /no route/],
    ['reset', coded('ECONNRESET'), 'network', /was reset/],
    [
      'all addresses fail',
      new AggregateError([coded('ECONNREFUSED'), coded('ETIMEDOUT')], ''),
      'network',
      /nothing listens/,
    ],
    ['something unknown', coded('EWHAT', 'what?'), 'network', /what\?/],
    ['expired', coded('CERT_HAS_EXPIRED'), 'tls', /expired\. Renew/],
    ['self-signed', coded('DEPTH_ZERO_SELF_SIGNED_CERT'), 'tls', /authority/],
    ['unknown authority', coded('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), 'tls', /authority/],
    [
      'another name',
      coded('ERR_TLS_CERT_ALTNAME_INVALID', 'h is not in the list'),
      'tls',
      /another name\. h is not/,
    ],
    ['no TLS there', coded('EPROTO', 'write EPROTO\nmore'), 'tls', /no TLS.*EPROTO$/],
    ['keep-alive', new Error('Keepalive timeout'), 'keepalive', /went silent/],
    ['no CONNACK', new Error('connack timeout'), 'timeout', /did not answer/],
    ['wrong SUBACK', new Error('Invalid suback QoS'), 'protocol', /broke the MQTT protocol: Invalid suback/],
  ];
  for (const [label, error, expected, says] of table) {
    it(`${label}: ${expected}`, () => {
      const found = networkError(error, 'mqtt://h:1');
      assert.equal(found.code, expected);
      assert.match(found.message, says);
      assert.match(found.message, /mqtt:\/\/h:1/);
      assert.equal(found.fatal, false);
      assert.equal(found.cause, error);
    });
  }

  it('only a SUBACK that cannot be read blames a filter: not one before CONNACK, and no UNSUBACK', () => {
    const isBlamed = (said: string): boolean => networkError(new Error(said), 'w') instanceof SubackError;
    assert.equal(isBlamed('Invalid suback code'), true);
    assert.equal(isBlamed('Malformed suback, no payload specified'), true);
    assert.equal(isBlamed('SUBACK came before CONNACK'), false);
    assert.equal(isBlamed('Malformed unsuback, no payload specified'), false);
  });

  it('leave alone what has a reason', () => {
    const error = new LinkError('unencrypted', words('no'), true);
    assert.equal(networkError(error, 'w'), error);
  });
});

describe('what servers give as a reason', () => {
  for (const language of ['en-US', 'de'])
    it(`has its words in ${language}`, () => {
      const file = join(__dirname, `../../../../src/nodes/dinox-broker/locales/${language}.json`);
      const texts = JSON.parse(readFileSync(file, 'utf8')) as { 'dinox-broker': { said: object } };
      const codes = Object.keys(english.code).filter((code) => !['0', 'unknown'].includes(code));
      assert.deepEqual(Object.keys(texts['dinox-broker'].said), codes);
    });
});
