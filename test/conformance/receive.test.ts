/** What `mqtt in` makes of a message: datatypes, message properties. */
import assert from 'node:assert/strict';
import type { IClientPublishOptions } from 'mqtt';
import { broker, catchAll, type Flow, mqttIn, mqttOut, sink, tab } from '../support/flows';
import type { Message } from '../support/runtime';
import { conformance } from './context';

const DATATYPES = ['missing', 'auto-detect', 'auto', 'utf8', 'json', 'base64', 'buffer'] as const;
type Datatype = (typeof DATATYPES)[number];

/** The message could not be decoded: it reaches the catch node instead of the flow. */
const ERROR = Symbol('error');

interface Case {
  title: string;
  payload: string | Buffer;
  properties?: IClientPublishOptions['properties'];
  /** Outcomes of the datatypes that differ from those of the plain rule (see `expected`). */
  outcome: Partial<Record<Datatype, unknown>>;
}

const BINARY = Buffer.from([0xff, 0xfe, 0x00, 0x80]);
const REPLACED = '\ufffd\ufffd\u0000\ufffd';

const CASES: Case[] = [
  { title: 'a JSON object', payload: '{"a":1}', outcome: { 'auto-detect': { a: 1 }, json: { a: 1 } } },
  { title: 'a JSON array', payload: '[1,"b"]', outcome: { 'auto-detect': [1, 'b'], json: [1, 'b'] } },
  { title: 'a number', payload: '21.5', outcome: { 'auto-detect': 21.5, json: 21.5 } },
  { title: 'a boolean', payload: 'true', outcome: { 'auto-detect': true, json: true } },
  { title: 'null', payload: 'null', outcome: { 'auto-detect': null, json: null } },
  { title: 'a JSON string', payload: '"on"', outcome: { 'auto-detect': 'on', json: 'on' } },
  { title: 'text', payload: 'hällo ☃', outcome: { json: ERROR } },
  { title: 'a number with a unit', payload: '21 °C', outcome: { json: ERROR } },
  { title: 'broken JSON', payload: '{"a":', outcome: { json: ERROR } },
  { title: 'JSON behind a byte order mark', payload: '\ufeff{"a":1}', outcome: { json: ERROR } },
  {
    title: 'JSON between blanks',
    payload: ' {"a":1}\n',
    outcome: { 'auto-detect': { a: 1 }, json: { a: 1 } },
  },
  { title: 'nothing', payload: '', outcome: { json: ERROR } },
  {
    title: 'binary data',
    payload: BINARY,
    outcome: { missing: REPLACED, 'auto-detect': BINARY, auto: BINARY, utf8: REPLACED, json: ERROR },
  },
];

const CASES_V5: Case[] = [
  {
    title: 'JSON, said to be JSON',
    payload: '{"a":1}',
    properties: { contentType: 'application/json' },
    outcome: { 'auto-detect': { a: 1 }, json: { a: 1 } },
  },
  {
    title: 'JSON, said to be JSON in capitals',
    payload: '{"a":1}',
    properties: { contentType: 'Application/JSON' },
    outcome: { 'auto-detect': { a: 1 }, json: { a: 1 } },
  },
  {
    title: 'text, said to be JSON',
    payload: 'text',
    properties: { contentType: 'application/json' },
    outcome: { 'auto-detect': ERROR, auto: ERROR, json: ERROR },
  },
  {
    title: 'nothing, said to be JSON',
    payload: '',
    properties: { contentType: 'application/json' },
    outcome: { 'auto-detect': ERROR, auto: ERROR, json: ERROR },
  },
  {
    title: 'JSON, said to be text',
    payload: '{"a":1}',
    properties: { contentType: 'text/plain' },
    outcome: { 'auto-detect': '{"a":1}', json: { a: 1 } },
  },
  {
    title: 'binary data, said to be text',
    payload: BINARY,
    properties: { contentType: 'text/plain' },
    outcome: { missing: REPLACED, 'auto-detect': REPLACED, auto: REPLACED, utf8: REPLACED, json: ERROR },
  },
  {
    title: 'text, said to be binary',
    payload: '42',
    properties: { contentType: 'application/octet-stream' },
    outcome: { 'auto-detect': Buffer.from('42'), auto: Buffer.from('42'), json: 42 },
  },
  {
    title: 'a picture',
    payload: BINARY,
    properties: { contentType: 'image/png' },
    outcome: { missing: REPLACED, 'auto-detect': BINARY, auto: BINARY, utf8: REPLACED, json: ERROR },
  },
  {
    title: 'JSON of an unknown type',
    payload: '{"a":1}',
    properties: { contentType: 'application/json; charset=utf-8' },
    outcome: { 'auto-detect': { a: 1 }, json: { a: 1 } },
  },
  {
    title: 'binary data of an unknown type',
    payload: BINARY,
    properties: { contentType: 'application/x-other' },
    outcome: { missing: REPLACED, 'auto-detect': BINARY, auto: BINARY, utf8: REPLACED, json: ERROR },
  },
  {
    title: 'a number marked as UTF-8',
    payload: '21.5',
    properties: { payloadFormatIndicator: true },
    outcome: { 'auto-detect': 21.5, json: 21.5 },
  },
  {
    title: 'binary data marked as UTF-8',
    payload: BINARY,
    properties: { payloadFormatIndicator: true },
    outcome: { missing: REPLACED, 'auto-detect': REPLACED, auto: REPLACED, utf8: REPLACED, json: ERROR },
  },
  {
    title: 'JSON marked as unspecified bytes',
    payload: '{"a":1}',
    properties: { payloadFormatIndicator: false },
    outcome: { 'auto-detect': { a: 1 }, json: { a: 1 } },
  },
];

/** Where a case does not say otherwise: the text, for `base64` and `buffer` the bytes. */
function expected({ payload, outcome }: Case, datatype: Datatype): unknown {
  if (datatype in outcome) return outcome[datatype];
  if (datatype === 'base64') return Buffer.from(payload).toString('base64');
  return datatype === 'buffer' ? Buffer.from(payload) : payload.toString();
}

function onlyNode(port: number, version: 4 | 5, topic: string, properties: object = {}): Flow {
  return [
    tab(),
    broker(port, version),
    mqttIn('in', topic, 'out', properties),
    mqttOut('own'),
    sink('out'),
    catchAll('errors'),
    sink('errors'),
  ];
}

/** A received message without the id that Node-RED gives to each. */
/** What a flow of core's looks at; ours adds `filter`, `levels` and `receivedAt`, which have tests of their own. */
function plain(msg: Message | undefined): Message {
  const { _msgid, filter: _filter, levels: _levels, receivedAt: _receivedAt, ...rest } = msg ?? {};
  assert.equal(typeof _msgid, 'string');
  return rest;
}

conformance('mqtt in: datatypes', (context, version) => {
  for (const given of version === 5 ? [...CASES, ...CASES_V5] : CASES) {
    it(given.title, async () => {
      const { port, prefix } = context();
      const nodes = DATATYPES.map((datatype) =>
        mqttIn(datatype, `${prefix}/x`, `${datatype}-out`, { datatype }),
      );
      delete nodes[0]?.datatype;
      const sinks = DATATYPES.map((datatype) => sink(`${datatype}-out`));
      const flow = await context().load([
        tab(),
        broker(port, version),
        ...nodes,
        ...sinks,
        mqttOut('own'),
        catchAll('errors'),
        sink('errors'),
      ]);
      await context().subscribed(flow);
      const observer = await context().observer();

      await observer.publish(
        `${prefix}/x`,
        given.payload,
        given.properties && { properties: given.properties },
      );
      await flow.until('seven outcomes', () => flow.received.length >= DATATYPES.length);

      const outcomes = Object.fromEntries(
        DATATYPES.map((datatype) => [datatype, flow.at(`${datatype}-out`)[0]?.payload]),
      );
      for (const { error } of flow.at('errors') as { error: { source: { id: string } } }[]) {
        outcomes[error.source.id] = ERROR;
      }
      const wanted = Object.fromEntries(DATATYPES.map((datatype) => [datatype, expected(given, datatype)]));
      assert.deepEqual(outcomes, wanted);
      assert.equal(flow.received.length, DATATYPES.length);
    });
  }

  it('an error names the node and carries what came', async () => {
    const { port, prefix } = context();
    const flow = await context().load(onlyNode(port, version, `${prefix}/x`, { datatype: 'json' }));
    await context().subscribed(flow);
    const observer = await context().observer();

    await observer.publish(`${prefix}/x`, 'no JSON', { qos: 1 });
    const [caught] = await flow.messages('errors', 1);

    const { error, ...rest } = plain(caught) as { error: { message: string; source: object } };
    assert.deepEqual(rest, { topic: `${prefix}/x`, payload: Buffer.from('no JSON'), qos: 1, retain: false });
    assert.ok(error.message.length > 0);
    assert.deepEqual(error.source, {
      id: 'in',
      type: context().types([{ id: '', type: 'mqtt in' }])[0]?.type,
      name: undefined,
      count: 1,
    });
    assert.deepEqual(flow.at('out'), []);
  });
});

const PROPERTIES = {
  responseTopic: 'answers/here',
  correlationData: Buffer.from([1, 2, 255]),
  contentType: 'application/json',
  userProperties: { room: 'kitchen', empty: '' },
  messageExpiryInterval: 300,
  payloadFormatIndicator: true,
};

conformance('mqtt in: message properties', (context, version) => {
  for (const host of ['127.0.0.1', 'localhost']) {
    it(`a plain message has topic, payload, qos, retain, and _topic where the broker is ${host}`, async () => {
      const { port, prefix } = context();
      const [tabNode, , ...rest] = onlyNode(port, version, `${prefix}/+`);
      const flow = await context().load([
        tabNode as Flow[0],
        broker(port, version, { broker: host }),
        ...rest,
      ]);
      await context().subscribed(flow);
      const observer = await context().observer();

      await observer.publish(`${prefix}/x`, 'on', { qos: 2 });
      const [msg] = await flow.messages('out', 1);

      const topic = `${prefix}/x`;
      assert.deepEqual(plain(msg), { topic, payload: 'on', qos: 2, retain: false, _topic: topic });
    });
  }

  it('_topic is missing where the broker is not named localhost or 127.0.0.1', async () => {
    const { port, prefix } = context();
    const [tabNode, , ...rest] = onlyNode(port, version, `${prefix}/x`);
    const elsewhere = broker(port, version, { broker: `mqtt://127.0.0.1:${port}`, port: '' });
    const flow = await context().load([tabNode as Flow[0], elsewhere, ...rest]);
    await context().subscribed(flow);
    const observer = await context().observer();

    await observer.publish(`${prefix}/x`, 'on');
    const [msg] = await flow.messages('out', 1);

    assert.deepEqual(plain(msg), { topic: `${prefix}/x`, payload: 'on', qos: 1, retain: false });
  });

  it('MQTT 5 properties arrive over MQTT 5 and only there', async () => {
    const { port, prefix } = context();
    const flow = await context().load(onlyNode(port, version, `${prefix}/x`));
    await context().subscribed(flow);
    const observer = await context().observer();

    await observer.publish(`${prefix}/x`, '{"a":1}', { properties: PROPERTIES });
    const [msg] = await flow.messages('out', 1);

    const topic = `${prefix}/x`;
    const base = { topic, payload: { a: 1 }, qos: 1, retain: false, _topic: topic };
    assert.deepEqual(plain(msg), version === 5 ? { ...base, ...PROPERTIES } : base);
  });

  if (version === 4) return;

  it('payloadFormatIndicator false arrives as false', async () => {
    const { port, prefix } = context();
    const flow = await context().load(onlyNode(port, version, `${prefix}/x`));
    await context().subscribed(flow);
    const observer = await context().observer();

    await observer.publish(`${prefix}/x`, 'on', { properties: { payloadFormatIndicator: false } });
    const [msg] = await flow.messages('out', 1);

    assert.equal(msg?.payloadFormatIndicator, false);
  });

  it('a user property that comes twice arrives as JSON text of both', async () => {
    const { port, prefix } = context();
    const flow = await context().load(onlyNode(port, version, `${prefix}/x`));
    await context().subscribed(flow);
    const observer = await context().observer();

    await observer.publish(`${prefix}/x`, 'on', {
      properties: { userProperties: { room: ['kitchen', 'hall'] } },
    });
    const [msg] = await flow.messages('out', 1);

    assert.deepEqual(msg?.userProperties, { room: '["kitchen","hall"]' });
  });
});
