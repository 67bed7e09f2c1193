/** States on disk: whatever moment the process ends at, what people were told of is there. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { type AlertDisk, type AlertRecord, AlertStore } from '../../../src/alert/alert-store';
import { keyRecord, nodeRecord, restore, type Snapshot, snapshot } from '../../../src/alert/snapshot';
import { alertMessage } from '../../../src/nodes/dinox-alert/messages';
import { openToAppend } from '../../../src/storage/append-file';
import { replaceFile } from '../../../src/storage/atomic-file';
import { checkedLine } from '../../../src/storage/checked-line';
import { writeAll } from '../../../src/storage/files';
import { seeded } from '../../support/seeded';
import { Harness, WallClock } from './support';

const EPISODE = { id: 'e', number: 1, startedAt: 1, fired: true, severity: 'warning' };
const TOLD = {
  ...{ id: 'e', number: 1, startedAt: 1, state: 'firing', severity: 'warning' },
  ...{ at: 1, text: 'over' },
};

class Said {
  readonly lines: string[] = [];
  readonly events = {
    failed: (error: Error) =>
      this.lines.push(`failed ${(error as NodeJS.ErrnoException).code ?? error.message}`),
    recovered: () => this.lines.push('recovered'),
    setAside: (path: string) => this.lines.push(`aside ${path.replace(/^.*\./, '')}`),
    damaged: (count: number, path: string) =>
      this.lines.push(`damaged ${count} ${path.replace(/^.*\./, '')}`),
  };
}

describe('alert: states on disk', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dinox-alerts-'));
    file = join(folder, 'dinox/alerts/node.log');
    clock = new WallClock();
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  let clock: WallClock;
  const open = (said = new Said(), disk?: AlertDisk) =>
    new AlertStore({ path: file, clock, events: said.events, ...(disk && { disk }) });
  const wholeOf = (harness: Harness) => () => snapshot(harness.machine, undefined, harness.clock.now());
  const recordOf = (harness: Harness, key: string): AlertRecord => {
    const entry = harness.machine.keys.map.get(key);
    assert.ok(entry);
    return { at: harness.clock.now(), key: keyRecord(entry) };
  };

  it('gives back what was written: a snapshot, and the changes after it', () => {
    const said = new Said();
    const store = open(said);
    assert.equal(store.load(), undefined);
    const harness = new Harness({ condition: 'above', limits: { limit: 20 }, noDataAfter: 60_000 });
    store.begin(wholeOf(harness));
    for (const key of ['a', 'b', 'c']) harness.sample(key, key === 'c' ? 10 : 30);
    store.append([recordOf(harness, 'a'), recordOf(harness, 'b'), recordOf(harness, 'c')]);
    harness.sample('b', 10);
    store.append([recordOf(harness, 'b'), { at: harness.clock.now(), gone: 'c' }]);
    store.append([{ at: harness.clock.now(), node: nodeRecord(harness.machine, undefined) }]);
    const loaded = open(said).load();
    assert.deepEqual(
      loaded?.keys.map(({ key, state }) => [key, state]),
      [
        ['a', 'firing'],
        ['b', 'normal'],
      ],
    );
    assert.deepEqual(said.lines, []);
    store.close();
  });

  it('cut off anywhere, it has the changes that were complete by then, and no complaint', () => {
    const store = open();
    const harness = new Harness({ condition: 'above', limits: { limit: 20 }, holdFor: 5_000 });
    store.begin(wholeOf(harness));
    const first = readFileSync(file).length;
    const random = seeded(3);
    const steps: { size: number; states: Record<string, string> }[] = [];
    const states: Record<string, string> = {};
    for (let i = 0; i < 40; i++) {
      const key = `kü-${Math.floor(random() * 4)}`;
      harness.sample(key, random() < 0.5 ? 30 : 10);
      harness.wait(Math.floor(random() * 8_000));
      store.append([recordOf(harness, key)]);
      states[key] = String(harness.state(key));
      steps.push({ size: readFileSync(file).length, states: { ...states } });
    }
    const whole = readFileSync(file);
    store.close();
    for (let size = first; size <= whole.length; size += 1 + Math.floor(random() * 40)) {
      writeFileSync(file, whole.subarray(0, size));
      const said = new Said();
      const loaded = open(said).load();
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

  it('a file that is none, or of a newer version, is set aside before anything is written', async () => {
    await mkdir(join(folder, 'dinox/alerts'), { recursive: true });
    const harness = new Harness({ condition: 'above', limits: { limit: 20 } });
    for (const [text, expected] of [
      ['rubbish\n', 'damaged'],
      ['{"dinoxAlerts":99}\n', 'newer'],
      [checkedLine({ dinoxAlerts: 99 }), 'newer'],
    ] as const) {
      writeFileSync(file, text);
      const said = new Said();
      const store = open(said);
      assert.equal(store.load(), undefined);
      store.begin(wholeOf(harness));
      store.close();
      assert.deepEqual(said.lines, [`aside ${expected}`]);
      assert.equal(readFileSync(`${file}.${expected}`, 'utf8'), text);
    }
  });

  it('a file that cannot be read is set aside, and never overwritten', () => {
    mkdirSync(file, { recursive: true });
    writeFileSync(join(file, 'inside'), 'x');
    const harness = new Harness({ condition: 'above', limits: { limit: 20 } });
    const said = new Said();
    const store = open(said);
    assert.equal(store.load(), undefined);
    store.begin(wholeOf(harness));
    store.close();
    assert.deepEqual(said.lines, ['aside unread']);
    assert.equal(readFileSync(join(`${file}.unread`, 'inside'), 'utf8'), 'x');
  });

  /** A file as version 1 wrote it: no checksums, no empty lines. */
  const oldFile = (...lines: object[]): void => {
    mkdirSync(join(folder, 'dinox/alerts'), { recursive: true });
    writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  };
  const KEY = { key: 'a', state: 'firing', since: 1, episode: EPISODE, told: TOLD };
  const NODE = { enabled: true, quiet: false, silences: [], groups: [], missed: [], moreMissed: 0 };
  const HEAD = { dinoxAlerts: 1, at: 1 };

  it('a file without checksums, as earlier versions wrote it, is read', () => {
    oldFile(HEAD, { at: 1, node: NODE }, { at: 1, key: KEY });
    const said = new Said();
    const loaded = open(said).load();
    assert.deepEqual(loaded?.keys, [KEY]);
    assert.deepEqual(said.lines, []);
    oldFile(
      HEAD,
      { at: 1, node: NODE },
      { at: 1, key: { ...KEY, told: { ...TOLD, facts: { state: 'x' } } } },
    );
    assert.deepEqual(open(said).load()?.keys, [KEY], 'an open alert is not lost for its sentence');
  });

  it('a worst value that is no number costs its record, and is told to nobody', () => {
    const ended = { at: 1, value: 5, reason: 'cleared', peak: 9 };
    for (const peak of ['x', null, {}]) {
      oldFile(
        HEAD,
        { at: 1, node: NODE },
        { at: 1, key: { ...KEY, episode: { ...EPISODE, peak } } },
        { at: 1, key: { ...KEY, key: 'b', told: { ...TOLD, ended: { ...ended, peak } } } },
        { at: 1, key: { ...KEY, key: 'c', told: { ...TOLD, ended } } },
      );
      const keys = open(new Said()).load()?.keys ?? [];
      assert.deepEqual(
        keys.map(({ key }) => key),
        ['c'],
      );
    }
  });

  it('what is damaged costs itself, whichever line it is: the first, the node, a key', () => {
    const lines = [HEAD, { at: 1, node: NODE }, { at: 1, key: KEY }, { at: 1, key: { ...KEY, key: 'b' } }];
    const harness = new Harness({ condition: 'above', limits: { limit: 20 } });
    for (let damaged = 0; damaged < lines.length; damaged++) {
      oldFile(...lines.map((line, index) => (index === damaged ? { rubbish: true } : line)), {
        at: 1,
        gone: 'x',
      });
      const said = new Said();
      const store = open(said);
      const loaded = store.load();
      assert.equal(loaded?.node.enabled, true);
      const keys = loaded.keys.map(({ key }) => key);
      assert.deepEqual(keys, damaged === 2 ? ['b'] : damaged === 3 ? ['a'] : ['a', 'b']);
      store.begin(wholeOf(harness));
      store.close();
      assert.deepEqual(said.lines, ['damaged 1 damaged']);
      assert.match(readFileSync(`${file}.damaged`, 'utf8'), /^(\{"rubbish":true\}\n)+$/);
    }
  });

  it('a part of the node that cannot be read costs itself: one silence of three', () => {
    const silence = { until: 9e12, at: 1, by: 'anna', filter: 'x' };
    for (const wrong of [null, 7, {}, { ...silence, until: '9' }, { ...silence, filter: 5 }]) {
      oldFile(HEAD, {
        at: 1,
        node: { ...NODE, silences: [silence, wrong, silence], groups: 5, override: 5 },
      });
      const said = new Said();
      const store = open(said);
      const loaded = store.load();
      assert.deepEqual(loaded?.node.silences, [silence, silence]);
      assert.equal(loaded?.node.override, undefined);
      store.begin(() => loaded as Snapshot);
      store.close();
      assert.deepEqual(said.lines, ['damaged 1 damaged']);
    }
  });

  it('kind: a file that we wrote may come back different. Whatever shape a file has, a node starts with it', () => {
    const anything = fc.oneof(
      fc.constantFrom(null, true, -1, 1e300, 'x', [], [null], {}, { id: 5 }, [{}], 8.7e15, undefined),
      fc.jsonValue({ maxDepth: 1 }),
    );
    const fields = [
      ...['since', 'due', 'value', 'unit', 'limits', 'episode', 'told', 'changes', 'state', 'cooldownUntil'],
      ...[
        'episode.acked',
        'episode.startedAt',
        'episode.severity',
        'episode.peak',
        'told.ended',
        'told.text',
        'told.at',
        'told.group',
      ],
    ];
    const ofNode = ['enabled', 'quiet', 'silences', 'groups', 'missed', 'moreMissed', 'line', 'override'];
    fc.assert(
      fc.property(
        fc.constantFrom(...fields),
        anything,
        fc.constantFrom(...ofNode),
        anything,
        (field, value, nodeField, nodeValue) => {
          oldFile(
            HEAD,
            { at: 1, node: { ...NODE, [nodeField]: nodeValue } },
            { at: 1, key: changed(KEY, field, value) },
            { at: 1, key: { ...KEY, key: 'sound' } },
          );
          const loaded = open().load();
          assert.ok(loaded);
          const harness = new Harness({ condition: 'above', limits: { limit: 20 }, noDataAfter: 60_000 });
          harness.commands.adoptOverride(loaded.node.override);
          restore(harness.machine, loaded, harness.clock.now());
          assert.equal(harness.state('sound'), 'firing');
          harness.sample('sound', 10);
          harness.sample('a', 30);
          harness.wait(120_000);
          for (const event of harness.events) alertMessage(event, 'node', () => '');
          harness.commands.command({ cmd: 'status' }, { by: 'x' });
          harness.saved();
        },
      ),
      { numRuns: 400 },
    );
  });

  it('any flipped bit of a file costs one record at most, and never without a word', () => {
    const store = open();
    const harness = new Harness({ condition: 'above', limits: { limit: 20 } });
    store.begin(wholeOf(harness));
    for (const key of ['a', 'b', 'c']) {
      harness.sample(key, 30);
      store.append([recordOf(harness, key)]);
    }
    const whole = readFileSync(file);
    const sound = new Map(
      open()
        .load()
        ?.keys.map((one) => [one.key, one]),
    );
    store.close();
    const nowhere: AlertDisk = {
      replaceFile: () => 0,
      openToAppend: () => openSync('/dev/null', 'a'),
      writeAll: () => 0,
    };
    // An odd step: each place of a byte gets its turn.
    for (let bit = 0; bit < whole.length * 8; bit += 23) {
      const flipped = Buffer.from(whole);
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      writeFileSync(file, flipped);
      const said = new Said();
      const again = open(said, nowhere);
      const loaded = again.load();
      again.begin(() => loaded as Snapshot);
      again.close();
      const keys = loaded?.keys.map(({ key }) => key) ?? [];
      for (const one of loaded?.keys ?? []) assert.deepEqual(one, sound.get(one.key), `bit ${bit}: changed`);
      assert.ok(keys.length >= 2, `bit ${bit}: ${keys}`);
      if (keys.length < 3) assert.equal(said.lines.length, 1, `bit ${bit}`);
    }
  });

  it('does not grow without end', () => {
    const harness = new Harness({ condition: 'above', limits: { limit: 20 } });
    harness.sample('a', 30);
    const store = open();
    store.begin(wholeOf(harness));
    for (let i = 0; i < 5_000; i++) store.append([recordOf(harness, 'a')]);
    store.close();
    assert.ok(readFileSync(file).length < 400_000);
  });

  it('a place that cannot be written is said once, tried again each minute, and the machine goes on', () => {
    writeFileSync(join(folder, 'dinox'), 'in the way');
    const harness = new Harness({ condition: 'above', limits: { limit: 20 } });
    harness.sample('a', 30);
    const said = new Said();
    const store = open(said);
    store.begin(wholeOf(harness));
    for (let i = 0; i < 3; i++) store.append([recordOf(harness, 'a')]);
    clock.advance(600_000);
    assert.equal(said.lines.length, 1);
    assert.match(said.lines[0] ?? '', /^failed E/);
    rmSync(join(folder, 'dinox'));
    clock.advance(60_000);
    assert.equal(said.lines[1], 'recovered');
    store.close();
    assert.equal(clock.waiting, 0);
    assert.equal(open(said).load()?.keys.length, 1);
  });

  it('a disk that was full while alerts fired and is free again has them without a new event', () => {
    let isFull = false;
    const full = (): void => {
      if (isFull) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    };
    const disk: AlertDisk = {
      openToAppend,
      replaceFile: (path, records) => {
        full();
        return replaceFile(path, records);
      },
      writeAll: (to, records) => {
        full();
        return writeAll(to, records);
      },
    };
    const harness = new Harness({ condition: 'above', limits: { limit: 20 } });
    const said = new Said();
    const store = open(said, disk);
    store.begin(wholeOf(harness));
    isFull = true;
    for (const key of ['a', 'b']) {
      harness.sample(key, 30);
      store.append([recordOf(harness, key)]);
    }
    clock.advance(180_000);
    assert.deepEqual(said.lines, ['failed ENOSPC']);
    isFull = false;
    clock.advance(60_000);
    assert.deepEqual(said.lines, ['failed ENOSPC', 'recovered']);
    // As a kill would find it: nothing was closed.
    assert.deepEqual(
      open()
        .load()
        ?.keys.map(({ key, state }) => [key, state]),
      [
        ['a', 'firing'],
        ['b', 'firing'],
      ],
    );
    assert.equal(clock.waiting, 0);
    store.close();
  });
});

const sorted = (states: Record<string, string>): unknown => Object.entries(states).sort();

/** A copy with another value in one place. */
function changed(record: Record<string, unknown>, path: string, value: unknown): Record<string, unknown> {
  const [name = '', ...rest] = path.split('.');
  if (rest.length === 0) return { ...record, [name]: value };
  return { ...record, [name]: changed(record[name] as Record<string, unknown>, rest.join('.'), value) };
}
