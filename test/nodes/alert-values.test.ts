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
});
