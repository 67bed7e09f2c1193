/** The edges of a connection's life: birth, close and will messages, and deploying. */
import assert from 'node:assert/strict';
import { broker, mqttIn, mqttOut, sink } from '../support/flows';
import { bothWays, wire } from './connection-flow';
import { conformance } from './context';
import type { Seen } from './observer';

const V5_FIELDS = {
  contentType: 'text/plain',
  userProps: '{"a":"b"}',
  respTopic: 'r',
  correl: 'c',
  expiry: '30',
};
const V5_SEEN = {
  contentType: 'text/plain',
  userProperties: { a: 'b' },
  responseTopic: 'r',
  correlationData: Buffer.from('c'),
  messageExpiryInterval: 30,
};

conformance('birth, close and will', (context, version) => {
  const seen = (topic: string, payload: string, more: Partial<Seen> = {}): Seen => {
    return { topic, payload: Buffer.from(payload), qos: 0, retain: false, properties: {}, ...more };
  };
  const properties = version === 5 ? V5_SEEN : {};

  it('birth on connecting, close on stopping, and no will then', async () => {
    const { port, prefix } = context();
    const observer = await context().observer();
    const flow = await context().load(
      bothWays(port, version, `${prefix}/in`, {
        birthTopic: `${prefix}/birth`,
        birthPayload: 'here',
        closeTopic: `${prefix}/close`,
        closePayload: 'bye',
        willTopic: `${prefix}/will`,
        willPayload: 'gone',
      }),
    );
    await observer.packets(1);
    await flow.stop();
    await observer.packets(2);
    await observer.publish(`${prefix}/end`, '', { qos: 0 });

    assert.deepEqual(await observer.packets(3), [
      seen(`${prefix}/birth`, 'here'),
      seen(`${prefix}/close`, 'bye'),
      seen(`${prefix}/end`, ''),
    ]);
  });

  it('birth and close with QoS, retain and MQTT 5 properties', async () => {
    const { port, prefix } = context();
    const observer = await context().observer();
    const flow = await context().load(
      bothWays(port, version, `${prefix}/in`, {
        birthTopic: `${prefix}/birth`,
        birthPayload: '{"on":true}',
        birthQos: '1',
        birthRetain: 'true',
        birthMsg: V5_FIELDS,
        closeTopic: `${prefix}/close`,
        closePayload: '',
        closeQos: '2',
        closeRetain: true,
        closeMsg: V5_FIELDS,
      }),
    );
    await observer.packets(1);
    await flow.stop();

    assert.deepEqual(await observer.packets(2), [
      seen(`${prefix}/birth`, '{"on":true}', { qos: 1, retain: true, properties }),
      seen(`${prefix}/close`, '', { qos: 2, retain: true, properties }),
    ]);
  });

  it('close also on the action disconnect, birth on every connect', async () => {
    const { port, prefix } = context();
    const observer = await context().observer();
    const messages = {
      birthTopic: `${prefix}/state`,
      birthPayload: 'on',
      closeTopic: `${prefix}/state`,
      closePayload: 'off',
    };
    const flow = await context().load(bothWays(port, version, `${prefix}/in`, messages));
    await observer.packets(1);

    await flow.call('out', { action: 'disconnect' });
    await flow.call('out', { action: 'connect' });

    assert.deepEqual(
      (await observer.packets(3)).map((packet) => String(packet.payload)),
      ['on', 'off', 'on'],
    );
  });

  it('the will where the line is cut, and the birth again when it is back', async () => {
    const { prefix } = context();
    const line = await wire(context());
    const observer = await context().observer();
    const flow = await context().load(
      bothWays(line.port, version, `${prefix}/in`, {
        birthTopic: `${prefix}/birth`,
        birthPayload: 'here',
        closeTopic: `${prefix}/close`,
        willTopic: `${prefix}/will`,
        willPayload: 'gone',
        willQos: '1',
        willRetain: 'true',
        willMsg: V5_FIELDS,
      }),
    );
    await observer.packets(1);
    await flow.shows('in', 'green');

    line.cut();
    const packets = await observer.packets(3, 8_000);

    assert.deepEqual(packets, [
      seen(`${prefix}/birth`, 'here'),
      seen(`${prefix}/will`, 'gone', { qos: 1, retain: true, properties }),
      seen(`${prefix}/birth`, 'here'),
    ]);
  }).timeout(12_000);

  it('the action connect brings birth, close and will of its own', async () => {
    const { prefix } = context();
    const line = await wire(context());
    const observer = await context().observer();
    const flow = await context().load(bothWays(line.port, version, `${prefix}/in`, { autoConnect: false }));
    const message = (name: string) => ({
      topic: `${prefix}/${name}`,
      payload: name,
      qos: 1,
      retain: false,
      properties: V5_FIELDS,
    });

    const own = { birth: message('birth'), close: message('close'), will: message('will') };
    const completion = await flow.call('out', { action: 'connect', broker: own });
    await observer.packets(1);
    const { will } = line.sent('connect')[0] ?? {};
    await flow.call('out', { action: 'disconnect' });

    assert.equal(completion.error, undefined);
    assert.deepEqual([will?.topic, String(will?.payload), will?.qos], [`${prefix}/will`, 'will', 1]);
    assert.deepEqual(await observer.packets(2), [
      seen(`${prefix}/birth`, 'birth', { qos: 1, properties }),
      seen(`${prefix}/close`, 'close', { qos: 1, properties }),
    ]);
  });
});

conformance('deploying', (context, version) => {
  it('one node with another topic: the line stays, the node gets the new one, the others notice nothing', async () => {
    const { prefix } = context();
    const line = await wire(context());
    const rest = [
      broker(line.port, version),
      mqttIn('other', `${prefix}/a`, 'other-out'),
      sink('other-out'),
      mqttOut('out'),
      sink('received'),
    ];
    const [tabNode] = bothWays(line.port, version, '');
    const flowWith = (topic: string) => [
      tabNode as ReturnType<typeof sink>,
      ...rest,
      mqttIn('in', topic, 'received'),
    ];
    const flow = await context().load(flowWith(`${prefix}/a`));
    await flow.shows('in', 'green');
    await flow.shows('other', 'green');

    await flow.deploy(context().types(flowWith(`${prefix}/b`)));
    await line.until(
      'the new subscription',
      () => line.sent('subscribe').at(-1)?.subscriptions[0]?.topic === `${prefix}/b`,
    );
    for (const topic of ['a', 'b'])
      await flow.call('out', { topic: `${prefix}/${topic}`, payload: topic, qos: 1 });
    await flow.messages('received', 1);
    await flow.messages('other-out', 1);

    assert.equal(line.connections, 1);
    assert.deepEqual(
      flow.at('received').map((msg) => msg.payload),
      ['b'],
    );
    assert.deepEqual(
      flow.at('other-out').map((msg) => msg.payload),
      ['a'],
    );
    assert.equal(flow.statusesOf('in').at(-1)?.fill, 'green');
  });

  it('a node that goes takes its subscription along', async () => {
    const { prefix } = context();
    const line = await wire(context());
    const nodes = bothWays(line.port, version, `${prefix}/a`);
    const flow = await context().load(nodes);
    await flow.shows('in', 'green');

    await flow.deploy(context().types(nodes.filter((node) => node.id !== 'in')));
    await line.until('an UNSUBSCRIBE', () => line.sent('unsubscribe').length > 0);

    assert.deepEqual(
      line.sent('unsubscribe').map((packet) => packet.unsubscriptions),
      [[`${prefix}/a`]],
    );
    assert.equal(line.connections, 1);
  });

  it('when the last node goes, so does the connection', async () => {
    const { prefix } = context();
    const line = await wire(context());
    const nodes = bothWays(line.port, version, `${prefix}/a`);
    const flow = await context().load(nodes);
    await flow.shows('in', 'green');

    await flow.deploy(context().types(nodes.filter((node) => !['in', 'out', 'control'].includes(node.id))));

    await line.until('a DISCONNECT', () => line.sent('disconnect').length === 1);
    assert.equal(flow.node('broker').connected, false);
  });

  it('a full deploy connects anew and delivers each message once', async () => {
    const { prefix } = context();
    const line = await wire(context());
    const nodes = bothWays(line.port, version, `${prefix}/a`);
    const flow = await context().load(nodes);
    await flow.shows('in', 'green');

    await flow.deploy(context().types(nodes), 'full');
    await line.until('a second connection', () => line.answered('connack').length === 2);
    await flow.shows('in', 'green');
    await flow.call('out', { topic: `${prefix}/a`, payload: 'one', qos: 1 });
    await flow.call('out', { topic: `${prefix}/a`, payload: 'two', qos: 1 });
    await flow.messages('received', 2);

    assert.deepEqual(
      flow.at('received').map((msg) => msg.payload),
      ['one', 'two'],
    );
    assert.equal(line.connections, 2);
  });
});
