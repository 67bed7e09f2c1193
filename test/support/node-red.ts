/**
 * A whole Node-RED in a process of its own: 4.0 or 4.1 on the Node that runs the tests, or 5 on a newer one. It listens on
 * loopback, keeps its user directory to itself, and ends with the test process at the latest.
 */
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Comms, type NodeStatus } from './comms';
import type { Credentials, Flow } from './flows';
import {
  type NodeMajor,
  type NodeRedInstallation,
  type NodeRedVersion,
  nodeRedInstallation,
} from './node-red-versions';
import { freePort } from './servers/ports';
import { type Launched, launch, ownFolder } from './servers/process';

export { EVERY_NODE_RED, MATRIX, NODE_RED_VERSIONS, type NodeRedVersion } from './node-red-versions';

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';

export interface NodeRedOptions {
  readonly version: NodeRedVersion;
  /** Default: the Node that runs the tests, or for Node-RED 5 the oldest that it takes. */
  readonly node?: NodeMajor;
  readonly flows?: Flow;
  /** Node id → credentials. They are written in plain text: the user directory is the test's own. */
  readonly credentials?: Credentials;
  /** Merged into settings.js; plain data only. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Links this repository into the user directory: the quick way, needs `npm run build` before. */
  readonly linkPackage?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** The editor does not know yet that somebody has seen our note. @default false */
  readonly isNewcomer?: boolean;
  /** Default: one of its own, deleted at the end of the test process. */
  readonly userDir?: string;
  /** What is logged, at least `info`, by which a start is recognised. */
  readonly logLevel?: 'info' | 'debug' | 'trace';
}

export interface LogLine {
  readonly level: LogLevel;
  /** May have several lines. */
  readonly text: string;
}

export interface AdminAnswer {
  readonly status: number;
  readonly text: string;
  /** The answer as JSON; undefined where it is none. */
  // biome-ignore lint/suspicious/noExplicitAny: every route of the admin API answers in another shape.
  readonly json: any;
}

const REPOSITORY = join(__dirname, '../..');
const START_WITHIN_MS = 60_000;
const POLL_MS = 25;
export const PACKAGE_NAME = '@dinox/node-red-dinox';
const LOG_LINE = /^\d+ \S+ \d\d:\d\d:\d\d - \[(fatal|error|warn|info|debug|trace)\] (.*)$/;

export class NodeRed {
  /** The connection to the editor's websocket; a new one after a restart. */
  comms!: Comms;
  private process!: Launched;

  private constructor(
    private readonly installation: NodeRedInstallation,
    private readonly options: NodeRedOptions,
    readonly userDir: string,
    readonly port: number,
  ) {}

  /** Resolves once the flows have started. */
  static async start(options: NodeRedOptions): Promise<NodeRed> {
    const installation = await nodeRedInstallation(options.version, options.node);
    const userDir = options.userDir ?? ownFolder(tmpdir());
    const nodeRed = new NodeRed(installation, options, userDir, await freePort());
    nodeRed.prepare();
    await nodeRed.launch();
    return nodeRed;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.process.pid;
  }

  /** Version of Node-RED, `4.1.15`. */
  get version(): string {
    return this.installation.version;
  }

  /** All that it has written to stdout and stderr since its start. */
  logs(): string {
    return this.process.logs();
  }

  /** The log's entries, of these levels only where some are named. */
  logLines(...levels: LogLevel[]): LogLine[] {
    const lines: { level: LogLevel; text: string }[] = [];
    for (const line of this.logs().split('\n')) {
      const match = LOG_LINE.exec(line);
      const last = lines.at(-1);
      if (match) lines.push({ level: match[1] as LogLevel, text: match[2] ?? '' });
      else if (last) last.text += `\n${line}`;
    }
    return levels.length === 0 ? lines : lines.filter(({ level }) => levels.includes(level));
  }

  /** The statuses that a node showed since the start, oldest first. */
  statusesOf(node: string): NodeStatus[] {
    return this.comms.statusesOf(node);
  }

  /** Calls the admin API. A body that is neither FormData nor undefined is sent as JSON. */
  async adminApi(method: string, path: string, body?: unknown, headers: object = {}): Promise<AdminAnswer> {
    const isForm = body instanceof FormData;
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        Accept: 'application/json',
        'Node-RED-API-Version': 'v2',
        ...(body !== undefined && !isForm && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: isForm ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      // Not JSON.
    }
    return { status: response.status, text, json };
  }

  /** Deploys flows in full; rejects where Node-RED refuses them. */
  async deploy(flows: Flow, credentials?: Credentials): Promise<void> {
    const answer = await this.adminApi('POST', '/flows', { flows, ...(credentials && { credentials }) });
    if (answer.status !== 200) throw new Error(`deploying: ${answer.status} ${answer.text}`);
  }

  /** Presses the button of an inject node. */
  async inject(node: string): Promise<void> {
    const answer = await this.adminApi('POST', `/inject/${node}`, {});
    if (answer.status !== 200) throw new Error(`inject ${node}: ${answer.status} ${answer.text}`);
  }

  /** The same right after a deploy: Node-RED 5 answers that before all nodes run. */
  async injectOnceThere(node: string): Promise<void> {
    for (let tries = 0; ; tries++) {
      const failed = await this.inject(node).then(
        () => undefined,
        (error: Error) => error,
      );
      if (!failed) return;
      if (tries > 50) throw failed;
      await sleep(100);
    }
  }

  /** Resolves with the first value of `look` that is neither undefined nor false; rejects with the log after `ms`. */
  async until<T>(what: string, look: () => T | undefined | false, ms = 10_000): Promise<T> {
    const deadline = Date.now() + ms;
    for (;;) {
      const found = look();
      if (found !== undefined && found !== false) return found;
      if (Date.now() > deadline)
        throw new Error(`not within ${ms} ms: ${what}\n${this.logs().slice(-4_000)}`);
      await sleep(POLL_MS);
    }
  }

  /** SIGTERM, as a service manager does it. Resolves once the process is gone. */
  async stop(): Promise<void> {
    this.comms.close();
    await this.process.stop();
  }

  /** SIGKILL, as a power cut does it. */
  async kill(): Promise<void> {
    this.comms.close();
    await this.process.kill();
  }

  /** Stops it where it still runs and starts it again with the same user directory and port; the log begins anew. */
  async restart(): Promise<void> {
    await this.stop();
    await this.launch();
  }

  private prepare(): void {
    const { flows = [], credentials = {}, settings = {}, linkPackage, logLevel = 'info' } = this.options;
    const { isNewcomer = false } = this.options;
    const all = {
      uiHost: '127.0.0.1',
      uiPort: this.port,
      flowFile: 'flows.json',
      credentialSecret: false,
      lang: 'en-US',
      telemetry: { enabled: false, updateNotification: false },
      mqttReconnectTime: 1000,
      diagnostics: { enabled: true, ui: false },
      logging: { console: { level: logLevel, metrics: false, audit: false } },
      ...settings,
      // The small code editor: it loads a second sooner, and no dialog of ours shows one.
      editorTheme: {
        tours: false,
        codeEditor: { lib: 'ace' },
        ...(settings.editorTheme as object | undefined),
      },
    };
    const write = (name: string, value: unknown): void =>
      writeFileSync(join(this.userDir, name), JSON.stringify(value, null, 2));
    writeFileSync(join(this.userDir, 'settings.js'), `module.exports = ${JSON.stringify(all, null, 2)};\n`);
    write('flows.json', flows);
    write('flows_cred.json', credentials);
    // The editor's tips: in Node-RED 5 the first one may come before the box that it is shown in, and throws.
    const seen = { editor: { view: { 'view-show-tips': false } }, dinox: { welcomed: !isNewcomer } };
    write('.config.users.json', { _: seen });
    // One with dependencies is the test's own.
    if (!existsSync(join(this.userDir, 'package.json')))
      write('package.json', { name: 'node-red-project', private: true, version: '0.0.1' });
    if (!linkPackage) return;
    const link = join(this.userDir, 'node_modules', PACKAGE_NAME);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(REPOSITORY, link);
  }

  private environment(): Record<string, string> {
    const env: Record<string, string> = {};
    for (const [name, value] of Object.entries(process.env)) {
      // What speaks of the test process itself, and npm's word about the script that runs, are not for it.
      if (
        value !== undefined &&
        !/^(NODE_OPTIONS|NODE_RED_.*|npm_(package|lifecycle)_.*|MOCHA.*)$/.test(name)
      ) {
        env[name] = value;
      }
    }
    // npm, which the palette calls, has to run on the same Node.
    env.PATH = `${dirname(this.installation.node)}:${process.env.PATH ?? ''}`;
    return { ...env, LANG: 'C.UTF-8', ...this.options.env };
  }

  private async launch(): Promise<void> {
    const log = join(this.userDir, 'node-red.log');
    rmSync(log, { force: true });
    this.process = launch({
      name: `Node-RED ${this.version}`,
      command: [this.installation.node, this.installation.script, '--userDir', this.userDir],
      cwd: this.userDir,
      env: this.environment(),
      logFiles: [log],
    });
    await this.until(
      `Node-RED ${this.version} starts its flows`,
      () => {
        if (!this.process.running()) throw new Error(`Node-RED ended at once:\n${this.logs()}`);
        // On a busy machine the flows may run before the server listens.
        const said = this.logLines('info').map(({ text }) => text);
        return [/^(Started flows|Waiting for missing types)/, /^Server now running at /].every((line) =>
          said.some((text) => line.test(text)),
        );
      },
      START_WITHIN_MS,
    );
    this.comms = await Comms.connect(`${this.url}${this.options.settings?.httpAdminRoot ?? ''}`);
  }
}

/** Settings of an editor as Node-RED brings it, with its own code editor. */
export const EDITOR_AS_IT_IS = { editorTheme: { codeEditor: { lib: 'monaco' } } } as const;

/** Starts a Node-RED; see {@link NodeRedOptions}. Stop it with `stop()`. */
export function startNodeRed(options: NodeRedOptions): Promise<NodeRed> {
  return NodeRed.start(options);
}
