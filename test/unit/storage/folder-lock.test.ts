/** One writer for a folder, whoever was killed, and wherever the other one runs. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FolderLock, thisProcess } from '../../../src/storage/folder-lock';
import { WallClock } from '../alert/support';

describe('lock of a folder', () => {
  let folder: string;
  let path: string;
  let clock: WallClock;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dinox-lock-'));
    path = join(folder, 'dinox', 'alerts.lock');
    clock = new WallClock(Date.now());
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Another process, which a shell would see. */
  const other = { ...thisProcess(), pid: process.ppid, start: '' };
  const lockOf = (owner = thisProcess()): FolderLock => new FolderLock(path, clock, owner);

  /** What a process leaves that is killed: the file, and no life line. */
  const left = (owner: ReturnType<typeof thisProcess>): void => {
    mkdirSync(join(folder, 'dinox'), { recursive: true });
    writeFileSync(path, JSON.stringify(owner));
  };

  it('is held until the last user leaves, and is then anybody’s', () => {
    const lock = lockOf();
    assert.equal(lock.acquire(), true);
    assert.equal(lock.acquire(), true);
    const rival = lockOf(other);
    assert.equal(rival.acquire(), false);
    assert.equal(rival.owner()?.pid, process.pid);
    lock.release();
    assert.equal(rival.acquire(), false);
    lock.release();
    assert.equal(clock.waiting, 0);
    assert.equal(rival.acquire(), true);
    rival.release();
    assert.equal(existsSync(path), false);
  });

  it('what a killed process left is taken over at once, and so is a number that another process has now', async () => {
    const child = spawn('sleep', ['60']);
    await once(child, 'spawn');
    const dying = { ...thisProcess(), pid: child.pid as number, start: '' };
    left(dying);
    assert.equal(lockOf().acquire(), false);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const lock = lockOf();
    assert.equal(lock.acquire(), true);
    assert.equal(JSON.parse(readFileSync(path, 'utf8')).pid, process.pid);
    lock.release();
    if (thisProcess().start === '') return;
    left({ ...other, start: '1' });
    assert.equal(lockOf().acquire(), true, 'the process of that number began at another time');
    left({ ...other, boot: 'before' });
    assert.equal(lockOf().acquire(), true, 'the machine was started anew');
  });

  it('an owner on another machine lives as long as it gives signs of life', () => {
    const far = lockOf({ ...other, host: 'elsewhere', boot: 'another machine' });
    assert.equal(far.acquire(), true);
    const near = lockOf();
    assert.equal(near.acquire(), false);
    clock.advance(600_000);
    assert.equal(near.acquire(), false, 'it wrote every minute');
    const old = new Date(clock.now() - 200_000);
    utimesSync(path, old, old);
    assert.equal(near.acquire(), true);
    far.release();
    assert.equal(near.owner()?.host, thisProcess().host, 'whoever lost it takes nothing away');
    near.release();
  });

  describe('the same kernel, other numbers of processes (containers)', () => {
    before(function () {
      if (thisProcess().boot === '') this.skip();
    });
    for (const [name, host] of [
      ['another host name', 'other-container'],
      ['the same host name', thisProcess().host],
    ] as const) {
      /** Its number means nothing here, or somebody else. */
      const owner = { ...thisProcess(), host, pid: 1, start: '1' };

      it(`${name}: whoever lives keeps it, however old its last sign is`, () => {
        const far = lockOf(owner);
        assert.equal(far.acquire(), true);
        const old = new Date(clock.now() - 200_000);
        utimesSync(path, old, old);
        assert.equal(lockOf().acquire(), false);
        far.release();
        const next = lockOf();
        assert.equal(next.acquire(), true);
        next.release();
        assert.deepEqual(readdirSync(join(folder, 'dinox')), []);
      });

      it(`${name}: who was killed is gone at once`, async () => {
        left(owner);
        const listen = "require('net').createServer().listen(process.argv[1], () => console.log('there'))";
        const child = spawn(process.execPath, ['-e', listen, `${path}.live`]);
        await once(child.stdout, 'data');
        assert.equal(lockOf().acquire(), false);
        child.kill('SIGKILL');
        await once(child, 'exit');
        const lock = lockOf();
        assert.equal(lock.acquire(), true);
        const rival = lockOf({ ...owner, pid: 2 });
        assert.equal(rival.acquire(), false, 'it has a life line of its own now');
        lock.release();
      });
    }
  });

  it('a damaged file and a place that cannot be written keep nobody from working', () => {
    lockOf().acquire();
    writeFileSync(path, 'rubbish');
    const old = new Date(clock.now() - 200_000);
    utimesSync(path, old, old);
    const lock = lockOf(other);
    assert.equal(lock.acquire(), true);
    assert.equal(lock.owner()?.pid, other.pid);
    assert.equal(new FolderLock('/proc/nowhere/x.lock', clock).acquire(), true);
  });
});
