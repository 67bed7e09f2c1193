/** Request and response over MQTT 5: one node asks and waits, three nodes without a function answer. */
import assert from 'node:assert/strict';
import { Context, OURS, sharedMosquitto } from '../conformance/context';
import { Wire } from '../conformance/wire';
import { broker, type Flow, mqttIn, mqttOut, node, sink, tab } from '../support/flows';
import { HostileBroker } from '../support/hostile-broker';

describe('dinox-mqtt-out: waiting for the response', () => {
  let context: Context;
  let responseTimeout = '600ms';
  let wire: Wire;
  const start = async (version: 4 | 5, ...nodes: Flow) => {
    context = new Context(OURS, version, (await sharedMosquitto()).port);
    const { prefix, port } = context;
    wire = await Wire.start(port);
    context.after(() => wire.end());
    return context.load([
      tab(),
      broker(wire.port, version),
      mqttOut('ask', {
        topic: `${prefix}/ask`,
        waitResponse: true,
        responseTimeout,
        outputs: 1,
        wires: [['out']],
      }),
      sink('out'),
      mqttOut('own'),
      ...nodes.map((entry) => ({ ...entry, ...(entry.topic === 'ask' ? { topic: `${prefix}/ask` } : {}) })),
    ]);
  };
  afterEach(async () => {
    responseTimeout = '600ms';
    await context.end();
  });

  it('gives the answer to the request that it belongs to, and is done with it', async () => {
    const flow = await start(
      5,
      mqttIn('in', 'ask', 'answer'),
      mqttOut('answer', { respond: true, topic: '' }),
    );
    await context.subscribed(flow);

    const asked = [1, 2, 3].map((number) => ({ payload: { number }, mine: number }));
    const completions = await Promise.all(asked.map((msg) => flow.call('ask', msg)));

    assert.deepEqual(
      completions.map(({ error }) => error),
      [undefined, undefined, undefined],
    );
    const answers = (await flow.messages('out', 3)).map(({ mine, payload }) => ({ mine, payload }));
    assert.deepEqual(
      answers.sort((a, b) => Number(a.mine) - Number(b.mine)),
      [1, 2, 3].map((mine) => ({ mine, payload: { number: mine } })),
    );
  });

  it('nobody answers: an error after the time, and the next one works', async () => {
    const flow = await start(5);
    await context.subscribed(flow);

    const { error } = await flow.call('ask', { payload: 'anybody?' });

    assert.match(String(error), /No response .* within 0\.6 s/);
    assert.deepEqual(flow.at('out'), []);
  });

  it('a request that waited for the connection until it was given up is not sent any more', async () => {
    const flow = await start(5);
    const observer = await context.observer();
    await context.subscribed(flow);
    await flow.call('own', { action: 'disconnect' });

    assert.match(String((await flow.call('ask', { payload: 'open' })).error), /No response/);
    await flow.call('own', { action: 'connect' });
    await flow.call('own', { topic: `${context.prefix}/end`, payload: 'end', qos: 1 });
    await observer.until('the end', () => String(observer.seen.at(-1)?.payload) === 'end');

    assert.deepEqual(
      observer.seen.map(({ payload }) => String(payload)),
      ['end'],
    );
  });

  it('an answer to nobody, or with other correlation data, is not passed on', async () => {
    const flow = await start(5, mqttIn('in', 'ask', 'forge'), node('helper', 'forge'));
    await context.subscribed(flow);

    const call = flow.call('ask', { payload: 'x' });
    const [request] = await flow.messages('forge', 1);
    await flow.call('own', {
      topic: request?.responseTopic,
      payload: 'forged',
      correlationData: Buffer.from('guess'),
    });
    await flow.call('own', { topic: request?.responseTopic, payload: 'without' });

    assert.match(String((await call).error), /No response/);
    assert.deepEqual(flow.at('out'), []);
  });

  it('the connection is lost between request and answer: the answer finds its request all the same', async () => {
    responseTimeout = '10s';
    const flow = await start(5, mqttIn('in', 'ask', 'asked'), node('helper', 'asked'));
    await context.subscribed(flow);
    const call = flow.call('ask', { payload: 'x', mine: 7 });
    const [request] = await flow.messages('asked', 1);

    wire.cut();
    await wire.until('a second connection', () => wire.connections === 2);
    await context.subscribed(flow);
    const { responseTopic, correlationData } = request ?? {};
    await flow.call('own', { topic: responseTopic, payload: 'late but right', correlationData, qos: 1 });

    assert.equal((await call).error, undefined);
    const [answer, ...more] = await flow.messages('out', 1);
    assert.deepEqual([answer?.payload, answer?.mine, more], ['late but right', 7, []]);
  });

  it('an answer that comes twice is passed on once, and done with once', async () => {
    const flow = await start(5, mqttIn('in', 'ask', 'asked'), node('helper', 'asked'));
    await context.subscribed(flow);
    const question = { payload: 'x' };
    const call = flow.call('ask', question);
    const [request] = await flow.messages('asked', 1);
    const { responseTopic, correlationData } = request ?? {};
    for (const payload of ['first', 'second'])
      await flow.call('own', { topic: responseTopic, payload, correlationData, qos: 1 });
    await call;
    await flow.messages('out', 1);
    await context.subscribed(flow);

    assert.deepEqual(
      flow.at('out').map(({ payload }) => payload),
      ['first'],
    );
    assert.equal(flow.completionsOf(question).length, 1);
    assert.deepEqual(flow.complaints(), []);
  });

  it('on MQTT 3.1.1 it says what it needs', async () => {
    const flow = await start(4);
    await context.subscribed(flow);
    assert.match(String((await flow.call('ask', { payload: 'x' })).error), /needs MQTT 5/);
  });

  it('the version that is found to be spoken counts, also for a request that waited for it', async () => {
    // Refuses MQTT 5 (MQTT 5 §3.2.2.2), takes 3.1.1.
    const old = await HostileBroker.start((packet, line) => {
      if (packet.cmd === 'connect' && line.version === 5)
        line.send({ cmd: 'connack', reasonCode: 132, sessionPresent: false });
      else line.polite(packet);
    });
    context = new Context(OURS, 5, old.port);
    context.after(() => old.stop());
    const flow = await context.load([
      tab(),
      broker(old.port, 5, { protocolVersion: 'auto' }),
      mqttOut('ask', { topic: 'ask', waitResponse: true, responseTimeout: '8s', outputs: 1 }),
    ]);

    const { error } = await flow.call('ask', { payload: 'early' }, 15_000);

    assert.match(String(error), /needs MQTT 5; this connection speaks 3\.1\.1/);
    assert.deepEqual(old.got('publish'), []);
  });

  it('answering what was no request is an error', async () => {
    const flow = await start(5, mqttOut('answer', { respond: true }));
    await context.subscribed(flow);
    assert.match(String((await flow.call('answer', { payload: 'x' })).error), /responseTopic is missing/);
  });
});
