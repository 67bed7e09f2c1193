/** Starts `worker.mjs` and talks to it. */
import { type ChildProcess, fork } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const ROOT = join(__dirname, '..');
const SCOPE = join('node_modules', '@dinox');
const PATIENCE_MS = 60_000;

/** CPU and wall time, in microseconds for each message (`batch`) or in milliseconds. */
export interface Spent {
  cpu: number;
  wall: number;
}
/** In bytes. */
export interface Memory {
  rss: number;
  heap: number;
}

interface Answers {
  started: Spent & Memory;
  armed: true;
  batch: Spent;
  /** `cpu` of the event loop's thread in microseconds; `looks`: how often the list of nodes was asked for. */
  busy: { cpu: number; looks: number };
  deployed: Spent;
  memory: Memory;
}

export class Child {
  /** What starting took. */
  started!: Answers['started'];

  private constructor(
    private readonly process: ChildProcess,
    private readonly userDir: string | undefined,
  ) {}

  /** A Node-RED with `flows`, and our package from the folder `pkg`; `bare`: with no nodes of the bench's. */
  static async nodeRed(flows: readonly object[], pkg: string | undefined, bare = false): Promise<Child> {
    const userDir = mkdtempSync(join(tmpdir(), 'dinox-bench-'));
    writeFileSync(join(userDir, 'flows.json'), JSON.stringify(flows));
    if (pkg) install(pkg, userDir);
    const nodesDir = bare ? undefined : join(__dirname, 'nodes');
    return Child.start({ mode: 'node-red', userDir, nodesDir }, userDir);
  }

  static async start(options: Readonly<Record<string, unknown>>, userDir?: string): Promise<Child> {
    const profile = process.env.BENCH_PROFILE;
    const child = new Child(
      fork(join(__dirname, 'worker.mjs'), [JSON.stringify(options)], {
        execArgv: ['--expose-gc', ...(profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : [])],
        env: { ...process.env, NODE_OPTIONS: '' },
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      }),
      userDir,
    );
    child.started = await child.answer('started');
    return child;
  }

  send(command: object): void {
    this.process.send(command);
  }

  answer<K extends keyof Answers>(name: K, patience = PATIENCE_MS): Promise<Answers[K]> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        this.process.off('message', listen);
        this.process.off('exit', ended);
      };
      const listen = (message: Partial<Answers>): void => {
        const value = message[name];
        if (value === undefined) return;
        settle();
        resolve(value as Answers[K]);
      };
      const ended = (code: number | null): void => {
        settle();
        reject(new Error(`the measured process ended with ${code} instead of "${name}"`));
      };
      const timer = setTimeout(() => {
        settle();
        reject(new Error(`no "${name}" within ${patience / 1_000} s from ${this.process.spawnargs.at(-1)}`));
      }, patience);
      this.process.on('message', listen);
      this.process.on('exit', ended);
    });
  }

  ask<K extends keyof Answers>(command: object, name: K): Promise<Answers[K]> {
    const answered = this.answer(name);
    this.send(command);
    return answered;
  }

  async stop(): Promise<void> {
    if (this.process.exitCode === null) {
      const ended = new Promise((resolve) => this.process.once('exit', resolve));
      if (this.process.connected) this.send({ stop: true });
      const timer = setTimeout(() => this.process.kill('SIGKILL'), 10_000);
      await ended;
      clearTimeout(timer);
    }
    if (this.userDir) rmSync(this.userDir, { recursive: true, force: true });
  }
}

/** As npm would: what is packed, its dependencies beside it. */
function install(pkg: string, userDir: string): void {
  const target = join(userDir, SCOPE, 'node-red-dinox');
  mkdirSync(target, { recursive: true });
  cpSync(join(pkg, 'package.json'), join(target, 'package.json'));
  cpSync(join(pkg, 'dist'), join(target, 'dist'), { recursive: true });
  mkdirSync(join(userDir, 'node_modules', '@xmpp'));
  for (const name of ['mqtt', '@xmpp/client']) {
    symlinkSync(join(ROOT, 'node_modules', name), join(userDir, 'node_modules', name));
  }
}
