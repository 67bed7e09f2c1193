/** What `mqtt out` makes of a message: payload, QoS, retain, MQTT 5 properties, and `done`. */
import assert from 'node:assert/strict';
import type { Message } from '../support/runtime';
import { outFlow } from './connection-flow';
import { conformance } from './context';
import type { Seen } from './observer';

interface Case {
  title: string;
  /** Settings of the node; `topic` stands for the topic that is expected below. */
  node?: object;
  msg: Message;
  /** What arrives: as text, or in parts. `nothing` where nothing is sent. */
  seen: 'nothing' | string | (Partial<Omit<Seen, 'payload'>> & { payload?: string | Buffer });
  only?: 4 | 5;
}

const WHEN = new Date(0);

const PAYLOADS: Case[] = [
  { title: 'text', msg: { payload: 'hällo' }, seen: 'hällo' },
  { title: 'empty text', msg: { payload: '' }, seen: '' },
  { title: 'a number', msg: { payload: 21.5 }, seen: '21.5' },
  { title: 'zero', msg: { payload: 0 }, seen: '0' },
  { title: 'not a number', msg: { payload: Number.NaN }, seen: 'NaN' },
  { title: 'true', msg: { payload: true }, seen: 'true' },
  { title: 'false', msg: { payload: false }, seen: 'false' },
  { title: 'an object', msg: { payload: { a: 1, b: [true, null] } }, seen: '{"a":1,"b":[true,null]}' },
  { title: 'an array', msg: { payload: [1, 'b'] }, seen: '[1,"b"]' },
  { title: 'a date', msg: { payload: WHEN }, seen: '"1970-01-01T00:00:00.000Z"' },
  { title: 'a typed array', msg: { payload: new Uint8Array([7, 8]) }, seen: '{"0":7,"1":8}' },
  { title: 'a Buffer', msg: { payload: Buffer.from([0, 255]) }, seen: { payload: Buffer.from([0, 255]) } },
  { title: 'null', msg: { payload: null }, seen: '' },
  { title: 'undefined', msg: { payload: undefined }, seen: '' },
  { title: 'no payload at all', msg: {}, seen: 'nothing' },
];

const qos = (title: string, value: unknown, wanted: number, node: object = {}): Case => {
  return { title, node, msg: { payload: 'x', qos: value }, seen: { payload: 'x', qos: wanted } };
};

const QOS: Case[] = [
  { title: 'no QoS anywhere', msg: { payload: 'x' }, seen: { payload: 'x', qos: 0 } },
  qos('msg.qos 0', 0, 0),
  qos('msg.qos 1', 1, 1),
  qos('msg.qos 2', 2, 2),
  qos('msg.qos "1"', '1', 1),
  qos('msg.qos "2"', '2', 2),
  qos('msg.qos "2" with text behind it', '2 please', 2),
  qos('msg.qos 1.9', 1.9, 1),
  qos('msg.qos 3', 3, 0),
  qos('msg.qos -1', -1, 0),
  qos('msg.qos "high"', 'high', 0),
  qos('msg.qos null', null, 0),
  qos('msg.qos true', true, 0),
  qos('node 2 over msg.qos 0', 0, 2, { qos: '2' }),
  qos('node 1 over msg.qos 2', 2, 1, { qos: '1' }),
  qos('node 0 over msg.qos 2', 2, 0, { qos: '0' }),
  qos('node 1 (a number) over msg.qos 2', 2, 1, { qos: 1 }),
];

const retain = (title: string, value: unknown, wanted: boolean, node: object = {}): Case => {
  return { title, node, msg: { payload: 'x', retain: value }, seen: { payload: 'x', retain: wanted } };
};

const RETAIN: Case[] = [
  { title: 'no retain anywhere', msg: { payload: 'x' }, seen: { payload: 'x', retain: false } },
  retain('msg.retain true', true, true),
  retain('msg.retain "true"', 'true', true),
  retain('msg.retain false', false, false),
  retain('msg.retain 1', 1, false),
  retain('msg.retain "yes"', 'yes', false),
  retain('node "true" over msg.retain false', false, true, { retain: 'true' }),
  retain('node true over msg.retain false', false, true, { retain: true }),
  retain('node "false" over msg.retain true', true, false, { retain: 'false' }),
  retain('node false does not override msg.retain true', true, true, { retain: false }),
];

const ALL = {
  responseTopic: 'answers/here',
  correlationData: Buffer.from('id-7'),
  contentType: 'text/plain',
  userProperties: { room: 'kitchen' },
  messageExpiryInterval: 60,
  payloadFormatIndicator: true,
};
const ALL_IN_NODE = {
  respTopic: 'answers/here',
  correl: 'id-7',
  contentType: 'text/plain',
  userProps: '{"room":"kitchen"}',
  expiry: '60',
};
const { payloadFormatIndicator: _, ...ALL_FROM_NODE } = ALL;

const properties = (title: string, msg: Message, wanted: Message, node: object = {}): Case => {
  return { title, only: 5, node, msg: { payload: 'x', ...msg }, seen: { payload: 'x', properties: wanted } };
};

const PROPERTIES: Case[] = [
  {
    title: 'over MQTT 3.1.1 they are left out',
    only: 4,
    node: ALL_IN_NODE,
    msg: { payload: 'x', ...ALL },
    seen: 'x',
  },
  properties('none', {}, {}),
  properties('all from the message', ALL, ALL),
  properties('all from the node', {}, ALL_FROM_NODE, ALL_IN_NODE),
  properties(
    'the node over the message',
    {
      responseTopic: 'no',
      correlationData: 'no',
      contentType: 'no',
      userProperties: { no: 'no' },
      messageExpiryInterval: 1,
    },
    ALL_FROM_NODE,
    ALL_IN_NODE,
  ),
  properties('correlationData as text', { correlationData: 'id' }, { correlationData: Buffer.from('id') }),
  properties(
    'correlationData as bytes',
    { correlationData: [1, 2] },
    { correlationData: Buffer.from([1, 2]) },
  ),
  properties('messageExpiryInterval as text', { messageExpiryInterval: '60' }, { messageExpiryInterval: 60 }),
  properties('messageExpiryInterval negative', { messageExpiryInterval: -1 }, {}),
  properties('messageExpiryInterval of text', { messageExpiryInterval: 'soon' }, {}),
  properties(
    'messageExpiryInterval with a fraction',
    { messageExpiryInterval: 60.7 },
    { messageExpiryInterval: 60 },
  ),
  properties(
    'payloadFormatIndicator "true"',
    { payloadFormatIndicator: 'true' },
    { payloadFormatIndicator: true },
  ),
  properties(
    'payloadFormatIndicator false',
    { payloadFormatIndicator: false },
    { payloadFormatIndicator: false },
  ),
  properties('payloadFormatIndicator 1', { payloadFormatIndicator: 1 }, {}),
  properties('contentType not a string', { contentType: 5 }, {}),
  properties('responseTopic not a string', { responseTopic: 5 }, {}),
  properties(
    'user properties that are not strings become JSON',
    { userProperties: { n: 1, b: true, o: { a: 1 }, l: [1], gone: null, missing: undefined } },
    { userProperties: { n: '1', b: 'true', o: '{"a":1}', l: '[1]' } },
  ),
  properties('user properties that are no object', { userProperties: 'room=kitchen' }, {}),
  properties('user properties without any', { userProperties: {} }, {}),
  properties(
    'user properties of the node that are no JSON',
    { userProperties: { a: 'b' } },
    { userProperties: { a: 'b' } },
    { userProps: '{room' },
  ),
];

function isUsed(version: 4 | 5): (given: Case) => boolean {
  return (given) => given.only === undefined || given.only === version;
}

/** What a case expects, as the observer sees it: QoS 0, not retained, no properties, unless it says otherwise. */
function wanted({ seen }: Case, topic: string): Seen[] {
  if (seen === 'nothing') return [];
  const parts = typeof seen === 'string' ? { payload: seen } : seen;
  const payload = Buffer.from(parts.payload ?? '');
  return [{ topic, qos: 0, retain: false, properties: {}, ...parts, payload }];
}

const GROUPS: [string, Case[]][] = [
  ['payload', PAYLOADS],
  ['QoS', QOS],
  ['retain', RETAIN],
  ['MQTT 5 properties', PROPERTIES],
];

for (const [group, cases] of GROUPS) {
  conformance(`mqtt out: ${group}`, (context, version) => {
    for (const given of cases.filter(isUsed(version))) {
      it(given.title, async () => {
        const { port, prefix } = context();
        const topic = `${prefix}/x`;
        const flow = await context().load(outFlow(port, version, given.node));
        const observer = await context().observer();
        await flow.shows('out', 'green');

        const msg = { ...given.msg, topic };
        const completion = await flow.call('out', msg);
        // The same QoS and the same connection: what the case sent comes before it.
        flow.send('out', { ...given.msg, topic: `${prefix}/end`, payload: 'end' });
        await observer.until('the end', () => observer.seen.at(-1)?.topic === `${prefix}/end`);
        await flow.messages('complete', 2);

        assert.equal(completion.error, undefined);
        assert.deepEqual(observer.seen.slice(0, -1), wanted(given, topic));
        assert.equal(flow.completionsOf(msg).length, 1);
        assert.deepEqual(flow.at('errors'), []);
      });
    }
  });
}
