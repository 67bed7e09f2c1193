import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EditorBrowser } from '../editor/editor';
import { Comms } from '../support/comms';
import type { Flow } from '../support/flows';
import { requireServer } from '../support/servers/install';
import { freePort } from '../support/servers/ports';
import { accepts, ownFolder } from '../support/servers/process';
import { usePhone } from './start-phone';

const REPOSITORY = join(__dirname, '../..');
const SCRIPT = join(REPOSITORY, 'scripts/start.mjs');

const running = new Set<Start>();
process.on('exit', () => {
  for (const start of running) start.signal('SIGKILL');
});

/** `npm start` in a process group of its own, as a terminal gives it, and a folder for temporary files to count. */
class Start {
  output = '';
  readonly temporary: string;
  private readonly child: ChildProcess;
  private readonly ended: Promise<number | null>;

  constructor(
    folder: string,
    args: readonly string[],
    {
      command = [process.execPath, SCRIPT],
      env = {},
    }: { command?: string[]; env?: Record<string, string> } = {},
  ) {
    this.temporary = join(folder, 'tmp');
    mkdirSync(this.temporary, { recursive: true });
    const { PORT: _port, ...inherited } = process.env;
    const [program = '', ...first] = command;
    this.child = spawn(program, [...first, ...args], {
      cwd: REPOSITORY,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...inherited, TMPDIR: this.temporary, ...env },
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.output += chunk.toString();
      });
    }
    this.ended = once(this.child, 'close').then(([code]) => code as number | null);
    running.add(this);
    this.child.once('close', () => running.delete(this));
  }

  /** Resolves with the address that it prints. */
  async address(): Promise<string> {
    for (let waited = 0; waited < 40_000; waited += 50) {
      const line = /^DinoX for Node-RED is ready: (http:\/\/127\.0\.0\.1:\d+\/) /m.exec(this.output)?.[1];
      if (line) return line;
      if (this.child.exitCode !== null) break;
      await sleep(50);
    }
    throw new Error(`no address:\n${this.output}`);
  }

  /** To the whole group, as Ctrl-C does it. */
  signal(signal: NodeJS.Signals): void {
    try {
      process.kill(-(this.child.pid ?? 0), signal);
    } catch {
      // Nobody is left.
    }
  }

  /**
   * Ctrl-C on a machine so busy that all others in the group have ended before the script hears of it.
   *
   * @returns what lies in the temporary folder then
   */
  async interruptSlowly(): Promise<string[]> {
    const pid = this.scriptPid();
    process.kill(pid, 'SIGSTOP');
    this.signal('SIGINT');
    await sleep(2_000);
    const left = readdirSync(this.temporary);
    process.kill(pid, 'SIGCONT');
    return left;
  }

  /** The process of the script itself, of which npm is the parent. */
  private scriptPid(): number {
    const found = readdirSync('/proc').find((pid) => {
      try {
        const [, group] = / \d+ (\d+) /.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
        const [program = ''] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(1);
        return Number(group) === this.pid && program.endsWith('scripts/start.mjs');
      } catch {
        return false;
      }
    });
    return Number(found ?? assert.fail('npm start has no process'));
  }

  /** What a browser gets that does not wait for the address. */
  async firstAnswer(port: number): Promise<Response> {
    for (let waited = 0; waited < 20_000; waited += 20) {
      const answer = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined);
      if (answer) return answer;
      await sleep(20);
    }
    throw new Error(`nothing listens:\n${this.output}`);
  }

  /** Resolves once no process of the group runs, and no temporary file is left. */
  async leavesNothing(): Promise<void> {
    for (let waited = 0; this.isAlive() || readdirSync(this.temporary).length > 0; waited += 50) {
      assert.ok(waited < 5_000, `left: ${readdirSync(this.temporary)}, process: ${this.isAlive()}`);
      await sleep(50);
    }
  }

  private isAlive(): boolean {
    try {
      return process.kill(-this.pid, 0);
    } catch {
      return false;
    }
  }

  exitCode(): Promise<number | null> {
    return this.ended;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }
}

/** Ports on which a process listens, and on which addresses, as the kernel has them. */
function listening(pid: number): string[] {
  const sockets = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        return [];
      }
    }),
  );
  return ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/net/${table}`, 'utf8')
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => state === '0A' && sockets.has(inode ?? ''))
      .map(([, local]) => local ?? ''),
  );
}

describe('npm start', function () {
  this.timeout(120_000);
  let browser: EditorBrowser;

  before(async () => {
    // Debian's, which is in the PATH.
    await requireServer('debian12', 'prosody');
    browser = await EditorBrowser.launch();
  });
  after(() => browser?.close());

  // What a failed test left running would keep mocha from ending.
  afterEach(() => {
    for (const start of running) start.signal('SIGKILL');
  });

  it('shows a message pass in the editor, and leaves nothing after Ctrl-C', async () => {
    const folder = ownFolder(tmpdir());
    const port = await freePort();
    const command = ['npm', 'start', '--'];
    const start = new Start(folder, ['--port', String(port), '--user-dir', join(folder, 'home')], {
      command,
    });
    const url = await start.address();
    assert.equal(url, `http://127.0.0.1:${port}/`);
    const lines = start.output.split('\n').filter((line) => line.includes('http://'));
    assert.deepEqual(
      lines.slice(1),
      [`Your phone, over XMPP (a private Prosody): ${url}phone/`, `The house as tiles: ${url}dinox/home/`],
      start.output,
    );

    const editor = await browser.open(url);
    await editor.page.locator('.dinox-sidebar').first().waitFor({ state: 'visible', timeout: 20_000 });
    const canvas = editor.page.locator('#red-ui-workspace-chart');
    const wait = { state: 'visible', timeout: 20_000 } as const;
    await canvas
      .getByText(/^-?\d+(\.\d)? °C$/)
      .first()
      .waitFor(wait);
    assert.ok((await canvas.getByText('connected', { exact: true }).count()) >= 6, 'all nodes are connected');
    await canvas.getByText('off', { exact: true }).first().waitFor(wait);
    const press = await fetch(`${url}inject/dinox-demo-on`, { method: 'POST' });
    assert.equal(press.status, 200);
    await canvas.getByText('on', { exact: true }).first().waitFor(wait);
    assert.deepEqual(editor.errors, []);
    assert.equal(
      await editor.page.locator('.red-ui-tourGuide-popover, .red-ui-notification').count(),
      0,
      'no tour, no notice',
    );
    await editor.picture('demo');
    await fetch(`${url}inject/dinox-demo-off`, { method: 'POST' });
    await canvas.getByText('off', { exact: true }).first().waitFor(wait);
    const phone = await browser.page();
    await usePhone(phone, url, 'prosody');
    await canvas.getByText('on', { exact: true }).first().waitFor(wait);
    await phone.context().close();
    await editor.close();

    const left = await start.interruptSlowly();
    assert.ok(
      left.some((name) => name.startsWith('dinox-start-prosody-')),
      `Prosody outlives the Node-RED that is connected to it, or that would speak of a lost connection: ${left}`,
    );
    await start.exitCode();
    assert.equal(await accepts(port), false, 'the port is free');
    await start.leavesNothing();
    assert.doesNotMatch(start.output, /warn|error/i);
  });

  it('has a phone without Prosody too, listens on this machine only, and ends with code 0 on SIGTERM', async () => {
    const folder = ownFolder(tmpdir());
    const port = await freePort();
    const home = join(folder, 'home');
    const env = { PORT: String(port), PATH: ownFolder(tmpdir()) };
    const start = new Start(folder, ['--user-dir', home], { env });
    const early = await start.firstAnswer(port);
    assert.deepEqual([early.status, early.headers.get('refresh')], [503, '1'], 'a browser asks again');
    const url = await start.address();
    assert.equal(url, `http://127.0.0.1:${port}/`, 'PORT counts');
    const addresses = listening(start.pid);
    assert.equal(addresses.length, 3, `Node-RED, the broker and the chat: ${addresses}`);
    for (const address of addresses) assert.match(address, /^0100007F:/, 'only 127.0.0.1');
    const second = new Start(folder, ['--port', '0', '--user-dir', home]);
    const phone = await browser.page();
    await usePhone(phone, url, 'small');
    await phone.context().close();
    assert.equal(await second.exitCode(), 1);
    assert.match(second.output, /^Another npm start uses .*home/);
    assert.doesNotMatch(start.output, /warn|error/i);
    start.signal('SIGTERM');
    assert.equal(await start.exitCode(), 0);
    assert.equal(await accepts(port), false);
  });

  it('can be ended while it starts', async () => {
    for (const ms of [300, 1_200]) {
      const folder = ownFolder(tmpdir());
      const port = await freePort();
      const start = new Start(folder, ['--port', String(port), '--user-dir', join(folder, 'home')]);
      await sleep(ms);
      start.signal('SIGINT');
      const late = sleep(15_000, 'late' as const, { ref: false });
      assert.notEqual(await Promise.race([start.exitCode(), late]), 'late', `after ${ms} ms`);
      assert.equal(await accepts(port), false);
      await start.leavesNothing();
    }
  });

  it('says so where the port is taken, and what to do', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    const folder = ownFolder(tmpdir());
    const start = new Start(folder, ['--port', String(port), '--user-dir', join(folder, 'home')]);
    assert.equal(await start.exitCode(), 1);
    assert.match(start.output, new RegExp(`^Port ${port} is taken.*\n.*npm start -- --port ${port + 1}`));
    assert.ok(!existsSync(join(folder, 'home')), 'nothing was made');
    taken.close();
  });

  it('says so where the port or an option is none', async () => {
    for (const [args, words] of [
      [['--port', 'abc'], /port must be a number.*"abc"/],
      [['--port', '70000'], /port must be a number.*"70000"/],
      [['--prot', '1880'], /--prot[\s\S]*Use: npm start -- \[--port/],
    ] as const) {
      const start = new Start(ownFolder(tmpdir()), args);
      assert.equal(await start.exitCode(), 1);
      assert.match(start.output, words);
      assert.doesNotMatch(start.output, /\n\s+at /, 'no stack');
    }
  });

  it('keeps a flow that somebody changed, renews one that nobody did, and begins cleanly after kill -9', async () => {
    const folder = ownFolder(tmpdir());
    const home = join(folder, 'home');
    const flows = join(home, 'flows.json');
    const run = async <T>(look: (url: string) => Promise<T>, isKilled = false): Promise<T> => {
      const start = new Start(folder, ['--port', '0', '--user-dir', home]);
      const seen = await look(await start.address());
      // Only itself: what it started has to notice.
      if (isKilled) process.kill(start.pid, 'SIGKILL');
      else start.signal('SIGINT');
      assert.equal(await start.exitCode(), isKilled ? null : 0);
      await start.leavesNothing();
      return seen;
    };
    const flowsOf = async (url: string) => (await (await fetch(`${url}flows`)).json()) as Flow;

    // As an earlier version of this package would have written it.
    mkdirSync(home, { recursive: true });
    for (const name of ['flows.json', '.flows.as-written.json']) writeFileSync(join(home, name), '[]');
    const original = await run(flowsOf, true);
    assert.ok(
      original.some(({ id }) => id === 'dinox-demo-broker'),
      'the flow is renewed',
    );

    const theirs = [
      ...original,
      {
        id: 'mine',
        type: 'http in',
        url: '/mine',
        method: 'get',
        z: 'dinox-demo-tab',
        x: 9,
        y: 9,
        wires: [['said']],
      },
      { id: 'said', type: 'http response', statusCode: '299', z: 'dinox-demo-tab', x: 99, y: 9, wires: [] },
    ];
    await run(async (url) => {
      const answer = await fetch(`${url}flows`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(theirs),
      });
      assert.equal(answer.status, 204);
      const comms = await Comms.connect(url.replace(/\/$/, ''));
      for (let waited = 0; comms.statusesOf('dinox-demo-living').at(-1)?.fill !== 'green'; waited += 100) {
        assert.ok(waited < 10_000, 'connected after a deploy');
        await sleep(100);
      }
      comms.close();
      assert.equal((await fetch(`${url}mine`)).status, 299, 'pages of flows are there');
      assert.equal((await fetch(`${url}nobodys`)).status, 404);
    });
    const kept = await run(flowsOf);
    assert.ok(
      kept.some(({ id }) => id === 'mine'),
      'the change is kept',
    );
    assert.ok(readFileSync(flows, 'utf8').includes('${DINOX_DEMO_PORT}'), 'the port stays a variable');
  });
});

interface HomeMessage {
  topic: string;
  payload: string;
  retain: boolean;
}

interface Home {
  step(ms: number): HomeMessage[];
  command(topic: string, payload: string): HomeMessage[];
}

describe('the simulated home', () => {
  let createHome: (options: { seed?: number; hour?: number }) => Home;
  const STEP = 10 * 60_000;
  const DAY = 24 * 6;
  const reading = ({ payload }: HomeMessage) => (JSON.parse(payload) as { value: number }).value;

  before(async () => {
    const module = join(REPOSITORY, 'scripts/demo/home.mjs');
    ({ createHome } = (await import(module)) as { createHome: typeof createHome });
  });

  const days = (home: Home, count: number) => Array.from({ length: count * DAY }, () => home.step(STEP));

  it('speaks for six rooms and a freezer, on the topics that we agree on', () => {
    const first = createHome({ seed: 1 }).step(STEP);
    const places = new Set(first.map(({ topic }) => topic.split('/')[3]));
    assert.deepEqual([...places].sort(), [
      'bathroom',
      'bedroom',
      'freezer',
      'hallway',
      'kitchen',
      'living_room',
      'office',
    ]);
    for (const { topic, payload, retain } of first) {
      assert.match(topic, /^home\/sensors\/(temperature|humidity|power|light|door)\/[a-z_]+$/);
      assert.equal(retain, true);
      const value = JSON.parse(payload) as Record<string, unknown>;
      assert.ok(
        'state' in value || (Number.isFinite(value.value) && typeof value.unit === 'string'),
        payload,
      );
    }
  });

  it('has the same days for the same seed, and others for another', () => {
    const [one, same, other] = [7, 7, 8].map((seed) => JSON.stringify(days(createHome({ seed }), 2)));
    assert.equal(one, same);
    assert.notEqual(one, other);
  });

  it('stays believable for a month, and its freezer fails now and then', () => {
    for (const seed of [1, 2, 3]) {
      const all = days(createHome({ seed }), 30).flat();
      const of = (topic: string) =>
        all.filter((message) => message.topic === `home/sensors/${topic}`).map(reading);
      const living = of('temperature/living_room');
      assert.ok(
        Math.min(...living) > 10 && Math.max(...living) < 28,
        `living room ${Math.min(...living)} to ${Math.max(...living)}`,
      );
      assert.ok(of('humidity/bathroom').every((value) => value >= 0 && value <= 100));
      assert.ok(of('power/kitchen').every((value) => value > 0 && value < 500));
      const freezer = of('temperature/freezer');
      assert.ok(Math.min(...freezer) >= -19.5 && Math.max(...freezer) < 5);
      const failures = freezer.filter((value, i) => value > -15 && (freezer[i - 1] ?? -18) <= -15).length;
      assert.ok(failures >= 10 && failures <= 60, `seed ${seed}: ${failures} failures`);
      assert.ok(
        freezer.slice(0, DAY / 2).some((value) => value > -15),
        'the first failure comes soon',
      );
    }
  });

  it('has warmer afternoons than nights', () => {
    const home = createHome({ seed: 3, hour: 0 });
    const byHour: number[][] = Array.from({ length: 24 }, () => []);
    days(home, 10).forEach((messages, i) => {
      const living = messages.find(({ topic }) => topic === 'home/sensors/temperature/living_room');
      if (living) byHour[Math.floor((i / 6) % 24)]?.push(reading(living));
    });
    const mean = (from: number, to: number) => {
      const values = byHour.slice(from, to).flat();
      return values.reduce((sum, value) => sum + value, 0) / values.length;
    };
    assert.ok(mean(13, 18) > mean(2, 6) + 0.8, `${mean(13, 18)} against ${mean(2, 6)}`);
  });

  it('obeys commands, and shrugs at nonsense', () => {
    const home = createHome({ seed: 1 });
    home.step(STEP);
    const [light, power] = home.command('home/actuators/light/kitchen/set', 'ON');
    assert.deepEqual(light && JSON.parse(light.payload), { state: 'on' });
    assert.equal(power?.topic, 'home/sensors/power/kitchen');
    const [heating] = home.command('home/actuators/heating/living_room/set', '{"target":26}');
    assert.deepEqual(heating && JSON.parse(heating.payload), { target: 26, unit: '°C' });
    const warm = days(home, 1)
      .flat()
      .filter(({ topic }) => topic.endsWith('temperature/living_room'))
      .map(reading);
    assert.ok(Math.max(...warm) > 24.5, `${Math.max(...warm)}`);
    for (const [topic, payload] of [
      ['home/actuators/light/cellar/set', 'ON'],
      ['home/actuators/light/kitchen/set', 'maybe'],
      ['home/actuators/heating/office/set', '{"target":900}'],
      ['home/actuators/heating/office/set', '{'],
      ['home/actuators/x', 'ON'],
    ] as const) {
      assert.deepEqual(home.command(topic, payload), [], `${topic} ${payload}`);
    }
  });
});
