/**
 * One item stops nothing else: a message, a filter or a birth message for which the broker closes the connection is
 * found, named and left out. Part of nodes-mosquitto.test.ts.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FlowNode } from '../support/flows';
import {
  freePort,
  type Generation,
  type Mosquitto,
  startMosquitto,
  startProxy,
} from '../support/servers/index';
import { complaints, dinoxBroker, dinoxIn, dinoxOut, flowOf, type Harness, settled } from './nodes-support';

/** Longer than a few losses with short waits between them. */
const FOUND_MS = 15_000;
const QUICK = { mqttReconnectTime: 50 };

export function oneItemSuite(harness: Harness, generation: Generation, open: () => Mosquitto): void {
  const connection = (server: Mosquitto, properties: object = {}): FlowNode =>
    dinoxBroker({ host: server.host, port: server.port, usetls: false, ...properties });

  describe('one item stops nothing else', () => {
    let small: Mosquitto;
    let topic: string;

    before(async () => {
      small = await startMosquitto({ generation, extraConfig: 'max_packet_size 2000' });
    });
    after(() => small?.stop());
    beforeEach(() => {
      topic = harness.topic();
    });

    for (const [protocolVersion, session] of [
      ['5', {}],
      ['4', {}],
      ['4', { cleansession: false, clientid: `kept-${process.pid}` }],
    ] as const) {
      it(`topics for which Mosquitto closes: each is named in done, all else arrives (version ${protocolVersion}, ${'clientid' in session ? 'kept' : 'clean'} session)`, async () => {
        const flow = await harness.flow(
          flowOf(
            connection(open(), { protocolVersion, ...session }),
            dinoxIn('in', `${topic}/#`),
            dinoxOut(),
          ),
          {},
          QUICK,
        );
        await settled(flow, topic);
        const send = (name: string, payload: number) =>
          flow.call('out', { topic: `${topic}/${name}`, payload, qos: 1 }, FOUND_MS);
        const [before, next, control, after] = await Promise.all([
          send('a', 1),
          send('\u0085', 2),
          send('\u0001', 3),
          send('b', 4),
        ]);
        assert.equal(before?.error, undefined);
        assert.equal(after?.error, undefined);
        assert.match(next?.error ?? '', /Given up.*Topic: ".*It holds U\+0085/);
        assert.match(control?.error ?? '', /Given up.*It holds U\+0001/);
        await flow.until('both', () =>
          [1, 4].every((one) => flow.at('in-sink').some(({ payload }) => payload === one)),
        );
        // It was named as soon as it was suspected.
        assert.match(complaints(flow).join('\n'), /came right behind a message to ".*not for the first time/);
        // The next one of the kind costs nothing.
        const seen = flow.statusesOf('in').length;
        assert.match((await send('\u0085', 5)).error ?? '', /Not sent.*given up/);
        assert.equal((await send('c', 6)).error, undefined);
        assert.equal(flow.statusesOf('in').length, seen, 'the line was lost once more');
      });
    }

    it('a message over max_packet_size on 3.1.1, which cannot say so: named, all else arrives', async () => {
      const broker = connection(small, { protocolVersion: '4' });
      const flow = await harness.flow(flowOf(broker, dinoxIn('in', topic), dinoxOut()), {}, QUICK);
      await settled(flow, topic);
      const send = (payload: string) => flow.call('out', { topic, payload, qos: 1 }, FOUND_MS);
      const [one, large, two] = await Promise.all([send('one'), send('x'.repeat(3_000)), send('two')]);
      assert.deepEqual([one?.error, two?.error], [undefined, undefined]);
      assert.match(large?.error ?? '', /Given up.*\(30\d\d bytes, QoS 1\)/);
      // Smaller ones to the same topic pass.
      assert.equal((await send('three')).error, undefined);
      assert.match((await send('y'.repeat(3_000))).error ?? '', /Not sent.*given up/);
    });

    it('QoS 0, where the broker says nothing, again and again: named as well, all else goes on', async () => {
      const broker = connection(open(), { protocolVersion: '5' });
      const flow = await harness.flow(flowOf(broker, dinoxIn('in', topic), dinoxOut()), {}, QUICK);
      await settled(flow, topic);
      const bad = `${topic}/\u007f`;
      const timer = setInterval(() => {
        flow.send('out', { topic: bad, payload: 'x' });
        flow.send('out', { topic: `${topic}/fine`, payload: 'y' });
      }, 40);
      harness.after(async () => clearInterval(timer));
      await flow.until(
        'it is named',
        () => flow.completions.some(({ error }) => /Given up.*It holds U\+007F/.test(error ?? '')),
        FOUND_MS,
      );
      const named = flow.completions.filter(({ error }) => error).map(({ msg }) => msg.topic);
      assert.deepEqual([...new Set(named)], [bad]);
      const seen = flow.statusesOf('in').filter(({ fill }) => fill === 'yellow').length;
      for (let n = 0; n < 5; n++) {
        assert.equal((await flow.call('out', { topic, payload: n, qos: 1 }, FOUND_MS)).error, undefined);
      }
      await flow.shows('in', 'green');
      assert.ok(flow.statusesOf('in').filter(({ fill }) => fill === 'yellow').length <= seen + 1);
    });

    for (const protocolVersion of ['5', '4']) {
      it(`100 filters of 50 bytes where a packet has 2,000 at most, subscribed and given up (version ${protocolVersion})`, async () => {
        const broker = connection(small, { protocolVersion });
        const filters = Array.from(
          { length: 100 },
          (_, n) => `${topic}/${String(n).padStart(50 - topic.length - 1, '0')}`,
        );
        const nodes = filters.map((filter, n) => dinoxIn(`n${n}`, filter, { qos: '0' }));
        const flow = await harness.flow(flowOf(broker, ...nodes, dinoxOut()), {}, QUICK);
        const partner = await harness.partner(`mqtt://127.0.0.1:${small.port}`);
        await flow.shows('out', 'green', FOUND_MS);
        // A retained one arrives whenever its filter is subscribed.
        for (const filter of filters) await partner.publish(filter, 'here', { retain: true });
        await flow.until(
          'all work',
          () => new Set(flow.received.map(({ node }) => node)).size === 100,
          FOUND_MS,
        );
        await flow.shows('out', 'green');
        const green = flow.statusesOf('out').length;
        await flow.deploy(flowOf(broker, dinoxOut()));
        assert.equal((await flow.call('out', { topic, payload: 1, qos: 1 })).error, undefined);
        assert.equal(flow.statusesOf('out').length, green, 'UNSUBSCRIBE ended the line');
        await Promise.all(filters.map((filter) => partner.publish(filter, '', { retain: true })));
      });

      it(`a filter for which Mosquitto closes, among 40: named and left out, the others live (version ${protocolVersion})`, async () => {
        const broker = connection(open(), { protocolVersion });
        const names = Array.from({ length: 40 }, (_, n) => (n === 23 ? '\u0001' : `f${n}`));
        const nodes = names.map((name, n) => dinoxIn(`n${n}`, `${topic}/${name}`));
        const flow = await harness.flow(flowOf(broker, ...nodes, dinoxOut()), {}, QUICK);
        await flow.until(
          'named',
          () => complaints(flow).some((line) => /left out.*It holds U\+0001/.test(line)),
          FOUND_MS,
        );
        const good = names.filter((_, n) => n !== 23);
        await flow.shows('out', 'green', FOUND_MS);
        await Promise.all(
          good.map((name) => flow.call('out', { topic: `${topic}/${name}`, payload: 'x', qos: 1 })),
        );
        await flow.until(
          'all others receive',
          () => new Set(flow.received.map(({ node }) => node)).size === 39,
        );
        assert.equal(flow.statusesOf('n23').at(-1)?.fill, 'red');
        assert.equal(complaints(flow).filter((line) => /left out/.test(line)).length, 1);
      });
    }

    it('a birth message for which Mosquitto closes: named and left out, all else works', async () => {
      const birth = { birthTopic: `${topic}/\u0001`, birthPayload: 'hello', birthQos: '0' };
      const flow = await harness.flow(
        flowOf(connection(open(), birth), dinoxIn('in', topic), dinoxOut()),
        {},
        QUICK,
      );
      await flow.until(
        'named',
        () => complaints(flow).some((line) => /birth message.*left out.*U\+0001/.test(line)),
        FOUND_MS,
      );
      const { error } = await flow.call('out', { topic, payload: 1, qos: 1 }, FOUND_MS);
      assert.equal(error, undefined);
      await flow.messages('in-sink', 1);
    });

    it('over a deploy and, with queuePersist, a restart: it is given up there, and what waits behind it arrives', async () => {
      const line = harness.keep(await startProxy({ target: { port: open().port }, port: await freePort() }));
      const partner = await harness.partner(`mqtt://127.0.0.1:${open().port}`);
      await partner.subscribe(`${topic}/#`);
      const userDir = mkdtempSync(join(tmpdir(), 'one-item-'));
      harness.after(async () => rmSync(userDir, { recursive: true, force: true }));
      const properties = {
        port: line.port,
        serverType: 'mosquitto',
        protocolVersion: '4',
        queuePersist: true,
      };
      const start = () =>
        harness.flow(flowOf(connection(open(), properties), dinoxOut()), {}, { ...QUICK, userDir });
      const first = await start();
      await first.shows('out', 'green', FOUND_MS);
      await line.refuse(true);
      line.cut();
      await first.shows('out', 'yellow');
      first.send('out', { topic: `${topic}/\u0085`, payload: 'bad', qos: 1 });
      first.send('out', { topic: `${topic}/good`, payload: 'good', qos: 1 });
      await first.deploy(flowOf(connection(open(), properties), dinoxOut('out', { name: 'new' })), 'full');
      await first.stop();
      const second = await start();
      await line.refuse(false);
      await second.until(
        'it is named, though its flow is gone',
        () => complaints(second).some((text) => /left in the queue.*Given up.*U\+0085/.test(text)),
        FOUND_MS,
      );
      const [good] = await partner.arrived(1, topic, FOUND_MS);
      assert.equal(good?.payload, 'good');
      await second.stop();
      // Nothing of it is left.
      const third = await start();
      await third.shows('out', 'green', FOUND_MS);
      assert.equal(
        (await third.call('out', { topic: `${topic}/end`, payload: '', qos: 1 })).error,
        undefined,
      );
      assert.deepEqual(complaints(third), []);
    });
  });
}
