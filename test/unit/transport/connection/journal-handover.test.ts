/** What waits when a broker node is closed, from one client to the next, over the disk or from hand to hand. */

import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inEnglish } from '../../../../src/base/english';
import type { Notice } from '../../../../src/discovery/types';
import { BrokerClient } from '../../../../src/transport/connection/broker-client';
import { Journal } from '../../../../src/transport/outbox/journal';
import { FakeClock } from '../fake-clock';
import { folder, JournalHarness, removeFolders, written } from '../outbox/journal-harness';

const REASON = new Error('closed');

function client(path: string | undefined, clock = new FakeClock(), messages = 10_000) {
  const notices: Notice[] = [];
  const results: (Error | undefined)[][] = [];
  const made = new BrokerClient(
    {
      question: {
        serverType: 'mosquitto',
        host: 'h',
        usetls: false,
        useXmppCredentials: false,
        transport: 'mqtt',
        protocolVersion: 5,
        allowUnencrypted: true,
      },
      secrets: {},
      tls: {},
      clientId: 'c',
      keepalive: 60,
      cleanSession: true,
      payloadType: 'json',
      limits: { messages, bytes: 16_777_216, ttl: 60_000 },
    },
    {
      clock,
      random: () => 0,
      findPlan: () => new Promise(() => {}),
      loadMqtt: () => import('mqtt'),
      openJournal:
        path === undefined
          ? undefined
          : (live) =>
              new Journal(path, clock, live, { failed: () => {}, recovered: () => {}, damaged: () => {} }),
    },
    { state: () => {}, queued: () => {}, notice: (notice) => notices.push(notice), plan: () => {} },
  );
  const publish = (payload: string | Buffer): void => {
    const outcome: (Error | undefined)[] = [];
    results.push(outcome);
    made.publish({ topic: 't', payload, qos: 1, retain: false }, (error) => outcome.push(error));
  };
  return { client: made, clock, notices, results, publish };
}

describe('journal: the end of a broker node', () => {
  let path: string;
  beforeEach(() => {
    path = join(folder(), 'q.log');
  });
  afterEach(removeFolders);

  it('a redeploy finds all on disk, even where the last turn makes the file due for a rewrite', async () => {
    const first = client(path);
    for (let count = 0; count < 1_500; count++) first.publish('x'.repeat(1_000));
    await written();
    // More than half of it becomes past in the turn of the redeploy.
    first.clock.advance(60_001);
    for (let count = 0; count < 30; count++) first.publish(`late ${count}`);
    const left = await first.client.handOver(REASON);
    assert.deepEqual(left, []);
    assert.ok(
      first.results.slice(1_500).every(([error, ...more]) => error === undefined && more.length === 0),
    );
    const { messages, damaged } = new JournalHarness(path).reload();
    assert.equal(damaged, 0);
    assert.deepEqual(
      messages.map(({ publication }) => publication.payload),
      Array.from({ length: 30 }, (_, count) => `late ${count}`),
    );
    assert.equal(client(path, first.clock).client.queued, 30);
  });

  it('what the disk does not take is given to the successor, and no done is called yet', async () => {
    writeFileSync(path, 'a file where the folder should be');
    const first = client(join(path, 'q.log'));
    first.publish('a');
    await written();
    const rest = await first.client.handOver(REASON);
    assert.deepEqual(
      rest.map(({ publication }) => publication.payload),
      ['a'],
    );
    assert.deepEqual(first.results, [[]]);
    assert.equal(first.clock.waiting, 0);
  });

  it('without a journal everything is given away, in order, and the successor sends it under its own bounds', async () => {
    const first = client(undefined);
    for (const payload of ['a', 'b', 'c']) first.publish(payload);
    const rest = await first.client.handOver(REASON);
    assert.deepEqual(
      rest.map(({ publication }) => publication.payload),
      ['a', 'b', 'c'],
    );
    const second = client(undefined, first.clock, 2);
    second.client.take(rest);
    assert.equal(second.client.queued, 2);
    assert.match(String(first.results[0]?.[0]), /the queue is full/);
    await second.client.end(REASON);
    assert.deepEqual(first.results.slice(1), [[REASON], [REASON]]);
  });

  it('what is pushed after the end gets the reason at once', async () => {
    const first = client(path);
    await first.client.handOver(REASON);
    first.publish('late');
    assert.deepEqual(first.results, [[REASON]]);
    await written();
    assert.equal(existsSync(path), false);
  });

  it('a deleted node takes its file along, and everybody gets the reason', async () => {
    const first = client(path);
    first.publish('a');
    await written();
    await first.client.end(REASON);
    await written();
    assert.deepEqual(first.results, [[REASON]]);
    assert.equal(existsSync(path), false);
  });

  it('what an earlier run left and became too old is named in the log, with its number, once', async () => {
    const first = client(path);
    for (const payload of ['a', 'b', 'c']) first.publish(payload);
    await written();
    const clock = new FakeClock();
    const second = client(path, clock);
    assert.equal(second.client.queued, 3);
    clock.advance(60_001);
    await written();
    assert.equal(second.notices.length, 1);
    assert.match(
      second.notices[0] ? inEnglish(second.notices[0].text) : '',
      /^3 message\(s\) that an earlier run .* \(queueTtl\)/,
    );
    assert.deepEqual(new JournalHarness(path).reload().messages, []);
  });
});
