/** What tests install once and keep: a folder that is marked when complete, and a lock for those who make it. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const USUAL = '/var/cache/dinox-test';
/** Written last: a folder without it was left half-made. */
const COMPLETE = '.complete';
const LOCK_POLL_MS = 500;

/** The folder of DINOX_TEST_CACHE, else the usual one, else one below the system's temporary folder. */
function cacheFolder(): string {
  const wanted = [process.env.DINOX_TEST_CACHE, USUAL, join(tmpdir(), 'dinox-test')];
  for (const folder of wanted) {
    if (folder === undefined) continue;
    try {
      mkdirSync(folder, { recursive: true });
      const probe = join(folder, `.probe-${process.pid}`);
      writeFileSync(probe, '');
      rmSync(probe);
      return folder;
    } catch {
      // Not ours to write in.
    }
  }
  throw new Error(`no folder for what tests install can be written: ${wanted.join(', ')}`);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function locked<T>(lock: string, work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const owner = Number(readFileSync(lock, 'utf8').trim() || Number.NaN);
      if (owner > 0 && !isAlive(owner)) rmSync(lock, { force: true });
      else await sleep(LOCK_POLL_MS);
    }
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

/**
 * The folder `name` of the cache. Where it is not there yet, `make` fills it; processes that ask at the same time
 * wait for the one that makes it. Throws what `make` throws, and tries anew the next time; `remove` takes away what a
 * try before left half-made.
 */
export async function cached(
  name: string,
  make: (folder: string) => Promise<void>,
  remove = async (folder: string): Promise<void> => rmSync(folder, { recursive: true, force: true }),
): Promise<string> {
  const folder = join(cacheFolder(), name);
  if (existsSync(join(folder, COMPLETE))) return folder;
  return locked(`${folder}.lock`, async () => {
    if (existsSync(join(folder, COMPLETE))) return folder;
    await remove(folder);
    mkdirSync(folder, { recursive: true });
    await make(folder);
    writeFileSync(join(folder, COMPLETE), new Date().toISOString());
    return folder;
  });
}
