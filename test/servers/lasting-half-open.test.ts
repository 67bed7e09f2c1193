/**
 * Half-open lines: the other side takes what is sent, or not even that, and says nothing. It is noticed in time, the
 * memory of the process stays bounded, and what the queue cannot hold gets its done(err), the oldest first.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { node, tab } from '../support/flows';
import { type NodeRed, startNodeRed } from '../support/node-red';
import {
  freePort,
  type Proxy as Line,
  type Mosquitto,
  startMosquitto,
  startProxy,
} from '../support/servers/index';
import { ownFolder } from '../support/servers/process';
import { Record, SOURCE_NODE, SOURCE_PAGE } from './lasting-kill-node';
import { connection, figure, LONG, mib, Peer, until } from './lasting-support';
import { dinoxBroker, dinoxOut } from './nodes-support';

const KEEPALIVE = 2;
const MESSAGES = 60_000;
const QUEUE = 10_000;
/** What 10,000 messages of 1 KB that wait may take, with those under way, in bytes. */
const MAX_USED = 45 * 1_048_576;
/** That, and what lies about before V8 collects it. */
const MAX_GROWTH = 160 * 1_048_576;

describe('lasting: a line that goes silent', () => {
  let server: Mosquitto;
  let line: Line;
  before(async () => {
    server = await startMosquitto({ extraConfig: 'max_queued_messages 0' });
    line = await startProxy({ target: { port: server.port } });
  });
  after(async () => {
    await line?.stop();
    await server?.stop();
  });

  it('is noticed within the keep-alive and a half, and what was sent meanwhile arrives', async function () {
    this.timeout(LONG ? 120_000 : 30_000);
    const times: number[] = [];
    for (let round = 0; round < (LONG ? 10 : 1); round++) {
      const { client, reasons } = connection(line.port, 'mosquitto', { keepalive: KEEPALIVE });
      const peer = await Peer.connect(server.port, 'up/#', { clientId: `peer-${round}` });
      try {
        client.connect();
        await until('connected', () => client.connected);
        // At any moment between two pings.
        await sleep(Math.random() * KEEPALIVE * 1_000);
        line.hold(true);
        const begun = Date.now();
        const results: (Error | undefined)[] = [];
        for (let number = 0; number < 10; number++)
          client.publish({ topic: 'up/t', payload: String(number), qos: 1, retain: false }, (error) =>
            results.push(error),
          );
        await until('noticed', () => !client.connected);
        times.push(Date.now() - begun);
        assert.match(reasons.at(-1) ?? '', /keep-alive/i);
        line.hold(false);
        await until('all done', () => results.length === 10);
        assert.deepEqual(results, Array(10).fill(undefined));
        assert.equal(peer.came.size, 10);
      } finally {
        line.hold(false);
        await client.end(new Error('over'));
        await peer.end();
      }
    }
    figure(`silence noticed after, ms (keep-alive ${KEEPALIVE} s)`, times);
    // A busy machine's timers are late.
    for (const time of times) assert.ok(time <= KEEPALIVE * 1_500 + 300, `${time} ms`);
  });

  it('somebody who accepts and never says a word is given up after the time for a connection, again and again', async () => {
    const sockets: Socket[] = [];
    const silent: Server = createServer((socket) => sockets.push(socket.on('error', () => {}).resume()));
    const port = await freePort();
    await new Promise<void>((resolve) => silent.listen(port, '127.0.0.1', resolve));
    const { client, reasons } = connection(port, 'mosquitto', { connectTimeout: 300 });
    try {
      client.connect();
      await until('three tries', () => reasons.length >= 3, 5_000);
      await until('only one line is open', () => sockets.filter(({ destroyed }) => !destroyed).length <= 1);
      assert.ok(
        reasons.every((text) => text.length > 30),
        reasons.join('\n'),
      );
    } finally {
      await client.end(new Error('over'));
      for (const socket of sockets) socket.destroy();
      silent.close();
    }
  });
});

/** Bytes: what the process holds now, and the most it ever held (Linux). */
function memoryOf(pid: number): { rss: number; peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const read = (name: string): number =>
    Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1_024;
  return { rss: read('VmRSS'), peak: read('VmHWM') };
}

interface Case {
  name: string;
  qos: '0' | '1' | '2';
  version: '4' | '5';
  /** `hold`: everything is taken and goes nowhere; `stall`: nothing is even taken. */
  kind: 'hold' | 'stall';
}

const cases: Case[] = [
  { name: 'QoS 1, MQTT 3.1.1, all is taken and nothing confirmed', qos: '1', version: '4', kind: 'hold' },
  ...(LONG
    ? ([
        { name: 'QoS 0, nothing is taken', qos: '0', version: '5', kind: 'stall' },
        { name: 'QoS 1, MQTT 5, nothing is taken', qos: '1', version: '5', kind: 'stall' },
        { name: 'QoS 2, MQTT 3.1.1, nothing is taken', qos: '2', version: '4', kind: 'stall' },
      ] as const)
    : []),
];

for (const { name, qos, version, kind } of cases) {
  describe(`lasting: ${MESSAGES} messages of 1 KB into a silent line: ${name}`, () => {
    let server: Mosquitto;
    let line: Line;
    let nodeRed: NodeRed | undefined;
    before(async () => {
      server = await startMosquitto({ extraConfig: 'max_queued_messages 0' });
      line = await startProxy({ target: { port: server.port } });
    });
    after(async () => {
      await nodeRed?.kill();
      await line?.stop();
      await server?.stop();
    });

    it('memory stays bounded, the oldest go first with their reason, and the rest arrives', async function () {
      this.timeout(120_000);
      const userDir = ownFolder(tmpdir());
      mkdirSync(join(userDir, 'nodes'));
      writeFileSync(join(userDir, 'nodes', 'source.js'), SOURCE_NODE);
      writeFileSync(join(userDir, 'nodes', 'source.html'), SOURCE_PAGE);
      const record = new Record(join(userDir, 'record.txt'));
      nodeRed = await startNodeRed({
        version: '4',
        linkPackage: true,
        userDir,
        env: { LASTING_RECORD: record.file, NODE_OPTIONS: '--expose-gc' },
        settings: { mqttReconnectTime: 100 },
        flows: [
          tab(),
          dinoxBroker({
            host: '127.0.0.1',
            port: String(line.port),
            usetls: false,
            serverType: 'mosquitto',
            protocolVersion: version,
            keepalive: 60,
            queueMessages: QUEUE,
          }),
          node('inject', 'go', { props: [], repeat: '', once: false, wires: [['source']] }),
          node('lasting-source', 'source', {
            auto: false,
            burst: 200,
            every: 5,
            total: MESSAGES,
            size: 1_024,
            wires: [['out']],
          }),
          dinoxOut('out', { qos }),
        ],
      });
      const running = nodeRed;
      await running.until('online', () => running.statusesOf('out').at(-1)?.fill === 'green');
      const peer = await Peer.connect(server.port, 'kill/#');
      try {
        // An open editor is sent every error, at its own pace: that queue is Node-RED's, and not what is measured.
        running.comms.close();
        const before = memoryOf(running.pid).rss;
        if (kind === 'hold') line.hold(true);
        else line.stall(true);
        await running.inject('go');
        await until('all handed over', () => record.read().memory.after !== undefined, 60_000, 200);
        const { peak } = memoryOf(running.pid);
        assert.equal(record.turned, MESSAGES);
        const full = [...record.fates.values()];
        const refused = full.filter(({ errors }) => errors.length > 0).length;
        // It speaks again: those who wait are sent.
        if (kind === 'hold') {
          line.hold(false);
          line.cut();
        } else line.stall(false);
        await until('each is done', () => record.read().ended === MESSAGES, 30_000, 200);
        await sleep(500);
        const end = [...record.read().fates.values()];
        assert.equal(end.length, MESSAGES);
        assert.ok(
          end.every(({ done, errors }) => done + errors.length === 1),
          'done once each',
        );
        const first = end.findIndex(({ errors }) => errors.length > 0);
        const last = end.findLastIndex(({ errors }) => errors.length > 0);
        const dropped = end.filter(({ errors }) => errors.length > 0);
        assert.ok(
          dropped.every(({ errors }) => /the queue is full.*the oldest goes first/.test(errors[0] ?? '')),
          'each with its reason',
        );
        assert.equal(last, MESSAGES - QUEUE - 1, 'the youngest wait');
        assert.equal(dropped.length, last - first + 1, 'the oldest that waited, without a gap');
        assert.ok(refused > MESSAGES / 2, `${refused} were too much`);
        await until(
          'all that was done arrived',
          () => peer.total >= end.filter(({ done }) => done > 0).length,
        );
        const used = record.memory as { before: number; after: number };
        figure(name, {
          'memory of the process': `${mib(before)} before, ${mib(peak)} at most`,
          'in use after a collection': `${mib(used.before)} before, ${mib(used.after)} with a full queue`,
          'dropped with a reason': dropped.length,
          'under way': first,
          delivered: peer.total,
        });
        assert.ok(
          used.after - used.before < MAX_USED,
          `it grew from ${mib(used.before)} to ${mib(used.after)}`,
        );
        assert.ok(peak - before < MAX_GROWTH, `it grew from ${mib(before)} to ${mib(peak)}`);
      } finally {
        line.stall(false);
        line.hold(false);
        await peer.end();
      }
    });
  });
}
