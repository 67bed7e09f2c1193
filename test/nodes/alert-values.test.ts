/** What `dinox-alert` makes of what comes: how old it is, how long, and what it lacks. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Flow } from '../support/flows';
import type { Message, RunningFlow } from '../support/runtime';
import { alertFlow, alertOf, payload, startAlert } from './alert-support';

describe('dinox-alert: what comes in', () => {
  let flow: RunningFlow | undefined;
  let userDir = '';
  const running = (): RunningFlow => {
    assert.ok(flow);
    return flow;
  };
  const start = async (properties: object = {}): Promise<RunningFlow> => {
    userDir = mkdtempSync(join(tmpdir(), 'dinox-alert-'));
    flow = await startAlert(properties, userDir);
    return flow;
  };
  const value = (topic: string, of: unknown, more: object = {}): Promise<{ error?: string }> =>
    running().call('alert', { topic, payload: of, ...more });

  /** How many values the history has of a key, and the largest of them. */
  const recorded = async (key: string): Promise<[number, number]> => {
    const before = running().at('answers').length;
    await running().call('alert', { alert: { cmd: 'history', key, from: '2h', points: 1 } });
    const answers = await running().messages('answers', before + 1);
    const [row] = (answers[before]?.payload ?? []) as { count: number; max: number }[];
    return [row?.count ?? 0, row?.max ?? 0];
  };

  afterEach(async () => {
    await flow?.stop();
    rmSync(userDir, { recursive: true, force: true });
  });

  /** Kind: read once, though it can change. */
  it('an output 2 that is wired with "Modified Nodes" works, and the node goes on running', async () => {
    const wired = alertFlow();
    const unwired = wired.map((one) =>
      one.id === 'alert' ? { ...one, wires: [['told'], [], ['answers']] } : one,
    ) as Flow;
    await start({ wires: [['told'], [], ['answers']] });
    const before = running().node('alert');
    await value('a', 30);
    await running().deploy(wired, 'nodes');
    assert.equal(running().node('alert'), before, 'not made anew');
    await value('a', 31);
    const [sample] = await running().messages('samples', 1);
    assert.deepEqual([alertOf(sample).state, alertOf(sample).value], ['firing', 31]);
    await running().deploy(unwired, 'nodes');
    await value('a', 32);
    await running().deploy(wired, 'nodes');
    await value('a', 'unavailable');
    const all = await running().messages('samples', 2);
    assert.equal(alertOf(all[1]).valid, false, 'what is no value likewise');
  });

  it('a text of any length is looked through, and is no missing data', async () => {
    await start({ condition: 'contains', limit: 'E7' });
    const long = `${'all is well. '.repeat(1_000)}e7`;
    await value('log', long);
    const [raised] = await running().messages('told', 1);
    assert.equal(payload(raised).state, 'firing');
    assert.ok(String(payload(raised).value).length < 1_100, 'people are not sent all of it');
    const [sample] = await running().messages('samples', 1);
    assert.equal(sample?.payload, long);
  });

  for (const [title, given] of [
    ['a text of 5,000 characters', 'x'.repeat(5_000)],
    ['a BigInt', 12n],
  ] as [string, unknown][]) {
    it(`${title} ends the silence of a sensor`, async () => {
      await start({ condition: 'nodata', noDataAfter: '300ms' });
      await value('a', 1);
      await running().messages('told', 1, 10_000);
      await value('a', given);
      const all = await running().messages('told', 2);
      assert.equal(payload(all[1]).state, 'normal');
    });
  }

  it('"equal to a text" tells long numbers apart, and takes `unavailable` where a command set it', async () => {
    await start({ condition: 'equals', limit: '4915112345678510720', limitType: 'str' });
    await value('a', '4915112345678510721');
    assert.deepEqual(running().at('told'), []);
    await value('a', '4915112345678510720');
    await running().messages('told', 1);
    await running().call('alert', { alert: { cmd: 'set', limit: 'unavailable' } } as Message);
    await value('b', 'unavailable');
    const all = await running().messages('told', 2);
    assert.equal(payload(all.at(-1)).key, 'b');
  });

  /** Kind: the time of arrival is taken for the time of measurement. */
  it('a retained message sets the value and may raise, but is no sign of life and no point', async () => {
    await start({ noDataAfter: '400ms' });
    await value('a', 20);
    const [missed] = await running().messages('told', 1, 10_000);
    assert.equal(payload(missed).state, 'nodata');
    for (const replayed of [undefined, true]) await value('a', 21, { retain: true, replayed });
    const samples = await running().messages('samples', 3);
    assert.deepEqual([alertOf(samples[2]).state, alertOf(samples[2]).value], ['nodata', 21]);
    assert.equal(running().at('told').length, 1, 'the sensor is as dead as it was');
    assert.deepEqual(await recorded('a'), [1, 20]);
    await value('b', 30, { retain: true });
    const told = await running().messages('told', 2);
    assert.deepEqual([payload(told[1]).key, payload(told[1]).state], ['b', 'firing']);
    await value('a', 22, { retain: true, replayed: false });
    const all = await running().messages('told', 3);
    assert.deepEqual([payload(all[2]).key, payload(all[2]).state], ['a', 'normal'], 'published just now');
    assert.deepEqual(await recorded('a'), [2, 22]);
  });

  for (const [title, more] of [
    ['msg.timestamp', (at: number) => ({ timestamp: at })],
    ['the user property', (at: number) => ({ userProperties: { timestamp: new Date(at).toISOString() } })],
    ['last_seen in the payload', (at: number) => ({ payload: { value: 22, last_seen: at } })],
  ] as [string, (at: number) => object][]) {
    it(`a retained message that says when it was measured (${title}) counts from then`, async () => {
      await start({ noDataAfter: '30m' });
      const now = Date.now();
      const dead = { ...more(now - 3_600_000), retain: true };
      await running().call('alert', { topic: 'dead', payload: 22, ...dead });
      const [missed] = await running().messages('told', 1, 10_000);
      assert.deepEqual([payload(missed).key, payload(missed).state], ['dead', 'nodata']);
      for (let i = 0; i < 3; i++) await running().call('alert', { topic: 'dead', payload: 22, ...dead });
      assert.equal(running().at('told').length, 1);
      assert.deepEqual(await recorded('dead'), [1, 22], 'one point, however often it comes');
      await running().call('alert', { topic: 'dead', payload: 22, retain: true, ...more(now - 60_000) });
      const all = await running().messages('told', 2);
      assert.equal(payload(all[1]).state, 'normal', 'a minute ago it lived');
    });
  }

  /** Kind: a clock that starts anew with us. */
  it('deploys and restarts give the silence of a sensor no new beginning', async () => {
    await start({ noDataAfter: '1200ms' });
    const properties = { noDataAfter: '1200ms' };
    await value('dead', 20);
    const since = Date.now();
    for (let deploys = 1; running().at('told').length === 0 && deploys < 12; deploys++) {
      await running()
        .messages('told', 1, 400)
        .catch(() => []);
      if (running().at('told').length > 0) break;
      if (deploys % 2 === 0) {
        await running().stop();
        flow = await startAlert(properties, userDir);
      } else await running().deploy(alertFlow({ ...properties, name: String(deploys) }));
    }
    const [missed] = await running().messages('told', 1, 5_000);
    assert.deepEqual([payload(missed).key, payload(missed).state], ['dead', 'nodata']);
    assert.ok(Date.now() - since < 20_000);
  });

  /** Kind: read once, though it can change. */
  it('a hold time that is made shorter while a key waits counts from its beginning', async () => {
    await start({ holdFor: '1h' });
    await value('a', 30);
    await running().deploy(alertFlow({ holdFor: '2s' }));
    const [raised] = await running().messages('told', 1, 10_000);
    assert.equal(payload(raised).state, 'firing');
    await running().deploy(alertFlow({ holdFor: '1h' }));
    await value('b', 30);
    await running().deploy(alertFlow());
    const all = await running().messages('told', 2, 10_000);
    assert.deepEqual([payload(all[1]).key, payload(all[1]).state], ['b', 'firing']);
  });

  /** Kind: one missing input voids what does not depend on it. */
  it('a limit that is missing: an error, and still a sign of life, and an end of the silence', async () => {
    await start({ limit: 'nowhere', limitType: 'flow', noDataAfter: '600ms' });
    for (let i = 0; i < 5; i++) {
      await value('living', 20);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    assert.deepEqual(running().at('told'), []);
    const [missed] = await running().messages('told', 1, 10_000);
    assert.equal(payload(missed).state, 'nodata', 'and its silence is noticed');
    await value('living', 20);
    const all = await running().messages('told', 2);
    assert.equal(payload(all[1]).state, 'normal');
  });

  for (const limitType of ['flow', 'global', 'env', 'msg']) {
    it(`a limit (${limitType}) that is missing: the value is recorded, and leaves at output 2`, async () => {
      await start({ limit: 'nowhere', limitType });
      for (const of of [20, 25]) {
        const { error } = await value('living', of);
        assert.match(String(error), /limit.*missing/s);
      }
      assert.deepEqual(await recorded('living'), [2, 25]);
      const samples = await running().messages('samples', 2);
      assert.deepEqual([alertOf(samples[1]).value, alertOf(samples[1]).valid], [25, true]);
      assert.deepEqual(running().at('told'), []);
    });
  }

  it('a critical limit that is missing or in vain: the other one counts', async () => {
    await start({ critical: 'worst', criticalType: 'msg' });
    for (const [topic, worst] of [
      ['a', undefined],
      ['b', 'warm'],
      ['c', 20],
    ] as const) {
      const { error } = await value(topic, 30, { worst });
      assert.match(worst === undefined ? 'critical' : String(error), /critical/);
    }
    const told = await running().messages('told', 3);
    assert.deepEqual(
      told.map((one) => [payload(one).key, payload(one).severity]),
      [
        ['a', 'warning'],
        ['b', 'warning'],
        ['c', 'warning'],
      ],
    );
  });
});
