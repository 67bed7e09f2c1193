/** A changed host takes no queue along: it is set aside under its old server, until somebody sends or discards it. */

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { Text } from '../../../../src/base/text';
import {
  SetAsideQueues,
  type SetAsideQueuesOptions,
  serverOf,
} from '../../../../src/runtime/broker/set-aside-queues';
import type { Publication } from '../../../../src/transport/messages';
import { putRecord, removalRecord } from '../../../../src/transport/outbox/journal-record';
import type { PendingPublication } from '../../../../src/transport/outbox/outbox';
import { FakeClock } from '../../transport/fake-clock';

const TTL = 3_600_000;
const publication = (topic: string): Publication => ({ topic, payload: '1', qos: 1, retain: false });

describe('queues that are held for another server', () => {
  let folder: string;
  let said: string[];
  const clock = new FakeClock();
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dinox-held-'));
    said = [];
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const note = ({ key, params = {} }: Text): void => {
    said.push([key, ...Object.values(params)].join(' '));
  };
  const optionsOf = (queueFile: string | undefined): SetAsideQueuesOptions => ({
    queueFile,
    tools: { clock },
    log: { warn: note, error: note },
  });
  const make = (file: string = join(folder, 'node.log')): SetAsideQueues =>
    new SetAsideQueues(optionsOf(file));
  const waits = (topic: string, ends: string[]): PendingPublication => ({
    publication: publication(topic),
    due: 5,
    done: (error) => ends.push(error ? `${topic}: ${error.message}` : topic),
  });
  const record = (number: number, topic: string): string =>
    putRecord({ number, publication: publication(topic), due: 5 });

  it('knows a server by its host, else by the account’s domain; the two usual ports are one server', () => {
    const jid = { local: 'bot', domain: 'Example.org', bare: 'bot@example.org', resource: '' };
    const names = [
      { jid },
      { jid, host: 'MQTT.lan', port: 1_883 },
      { host: 'mqtt.lan', port: 8_883 },
      { host: 'mqtt.lan' },
    ];
    assert.deepEqual(names.map(serverOf), ['example.org', 'mqtt.lan', 'mqtt.lan', 'mqtt.lan']);
    assert.equal(serverOf({ host: 'mqtt.lan', port: 1_884 }), 'mqtt.lan:1884');
    assert.equal(serverOf({}), '');
  });

  it('where nothing can be kept, what a deploy hands over goes to no other server either', () => {
    const full = join(folder, 'file');
    writeFileSync(full, '');
    // No user directory, or another Node-RED writes there; a disk that takes nothing.
    const held = [new SetAsideQueues(optionsOf(undefined)), make(join(full, 'node.log'))];
    for (const one of held) {
      const ends: string[] = [];
      const former = { ...waits('a', ends), server: 'prod.lan' };
      assert.deepEqual(one.settle('test.lan', [former]), []);
      assert.equal(ends.length, 1, 'its node is told once');
      assert.match(ends[0] ?? '', /a: Not sent:/);
      const same = { ...waits('b', ends), server: 'test.lan' };
      assert.deepEqual(one.settle('test.lan', [same]), [same]);
    }
    assert.equal(said.length, 1, 'where nothing waited for another server, nothing is said about it');
  });

  it('a queue that cannot be set aside is sent to nobody, and each node is told once', () => {
    make().settle('prod.lan', []);
    writeFileSync(join(folder, 'node.log'), record(1, 'a'));
    const ends: string[] = [];
    // No file system takes such a name.
    const former = 'x'.repeat(400);
    writeFileSync(join(folder, 'node.server'), former);
    const held = make();
    assert.deepEqual(held.settle('test.lan', [waits('c', ends)]), []);
    assert.equal(ends.length, 1);
    assert.equal(held.isStuck, true);
    assert.match(said.join(), /queueNotHeld/);
    // When the disk takes it again, it is set aside as ever.
    writeFileSync(join(folder, 'node.server'), 'prod.lan');
    const later = make();
    later.settle('test.lan', []);
    assert.deepEqual([later.isStuck, later.list.map(({ server }) => server)], [false, ['prod.lan']]);
  });

  it('the queue on disk and what a deploy hands over are set aside, and nothing of them is sent', () => {
    make().settle('prod.lan', []);
    writeFileSync(join(folder, 'node.log'), record(1, 'a') + record(2, 'b') + removalRecord(1));
    const ends: string[] = [];
    const held = make();
    const own = held.settle('test.lan', [
      waits('c', ends),
      { ...waits('d', ends), publication: { ...publication('d'), dropOffline: true } },
    ]);
    assert.deepEqual(own, []);
    assert.deepEqual(
      ends.map((end) => end.slice(0, 12)),
      ['c', 'd: Not sent:'],
      'c lies on disk',
    );
    assert.deepEqual(held.list.map(({ server, count }) => [server, count]).sort(), [
      ['prod.lan', 1],
      ['prod.lan', 1],
    ]);
    assert.deepEqual(said, ['log.queueHeld 1 prod.lan', 'log.queueHeld 1 prod.lan']);
    assert.equal(readdirSync(folder).includes('node.log'), false);
    // Nor when that server is named again, nor at the next start.
    assert.equal(make().list.length, 0);
    const again = make();
    assert.deepEqual(again.settle('prod.lan', []), []);
    assert.equal(again.list.length, 2);
  });

  it('Send gives all of it to the server that counts now, with the whole time to wait; Discard takes it away', async () => {
    make().settle('prod.lan', []);
    writeFileSync(join(folder, 'node.log'), record(2, 'b') + record(1, 'a'));
    const held = make();
    held.settle('test.lan', []);
    const [{ name = '' } = {}] = held.list;
    const adopted: PendingPublication[] = [];
    const client = { restoredDone: () => {}, take: (all: PendingPublication[]) => adopted.push(...all) };
    assert.equal(held.send('../node.server', TTL, client), undefined);
    assert.equal(held.send(name, TTL, client), 2);
    assert.deepEqual(
      adopted.map(({ publication: { topic }, due }) => [topic, due - clock.steady()]),
      [
        ['a', TTL],
        ['b', TTL],
      ],
    );
    await turn();
    await turn();
    await turn();
    assert.deepEqual(readdirSync(folder), ['node.server']);
    assert.equal(held.send(name, TTL, client), undefined);

    writeFileSync(join(folder, 'node.log'), record(1, 'a'));
    const other = make();
    other.settle('third.lan', []);
    assert.equal(other.discard(String(other.list[0]?.name)), 1);
    assert.deepEqual([other.list, readdirSync(folder)], [[], ['node.server']]);
  });

  it('a file that somebody put there by hand stops no connection', () => {
    writeFileSync(join(folder, 'node@copy 50%.log'), record(1, 'a'));
    const held = make();
    held.settle('prod.lan', []);
    assert.deepEqual(
      held.list.map(({ server }) => server),
      ['copy 50%'],
    );
  });

  it('a queue of an earlier version, the same server, and a node without a server are left alone', () => {
    writeFileSync(join(folder, 'node.log'), record(1, 'a'));
    const ends: string[] = [];
    const one = [waits('x', ends)];
    assert.equal(make().settle('prod.lan', one), one);
    assert.equal(make().settle('prod.lan', one), one);
    assert.equal(make().settle('', one), one);
    assert.deepEqual(make('').settle('test.lan', one), one);
    assert.deepEqual([ends, said], [[], []]);
  });
});
