/** Packets that no good broker sends: none may end Node-RED, deafen it or reach the log unwashed. */
import assert from 'node:assert/strict';
import { lookup } from 'node:dns';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Packet } from 'mqtt';
import * as mqtt from 'mqtt';
import { MqttLink } from '../../src/transport/mqtt/link';
import { disconnectError } from '../../src/transport/mqtt/reasons';
import { type FlowNode, sink } from '../support/flows';
import {
  type Behaviour,
  HostileBroker,
  inLong,
  type Line,
  raw,
  rawPublish,
  text,
} from '../support/hostile-broker';
import type { RunningFlow } from '../support/runtime';
import { complaints, dinoxBroker, dinoxIn, dinoxOut, flowOf, Harness, logged, online } from './nodes-support';

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;

/** Everything that a person gets to see of the flow: log and statuses. */
function shown(flow: RunningFlow): string[] {
  return [...logged(flow, 'info', 'warn', 'error'), ...flow.statuses.map(({ status }) => status.text ?? '')];
}

function assertClean(flow: RunningFlow): void {
  for (const entry of shown(flow)) {
    assert.doesNotMatch(entry, CONTROL);
    assert.ok(entry.length < 1_500, `too long: ${entry.length} characters, ${entry.slice(0, 200)}`);
  }
}

/** Answers CONNECT with these properties, and everything else well. */
const connack =
  (properties: object, rest: object = {}): Behaviour =>
  (packet, line) => {
    if (packet.cmd !== 'connect') line.polite(packet);
    else
      line.send({ cmd: 'connack', returnCode: 0, reasonCode: 0, sessionPresent: false, properties, ...rest });
  };

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_item, index) => from + index);

describe('a broker that breaks the rules', () => {
  const harness = new Harness();
  afterEach(() => harness.end());

  async function start(
    version: 4 | 5,
    behave?: Behaviour,
    broker: object = {},
    ...nodes: FlowNode[]
  ): Promise<{ broker: HostileBroker; flow: RunningFlow }> {
    const hostile = harness.keep(await HostileBroker.start(behave));
    const flow = await harness.flow(
      flowOf(
        dinoxBroker({
          host: '127.0.0.1',
          port: hostile.port,
          usetls: false,
          protocolVersion: version,
          ...broker,
        }),
        ...(nodes.length > 0 ? nodes : [dinoxIn('in', '#'), dinoxOut()]),
      ),
      {},
      { mqttReconnectTime: 50 },
    );
    return { broker: hostile, flow };
  }

  /** A good message passes, on this connection or on the next one. */
  async function stillHears(broker: HostileBroker, flow: RunningFlow, id = 'in'): Promise<void> {
    const name = `good-${flow.received.length}`;
    const timer = setInterval(() => {
      for (const line of broker.lines.slice(-1))
        if (line.packets.some(({ cmd }) => cmd === 'subscribe'))
          line.send({ cmd: 'publish', topic: 'ok', payload: name, qos: 0 });
    }, 50);
    try {
      await flow.until(`${name} at ${id}`, () =>
        flow.at(`${id}-sink`).some(({ payload }) => payload === name),
      );
    } finally {
      clearInterval(timer);
    }
  }

  const subscribed = (broker: HostileBroker): Promise<Packet> =>
    broker.until('SUBSCRIBE', () => broker.got('subscribe')[0]);

  describe('PUBLISH', () => {
    const cases: Record<string, { version?: 4 | 5; bytes: Buffer; delivers?: number }> = {
      'an unknown topic alias': {
        version: 5,
        bytes: rawPublish('', 'x', Buffer.from([0x23, 0, 7])),
      },
      'topic alias 0': { version: 5, bytes: rawPublish('a', 'x', Buffer.from([0x23, 0, 0])) },
      'an empty topic': { version: 4, bytes: rawPublish('', 'x') },
      'an empty topic on v5': { version: 5, bytes: rawPublish('', 'x', Buffer.alloc(0)) },
      'a wildcard in the topic': { version: 4, bytes: rawPublish('a/+/b', 'x') },
      'a # as the topic': { version: 4, bytes: rawPublish('#', 'x') },
      'U+0000 in the topic': { version: 4, bytes: rawPublish('a\0b', 'x') },
      'QoS 3': { version: 4, bytes: rawPublish('a', 'x', undefined, 0x36) },
      'a topic longer than the packet': { version: 4, bytes: raw(0x30, [0xff, 0xff, 97]) },
      'no body': { version: 4, bytes: raw(0x30) },
      'an unknown property': { version: 5, bytes: rawPublish('a', 'x', Buffer.from([0x7f, 1, 2])) },
      'properties longer than the packet': {
        version: 5,
        bytes: raw(0x30, Buffer.concat([text('a'), Buffer.from([0xff, 0xff, 0x7f])])),
      },
      'a length of five bytes': { version: 4, bytes: Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0x7f]) },
      'reserved packet type 0': { version: 4, bytes: raw(0x00) },
      'a CONNECT': { version: 4, bytes: raw(0x10, [0, 4, 77, 81, 84, 84, 4, 2, 0, 60, 0, 0]) },
      'a second CONNACK': { version: 4, bytes: raw(0x20, [0, 0]) },
      'an AUTH': { version: 5, bytes: raw(0xf0, [0x18, 0]) },
      'an AUTH on 3.1.1': { version: 4, bytes: raw(0xf0, [0x18, 0]) },
      'PUBACK for an unknown id': { version: 4, bytes: raw(0x40, [0x12, 0x34]) },
      'PUBACK with an unknown reason': { version: 5, bytes: raw(0x40, [0x12, 0x34, 0x77, 0]) },
      'PUBREC for an unknown id': { version: 4, bytes: raw(0x50, [0x12, 0x34]) },
      'PUBREL for an unknown id': { version: 4, bytes: raw(0x62, [0x12, 0x34]) },
      'SUBACK for an unknown id': { version: 4, bytes: raw(0x90, [0x12, 0x34, 0]) },
      'an empty SUBACK': { version: 4, bytes: raw(0x90, [0, 1]) },
      'UNSUBACK for an unknown id': { version: 4, bytes: raw(0xb0, [0x12, 0x34]) },
      'a PINGREQ': { version: 4, bytes: raw(0xc0) },
      'a DISCONNECT that leaves the line open': { version: 5, bytes: raw(0xe0, [0x8b, 0]) },
      'a DISCONNECT on 3.1.1': { version: 4, bytes: raw(0xe0) },
    };
    for (const [name, { version = 4, bytes }] of Object.entries(cases)) {
      it(`${name}: nothing of it is delivered, and the next good message passes`, async () => {
        const { broker, flow } = await start(version);
        await subscribed(broker);
        broker.line.send(bytes);
        await sleep(50);
        await stillHears(broker, flow);
        const bad = flow.at('in-sink').filter(({ topic }) => topic !== 'ok');
        assert.deepEqual(bad, []);
        assertClean(flow);
      });
    }

    it('a property that comes twice counts once', async () => {
      const { broker, flow } = await start(5);
      await subscribed(broker);
      const twice = (id: number, ...values: string[]) =>
        Buffer.concat(values.flatMap((value) => [Buffer.from([id]), text(value)]));
      const number = (id: number, ...bytes: number[]) => Buffer.from([id, ...bytes, id, ...bytes]);
      broker.line.send(
        rawPublish(
          'a',
          '{"x":1}',
          Buffer.concat([
            twice(0x03, 'text/plain', 'application/json'),
            twice(0x08, 'r/1', 'r/2'),
            twice(0x09, 'c1', 'c2'),
            number(0x01, 1),
            number(0x02, 0, 0, 0, 9),
          ]),
        ),
      );
      const [message] = await flow.messages('in-sink', 1);
      assert.equal(message?.payload, '{"x":1}');
      assert.equal(message?.contentType, 'text/plain');
      assert.equal(message?.responseTopic, 'r/1');
      assert.equal(String(message?.correlationData), 'c1');
      assert.equal(message?.messageExpiryInterval, 9);
      assert.equal(message?.payloadFormatIndicator, true);
      await stillHears(broker, flow);
    });

    it('user properties with the names of built-in ones, and thousands of them, are plain data', async () => {
      const { broker, flow } = await start(5, undefined, {}, dinoxIn('in', '#'), sink('second'), dinoxOut());
      await subscribed(broker);
      const pair = (name: string, value: string) =>
        Buffer.concat([Buffer.from([0x26]), text(name), text(value)]);
      const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', ''];
      broker.line.send(
        rawPublish(
          'a',
          'x',
          Buffer.concat(names.flatMap((name) => [pair(name, 'polluted'), pair(name, 'again')])),
        ),
      );
      broker.line.send(
        rawPublish('a', 'x', Buffer.concat(Array.from({ length: 5_000 }, (_, i) => pair(`n${i}`, 'v')))),
      );
      const [first, second] = await flow.messages('in-sink', 2);
      assert.equal(({} as { polluted?: unknown }).polluted, undefined);
      assert.equal(typeof {}.toString, 'function');
      const properties = first?.userProperties as Record<string, string>;
      assert.deepEqual(Object.keys(properties).sort(), [...names].sort());
      assert.equal(Object.keys(second?.userProperties as object).length, 5_000);
      await stillHears(broker, flow);
    });

    it('JSON with __proto__ pollutes nothing, and JSON of 10,000 levels ends nothing', async () => {
      const two = dinoxIn('in', '#', { datatype: 'json', wires: [['in-sink', 'second']] });
      const { broker, flow } = await start(4, undefined, {}, two, dinoxIn('in2', '#'), sink('second'));
      await subscribed(broker);
      const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
      const deepObject = `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`;
      const deeper = `${'['.repeat(5_000_000)}${']'.repeat(5_000_000)}`;
      broker.line.send(
        rawPublish('p', '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'),
      );
      for (const payload of [deep, deepObject, deeper]) broker.line.send(rawPublish('d', payload));
      await flow.messages('in-sink', 1);
      await sleep(200);
      assert.equal(({} as { polluted?: unknown }).polluted, undefined);
      broker.line.send(rawPublish('ok', '"good"'));
      await flow.until('good', () => flow.at('second').some(({ payload }) => payload === 'good'), 10_000);
      assertClean(flow);
    });

    it('topics that are not UTF-8, or as long as can be, do no harm, nor stay in memory', async () => {
      const { broker, flow } = await start(
        4,
        undefined,
        {},
        dinoxIn('in', 'ok'),
        dinoxIn('all', '#', { datatype: 'json' }),
      );
      await subscribed(broker);
      broker.line.send(rawPublish(Buffer.from([0x61, 0xff, 0xfe, 0xc0, 0xaf]), '1'));
      const long = `\u001b[31m${'/x'.repeat(30_000)}`;
      for (let i = 0; i < 5; i++) broker.line.send(rawPublish(long, '\u001b]0;owned\u0007 no json'));
      await flow.until('an error', () => complaints(flow).some((entry) => /not JSON/.test(entry)));
      await stillHears(broker, flow);
      assertClean(flow);
    });
  });

  describe('CONNACK', () => {
    it('receive maximum 0 and maximum packet size 0, which mean nothing, stop nothing', async () => {
      const { broker, flow } = await start(5, connack({ receiveMaximum: 0, maximumPacketSize: 0 }));
      await subscribed(broker);
      assert.equal((await flow.call('out', { topic: 'a', payload: 'x', qos: 1 })).error, undefined);
      await stillHears(broker, flow);
    });

    it('maximum packet size 1: every message and every filter gets a clear error', async () => {
      const { broker, flow } = await start(5, connack({ maximumPacketSize: 1 }));
      await flow.until('the filter', () =>
        complaints(flow).some((text) => /subscription to "#" .*takes 1 in one packet/.test(text)),
      );
      const { error } = await flow.call('out', { topic: 'a', payload: 'x', qos: 1 });
      assert.match(error ?? '', /takes 1 in one packet/);
      assert.equal(broker.lines.length, 1, 'the line was lost');
      assert.equal(flow.statusesOf('in').at(-1)?.fill, 'red');
    });

    for (const serverKeepAlive of [0, 65_535]) {
      it(`server keep-alive ${serverKeepAlive}: a silent line is noticed within ours all the same`, async () => {
        const silent: Behaviour = (packet, line) => {
          if (packet.cmd === 'connect') connack({ serverKeepAlive })(packet, line);
        };
        const { flow } = await start(5, silent, { keepalive: 1 });
        await online(flow, 'in');
        await flow.until(
          'the reason',
          () => complaints(flow).some((entry) => /went silent/.test(entry)),
          5_000,
        );
      });
    }

    it('texts from the server reach people clean and short', async () => {
      const evil = `\u001b[31mred\u0007<b onload=x>\r\n[error] forged line\u202e${'y'.repeat(20_000)}`;
      const { broker, flow } = await start(5, (packet, line) => {
        if (packet.cmd === 'connect') {
          connack({
            reasonString: evil,
            assignedClientIdentifier: `\u001b[1m${'i'.repeat(60_000)}`,
            responseInformation: evil,
            serverReference: evil,
            userProperties: { [evil.slice(0, 100)]: evil },
          })(packet, line);
        } else if (packet.cmd === 'subscribe') {
          line.send({
            cmd: 'disconnect',
            reasonCode: 157,
            properties: { reasonString: evil, serverReference: evil },
          });
          line.socket.end();
        } else line.polite(packet);
      });
      await flow.until('the reason', () => complaints(flow).some((entry) => /server moved/.test(entry)));
      await broker.until('the next tries', () => broker.got('connect').length >= 2);
      assertClean(flow);
      const entry = complaints(flow).find((each) => /server moved/.test(each)) ?? '';
      assert.doesNotMatch(entry, /\n/);
      assert.doesNotMatch(entry, /\u202e/);
      // What a server made up is no id of ours.
      assert.ok(broker.got('connect').every(({ clientId }) => clientId.length < 100));
    });

    it('refused with code 255, it says so and comes back later', async () => {
      for (const version of [4, 5] as const) {
        const { broker, flow } = await start(version, (packet, line) => {
          if (packet.cmd !== 'connect') return;
          line.send(version === 5 ? raw(0x20, [0, 255, 0]) : raw(0x20, [0, 255]));
        });
        await flow.until('the reason', () => complaints(flow).some((entry) => /255/.test(entry)));
        await broker.until('another try', () => broker.got('connect').length >= 2);
        assertClean(flow);
        await harness.end();
      }
    });

    it('one that is too short is no connection, and it is not waited for for ever', async () => {
      const { broker, flow } = await start(4, (packet, line) => {
        if (packet.cmd === 'connect' && line.index === 0) line.send(raw(0x20, [0]));
        else line.polite(packet);
      });
      await broker.until('the next try', () => broker.got('connect').length >= 2);
      await stillHears(broker, flow);
    });

    it('something else in its place ends the connection', async () => {
      const { broker, flow } = await start(4, (packet, line) => {
        if (packet.cmd === 'connect' && line.index === 0) line.send(rawPublish('early', 'x'), raw(0xd0));
        else line.polite(packet);
      });
      await broker.until('the next try', () => broker.got('connect').length >= 2);
      await stillHears(broker, flow);
      assert.match(complaints(flow).join('\n'), /broke the MQTT protocol/);
    });
  });

  describe('DISCONNECT', () => {
    for (const [code, expected] of [
      [142, /Another client with the client id/],
      [0, /closed the connection: normal disconnection \(0\)/],
      [139, /closed the connection: server shutting down \(139\)/],
    ] as const) {
      it(`${code} is named, and the line is left even where the server leaves it open`, async () => {
        const { broker, flow } = await start(5);
        await subscribed(broker);
        const { line } = broker;
        line.send(raw(0xe0, [code, 0]));
        await flow.until(`code ${code}`, () => complaints(flow).some((entry) => expected.test(entry)));
        await broker.until('gone', () => line.socket.destroyed);
        await stillHears(broker, flow);
      });
    }

    it('every reason code of MQTT 5 §3.14.2.1 has its words', () => {
      const codes = [0, 4, 128, 129, 130, 131, 135, 137, 139, 141, ...range(143, 144), ...range(147, 162)];
      for (const code of codes) {
        const { message } = disconnectError(code, undefined, 'w', 'id');
        assert.doesNotMatch(message, /unknown reason/, `${code}`);
      }
      assert.match(disconnectError(200, undefined, 'w', 'id').message, /unknown reason \(200\)/);
    });
  });

  it('acknowledgements that were not asked for, twice over, or never', async () => {
    const { broker, flow } = await start(5, (packet, line) => {
      line.polite(packet);
      if (packet.cmd === 'publish' && packet.qos === 1) line.polite(packet);
      if (packet.cmd === 'pubrel') line.polite(packet);
    });
    await subscribed(broker);
    for (const qos of [1, 2, 1, 2]) {
      const message = { topic: 'a', payload: 'x', qos };
      assert.equal((await flow.call('out', message)).error, undefined);
      await sleep(20);
      assert.equal(flow.completionsOf(message).length, 1);
    }
    // A second PUBACK confirms nothing else: the message behind it waits for its own.
    let first = true;
    broker.behave = (packet, line) => {
      if (packet.cmd !== 'publish') return line.polite(packet);
      if (!first) return undefined;
      first = false;
      line.polite(packet);
      return void setTimeout(() => line.polite(packet), 50);
    };
    assert.equal((await flow.call('out', { topic: 'a', payload: 'x', qos: 1 })).error, undefined);
    const lost = { topic: 'a', payload: 'lost', qos: 1 };
    flow.send('out', lost);
    await sleep(150);
    assert.equal(flow.completionsOf(lost).length, 0);
    // PUBREC and never PUBCOMP: the message is not done, and what comes behind it is.
    broker.behave = (packet, line) => packet.cmd === 'pubrel' || line.polite(packet);
    const stuck = { topic: 'a', payload: 'stuck', qos: 2 };
    flow.send('out', stuck);
    assert.equal((await flow.call('out', { topic: 'a', payload: 'x', qos: 1 })).error, undefined);
    assert.equal(flow.completionsOf(stuck).length, 0);
    broker.behave = (packet, line) => line.polite(packet);
    broker.line.socket.destroy();
    await flow.until('done', () => flow.completionsOf(stuck).length > 0);
    assert.equal(flow.completionsOf(stuck)[0]?.error, undefined);
    await stillHears(broker, flow);
  });

  it('a persistent session: what comes in one segment with CONNACK is delivered', async () => {
    const { broker, flow } = await start(
      4,
      (packet: Packet, line: Line) => {
        if (packet.cmd !== 'connect') line.polite(packet);
        else
          line.send(
            { cmd: 'connack', returnCode: 0, sessionPresent: true },
            ...[1, 2, 3].map((n) => ({
              cmd: 'publish',
              topic: `q/${n}`,
              payload: `${n}`,
              qos: 1,
              messageId: n,
            })),
            { cmd: 'publish', topic: 'q/0', payload: '0', qos: 0 },
          );
      },
      { cleansession: false, clientid: 'session' },
    );
    await flow.messages('in-sink', 4);
    await broker.until('acknowledged', () => broker.got('puback').length >= 3);
    assert.deepEqual(
      flow.at('in-sink').map(({ topic }) => topic),
      ['q/1', 'q/2', 'q/3', 'q/0'],
    );
  });

  it('a persistent session: what comes while our own messages are sent again is delivered', async () => {
    let answering = false;
    const { broker, flow } = await start(
      4,
      (packet: Packet, line: Line) => {
        if (packet.cmd === 'connect' && line.index > 0) {
          line.send({ cmd: 'connack', returnCode: 0, sessionPresent: true });
          setTimeout(
            () => line.send({ cmd: 'publish', topic: 'q/1', payload: '1', qos: 1, messageId: 1 }),
            20,
          );
          setTimeout(() => {
            answering = true;
            for (const waiting of line.packets.filter(({ cmd }) => cmd === 'publish')) line.polite(waiting);
          }, 150);
        } else if (packet.cmd !== 'publish' || answering) line.polite(packet);
      },
      { cleansession: false, clientid: 'session' },
    );
    await subscribed(broker);
    const message = { topic: 'a', payload: 'x', qos: 1 };
    flow.send('out', message);
    await broker.until('published', () => broker.got('publish').length > 0);
    broker.line.socket.destroy();
    await flow.messages('in-sink', 1);
    await flow.until('done', () => flow.completionsOf(message).length === 1);
    assert.equal(flow.at('in-sink')[0]?.topic, 'q/1');
  });

  it('a message sent again that is never confirmed ends the client, whose owner makes another', async () => {
    const broker = harness.keep(
      await HostileBroker.start((packet, line) => {
        // It says that it kept the session: only then does MQTT.js send again before it calls itself connected.
        if (packet.cmd === 'connect') line.send({ cmd: 'connack', returnCode: 0, sessionPresent: true });
        else if (packet.cmd !== 'publish' || packet.qos === 0) line.polite(packet);
      }),
    );
    const downs: string[] = [];
    let givenUp = (): void => {};
    const over = new Promise<void>((resolve) => {
      givenUp = resolve;
    });
    const link = harness.keep(
      new MqttLink(
        mqtt,
        {
          endpoint: { protocol: 'mqtt', host: '127.0.0.1', port: broker.port },
          servername: '127.0.0.1',
          tls: {},
          lookup: lookup as never,
          version: 4,
          clientId: 'link',
          keepalive: 60,
          clean: false,
          connectTimeout: 200,
          nextDelay: () => 10,
          steady: () => performance.now(),
        },
        {
          connected: () => link.publish({ topic: 'a', payload: 'x', qos: 1, retain: false }, () => {}),
          down: (reason, again) => {
            downs.push(`${again ? 'again' : 'over'}: ${reason.message}`);
            if (!again) givenUp();
          },
          retrying: () => {},
          message: () => {},
          drained: () => {},
          malformed: () => {},
        },
      ),
    );
    await broker.until('published', () => broker.got('publish').length > 0);
    broker.line.socket.destroy();
    await broker.until('sent again', () => broker.got('publish').length > 1);
    await over;
    assert.equal(downs.length, 2, downs.join('\n'));
    assert.match(downs[1] ?? '', /^over: .*does not confirm a message that was sent again/);
  });

  inLong(
    'a server that never confirms a message sent again keeps nothing else from working',
    40_000,
    async () => {
      const { broker, flow } = await start(
        4,
        (packet, line) => {
          // Only where the session was kept does MQTT.js send again before it calls itself connected.
          if (packet.cmd === 'connect') line.send({ cmd: 'connack', returnCode: 0, sessionPresent: true });
          else if (packet.cmd !== 'publish' || packet.qos === 0) line.polite(packet);
        },
        { cleansession: false },
      );
      await subscribed(broker);
      flow.send('out', { topic: 'a', payload: 'x', qos: 1 });
      await broker.until('published', () => broker.got('publish').length > 0);
      broker.line.socket.destroy();
      await broker.until('subscribed again', () => broker.got('subscribe').length > 1, 25_000);
      await stillHears(broker, flow);
      assert.match(complaints(flow).join('\n'), /does not confirm a message that was sent again/);
    },
  );
});
