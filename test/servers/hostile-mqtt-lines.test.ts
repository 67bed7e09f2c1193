/** Lines that break, hang, swallow or flood: nothing is lost in silence, memory stays bounded, the event loop turns. */
import assert from 'node:assert/strict';
import { lookup } from 'node:dns';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as mqtt from 'mqtt';
import { Backoff } from '../../src/base/backoff';
import { systemClock } from '../../src/base/clock';
import { BrokerClient } from '../../src/transport/connection/broker-client';
import type { ClientSettings } from '../../src/transport/connection/client-types';
import { MqttLink } from '../../src/transport/mqtt/link';
import { DuplicateFilter } from '../../src/transport/subscriptions/duplicate-filter';
import { type Behaviour, HostileBroker, inLong, raw, rawPublish } from '../support/hostile-broker';
import type { RunningFlow } from '../support/runtime';
import { startMosquitto, startProxy } from '../support/servers/index';
import { complaints, dinoxBroker, dinoxIn, dinoxOut, flowOf, Harness, online } from './nodes-support';

const LONG = process.env.DINOX_LONG === '1';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes that are really in use, in Buffers and in the heap. */
async function memory(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    collectGarbage();
    await sleep(20);
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Timers and sockets of this process. */
function resources(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind !== 'Immediate').length;
}

describe('lines that break, hang or flood', () => {
  const harness = new Harness();
  afterEach(() => harness.end());

  /** The connection without Node-RED, so that what a test keeps for itself does not count. */
  function client(port: number, settings: Partial<ClientSettings> = {}) {
    const reasons: string[] = [];
    const broker = new BrokerClient(
      {
        question: {
          serverType: 'auto',
          usetls: false,
          useXmppCredentials: true,
          transport: 'auto',
          protocolVersion: 4,
          allowUnencrypted: false,
        },
        secrets: {},
        tls: {},
        clientId: `hostile-${port}`,
        keepalive: 60,
        cleanSession: true,
        payloadType: 'json',
        limits: { messages: 10_000, bytes: 16 * 1024 * 1024, ttl: 3_600_000 },
        reconnectMin: 1,
        ...settings,
      },
      {
        clock: systemClock,
        // The shortest of all waits.
        random: () => 0,
        findPlan: async () => ({
          serverType: 'mosquitto',
          mqtt: {
            endpoint: { protocol: 'mqtt', host: '127.0.0.1', port },
            servername: '127.0.0.1',
            login: 'none',
          },
          services: {},
          steps: [],
          notices: [],
          at: '2026-01-01T00:00:00.000Z',
        }),
        loadMqtt: async () => mqtt,
      },
      {
        state: ({ reason }) => reason && reasons.push(reason.message),
        queued: () => {},
        notice: () => {},
        plan: () => {},
      },
    );
    harness.after(() => broker.end(new Error('the test is over')));
    return { client: broker, reasons };
  }

  async function flowOn(
    broker: HostileBroker,
    properties: object = {},
    version: 4 | 5 = 4,
  ): Promise<RunningFlow> {
    const config = dinoxBroker({
      host: '127.0.0.1',
      port: broker.port,
      usetls: false,
      protocolVersion: version,
      ...properties,
    });
    return harness.flow(flowOf(config, dinoxIn('in', '#'), dinoxOut()), {}, { mqttReconnectTime: 20 });
  }

  describe('a broker that closes', () => {
    it('is not stormed: the tries of an hour, with the real waits', () => {
      for (let run = 0; run < 20; run++) {
        const backoff = new Backoff({ random: Math.random });
        let tries = 0;
        for (let time = 0; time < 3_600_000; tries++) {
          backoff.lasted(5);
          time += backoff.next();
        }
        assert.ok(tries > 60 && tries < 200, `${tries} tries in an hour`);
      }
    });

    const TIMES = LONG ? 1_000 : 200;
    for (const [when, behave, onAccept] of [
      ['at once', undefined, true],
      ['after CONNECT', ((_packet, line) => line.socket.destroy()) as Behaviour, false],
      [
        'after CONNACK',
        ((packet, line) => {
          line.polite(packet);
          if (packet.cmd === 'connect') line.socket.end();
        }) as Behaviour,
        false,
      ],
    ] as const) {
      it(`${when}, ${TIMES} times: no timer, listener or memory is left behind`, async () => {
        const broker = harness.keep(
          await HostileBroker.start(behave, onAccept ? (socket) => socket.destroy() : undefined),
        );
        const { client: one } = client(broker.port);
        one.subscriptions.add({
          owner: 'x',
          filter: 'x',
          options: { qos: 0, nl: false, rap: false, rh: 0 },
          deliver: () => {},
          refused: () => {},
        });
        one.connect();
        await broker.until('warm', () => broker.accepted.length > 50, 20_000);
        const measure = (): Promise<number> => {
          // The test's own records do not count.
          broker.lines.length = 0;
          return memory();
        };
        const [before, used] = [await measure(), resources()];
        const from = broker.accepted.length;
        await broker.until('many', () => broker.accepted.length > from + TIMES, 60_000);
        const grown = (await measure()) - before;
        assert.ok(resources() <= used + 5, `${used} → ${resources()} resources`);
        assert.ok(grown < TIMES * 1_000 + 1_500_000, `${grown} bytes more`);
        broker.behave = (packet, line) => line.polite(packet);
      }).timeout(90_000);
    }
  });

  it('256 MB announced and never sent: the keep-alive notices, memory is not taken in advance', async () => {
    const broker = harness.keep(await HostileBroker.start());
    const flow = await flowOn(broker, { keepalive: 1 });
    await broker.until('subscribed', () => broker.got('subscribe').length > 0);
    const before = await memory();
    const { line } = broker;
    line.socket.write(Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f, 0, 1, 97]));
    line.socket.write(Buffer.alloc(1024 * 1024));
    await sleep(200);
    // What is left over from the start goes with the next collections; the packet would stay.
    let grown = Number.POSITIVE_INFINITY;
    for (let tries = 0; tries < 10 && grown >= 8 * 1024 * 1024; tries++) grown = (await memory()) - before;
    assert.ok(grown < 8 * 1024 * 1024, `${grown} bytes more`);
    const drip = setInterval(() => line.socket.write(Buffer.alloc(1_000)), 50);
    try {
      await flow.until('noticed', () => complaints(flow).some((entry) => /went silent/.test(entry)), 4_000);
    } finally {
      clearInterval(drip);
    }
    await broker.until('back', () => broker.got('subscribe').length > 1);
    broker.line.send(rawPublish('ok', 'x'));
    await flow.messages('in-sink', 1);
  });

  for (const [name, chunk, count] of [
    ['PINGRESP', raw(0xd0), 100_000],
    ['messages that nobody wants', rawPublish('$other/x', '1'), 300_000],
  ] as const) {
    it(`a flood of ${count} ${name}: the event loop turns, and good messages pass`, async () => {
      const broker = harness.keep(await HostileBroker.start());
      const flow = await flowOn(broker);
      await broker.until('subscribed', () => broker.got('subscribe').length > 0);
      const before = await memory();
      // Turns, not time: the machine may be busy with other things.
      let turns = 0;
      const turn = (): void => {
        turns += 1;
        watching = setImmediate(turn);
      };
      let watching = setImmediate(turn);
      const block = Buffer.alloc(chunk.length * 10_000, chunk);
      for (let i = 0; i < count; i += 10_000) broker.line.socket.write(block);
      broker.line.send(rawPublish('ok', 'x'));
      await flow.messages('in-sink', 1, 20_000);
      clearImmediate(watching);
      assert.ok(turns > (chunk.length * count) / 131_072, `${turns} turns`);
      assert.ok((await memory()) - before < 30e6);
      assert.equal(broker.lines.length, 1);
    }).timeout(30_000);
  }

  it('a flood of messages faster than the flow: all arrive, memory stays bounded, the event loop turns', async () => {
    const COUNT = LONG ? 200_000 : 40_000;
    const broker = harness.keep(await HostileBroker.start());
    const { client: one } = client(broker.port);
    let [seen, handled, most] = [0, 0, 0];
    one.subscriptions.add({
      owner: 'x',
      filter: '#',
      options: { qos: 0, nl: false, rap: false, rh: 0 },
      deliver: ({ payload }) => {
        seen += 1;
        // As a flow does it: the next node gets its own copy in a turn of its own.
        const copy = Buffer.from(payload);
        setImmediate(() => {
          const until = process.hrtime.bigint() + 40_000n;
          while (process.hrtime.bigint() < until);
          handled += copy.length > 0 ? 1 : 0;
        });
        if (seen - handled > most) most = seen - handled;
      },
      refused: () => {},
    });
    one.connect();
    await broker.until('subscribed', () => broker.got('subscribe').length > 0);
    const block = Buffer.concat(
      Array.from({ length: 1_000 }, (_item, i) => rawPublish(`f/${i % 50}`, `{"value":${i}}`)),
    );
    for (let i = 0; i < COUNT; i += 1_000) broker.line.socket.write(block);
    const deadline = Date.now() + 60_000;
    while (handled < COUNT && Date.now() < deadline) await sleep(50);
    assert.equal(handled, COUNT);
    assert.ok(most < 20_000, `${most} waited`);
    assert.equal(broker.lines.length, 1);
  }).timeout(90_000);

  for (const qos of [0, 1] as const) {
    it(`a half-open line and 60,000 messages of 1 KB at QoS ${qos}: bounded, oldest first, each done once`, async () => {
      const COUNT = 60_000;
      let silent = false;
      // A slow machine may notice the silence before all is handed over: the next line then waits for its CONNACK.
      let isHandedOver = false;
      let answer = (): void => {};
      const broker = harness.keep(
        await HostileBroker.start((packet, line) => {
          if (line.index > 0 && !isHandedOver) {
            answer = () => line.polite(packet);
            return;
          }
          line.polite(packet);
          if (packet.cmd !== 'connect' || line.index !== 0) return;
          setTimeout(() => {
            line.socket.pause();
            silent = true;
          }, 50);
        }),
      );
      const { client: one, reasons } = client(broker.port, { keepalive: 2 });
      one.connect();
      while (!silent) await sleep(20);
      await sleep(100);
      const before = await memory();
      const calls = new Uint8Array(COUNT);
      const failed: number[] = [];
      let done = 0;
      for (let i = 0; i < COUNT; i++) {
        const payload = Buffer.alloc(1_024);
        payload.writeUInt32BE(i);
        one.publish({ topic: 'h', payload, qos, retain: false }, (error) => {
          calls[i] = (calls[i] ?? 0) + 1;
          done += 1;
          if (error) failed.push(i);
        });
        if (i % 1_000 === 999) await sleep(1);
      }
      const grown = (await memory()) - before;
      assert.ok(grown < 40e6, `${grown} bytes more`);
      assert.ok(
        failed.length >= COUNT - 10_000 - 6_000 && failed.length <= COUNT - 9_000,
        `${failed.length} failed`,
      );
      // Where a slow machine noticed the silence already, what had been written came back, and is the oldest then.
      const inOrder = [...failed].sort((left, right) => left - right);
      if (reasons.length === 0) assert.deepEqual(failed, inOrder, 'the oldest first');
      isHandedOver = true;
      answer();
      await broker.until('a new line', () => broker.lines.length > 1, 20_000);
      assert.match(reasons.join('\n'), /went silent/);
      const deadline = Date.now() + 30_000;
      while (done < COUNT && Date.now() < deadline) await sleep(20);
      assert.equal(done, COUNT);
      assert.ok(
        calls.every((count) => count === 1),
        'done exactly once',
      );
      // What was written at QoS 0 into a dead line is gone: nobody can know.
      if (qos === 0) return;
      const arrived = (): Set<number> =>
        new Set(broker.got('publish').map(({ payload }) => (payload as Buffer).readUInt32BE()));
      await broker.until('all others', () => arrived().size >= COUNT - failed.length, 10_000);
    }).timeout(60_000);
  }

  it('a QoS 2 message that is never completed keeps its id while 70,000 others go by', async () => {
    const broker = harness.keep(
      await HostileBroker.start((packet, line) => packet.cmd === 'pubrel' || line.polite(packet)),
    );
    const { client: one } = client(broker.port);
    one.connect();
    await broker.until('connected', () => broker.lines.length > 0);
    let stuck = 0;
    let others = 0;
    one.publish({ topic: 'x', payload: 's', qos: 2, retain: false }, () => {
      stuck += 1;
    });
    await broker.until('under way', () => broker.got('pubrel').length === 1);
    const id = broker.got('pubrel')[0]?.messageId;
    const COUNT = 70_000;
    let sent = 0;
    // The broker of this test keeps what it gets: not more than it must.
    const { packets } = broker.line;
    const next = (): void => {
      packets.length = 0;
      for (const end = Math.min(COUNT, sent + 500); sent < end; sent++) {
        one.publish({ topic: 'x', payload: '', qos: 1, retain: false }, (error) => {
          assert.equal(error, undefined);
          if (++others === sent && sent < COUNT) next();
        });
      }
    };
    next();
    const deadline = Date.now() + 30_000;
    while (others < COUNT && Date.now() < deadline) await sleep(20);
    assert.equal(others, COUNT);
    assert.equal(stuck, 0);
    broker.line.send({ cmd: 'pubcomp', messageId: id });
    await sleep(50);
    assert.equal(stuck, 1);
  }).timeout(60_000);

  it('a line that is cut at random: each message done once, and all at the broker', async () => {
    const [COUNT, CUTS] = LONG ? [20_000, 200] : [3_000, 30];
    // What waited comes in one burst, of which Mosquitto would keep 1,000 for the subscriber and drop the rest.
    const mosquitto = harness.keep(await startMosquitto({ extraConfig: 'max_queued_messages 0' }));
    const proxy = harness.keep(await startProxy({ target: { port: mosquitto.port } }));
    const partner = await harness.partner(`mqtt://127.0.0.1:${mosquitto.port}`);
    await partner.subscribe('cut/#', 1);
    const { client: one } = client(proxy.port, {
      cleanSession: false,
      sessionExpiry: 3_600,
      limits: { messages: 100_000, bytes: 1e9, ttl: 3_600_000 },
    });
    one.connect();
    const calls = new Uint8Array(COUNT);
    let done = 0;
    let cuts = 0;
    const cutter = setInterval(
      () => {
        if (cuts >= CUTS || proxy.connections === 0) return;
        cuts += 1;
        proxy.cut();
      },
      30 + Math.random() * 40,
    );
    try {
      for (let i = 0; i < COUNT; i++) {
        one.publish({ topic: `cut/${i % 20}`, payload: `${i}`, qos: 1, retain: false }, (error) => {
          assert.equal(error, undefined);
          calls[i] = (calls[i] ?? 0) + 1;
          done += 1;
        });
        if (i % 10 === 9) await sleep(5);
      }
      const deadline = Date.now() + 60_000;
      while ((done < COUNT || cuts < CUTS) && Date.now() < deadline) await sleep(50);
    } finally {
      clearInterval(cutter);
    }
    assert.equal(cuts, CUTS);
    assert.ok(
      calls.every((count) => count === 1),
      `${done} of ${COUNT}`,
    );
    await partner.until(
      'all',
      () => new Set(partner.seen.map(({ payload }) => payload)).size === COUNT,
      10_000,
    );
  }).timeout(180_000);

  for (const clean of [true, false])
    it(`an acknowledgement too late for its connection is not sent over the next, ${clean ? 'and no message is lost' : 'where the session brings the message again'}`, async () => {
      const broker = harness.keep(await HostileBroker.start());
      let messages = 0;
      const link = harness.keep(
        new MqttLink(
          mqtt,
          {
            endpoint: { protocol: 'mqtt', host: '127.0.0.1', port: broker.port },
            servername: '127.0.0.1',
            tls: {},
            lookup: lookup as never,
            version: 4,
            clientId: 'late',
            keepalive: 60,
            clean,
            connectTimeout: 2_000,
            nextDelay: () => 10,
            steady: () => performance.now(),
          },
          {
            connected: () => {},
            down: () => {},
            retrying: () => {},
            message: () => {
              messages += 1;
            },
            drained: () => {},
            malformed: () => {},
          },
        ),
      );
      await broker.until('connected', () => broker.lines.length === 1);
      await sleep(20);
      // Node-RED is behind, and when it has caught up the line is another one.
      link.inbound.pause('congested', true);
      const five = [1, 2, 3, 4, 5].map((messageId) => ({
        cmd: 'publish',
        topic: 'x',
        payload: 'x',
        qos: 1,
        messageId,
      }));
      broker.line.send(...five, { cmd: 'publish', topic: 'x', payload: 'x', qos: 2, messageId: 6 });
      await sleep(50);
      broker.line.socket.destroy();
      await broker.until('back', () => broker.lines.length === 2);
      await sleep(50);
      // The one at QoS 2 is known by its identifier should it come again.
      assert.equal(messages, clean ? 6 : 2);
      assert.equal(broker.got('puback', 1).length + broker.got('pubrec', 1).length, 0);
    });

  it('copies that never come (a server that promised one for each filter) are not waited for with all that was read', async () => {
    const copies = new DuplicateFilter(systemClock);
    const before = await memory();
    for (let i = 0; i < 3_000; i++) {
      const read = Buffer.alloc(65_536, `${i}`);
      assert.ok(copies.isFirst(`small/${i}`, read.subarray(0, 30), 2));
    }
    for (let i = 0; i < 100; i++)
      assert.ok(copies.isFirst(`large/${i}`, Buffer.alloc(1024 * 1024, `${i}`), 2));
    assert.ok((await memory()) - before < 24 * 1024 * 1024);
    assert.equal(copies.isFirst('large/99', Buffer.alloc(1024 * 1024, '99'), 2), false);
    assert.equal(copies.isFirst('large/99', Buffer.alloc(1024 * 1024, '99'), 2), true);
  });

  inLong(
    'a broker that accepts and says nothing: noticed after 15 s, tried again, and it works when it speaks',
    40_000,
    async () => {
      const broker = harness.keep(
        await HostileBroker.start((packet, line) => line.index > 0 && line.polite(packet)),
      );
      const flow = await flowOn(broker);
      await flow.until(
        'the reason',
        () => complaints(flow).some((entry) => /did not answer the MQTT CONNECT/.test(entry)),
        20_000,
      );
      await online(flow, 'in');
    },
  );
});
