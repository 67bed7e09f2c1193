/** States on disk: whatever moment the process ends at, what people were told of is there. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keyRecord, nodeRecord, snapshot } from '../../../src/alert/snapshot';
import { type AlertRecord, AlertStore } from '../../../src/runtime/alert-store';
import { seeded } from '../../support/seeded';
import { Bench } from './support';

class Said {
  readonly lines: string[] = [];
  readonly events = {
    failed: (error: Error) =>
      this.lines.push(`failed ${(error as NodeJS.ErrnoException).code ?? error.message}`),
    recovered: () => this.lines.push('recovered'),
    setAside: (path: string, newer: boolean) =>
      this.lines.push(`aside ${path.replace(/^.*\./, '')} ${newer}`),
    damaged: (count: number) => this.lines.push(`damaged ${count}`),
  };
}

describe('alert: states on disk', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dinox-alerts-'));
    file = join(folder, 'dinox/alerts/node.log');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const wholeOf = (bench: Bench) => () => snapshot(bench.machine, undefined, bench.clock.now());
  const recordOf = (bench: Bench, key: string): AlertRecord => {
    const entry = bench.machine.keys.map.get(key);
    assert.ok(entry);
    return { at: bench.clock.now(), key: keyRecord(entry) };
  };

  it('gives back what was written: a snapshot, and the changes after it', () => {
    const said = new Said();
    const store = new AlertStore(file, said.events);
    assert.equal(store.load(), undefined);
    const bench = new Bench({ condition: 'above', limits: { limit: 20 }, noDataAfter: 60_000 });
    store.replace(wholeOf(bench)());
    for (const key of ['a', 'b', 'c']) bench.sample(key, key === 'c' ? 10 : 30);
    store.append([recordOf(bench, 'a'), recordOf(bench, 'b'), recordOf(bench, 'c')], wholeOf(bench));
    bench.sample('b', 10);
    store.append([recordOf(bench, 'b'), { at: bench.clock.now(), gone: 'c' }], wholeOf(bench));
    store.append([{ at: bench.clock.now(), node: nodeRecord(bench.machine, undefined) }], wholeOf(bench));
    store.close();
    const loaded = new AlertStore(file, said.events).load();
    assert.deepEqual(
      loaded?.keys.map(({ key, state }) => [key, state]),
      [
        ['a', 'firing'],
        ['b', 'normal'],
      ],
    );
    assert.deepEqual(said.lines, []);
  });

  it('cut off anywhere, it has the changes that were complete by then, and no complaint', () => {
    const store = new AlertStore(file, new Said().events);
    const bench = new Bench({ condition: 'above', limits: { limit: 20 }, holdFor: 5_000 });
    store.replace(wholeOf(bench)());
    const random = seeded(3);
    const steps: { size: number; states: Record<string, string> }[] = [];
    const states: Record<string, string> = {};
    for (let i = 0; i < 40; i++) {
      const key = `kü-${Math.floor(random() * 4)}`;
      bench.sample(key, random() < 0.5 ? 30 : 10);
      bench.wait(Math.floor(random() * 8_000));
      store.append([recordOf(bench, key)], wholeOf(bench));
      states[key] = String(bench.state(key));
      steps.push({ size: readFileSync(file).length, states: { ...states } });
    }
    store.close();
    const whole = readFileSync(file);
    const first = whole.indexOf(10, whole.indexOf(10) + 1) + 1;
    for (let size = first; size <= whole.length; size += 1 + Math.floor(random() * 40)) {
      writeFileSync(file, whole.subarray(0, size));
      const said = new Said();
      const loaded = new AlertStore(file, said.events).load();
      const expected = steps.filter((step) => step.size <= size).at(-1)?.states ?? {};
      const found = Object.fromEntries(loaded?.keys.map(({ key, state }) => [key, state]) ?? []);
      // The line break alone may be missing.
      const next = steps.find((step) => step.size === size + 1)?.states;
      assert.ok(
        JSON.stringify(sorted(found)) === JSON.stringify(sorted(expected)) ||
          JSON.stringify(sorted(found)) === JSON.stringify(sorted(next ?? {})),
        `${size} bytes: ${JSON.stringify(found)}, not ${JSON.stringify(expected)}`,
      );
      assert.deepEqual(said.lines, []);
    }
  });

  it('a file that is none, or of a newer version, is set aside', async () => {
    await mkdir(join(folder, 'dinox/alerts'), { recursive: true });
    for (const [text, expected] of [
      ['rubbish\n', 'aside damaged false'],
      ['{"dinoxAlerts":99}\n', 'aside newer true'],
    ] as const) {
      writeFileSync(file, text);
      const said = new Said();
      assert.equal(new AlertStore(file, said.events).load(), undefined);
      assert.deepEqual(said.lines, [expected]);
    }
  });

  it('damaged lines are left out, and counted', () => {
    const bench = new Bench({ condition: 'above', limits: { limit: 20 } });
    bench.sample('a', 30);
    const store = new AlertStore(file, new Said().events);
    store.replace(wholeOf(bench)());
    store.append([recordOf(bench, 'a')], wholeOf(bench));
    store.close();
    const [head = '', ...rest] = readFileSync(file, 'utf8').split('\n');
    writeFileSync(file, [head, '{"at":1,"key":{"key":5}}', '\u0000\u0000', ...rest].join('\n'));
    const said = new Said();
    assert.equal(new AlertStore(file, said.events).load()?.keys.length, 1);
    assert.deepEqual(said.lines, ['damaged 2']);
  });

  it('does not grow without end', () => {
    const bench = new Bench({ condition: 'above', limits: { limit: 20 } });
    bench.sample('a', 30);
    const store = new AlertStore(file, new Said().events);
    store.replace(wholeOf(bench)());
    for (let i = 0; i < 5_000; i++) store.append([recordOf(bench, 'a')], wholeOf(bench));
    store.close();
    assert.ok(readFileSync(file).length < 400_000);
  });

  it('a place that cannot be written is said once, and the machine goes on', () => {
    writeFileSync(join(folder, 'dinox'), 'in the way');
    const bench = new Bench({ condition: 'above', limits: { limit: 20 } });
    bench.sample('a', 30);
    const said = new Said();
    const store = new AlertStore(file, said.events);
    for (let i = 0; i < 3; i++) store.append([recordOf(bench, 'a')], wholeOf(bench));
    assert.equal(said.lines.length, 1);
    assert.match(said.lines[0] ?? '', /^failed E/);
    rmSync(join(folder, 'dinox'));
    store.append([recordOf(bench, 'a')], wholeOf(bench));
    assert.equal(said.lines[1], 'recovered');
    store.close();
    assert.equal(new AlertStore(file, said.events).load()?.keys.length, 1);
  });
});

const sorted = (states: Record<string, string>): unknown => Object.entries(states).sort();
