/** Server processes: each in a process group and a folder of its own, none of which outlives this process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 10_000;
const POLL_MS = 50;

export interface LaunchOptions {
  /** For error messages: `ejabberd 23.01-1`. */
  readonly name: string;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Files whose text {@link Launched.logs} returns; the first one takes stdout and stderr. */
  readonly logFiles: readonly string[];
}

export interface Launched {
  readonly pid: number;
  /** True as long as any process of the group lives; a zombie does not count. */
  running(): boolean;
  /** SIGTERM, and SIGKILL to what is left after ten seconds, or `withinMs`. Resolves once the group is gone. */
  stop(withinMs?: number): Promise<void>;
  /** SIGKILL to the whole group. Resolves once it is gone. */
  kill(): Promise<void>;
  logs(): string;
}

/** Process groups of the servers that run now. */
const groups = new Set<number>();
/** Folders to delete when this process exits. */
const folders = new Set<string>();

function killEverything(): void {
  for (const pid of groups) signalGroup(pid, 'SIGKILL');
  groups.clear();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  folders.clear();
}

process.on('exit', killEverything);
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  process.once(signal, () => {
    killEverything();
    // Where somebody else (mocha on SIGINT) handles the signal too, ending is theirs to do.
    if (process.listenerCount(signal) === 0) process.exit(code);
  });
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // Already gone.
  }
}

/** The living processes of a group, zombies left out: they stay where PID 1 reaps nobody, as in a bare container. */
function membersOf(group: number): number[] {
  const members: number[] = [];
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      // After the command in parentheses, which may hold blanks: state, parent, process group.
      const [state, , pgrp] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (state !== 'Z' && state !== 'X' && Number(pgrp) === group) members.push(Number(entry));
    } catch {
      // It ended between the two reads.
    }
  }
  return members;
}

async function groupIsGone(group: number, withinMs: number): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  while (membersOf(group).length > 0) {
    if (Date.now() > deadline) return false;
    await sleep(POLL_MS / 2);
  }
  return true;
}

/** Pids of all servers started here that still run. */
export function runningServers(): number[] {
  return [...groups].filter((group) => membersOf(group).length > 0);
}

/** Kills the servers that run now, but for those named; returns the pids of what it had to kill. */
export async function killServers(except: readonly number[] = []): Promise<number[]> {
  const left = runningServers().filter((group) => !except.includes(group));
  for (const group of left) {
    signalGroup(group, 'SIGKILL');
    await groupIsGone(group, STOP_WITHIN_MS);
    groups.delete(group);
  }
  return left;
}

/** Makes a folder `dinox-test-PID-…` below `base` that is deleted when this process exits. */
export function ownFolder(base: string): string {
  sweep(base);
  for (let counter = folders.size; ; counter++) {
    const folder = join(base, `dinox-test-${process.pid}-${counter}`);
    try {
      mkdirSync(folder, { mode: 0o755 });
      folders.add(folder);
      return folder;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

const swept = new Set<string>();

/** Deletes the folders of test processes that were killed before they could tidy up. */
function sweep(base: string): void {
  if (swept.has(base)) return;
  swept.add(base);
  for (const entry of readdirSync(base)) {
    const pid = /^dinox-test-(\d+)-\d+$/.exec(entry)?.[1];
    if (pid === undefined) continue;
    try {
      process.kill(Number(pid), 0);
      if (Number(pid) !== process.pid) continue;
    } catch {
      // Nobody owns it any more.
    }
    rmSync(join(base, entry), { recursive: true, force: true });
  }
}

function readLog(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Starts a process in a group of its own and does not wait for anything. */
export function launch(options: LaunchOptions): Launched {
  const [program, ...args] = options.command;
  const [output] = options.logFiles;
  if (program === undefined || output === undefined) throw new Error('a command and a log file are needed');
  const log = openSync(output, 'a', 0o644);
  const child: ChildProcess = spawn(program, args, {
    detached: true,
    stdio: ['ignore', log, log],
    cwd: options.cwd ?? dirname(output),
    env: { PATH: process.env.PATH ?? '/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8', ...options.env },
  });
  closeSync(log);
  child.on('error', () => {}); // The missing pid below says so.
  const pid = child.pid;
  if (pid === undefined) throw new Error(`${options.name}: cannot run ${program}`);
  // A suite that forgets to stop its server must not keep mocha from ending; the exit handler stops it.
  child.unref();
  groups.add(pid);

  const end = async (signal: NodeJS.Signals, withinMs: number) => {
    signalGroup(pid, signal);
    if (!(await groupIsGone(pid, withinMs))) {
      signalGroup(pid, 'SIGKILL');
      if (!(await groupIsGone(pid, STOP_WITHIN_MS))) throw new Error(`${options.name}: cannot be killed`);
    }
    groups.delete(pid);
  };
  return {
    pid,
    running: () => membersOf(pid).length > 0,
    stop: (withinMs = STOP_WITHIN_MS) => end('SIGTERM', withinMs),
    kill: () => end('SIGKILL', STOP_WITHIN_MS),
    logs: () =>
      options.logFiles
        .map((file) => [basename(file), readLog(file)] as const)
        .filter(([, text]) => text !== '')
        .map(([name, text]) => `--- ${name}\n${text}`)
        .join('\n'),
  };
}

/** True if something accepts a TCP connection there. */
export function accepts(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host });
    const end = (result: boolean) => {
      socket.destroy();
      resolve(result);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.setTimeout(1_000, () => end(false));
  });
}

/**
 * Polls until every check holds. When one does not in time, or the process ends before, the process is
 * killed and the promise rejected with its log.
 */
export async function untilReady(
  name: string,
  launched: Launched,
  checks: ReadonlyArray<() => Promise<boolean>>,
  withinMs = READY_WITHIN_MS,
): Promise<void> {
  const deadline = Date.now() + withinMs;
  for (const check of checks) {
    while (!(await check())) {
      const reason = !launched.running()
        ? 'ended while starting'
        : Date.now() > deadline
          ? `was not ready after ${withinMs / 1_000} s`
          : undefined;
      if (reason !== undefined) {
        await launched.kill();
        throw new Error(`${name} ${reason}\n${launched.logs()}`);
      }
      await sleep(POLL_MS);
    }
  }
}

export interface RestartableServer {
  /**
   * Ends it gracefully; folder, accounts and ports stay, so that `restart` brings it back.
   * @param withinMs after that it is killed. @default 10000
   */
  stop(withinMs?: number): Promise<void>;
  /** SIGKILL, as a crash or a power cut. */
  kill(): Promise<void>;
  /** Stops it where it runs and starts it again with the same ports, folder and accounts. */
  restart(): Promise<void>;
  /** All that it wrote so far, over all restarts. */
  logs(): string;
}

/** Starts a server, waits until it is ready, and returns the part of its handle that all servers share. */
export async function runServer(
  options: LaunchOptions,
  checks: ReadonlyArray<() => Promise<boolean>>,
  withinMs?: number,
): Promise<RestartableServer> {
  let current = launch(options);
  await untilReady(options.name, current, checks, withinMs);
  return {
    stop: (withinMs) => current.stop(withinMs),
    kill: () => current.kill(),
    async restart() {
      await current.stop();
      current = launch(options);
      await untilReady(options.name, current, checks, withinMs);
    },
    logs: () => current.logs(),
  };
}
