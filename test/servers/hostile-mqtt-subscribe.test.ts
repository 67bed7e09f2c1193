/** Answers to SUBSCRIBE and UNSUBSCRIBE that are wrong, short, long or missing, and messages that nobody asked for. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Packet } from 'mqtt';
import type { FlowNode } from '../support/flows';
import { type Behaviour, HostileBroker, inLong, type Line, raw } from '../support/hostile-broker';
import type { RunningFlow } from '../support/runtime';
import { complaints, dinoxBroker, dinoxIn, dinoxOut, flowOf, Harness, online } from './nodes-support';

type Subscribe = Extract<Packet, { cmd: 'subscribe' }>;

const topicsOf = (packet: Subscribe): string[] => packet.subscriptions.map(({ topic }) => topic);

/** SUBACK of MQTT 3.1.1 with any codes at all. */
const suback4 = ({ messageId = 0 }: Packet, codes: number[]): Buffer =>
  raw(0x90, [messageId >> 8, messageId & 255, ...codes]);
const suback5 = ({ messageId = 0 }: Packet, codes: number[]): Buffer =>
  raw(0x90, [messageId >> 8, messageId & 255, 0, ...codes]);

describe('a broker that answers subscriptions wrongly', () => {
  const harness = new Harness();
  afterEach(() => harness.end());

  async function start(
    version: 4 | 5,
    behave: Behaviour,
    nodes: FlowNode[],
    properties: object = {},
  ): Promise<{ broker: HostileBroker; flow: RunningFlow }> {
    const broker = harness.keep(await HostileBroker.start(behave));
    const config = dinoxBroker({
      host: '127.0.0.1',
      port: broker.port,
      usetls: false,
      protocolVersion: version,
      ...properties,
    });
    const flow = await harness.flow(flowOf(config, ...nodes), {}, { mqttReconnectTime: 20 });
    return { broker, flow };
  }

  const nodes = ['a', 'b', 'c', 'bad', 'd', 'e'].map((name) => dinoxIn(name, `t/${name}`));
  const good = nodes.filter(({ id }) => id !== 'bad');

  /** Every good node receives a message of its own topic. */
  async function othersWork(broker: HostileBroker, flow: RunningFlow): Promise<void> {
    await broker.until('all subscribed on one line', () => {
      const { packets } = broker.line;
      const topics = packets.flatMap((packet) => (packet.cmd === 'subscribe' ? topicsOf(packet) : []));
      return good.every(({ id }) => topics.includes(`t/${id}`));
    });
    await sleep(100);
    for (const { id } of good) broker.line.send({ cmd: 'publish', topic: `t/${id}`, payload: '1', qos: 0 });
    for (const { id } of good) await flow.messages(`${id}-sink`, 1);
  }

  for (const [version, code] of [
    [4, 0x8f],
    [4, 3],
    [5, 0x05],
    [5, 0xff],
  ] as const) {
    it(`code 0x${code.toString(16)} on ${version === 4 ? '3.1.1' : '5'}, which is none: the filter is named and left out, the others work`, async () => {
      const suback = version === 4 ? suback4 : suback5;
      const { broker, flow } = await start(
        version,
        (packet, line) => {
          if (packet.cmd !== 'subscribe') line.polite(packet);
          else
            line.send(
              suback(
                packet,
                topicsOf(packet).map((topic) => (topic === 't/bad' ? code : 0)),
              ),
            );
        },
        nodes,
      );
      await flow.until('the filter is named', () =>
        complaints(flow).some((entry) => /"t\/bad".*left out/.test(entry)),
      );
      await othersWork(broker, flow);
      const { accepted } = broker;
      const connections = accepted.length;
      await sleep(500);
      assert.equal(broker.accepted.length, connections, 'it goes on breaking');
      assert.ok(connections <= 4, `${connections} connections`);
      assert.equal(flow.statusesOf('bad').at(-1)?.fill, 'red');
      assert.equal(flow.statusesOf('a').at(-1)?.fill, 'green');
      assert.equal(complaints(flow).filter((entry) => /"t\/bad".*left out/.test(entry)).length, 1);
      // After another loss it is still left out, and one packet is enough again.
      broker.line.socket.destroy();
      await broker.until('back', () => broker.got('connect').length > connections);
      await othersWork(broker, flow);
      assert.equal(broker.got('subscribe', connections).length, 1);
      assert.equal(flow.statusesOf('bad').at(-1)?.fill, 'red');
    });
  }

  for (const [name, change] of [
    ['fewer codes', (codes: number[]) => codes.slice(1)],
    ['more codes', (codes: number[]) => [...codes, 0]],
    ['fewer codes, and a failure among them', (codes: number[]) => [128, ...codes.slice(2)]],
  ] as const) {
    for (const version of [4, 5] as const) {
      it(`${name} than there are filters (${version}): filters are asked for one by one, and all work`, async () => {
        const suback = version === 4 ? suback4 : suback5;
        const { broker, flow } = await start(
          version,
          (packet, line) => {
            if (packet.cmd !== 'subscribe') line.polite(packet);
            else if (packet.subscriptions.length === 1) line.send(suback(packet, [0]));
            else line.send(suback(packet, change(packet.subscriptions.map(() => 0))));
          },
          nodes,
        );
        await broker.until('the next try', () => broker.lines.length > 1);
        await othersWork(broker, flow);
        assert.match(complaints(flow).join('\n'), /answered a SUBSCRIBE of 6 filter\(s\) with \d code/);
        assert.equal(broker.lines.length, 2);
      });
    }
  }

  it('a single filter that is always answered with the wrong number of codes is named, and publishing works', async () => {
    const { broker, flow } = await start(
      4,
      (packet, line) => {
        if (packet.cmd === 'subscribe') line.send(suback4(packet, [0, 0]));
        else line.polite(packet);
      },
      [dinoxIn('in', 'x'), dinoxOut()],
    );
    await flow.until('named', () => complaints(flow).some((entry) => /"x".*left out/.test(entry)));
    assert.equal((await flow.call('out', { topic: 'a', payload: 'x', qos: 1 })).error, undefined);
    assert.ok(broker.lines.length <= 3);
    await flow.until('red', () => flow.statusesOf('in').at(-1)?.fill === 'red');
  });

  it('a broker that closes for more than eight filters in a packet: all work, nobody is named, and it is remembered', async () => {
    const many = Array.from({ length: 30 }, (_, n) => dinoxIn(`n${n}`, `t/n${n}`));
    const { broker, flow } = await start(
      4,
      (packet, line) => {
        if (packet.cmd === 'subscribe' && packet.subscriptions.length > 8) line.socket.destroy();
        else line.polite(packet);
      },
      many,
    );
    // What was answered on the newest line.
    const standing = () => {
      const packets = broker.lines.at(-1)?.packets ?? [];
      return new Set(
        packets.flatMap((p) => (p.cmd === 'subscribe' && p.subscriptions.length <= 8 ? topicsOf(p) : [])),
      );
    };
    await broker.until('all subscribed on one line', () => standing().size === 30);
    await flow.shows('n0', 'green');
    const connections = broker.lines.length;
    assert.ok(connections <= 4, `${connections} connections`);
    assert.deepEqual(
      complaints(flow).filter((text) => /left out/.test(text)),
      [],
    );
    // After another loss as well, without another try of more.
    broker.lines.at(-1)?.socket.destroy();
    await broker.until('back', () => broker.lines.length > connections && standing().size === 30);
    assert.equal(broker.lines.length, connections + 1);
  });

  for (const farewell of [[], [{ cmd: 'disconnect', reasonCode: 135 }]]) {
    it(`a broker that closes for the probe of overlapping filters${farewell.length > 0 ? ' (DISCONNECT 135)' : ''}: it is tried once, and messages arrive`, async () => {
      const { broker, flow } = await start(
        farewell.length > 0 ? 5 : 4,
        (packet, line) => {
          if (packet.cmd === 'connect')
            line.send({
              cmd: 'connack',
              returnCode: 0,
              reasonCode: 0,
              sessionPresent: false,
              ...(line.version === 5 && { properties: { subscriptionIdentifiersAvailable: false } }),
            });
          else if (packet.cmd === 'publish' && packet.topic.startsWith('dinox-nr/probe/')) {
            line.send(...farewell);
            line.socket.end();
          } else line.polite(packet);
        },
        [dinoxIn('all', 't/#'), dinoxIn('one', 't/a')],
      );
      await broker.until('the next try', () => broker.lines.length === 2);
      await broker.until('subscribed', () => broker.got('subscribe', 1).length > 0);
      await flow.shows('one', 'green');
      broker.line.send({ cmd: 'publish', topic: 't/a', payload: '1', qos: 0 });
      for (const id of ['all', 'one']) await flow.messages(`${id}-sink`, 1);
      await sleep(300);
      assert.equal(broker.lines.length, 2, 'the probe was repeated');
    });
  }

  it('refused ones are named one by one, the others work', async () => {
    const { broker, flow } = await start(
      5,
      (packet, line) => {
        if (packet.cmd !== 'subscribe') line.polite(packet);
        else
          line.send(
            suback5(
              packet,
              topicsOf(packet).map((topic) => (topic === 't/bad' ? 135 : 1)),
            ),
          );
      },
      nodes,
    );
    await flow.until('named', () => complaints(flow).some((entry) => /"t\/bad": not authorized/.test(entry)));
    await othersWork(broker, flow);
    assert.equal(broker.lines.length, 1);
  });

  inLong(
    'SUBACK never: the filter is named within 10 s, and what was subscribed all the same is delivered',
    20_000,
    async () => {
      const { broker, flow } = await start(
        4,
        (packet, line) => packet.cmd === 'subscribe' || line.polite(packet),
        [dinoxIn('in', 'x'), dinoxOut()],
      );
      await flow.until(
        'named',
        () => complaints(flow).some((entry) => /"x" was not confirmed/.test(entry)),
        12_000,
      );
      assert.equal((await flow.call('out', { topic: 'a', payload: 'x', qos: 1 })).error, undefined);
      broker.line.send({ cmd: 'publish', topic: 'x', payload: '1', qos: 0 });
      await flow.messages('in-sink', 1);
      assert.equal(broker.lines.length, 1);
    },
  );

  it('UNSUBACK never, thousands of times: everything goes on', async () => {
    const dynamic = dinoxIn('in', '', { topicType: 'dynamic', inputs: 1 });
    const { broker, flow } = await start(
      4,
      (packet, line) => packet.cmd === 'unsubscribe' || line.polite(packet),
      [dynamic, dinoxOut()],
    );
    await online(flow, 'in');
    for (let i = 0; i < 3_000; i++) {
      flow.send('in', { action: 'subscribe', topic: `x/${i}` });
      flow.send('in', { action: 'unsubscribe', topic: `x/${i}` });
    }
    flow.send('in', { action: 'subscribe', topic: 'last' });
    await broker.until(
      'the last',
      () => broker.got('subscribe').some((packet) => topicsOf(packet).includes('last')),
      60_000,
    );
    broker.line.send({ cmd: 'publish', topic: 'last', payload: '1', qos: 0 });
    await flow.messages('in-sink', 1);
    assert.equal((await flow.call('out', { topic: 'a', payload: 'x', qos: 1 })).error, undefined);
    assert.equal(broker.lines.length, 1);
  }).timeout(90_000);

  it("messages that nobody subscribed to are nobody's, also with subscription ids that are not ours", async () => {
    const { broker, flow } = await start(5, (packet: Packet, line: Line) => line.polite(packet), [
      dinoxIn('in', 'x/y'),
      dinoxIn('wild', 'x/#'),
      dinoxOut(),
    ]);
    await online(flow, 'in');
    await broker.until('subscribed', () => broker.got('subscribe').length > 0);
    await sleep(50);
    const publish = (topic: string, id?: number, messageId?: number) =>
      broker.line.send({
        cmd: 'publish',
        topic,
        payload: '1',
        qos: messageId ? 1 : 0,
        ...(messageId ? { messageId } : {}),
        ...(id === undefined ? {} : { properties: { subscriptionIdentifier: id } }),
      });
    for (let i = 0; i < 1_000; i++) publish(`other/${i}`, undefined, i + 1);
    publish('other', 268_435_455);
    publish('x/y', 268_435_455);
    broker.line.send(raw(0x30, [0, 3, 120, 47, 121, 2, 0x0b, 0, 49]));
    await broker.until('all acknowledged', () => broker.got('puback').length === 1_000);
    const ids = broker.got('subscribe').map((packet) => packet.properties?.subscriptionIdentifier as number);
    for (const id of ids) publish('x/y', id);
    await flow.messages('in-sink', 1);
    await flow.messages('wild-sink', 1);
    await sleep(50);
    assert.ok(flow.received.every(({ msg }) => msg.topic === 'x/y'));
    assert.equal(flow.at('in-sink').length, 1);
    assert.equal(flow.at('wild-sink').length, 1);
  });

  it('a storm of retained messages is delivered whole, and the flow lives through it', async () => {
    const COUNT = 20_000;
    const { broker, flow } = await start(
      4,
      (packet, line) => {
        line.polite(packet);
        if (packet.cmd !== 'subscribe' || topicsOf(packet)[0] !== 'r/#') return;
        const storm = Array.from({ length: COUNT }, (_item, i) => ({
          cmd: 'publish',
          topic: `r/${i}`,
          payload: `${i}`,
          qos: 0,
          retain: true,
        }));
        line.send(...storm);
      },
      [dinoxIn('in', 'r/#'), dinoxOut()],
    );
    await flow.until('all', () => flow.received.length >= COUNT, 20_000);
    await sleep(100);
    assert.equal(flow.at('in-sink').length, COUNT);
    assert.equal((await flow.call('out', { topic: 'a', payload: 'x', qos: 1 })).error, undefined);
    assert.equal(broker.lines.length, 1);
  }).timeout(40_000);
});
