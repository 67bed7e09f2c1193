/** Bad input for `dinox-alert`: each a clear error, and the other keys go on. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Message, RunningFlow } from '../support/runtime';
import { alertOf, payload, startAlert } from './alert-support';
import { assertClear, assertDoneOnce } from './bad-input';

/** Configurations that cannot work, and what their error says. */
const CONFIGS: [title: string, properties: object, says: RegExp[]][] = [
  ['no limit', { limit: '' }, [/limit/, /missing/]],
  ['a limit that is no number', { limit: 'warm' }, [/limit/, /"warm"/, /number/]],
  [
    'limits in the wrong order',
    { condition: 'outside', limit: '24', limit2: '18' },
    [/limit2/, /18/, /24/, /above/],
  ],
  ['a negative hysteresis', { hysteresis: '-2' }, [/hysteresis/, /"-2"/]],
  [
    'a hysteresis wider than the limits',
    { condition: 'outside', limit: '18', limit2: '20', hysteresis: '5' },
    [/hysteresis/, /between the limits/],
  ],
  ['a critical limit on the wrong side', { critical: '20' }, [/critical/, /must be above/]],
  [
    'an upper critical limit between the limits',
    { condition: 'outside', limit: '18', limit2: '24', critical2: '20' },
    [/critical2/, /must be above/, /24/],
  ],
  ['holdFor abc', { holdFor: 'abc' }, [/holdFor/, /"abc"/, /duration/]],
  ['keepFor -1s', { keepFor: '-1s' }, [/keepFor/, /"-1s"/, /duration/]],
  ['a rate over 0', { condition: 'rate', rateWindow: '0' }, [/rateWindow/, /above 0/]],
  ['nodata without a time', { condition: 'nodata', noDataAfter: '' }, [/noDataAfter/, /above 0/]],
  ['a hold time of ten years', { holdFor: '3650d' }, [/holdFor/, /year/]],
  ['quiet hours that are none', { quietHours: '22-7' }, [/quietHours/, /"22-7"/]],
  ['a time zone that there is not', { quietHours: '22:00-07:00', timeZone: 'Mars' }, [/timeZone/, /"Mars"/]],
  ['a path that is none', { property: 'payload.[x' }, [/property/, /path/]],
  ['a path to __proto__', { property: 'payload.__proto__.x' }, [/property/, /path/]],
  [
    'JSONata that does not compile',
    { property: 'payload.(', propertyType: 'jsonata' },
    [/property/, /JSONata/],
  ],
  ['a condition that there is not', { condition: 'nearly' }, [/condition/, /"nearly"/]],
  ['no room for keys', { maxKeys: '0' }, [/maxKeys/, /"0"/]],
  ['a history of a year', { history: '365d' }, [/history/, /7d/]],
];

const circular: Message = {};
circular.self = circular;

describe('dinox-alert: bad input', () => {
  let flow: RunningFlow | undefined;
  const running = (): RunningFlow => {
    assert.ok(flow);
    return flow;
  };
  afterEach(() => flow?.stop());

  /** Refused with `says`; the next good message alerts. */
  async function refused(
    bad: Message,
    says: RegExp[],
    good: Message = { topic: 'good', payload: 99 },
  ): Promise<void> {
    const { error } = await running().call('alert', bad, 20_000);
    assertClear(error, says);
    await running().until('the catch node', () => running().at('errors').length === 1);
    assertDoneOnce(running(), bad);
    const done = await running().call('alert', good, 20_000);
    assert.equal(done.error, undefined);
    const [raised] = await running().messages('told', 1);
    assert.equal(payload(raised).state, 'firing');
  }

  for (const [title, properties, says] of CONFIGS) {
    it(`${title}: said in the log, under the node, and for each message`, async () => {
      flow = await startAlert(properties);
      const [complaint] = running().complaints();
      assertClear(complaint?.text, says);
      assert.equal(running().statusesOf('alert').at(-1)?.fill, 'red');
      const bad: Message = { topic: 'a', payload: 30 };
      const { error } = await running().call('alert', bad);
      assertClear(error, says);
      assertDoneOnce(running(), bad);
    });
  }

  for (const [title, bad, says] of [
    ['no topic', { payload: 30 }, [/topic/, /missing|empty/]],
    ['an empty topic', { topic: '', payload: 30 }, [/topic/, /empty/]],
    ['an object as key', { topic: { a: 1 }, payload: 30 }, [/topic/, /object/]],
    ['an array as key', { topic: ['a'], payload: 30 }, [/topic/, /array/]],
    ['a key of 10 kB', { topic: 'x'.repeat(10_240), payload: 30 }, [/topic/, /10240/, /1,000/]],
    ['a command that there is not', { alert: { cmd: 'explode' } }, [/msg\.alert/, /explode/, /help/]],
    ['an alert that there is not', { alert: { cmd: 'ack', number: 99 } }, [/#99/, /status/]],
    ['an unknown key', { alert: { cmd: 'reset', filter: 'nowhere' } }, [/nowhere/]],
    ['a silence for a year', { alert: { cmd: 'silence', for: '365d' } }, [/31 days/]],
    ['a silence of abc', { alert: { cmd: 'silence', for: 'abc' } }, [/abc/, /duration/]],
    [
      'a limit that "above" does not know',
      { alert: { cmd: 'set', critical2: 30 } },
      [/critical2/, /set limit/],
    ],
    ['a limit that is text', { alert: { cmd: 'set', limit: 'warm' } }, [/warm/, /number/]],
  ] as [string, Message, RegExp[]][]) {
    it(`${title} is refused`, async () => {
      flow = await startAlert();
      await refused(bad, says);
    });
  }

  for (const [title, raw] of [
    ['undefined', undefined],
    ['a circular object', circular],
    ['a symbol', Symbol('s')],
    ['300 KB of text', '9'.repeat(300_000)],
  ] as [string, unknown][]) {
    it(`${title} as value counts as none, and ends no alert`, async () => {
      flow = await startAlert();
      await running().call('alert', { topic: 'a', payload: 30 });
      const bad = { topic: 'a', payload: raw };
      assert.equal((await running().call('alert', bad)).error, undefined);
      assertDoneOnce(running(), bad);
      const samples = await running().messages('samples', 2);
      assert.equal(alertOf(samples[1]).valid, false);
      assert.equal(running().at('told').length, 1);
    });
  }

  it('a path through null finds nothing', async () => {
    flow = await startAlert({ property: 'payload.a.b.c' });
    await running().call('alert', { topic: 'a', payload: { a: null } });
    const [sample] = await running().messages('samples', 1);
    assert.equal(alertOf(sample).why, 'nothing');
  });

  for (const [title, expression, says] of [
    ['that throws', '$error("no such thing")', [/JSONata/, /no such thing/]],
    ['that runs for ever', '($f := function($n) { $f($n + 1) }; $f(0))', [/JSONata/, /stopped/, /250/]],
  ] as [string, string, RegExp[]][]) {
    it(`JSONata ${title}`, async () => {
      flow = await startAlert({
        property: `payload = "bad" ? ${expression} : payload`,
        propertyType: 'jsonata',
      });
      await refused({ topic: 'a', payload: 'bad' }, says);
    });
  }

  it('a limit from the message that is none', async () => {
    flow = await startAlert({ limit: 'max', limitType: 'msg' });
    await refused({ topic: 'a', payload: 30, max: 'warm' }, [/limit/, /"warm"/], {
      topic: 'a',
      payload: 30,
      max: 20,
    });
  });

  it('a limit from a flow variable that is not set', async () => {
    flow = await startAlert({ limit: 'nothing', limitType: 'flow' });
    const { error } = await running().call('alert', { topic: 'a', payload: 30 });
    assertClear(error, [/limit/, /missing/]);
  });

  it('more keys than there is room for, all alerting', async () => {
    flow = await startAlert({ maxKeys: '2' });
    for (const topic of ['a', 'b']) await running().call('alert', { topic, payload: 30 });
    const { error } = await running().call('alert', { topic: 'c', payload: 30 });
    assertClear(error, [/no room/, /2/]);
    await running().call('alert', { topic: 'a', payload: 20 });
    assert.equal((await running().call('alert', { topic: 'c', payload: 30 })).error, undefined);
  });

  it('a file that cannot be written', async () => {
    const userDir = mkdtempSync(join(tmpdir(), 'dinox-alert-'));
    try {
      writeFileSync(join(userDir, 'dinox'), 'in the way');
      flow = await startAlert({}, userDir);
      await running().call('alert', { topic: 'a', payload: 30 });
      await running().messages('told', 1);
      const errors = running().logged.filter(({ node, level }) => node === 'alert' && level === 'error');
      assert.equal(errors.length, 1, 'said once');
      assertClear(errors[0]?.text.replaceAll(userDir, ''), [/states cannot be saved/, /permissions/]);
      // The history goes to disk now and then, and at the end.
      const { logged } = running();
      await running().deploy([]);
      const last = logged.filter(({ node, level }) => node === 'alert' && level === 'error').at(-1);
      assertClear(last?.text.replaceAll(userDir, ''), [/history cannot be saved/, /in memory/]);
    } finally {
      await flow?.stop();
      rmSync(userDir, { recursive: true, force: true });
    }
  });
});
