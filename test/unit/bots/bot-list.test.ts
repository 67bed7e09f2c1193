import assert from 'node:assert/strict';
import { botRows, isBotTopic, type LastMessage } from '../../../src/bots/bot-list';
import { readStatus } from '../../../src/bots/bot-status';
import { nameOfLevel } from '../../../src/topics/level';

const NOW = Date.parse('2026-11-30T12:00:00Z');
const iso = (ago: number) => new Date(NOW - ago).toISOString();
const status = (id: string, more: object = {}) => ({
  ...{
    id,
    name: id.toUpperCase(),
    status: 'online',
    since: iso(3_600_000),
    time: iso(10_000),
    interval: 300,
  },
  ...{ received: 1, sent: 2, errors: 0, version: '0.1.0', ...more },
});
const heard = (level: string, payload: unknown, at = 0): LastMessage => ({
  topic: `dinox/bots/status/${level}`,
  payload: Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)),
  at,
});
const states = (...messages: LastMessage[]) =>
  botRows(messages, NOW, undefined).map(({ id, state }) => `${id} ${state}`);

describe('bots that were heard of', () => {
  it('are listed by name, with counts and the last sign of life', () => {
    const rows = botRows(
      [heard('b', status('b')), heard('a%2Fb', status('a/b'), NOW - 5_000)],
      NOW,
      undefined,
    );
    assert.deepEqual(
      rows.map(({ id, name, state, seen }) => [id, name, state, NOW - (seen ?? 0)]),
      [
        ['a/b', 'A/B', 'online', 5_000],
        ['b', 'B', 'online', 10_000],
      ],
    );
    assert.deepEqual(rows[0]?.counts, { received: 1, sent: 2, errors: 0 });
  });

  it('are silent after three intervals, by the time of the status, not of its arrival at a new subscriber', () => {
    const old = (ago: number, more: object = {}) => status('x', { time: iso(ago), ...more });
    assert.deepEqual(states(heard('x', old(899_000))), ['x online']);
    assert.deepEqual(states(heard('x', old(901_000))), ['x silent']);
    assert.deepEqual(states(heard('x', old(901_000, { status: 'error' }))), ['x silent']);
    assert.deepEqual(states(heard('x', old(901_000, { interval: 3_600 }))), ['x online']);
    assert.deepEqual(states(heard('x', old(901_000, { status: 'offline' }))), ['x offline']);
    assert.deepEqual(states(heard('x', old(0), NOW - 901_000)), ['x silent'], 'it came live, long ago');
    assert.deepEqual(states(heard('x', old(-7_200_000))), ['x online'], 'a clock that is ahead');
    const { time: _, ...will } = status('x', { status: 'offline' });
    assert.equal(botRows([heard('x', will)], NOW, undefined)[0]?.seen, undefined);
  });

  it('are forged if they name another bot, and nothing of them is believed', () => {
    const [row] = botRows([heard('mine', status('other'), NOW)], NOW, undefined);
    assert.deepEqual(
      [row?.id, row?.name, row?.state, row?.counts, row?.version],
      ['mine', 'mine', 'forged', {}, ''],
    );
    assert.deepEqual(states(heard('x', { status: 'online' }), heard('a/b', status('a/b'))), ['x forged']);
  });

  it('with anything else on their topics are left out', () => {
    const bad = ['', 'online', '[]', 'null', '{"id":"x"', { id: 'x', status: 'great' }, 'x'.repeat(20_000)];
    for (const payload of bad)
      assert.deepEqual(states(heard('x', payload)), [], JSON.stringify(payload).slice(0, 40));
    assert.deepEqual(states(heard('%zz', status('%zz'))), []);
  });

  it('have bounded texts and numbers', () => {
    const long = 'n'.repeat(3_000);
    const said = readStatus(
      'dinox/bots/status/x',
      heard('', status('x', { name: long, version: long })).payload,
    );
    assert.ok(typeof said === 'object' && said.name.length === 200 && said.version.length === 40);
    const odd = { received: -1, sent: Number.MAX_VALUE, errors: 'many', interval: 1e99, since: 5, time: 'x' };
    const read = readStatus('dinox/bots/status/x', heard('', status('x', odd)).payload);
    assert.ok(typeof read === 'object');
    assert.deepEqual(
      [read.counts.received, read.counts.errors, read.interval, read.since, read.at],
      [undefined, undefined, 86_400_000, undefined, undefined],
    );
  });

  it('include DinoX itself, which says neither interval nor time', () => {
    const dinox = (node: string, payload: string, at = 0) => ({
      ...{ topic: `dinox/${node}/availability`, payload: Buffer.from(payload), at },
    });
    assert.deepEqual(states(dinox('desk', 'online', NOW - 1e9), dinox('phone', 'offline')), [
      'desk online',
      'phone offline',
    ]);
    assert.deepEqual(states(dinox('x', 'unknown'), dinox('y', '')), []);
    assert.ok(isBotTopic('dinox/desk/availability') && isBotTopic('dinox/bots/status/x'));
    assert.ok(!isBotTopic('dinox/a/b/availability') && !isBotTopic('zigbee2mqtt/x/availability'));
  });

  it('are known as own, and as twins if somebody else tells the same bot meanwhile', () => {
    const topic = 'dinox/bots/status/anna';
    const own = { topic, since: NOW - 60_000 };
    const said = (since: number, ago: number) =>
      botRows([heard('anna', status('anna', { since: iso(since), time: iso(ago) }))], NOW, own)[0]?.own;
    assert.equal(said(60_000, 5_000), 'yes');
    assert.equal(said(90_000, 5_000), 'twin');
    assert.equal(said(90_000, 70_000), 'yes', 'what the predecessor left');
    assert.equal(botRows([heard('ben', status('ben'))], NOW, own)[0]?.own, 'no');
  });
});

describe('the name that a topic level was made of', () => {
  it('is found, unless no name makes this level', () => {
    for (const [level, name] of [
      ['a%2Fb', 'a/b'],
      ['küche', 'küche'],
      ['%25', '%'],
      ['%41', undefined],
      ['%', undefined],
    ] as const)
      assert.equal(nameOfLevel(level), name);
  });
});
