import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import type { Clock } from '../base/clock';
import { codeOf, makeFolder, OWNER_ONLY } from './files';
import { LifeLine } from './life-line';

/** How often the owner shows that it lives, in milliseconds: for those who cannot see its process. */
const BEAT_EVERY = 60_000;
/** Milliseconds without a sign of life after which an owner elsewhere counts as gone. */
const DEAD_AFTER = 150_000;

/** A process, so that another one of the same number is not taken for it. */
export interface LockOwner {
  pid: number;
  host: string;
  /** Boot id of the kernel: no process survives a restart of the machine. */
  boot: string;
  /** When the process began, in ticks since the boot; empty where the system does not say. */
  start: string;
}

/** Reads a fact about a Linux system; an empty text elsewhere. */
function systemSays(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

/** Field 22 of /proc/<pid>/stat; behind the name, which may hold anything. */
function startOf(pid: number): string {
  const stat = systemSays(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

export function thisProcess(): LockOwner {
  const boot = systemSays('/proc/sys/kernel/random/boot_id');
  return { pid: process.pid, host: hostname(), boot, start: startOf(process.pid) };
}

/**
 * Admits one writer to a folder: a file names the process that holds it. A killed process leaves the file behind. The
 * next one on that machine sees that it is gone and takes over. In another container its process cannot be seen, but
 * its `LifeLine` can. On another machine it counts as gone after two and a half minutes without a sign of life.
 */
export class FolderLock {
  private users = 0;
  private stopBeat: (() => void) | undefined;
  private readonly lifeLine: LifeLine;

  constructor(
    private readonly path: string,
    private readonly clock: Clock,
    private readonly me = thisProcess(),
  ) {
    this.lifeLine = new LifeLine(`${path}.live`);
  }

  /**
   * True if this process is the writer; then `release` ends it. Without any way to write there is nothing to
   * guard: true.
   */
  acquire(): boolean {
    if (this.users === 0 && !this.take()) return false;
    this.users += 1;
    return true;
  }

  /** The last one that had it leaves. */
  release(): void {
    this.users -= 1;
    if (this.users > 0) return;
    this.stopBeat?.();
    this.stopBeat = undefined;
    this.lifeLine.close();
    if (isSame(this.owner(), this.me)) this.quietly(() => rmSync(this.path, { force: true }));
  }

  /** The owner, as far as it can be read. */
  owner(): LockOwner | undefined {
    try {
      const { pid, host, boot, start } = JSON.parse(readFileSync(this.path, 'utf8')) as Partial<LockOwner>;
      return { pid: Number(pid), host: String(host), boot: String(boot), start: String(start) };
    } catch {
      return undefined;
    }
  }

  private take(): boolean {
    for (let tries = 0; tries < 3; tries++) {
      try {
        makeFolder(dirname(this.path));
        const file = openSync(this.path, 'wx', OWNER_ONLY);
        try {
          writeFileSync(file, JSON.stringify(this.me));
        } finally {
          closeSync(file);
        }
        this.live();
        return true;
      } catch (error) {
        if (codeOf(error) !== 'EEXIST') return true;
      }
      const owner = this.owner();
      if (isSame(owner, this.me)) {
        this.live();
        return true;
      }
      if (this.lives(owner)) return false;
      this.clear(owner);
    }
    return false;
  }

  private lives(owner: LockOwner | undefined): boolean {
    const { me } = this;
    const isHere = owner !== undefined && owner.host === me.host;
    if (isHere && owner.boot !== me.boot) return false;
    if (isHere && isAlive(owner.pid) && (owner.start === '' || startOf(owner.pid) === owner.start))
      return true;
    if (owner && owner.boot === me.boot && owner.boot !== '') {
      // The same kernel: what its numbers mean may differ from container to container, a socket does not.
      const answer = existsSync(`${this.path}.live`) ? LifeLine.answers(`${this.path}.live`) : undefined;
      if (answer !== undefined) return answer;
    }
    if (isHere) return false;
    // A file that is just being written has no content yet.
    return this.silentFor() < DEAD_AFTER;
  }

  /** In milliseconds; the clock of a file server may go wrong by some. */
  private silentFor(): number {
    try {
      return Math.abs(this.clock.now() - statSync(this.path).mtimeMs);
    } catch {
      return 0;
    }
  }

  /** Removes what a dead owner left. Another process may be doing the same. */
  private clear(owner: LockOwner | undefined): void {
    const aside = `${this.path}.${this.me.pid}`;
    this.quietly(() => {
      renameSync(this.path, aside);
      const found = systemSays(aside);
      const isStale = owner ? found.includes(`"pid":${owner.pid},`) : !found.startsWith('{');
      if (isStale) rmSync(aside, { force: true });
      // Another process was faster and owns it.
      else renameSync(aside, this.path);
    });
  }

  private live(): void {
    this.lifeLine.open();
    this.beat();
  }

  private beat(): void {
    this.stopBeat = this.clock.after(BEAT_EVERY, () => {
      const now = new Date(this.clock.now());
      if (isSame(this.owner(), this.me)) this.quietly(() => utimesSync(this.path, now, now));
      this.beat();
    });
  }

  private quietly(action: () => void): void {
    try {
      action();
    } catch {
      // Nothing can be done about it, and the next process sees that we are gone.
    }
  }
}

function isSame(a: LockOwner | undefined, b: LockOwner): boolean {
  return a !== undefined && a.pid === b.pid && a.host === b.host && a.boot === b.boot && a.start === b.start;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another process owns it.
    return codeOf(error) === 'EPERM';
  }
}
