/** A disk that does not take the queue: one clear error, the queue goes on in memory, and comes back by itself. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { folder, JournalHarness, removeFolders, stored, written } from './journal-harness';

const MINUTE = 60_000;
const KIB = 1_024;

describe('journal: a disk that does not take it', () => {
  afterEach(removeFolders);

  it('no space left: told once, and all that waits is on disk as soon as there is room', async () => {
    const path = join(folder(), 'q.log');
    symlinkSync('/dev/full', path);
    const harness = new JournalHarness(path);
    for (let number = 1; number <= 5; number++) {
      harness.put(number);
      await written();
    }
    harness.remove(2);
    await written();
    assert.deepEqual(harness.failures, ['ENOSPC']);
    assert.equal(harness.journal.works, false);
    // The link is replaced by a file, which has room.
    harness.clock.advance(MINUTE);
    assert.equal(harness.journal.works, true);
    assert.equal(harness.recoveries, 1);
    assert.deepEqual(harness.reload().messages, [...harness.waiting.values()]);
    harness.put(6);
    harness.remove(1);
    await written();
    assert.deepEqual(harness.reload().messages, [...harness.waiting.values()]);
    assert.deepEqual(harness.failures, ['ENOSPC']);
  });

  it('a folder that is none: told once, tried again every minute, without anything being sent or put', async () => {
    const base = folder();
    writeFileSync(join(base, 'queues'), 'a file where the folder should be');
    const harness = new JournalHarness(join(base, 'queues', 'q.log'));
    assert.deepEqual(harness.journal.load(), []);
    harness.put(1);
    await written();
    harness.clock.advance(10 * MINUTE);
    assert.deepEqual(harness.failures, ['ENOTDIR']);
    assert.equal(harness.journal.works, false);
    assert.equal(harness.clock.waiting, 1);
    rmSync(join(base, 'queues'));
    harness.clock.advance(MINUTE);
    assert.equal(harness.recoveries, 1);
    assert.deepEqual(harness.reload().messages, [...harness.waiting.values()]);
    assert.equal(harness.clock.waiting, 0);
  });

  it('a file system that takes no files (/proc): told once, the queue lives in memory', async () => {
    const harness = new JournalHarness(join('/proc', 'dinox', 'q.log'));
    harness.journal.load();
    for (let number = 1; number <= 3; number++) {
      harness.put(number);
      await written();
    }
    harness.clock.advance(5 * MINUTE);
    assert.equal(harness.failures.length, 1);
    harness.journal.close();
    assert.equal(harness.journal.works, false);
    assert.equal(harness.clock.waiting, 0);
  });

  it('what cannot be read is put aside before anything is written, and stays when the node goes', async () => {
    const base = folder();
    const path = join(base, 'q.log');
    mkdirSync(path);
    writeFileSync(join(path, 'inside'), 'x');
    const harness = new JournalHarness(path);
    assert.deepEqual(harness.journal.load(), []);
    assert.deepEqual(harness.failures, ['no-file']);
    harness.put(1);
    harness.clock.advance(MINUTE);
    assert.equal(harness.recoveries, 1);
    assert.deepEqual(harness.reload().messages, [...harness.waiting.values()]);
    assert.equal(readFileSync(join(`${path}.unread`, 'inside'), 'utf8'), 'x');

    rmSync(path);
    symlinkSync('/dev/zero', path);
    const other = new JournalHarness(path);
    other.journal.load();
    other.journal.discard();
    assert.deepEqual(other.failures, ['no-file']);
    assert.ok(existsSync(path));
    assert.equal(other.clock.waiting, 0);
  });

  it('trouble again after it had gone: told again', async () => {
    const base = folder();
    const path = join(base, 'q.log');
    symlinkSync('/dev/full', path);
    const harness = new JournalHarness(path);
    harness.put(1);
    await written();
    harness.clock.advance(MINUTE);
    harness.journal.close();
    rmSync(path);
    symlinkSync('/dev/full', path);
    const next = new JournalHarness(path);
    next.put(1);
    await written();
    assert.deepEqual(next.failures, ['ENOSPC']);
    assert.equal(harness.recoveries, 1);
  });

  it('at its close it tries once more, so that what waits is on disk where that works by now', async () => {
    const path = join(folder(), 'q.log');
    symlinkSync('/dev/full', path);
    const harness = new JournalHarness(path);
    harness.put(1);
    await written();
    assert.equal(harness.journal.works, false);
    harness.journal.close();
    assert.equal(harness.journal.works, true);
    assert.deepEqual(harness.reload().messages, [...harness.waiting.values()]);
    assert.equal(harness.clock.waiting, 0);
  });

  it('what somebody else has taken over is not given out again, and the file follows', async () => {
    const path = join(folder(), 'q.log');
    const before = new JournalHarness(path);
    before.put(1);
    before.journal.close();
    const harness = new JournalHarness(path);
    harness.journal.supersede();
    assert.deepEqual(harness.journal.load(), []);
    harness.put(2);
    await written();
    assert.deepEqual(harness.reload().messages, [stored(2)]);
  });
});

describe('journal: a small disk of its own', () => {
  let place: string;
  before(function () {
    place = folder();
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', place], { stdio: 'ignore' });
    } catch {
      process.stdout.write('SKIPPED SUITE: journal: a small disk of its own: mounting one needs root\n');
      this.skip();
    }
  });
  after(() => {
    try {
      execFileSync('umount', ['-l', place], { stdio: 'ignore' });
    } catch {
      // It was not mounted.
    }
    removeFolders();
  });

  it('fills up in the middle of a turn: what was whole stays readable, and all comes back when there is room', async () => {
    const path = join(place, 'q.log');
    const harness = new JournalHarness(path);
    const ballast = join(place, 'ballast');
    writeFileSync(ballast, Buffer.alloc(120 * KIB));
    for (let number = 1; number <= 400; number++) {
      harness.put(number, { payload: 'x'.repeat(1_000) });
      if (number % 50 === 0) await written();
    }
    await written();
    assert.deepEqual(harness.failures, ['ENOSPC']);
    const found = harness.reload().messages;
    assert.ok(found.length >= 100 && found.length < 150, `${found.length}`);
    assert.deepEqual(found, [...harness.waiting.values()].slice(0, found.length));

    // The next try fails as well: not told again, and no half-written file keeps the room.
    harness.clock.advance(MINUTE);
    assert.deepEqual(harness.failures, ['ENOSPC']);
    assert.deepEqual(readdirSync(place).sort(), ['ballast', 'q.log']);
    assert.deepEqual(harness.reload().messages, found);

    for (let number = 1; number <= 350; number++) harness.remove(number);
    rmSync(ballast);
    harness.clock.advance(MINUTE);
    assert.equal(harness.recoveries, 1);
    assert.deepEqual(harness.reload().messages, [...harness.waiting.values()]);
    harness.journal.discard();
    assert.equal(existsSync(path), false);
  });
});

describe('journal: no room for a second file', () => {
  let place: string;
  before(function () {
    place = folder();
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2400k', 'tmpfs', place], { stdio: 'ignore' });
    } catch {
      process.stdout.write('SKIPPED SUITE: journal: no room for a second file: mounting one needs root\n');
      this.skip();
    }
  });
  after(() => {
    try {
      execFileSync('umount', ['-l', place], { stdio: 'ignore' });
    } catch {
      // It was not mounted.
    }
    removeFolders();
  });

  it('a rewrite that finds no room does no harm: the first file is added to as before', async () => {
    const harness = new JournalHarness(join(place, 'q.log'));
    writeFileSync(join(place, 'ballast'), Buffer.alloc(600 * KIB));
    let number = 0;
    while (number < 900) harness.put(++number, { payload: 'x'.repeat(1_000) });
    await written();
    // Now more than half of the 1.2 MB is past, and what waits (580 KB) does not fit beside it.
    for (let old = 1; old <= 400; old++) harness.remove(old);
    while (number < 1_000) harness.put(++number, { payload: 'x'.repeat(1_000) });
    await written();
    for (let old = 401; old <= 480; old++) harness.remove(old);
    await written();
    assert.deepEqual(harness.failures, []);
    assert.ok(harness.journal.works);
    assert.deepEqual(harness.reload().messages, [...harness.waiting.values()]);
    harness.journal.discard();
  });
});
