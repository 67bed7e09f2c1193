import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inEnglish } from '../../../src/base/english';
import type { Recorder } from '../../../src/recorder/recorder';
import { RecorderPool } from '../../../src/recorder/recorder-pool';
import { FakeClock } from '../transport/fake-clock';

const HOUR = 3_600_000;

describe('recorders', () => {
  let clock: FakeClock;
  let userDir: string;
  let warnings: string[];
  const make = (dir: string | undefined = userDir) => {
    const recorders = new RecorderPool(
      clock,
      () => [],
      (said) => warnings.push(inEnglish(said)),
    );
    const folder = dir && join(dir, 'dinox');
    return {
      claim: (id: string, of = folder, week = false) => recorders.claim(id, of, week),
      release: (id: string, removed: boolean) => recorders.release(id, folder, removed),
    };
  };
  const take = (recorder: Recorder, topic: string, payload: string): void =>
    recorder.take(
      {
        topic,
        payload: Buffer.from(payload),
        qos: 0,
        retain: false,
        dup: false,
        properties: undefined,
        pubsub: undefined,
      },
      false,
    );
  const values = (recorder: Recorder, topic: string): (number | null)[] =>
    recorder.history
      .series(topic, clock.now() - 2 * HOUR, clock.now() + 1, 1_000)
      .last.filter((one) => one !== null);

  /** Resolves with the rows of a recorder once what lies on disk has been read. */
  async function loaded(recorder: Recorder): Promise<string[]> {
    for (let i = 0; i < 1_000 && recorder.size === 0; i++)
      await new Promise((resolve) => setTimeout(resolve, 5));
    return recorder.changes(0, 10).rows.map(({ topic, text }) => `${topic} ${text}`);
  }

  beforeEach(() => {
    clock = new FakeClock();
    userDir = mkdtempSync(join(tmpdir(), 'dinox-recorders-'));
    warnings = [];
  });
  afterEach(() => rmSync(userDir, { recursive: true, force: true }));

  it('keeps another span from the deploy on, with what there is; over a restart, too', async () => {
    clock.advance(1_000 * HOUR);
    const first = make();
    const recorder = first.claim('b1');
    await recorder.loading;
    for (let hour = 0; hour < 10; hour++) {
      clock.advance(HOUR);
      take(recorder, 'home/a', String(hour));
    }
    const week = (of: Recorder): number[] =>
      of.history
        .series('home/a', clock.now() - 168 * HOUR, clock.now() + 1, 2_000)
        .last.filter((one) => one !== null);
    await first.release('b1', false);
    assert.equal(first.claim('b1', undefined, true).history, recorder.history);
    // Behind what the deploy began.
    await first.release('b1', false);
    assert.equal(recorder.history.span, 168 * HOUR);
    clock.advance(60 * HOUR);
    assert.deepEqual(week(recorder), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    await first.release('b1', true);
    const second = make();
    const next = second.claim('b1', undefined, true);
    await next.loading;
    assert.deepEqual(week(next), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    second.claim('b1');
    await second.release('b1', false);
    assert.deepEqual([next.history.span, week(next)], [24 * HOUR, []]);
    await second.release('b1', true);
    assert.deepEqual(warnings, []);
  });

  it('gives a node what it had before the deploy', async () => {
    const recorders = make();
    const before = recorders.claim('a');
    await recorders.release('a', false);
    assert.equal(recorders.claim('a'), before);
    assert.notEqual(recorders.claim('b'), before);
    await recorders.release('b', true);
    await recorders.release('a', true);
  });

  it('kind: identity with its context. A node of the same id in another flow file has another one', async () => {
    const recorders = make();
    const one = recorders.claim('a');
    assert.notEqual(recorders.claim('a', join(userDir, 'dinox/flows/other')), one);
    assert.equal(recorders.claim('a'), one);
    await recorders.release('a', true);
  });

  it('reads values and history back after a restart', async () => {
    const first = make();
    take(first.claim('a'), 'home/x', '21.5');
    clock.advance(HOUR);
    take(first.claim('a'), 'home/x', '22.5');
    await first.release('a', false);

    const second = make();
    const recorder = second.claim('a');
    assert.deepEqual(await loaded(recorder), ['home/x 22.5']);
    assert.deepEqual(values(recorder, 'home/x'), [21.5, 22.5]);
    assert.equal(recorder.since, clock.now() - HOUR, 'since the first value, and not since the last one');
    assert.deepEqual(warnings, []);
    await second.release('a', true);
    await first.release('a', true);
  });

  it('begins anew where the file of the values is damaged', async () => {
    const first = make();
    take(first.claim('a'), 'home/x', '1');
    await first.release('a', true);
    const folder = join(userDir, 'dinox', 'recorder');
    writeFileSync(join(folder, 'a.states'), '{"version":1,"topics":[{"topic":5},null,');
    const second = make();
    const recorder = second.claim('a');
    await second.release('a', false);
    assert.equal(recorder.size, 0);
    await second.release('a', true);
  });

  it('leaves no half-written file', async () => {
    const recorders = make();
    take(recorders.claim('a b/c'), 'home/x', '1');
    await recorders.release('a b/c', true);
    const names = readdirSync(join(userDir, 'dinox', 'recorder'));
    assert.ok(names.includes('a%20b%2Fc.states'), String(names));
    assert.ok(!names.some((name) => name.endsWith('.new')));
  });

  it('works without a user directory, in memory', async () => {
    const recorders = make('');
    take(recorders.claim('a'), 'home/x', '1');
    await recorders.release('a', true);
    assert.deepEqual(readdirSync(userDir), []);
  });
});
