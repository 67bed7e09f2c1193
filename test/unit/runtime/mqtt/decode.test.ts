import assert from 'node:assert/strict';
import { type Datatype, DecodeError, decode, mqttMessage } from '../../../../src/runtime/mqtt/decode';
import type { IncomingProperties, ReceivedPublication } from '../../../../src/transport/messages';

function delivery(payload: string | Buffer, properties?: IncomingProperties): ReceivedPublication {
  return {
    topic: 't',
    payload: Buffer.from(payload as string),
    qos: 1,
    retain: true,
    dup: false,
    properties,
    pubsub: undefined,
  };
}

const BINARY = Buffer.from([0xff, 0xfe, 0x00]);

describe('decode', () => {
  /** What core's `mqtt in` gives; `error` where it reports one and sends nothing. */
  const table: [
    datatype: Datatype,
    payload: string | Buffer,
    properties: IncomingProperties | undefined,
    outcome: unknown,
  ][] = [
    ['utf8', 'on', undefined, 'on'],
    ['utf8', 'ä€🌡', undefined, 'ä€🌡'],
    ['utf8', '', undefined, ''],
    ['utf8', BINARY, undefined, '\ufffd\ufffd\0'],
    ['utf8', '{"a":1}', { contentType: 'application/json' }, '{"a":1}'],
    ['buffer', 'on', undefined, Buffer.from('on')],
    ['buffer', '', undefined, Buffer.alloc(0)],
    ['base64', 'on', undefined, 'b24='],
    ['base64', BINARY, undefined, '//4A'],
    ['json', '{"a":1}', undefined, { a: 1 }],
    ['json', '22.1', undefined, 22.1],
    ['json', 'null', undefined, null],
    ['json', '"x"', undefined, 'x'],
    ['json', 'on', undefined, 'error'],
    ['json', '', undefined, 'error'],
    ['json', BINARY, undefined, 'error'],
    ['auto', 'on', undefined, 'on'],
    ['auto', '{"a":1}', undefined, '{"a":1}'],
    ['auto', BINARY, undefined, BINARY],
    ['auto', '{"a":1}', { contentType: 'application/json' }, '{"a":1}'],
    ['auto', 'on', { contentType: 'application/json' }, 'error'],
    ['auto', 'on', { contentType: 'image/png' }, Buffer.from('on')],
    ['auto', BINARY, { contentType: 'text/plain' }, '\ufffd\ufffd\0'],
    ['auto-detect', 'on', undefined, 'on'],
    ['auto-detect', '{"a":1}', undefined, { a: 1 }],
    ['auto-detect', '7', undefined, 7],
    ['auto-detect', '', undefined, ''],
    ['auto-detect', BINARY, undefined, BINARY],
    ['auto-detect', BINARY, { payloadFormatIndicator: true }, '\ufffd\ufffd\0'],
    ['auto-detect', '7', { contentType: 'text/plain' }, '7'],
    ['auto-detect', '7', { contentType: 'application/octet-stream' }, Buffer.from('7')],
    ['auto-detect', '7', { contentType: 'Application/JSON' }, 7],
    ['auto-detect', 'on', { contentType: 'application/json' }, 'error'],
    ['auto-detect', 'on', { contentType: 'Application/JSON' }, 'error'],
    ['auto-detect', '7', { contentType: 'something/else' }, 7],
  ];
  for (const [datatype, payload, properties, outcome] of table) {
    const shown = Buffer.isBuffer(payload) ? payload.toString('hex') : payload;
    it(`${datatype}: ${shown || '(empty)'} ${properties ? JSON.stringify(properties) : ''}`, () => {
      const run = () => decode(delivery(payload, properties), datatype);
      if (outcome === 'error') assert.throws(run, DecodeError);
      else assert.deepEqual(run(), outcome);
    });
  }

  it('an error shows how the text begins, and not all of it', () => {
    assert.throws(
      () => decode(delivery(`{"a": ${'x'.repeat(10_000)}`), 'json'),
      (error: unknown) =>
        error instanceof DecodeError &&
        /begins with "\{\\"a\\": xxx/.test(error.message) &&
        error.message.length < 400,
    );
  });

  it('a Buffer is a copy: two nodes do not share one', () => {
    const arrived = delivery(BINARY);
    const [one, two] = [decode(arrived, 'buffer'), decode(arrived, 'auto')] as [Buffer, Buffer];
    one[0] = 1;
    two[0] = 2;
    assert.equal(arrived.payload[0], 0xff);
    assert.notEqual(decode(arrived, 'auto-detect'), arrived.payload);
    const picture = delivery(BINARY, { contentType: 'image/png' });
    assert.notEqual(decode(picture, 'auto'), picture.payload);
  });

  it('an object is each node’s own', () => {
    const arrived = delivery('{"a":1}');
    assert.notEqual(decode(arrived, 'json'), decode(arrived, 'json'));
  });
});

describe('what flows see of a message', () => {
  it('without properties', () => {
    assert.deepEqual(mqttMessage(delivery('x')), { topic: 't', payload: null, qos: 1, retain: true });
  });

  it('with all of them, under core’s names', () => {
    const correlationData = Buffer.from('c');
    const message = mqttMessage(
      delivery('x', {
        responseTopic: 'r',
        correlationData,
        contentType: 'a/b',
        messageExpiryInterval: 0,
        payloadFormatIndicator: 1,
        reasonString: 'why',
        userProperties: { a: 'x', b: ['1', '2'] },
        subscriptionIdentifier: [1, 2],
        topicAlias: 3,
      }),
    );
    assert.deepEqual(message, {
      topic: 't',
      payload: null,
      qos: 1,
      retain: true,
      responseTopic: 'r',
      correlationData: Buffer.from('c'),
      contentType: 'a/b',
      messageExpiryInterval: 0,
      payloadFormatIndicator: true,
      reasonString: 'why',
      userProperties: { a: 'x', b: '["1","2"]' },
    });
    assert.notEqual(message.correlationData, correlationData);
  });

  it('with the place in PubSub, a copy for each', () => {
    const pubsub = { service: 's', type: 'json', node: 'n' };
    const message = mqttMessage({ ...delivery('x'), pubsub });
    assert.deepEqual(message.pubsub, pubsub);
    assert.notEqual(message.pubsub, pubsub);
  });
});
