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
      claim: (id: string, of = folder) => recorders.claim(id, of),
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
