import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { checksum, checksumInScript } from '../../../../src/alert/history/checksum';
import { StateJournal } from '../../../../src/alert/history/state-journal';
import { FakeClock } from '../../transport/fake-clock';
import { FailingFiles, folder, removeFolders } from './failing-files';

class Bench {
  readonly clock = new FakeClock();
  readonly files = new FailingFiles();
  readonly told: string[] = [];
  readonly journal: StateJournal;

  constructor(readonly path: string) {
    this.journal = new StateJournal(
      path,
      this.clock,
      {
        damaged: (count) => this.told.push(`damaged ${count}`),
        aside: (at, why) => this.told.push(`${why} ${at.slice(path.length)}`),
        failed: (error) => this.told.push(`failed ${error.message}`),
        recovered: () => this.told.push('recovered'),
      },
      this.files,
    );
  }
}

/** What the next process would find, and what it is told. */
async function reload(path: string): Promise<{ states: Record<string, unknown>; told: string[] }> {
  const bench = new Bench(path);
  const states = Object.fromEntries(await bench.journal.load());
  await bench.journal.close();
  return { states, told: bench.told };
}

/** A line as the journal writes it. */
function line(record: unknown): string {
  const json = JSON.stringify(record);
  return `\n${checksum(Buffer.from(json)).toString(16).padStart(8, '0')}${json}\n`;
}

describe('state journal', () => {
  let path: string;
  beforeEach(() => {
    path = join(folder(), 'alerts', 'node.states');
  });
  afterEach(removeFolders);

  it('gives the newest state of each key back', async () => {
    const { journal } = new Bench(path);
    assert.equal((await journal.load()).size, 0);
    journal.set('a', { state: 'firing', since: 1 });
    journal.set('b', 'text with\na line break, \u2028 and "quotes"');
    journal.set('gone', 1);
    await journal.flush();
    journal.set('a', { state: 'normal' });
    journal.delete('gone');
    journal.delete('never there');
    await journal.close();
    const expected = { a: { state: 'normal' }, b: 'text with\na line break, \u2028 and "quotes"' };
    assert.deepEqual(await reload(path), { states: expected, told: [] });
    assert.deepEqual(await reload(path), { states: expected, told: [] });
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  it('has written all of a turn at its end, without being asked to', async () => {
    const { journal } = new Bench(path);
    await journal.load();
    journal.set('a', 1);
    await turn();
    await turn();
    assert.ok(readFileSync(path, 'utf8').includes(line(['a', 1])));
    await journal.close();
  });

  it('writes nothing where nothing changes, and forces every change onto the disk', async () => {
    const { journal, files } = new Bench(path);
    await journal.load();
    journal.set('a', [1]);
    await journal.flush();
    const before = files.written;
    files.done.length = 0;
    journal.set('a', [1]);
    await journal.flush();
    assert.equal(files.written, before);
    journal.set('a', [2]);
    await journal.flush();
    assert.deepEqual(
      files.done.filter((operation) => operation === 'writeSync' || operation === 'datasync').slice(-2),
      ['writeSync', 'datasync'],
    );
    await journal.close();
  });

  it('is written anew when most of it is past, and loses nothing that comes meanwhile', async () => {
    const { journal } = new Bench(path);
    await journal.load();
    const expected: Record<string, string> = {};
    for (let round = 0; round < 60; round++) {
      for (let key = 0; key < 50; key++) {
        expected[`key ${key}`] = `${round} ${'x'.repeat(100)}`;
        journal.set(`key ${key}`, expected[`key ${key}`]);
      }
      if (round % 7 === 0) {
        journal.delete(`key ${round % 50}`);
        delete expected[`key ${round % 50}`];
      }
      await turn();
    }
    await journal.close();
    assert.ok(statSync(path).size < 150_000, `${statSync(path).size} bytes`);
    assert.deepEqual(await reload(path), { states: expected, told: [] });
    assert.deepEqual(readdirSync(join(path, '..')), ['node.states']);
  });

  it('loses a damaged line and no other, whichever byte is damaged', async () => {
    const text = ['a', 'b', 'c'].map((key) => line([key, key])).join('');
    for (let at = 0; at < text.length; at++) {
      const own = join(folder(), 'states');
      const bytes = Buffer.from(text);
      bytes[at] = (bytes[at] as number) ^ (at % 2 ? 1 : 0x80);
      writeFileSync(own, bytes);
      const { states, told } = await reload(own);
      const left = Object.keys(states);
      assert.ok(left.length >= 2, `${left} at ${at}`);
      for (const [key, state] of Object.entries(states)) assert.equal(state, key);
      assert.ok(left.length === 3 || told[0] === 'damaged 1' || told[0] === 'damaged 2', `${told} at ${at}`);
      if (at % 9 === 0) assert.deepEqual(await reload(own), { states, told: [] });
    }
  });

  it('loses the last line and no other where the file is cut off', async () => {
    const text = ['a', 'b', 'c'].map((key) => line([key, key])).join('');
    for (let length = 0; length <= text.length; length++) {
      const own = join(folder(), 'states');
      writeFileSync(own, text.slice(0, length));
      const { states } = await reload(own);
      assert.ok(Object.keys(states).length >= Math.floor((length + 1) / (text.length / 3)), `${length}`);
    }
  });

  it('sets aside what a newer version wrote, and what is no file', async () => {
    const own = join(folder(), 'states');
    writeFileSync(own, line([2]) + line(['a', 1]));
    assert.deepEqual(await reload(own), { states: {}, told: ['newer .newer'] });
    assert.ok(existsSync(`${own}.newer`));
    const other = new Bench(folder());
    assert.equal((await other.journal.load()).size, 0);
    other.journal.set('a', 1);
    await other.journal.close();
    assert.deepEqual(other.told, ['unread .unread']);
    assert.deepEqual((await reload(other.path)).states, { a: 1 });
  });

  it('goes on in memory where the disk fails, says so once, and writes all when it works again', async () => {
    for (const operation of ['writeSync', 'datasync', 'open', 'rename', 'sync', 'write'] as const) {
      const own = join(folder(), 'states');
      const { journal, files, told, clock } = new Bench(own);
      await journal.load();
      journal.set('a', 1);
      await journal.flush();
      files.failing.set(operation, 'ENOSPC');
      // A disk that refuses the one refuses the other.
      if (operation === 'datasync') files.failing.set('sync', 'ENOSPC');
      if (operation === 'writeSync') files.failing.set('write', 'ENOSPC');
      // Whatever fails, it is needed for one of these.
      for (let round = 0; round < 200; round++) {
        journal.set('a', `${round} ${'x'.repeat(1_000)}`);
        await journal.flush();
      }
      assert.deepEqual(told, [`failed ENOSPC: ${operation}`], operation);
      assert.equal(journal.works, false);
      journal.set('b', 2);
      clock.advance(60_000);
      await journal.flush();
      assert.deepEqual(told.slice(1), [], operation);
      files.failing.clear();
      clock.advance(60_000);
      await journal.flush();
      assert.deepEqual(told.slice(1), ['recovered']);
      journal.set('c', 3);
      await journal.close();
      const { states } = await reload(own);
      assert.deepEqual(Object.keys(states), ['a', 'b', 'c'], operation);
      assert.deepEqual(readdirSync(join(own, '..')), ['states'], operation);
    }
  });

  it('tries a last time when it is closed', async () => {
    const { journal, files } = new Bench(path);
    files.failing.set('mkdir', 'EROFS');
    await journal.load();
    journal.set('a', 1);
    await journal.flush();
    assert.equal(existsSync(path), false);
    files.failing.clear();
    await journal.close();
    assert.equal(journal.works, true);
    assert.deepEqual((await reload(path)).states, { a: 1 });
  });

  it('writes all of it where the disk takes a few bytes at a time', async () => {
    const { journal, files } = new Bench(path);
    files.most = 3;
    await journal.load();
    journal.set('a', 'a long text');
    await journal.close();
    assert.deepEqual(await reload(path), { states: { a: 'a long text' }, told: [] });
  });

  it('refuses what JSON cannot hold', async () => {
    const { journal } = new Bench(path);
    await journal.load();
    assert.throws(() => journal.set('a', 1n), TypeError);
    await journal.close();
  });
});

describe('checksum', () => {
  it('is CRC-32, natively and in script', () => {
    assert.equal(checksum(Buffer.from('123456789')), 0xcbf43926);
    assert.equal(checksumInScript(Buffer.from('123456789')), 0xcbf43926);
  });
});
