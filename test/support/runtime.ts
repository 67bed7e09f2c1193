/**
 * Node-RED inside the test process. A test loads a flow, hands messages to its nodes, and looks at all that came
 * of it: what reached the `helper` nodes, statuses, the log, and every call of `done`.
 */
import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import nodeRed from 'node-red';
import helper from 'node-red-node-test-helper';
import type { Credentials, Flow } from './flows';

export type Message = Record<string, unknown>;

export interface Status {
  fill?: string;
  shape?: string;
  text?: string;
}

export interface LogEntry {
  level: 'error' | 'warn' | 'info' | 'other';
  /** Id of the node that wrote it, where a node did. */
  node?: string;
  text: string;
}

/** One call of a node's `done`. */
export interface Completion {
  node: string;
  /** The message that the node was given, as the node left it. */
  msg: Message;
  /** Text of the error that `done` was called with. */
  error?: string;
  /** The code of an error that has one. */
  code?: string;
}

/** A function that a Node-RED module exports: it registers its node types. */
export type NodeModule = (RED: unknown) => unknown;

/** The properties of a running node that the tests look at and use. */
export interface RunningNode {
  connected?: boolean;
  credentials?: Record<string, string>;
  receive(msg: Message): void;
}

const DEFAULT_WAIT = 4_000;

/** Something that changes, and that a test waits for: each change looks anew at what the test waits for. */
export class Watched {
  private readonly changes = new EventEmitter().setMaxListeners(0);

  protected changed(): void {
    this.changes.emit('change');
  }

  /**
   * Resolves with the first value of `look` that is neither undefined nor false; looks again at each change.
   * Rejects after `ms` with `what` and all that was seen.
   */
  until<T>(what: string, look: () => T | undefined | false, ms = DEFAULT_WAIT): Promise<T> {
    return new Promise((resolve, reject) => {
      const tryNow = (): void => {
        const found = look();
        if (found === undefined || found === false) return;
        end();
        resolve(found);
      };
      const timer = setTimeout(() => {
        end();
        reject(new Error(`not within ${ms} ms: ${what}\n${inspect(this, { depth: 5, maxArrayLength: 40 })}`));
      }, ms);
      const end = (): void => {
        clearTimeout(timer);
        this.changes.off('change', tryNow);
      };
      this.changes.on('change', tryNow);
      tryNow();
    });
  }
}

const LEVELS: Record<number, LogEntry['level']> = { 20: 'error', 30: 'warn', 40: 'info' };

/** A flow that runs. End it with `stop`; only one can run at a time, so that the next one stops it, too. */
export class RunningFlow extends Watched {
  /** What the `helper` nodes received, in order. */
  readonly received: { node: string; msg: Message }[] = [];
  readonly statuses: { node: string; status: Status }[] = [];
  readonly logged: LogEntry[] = [];
  readonly completions: Completion[] = [];
  /** The one that runs: a test that failed may have left it. */
  private static current: RunningFlow | undefined;
  private stopping: Promise<void> | undefined;
  private readonly userDir = mkdtempSync(join(tmpdir(), 'node-red-test-'));
  private readonly log = new EventEmitter().on('log', (entry) => this.onLog(entry));

  /** Starts a flow. `settings` are those of settings.js; core's nodes retry every 100 ms unless they say otherwise. */
  static async start(
    modules: readonly NodeModule[],
    flow: Flow,
    credentials: Credentials = {},
    settings: Record<string, unknown> = {},
  ): Promise<RunningFlow> {
    await RunningFlow.current?.stop();
    const running = new RunningFlow();
    RunningFlow.current = running;
    helper.settings({ userDir: running.userDir, mqttReconnectTime: 100, ...settings });
    nodeRed.log.addHandler(running.log);
    nodeRed.events.on('node-status', running.onStatus);
    nodeRed.hooks.add('onReceive.recorder', running.onReceive as never);
    nodeRed.hooks.add('onComplete.recorder', running.onComplete as never);
    await helper.load([...modules], structuredClone(flow), structuredClone(credentials));
    return running;
  }

  /** Does nothing where it is stopped already. */
  stop(): Promise<void> {
    this.stopping ??= this.end();
    return this.stopping;
  }

  private async end(): Promise<void> {
    await helper.unload();
    nodeRed.hooks.remove('*.recorder');
    nodeRed.events.off('node-status', this.onStatus);
    (nodeRed.log as unknown as { removeHandler(handler: EventEmitter): void }).removeHandler(this.log);
    rmSync(this.userDir, { recursive: true, force: true });
  }

  /** Deploys another version of the flow. */
  async deploy(
    flow: Flow,
    type: 'full' | 'flows' | 'nodes' = 'nodes',
    credentials?: Credentials,
  ): Promise<void> {
    await helper.setFlows(structuredClone(flow), type, structuredClone(credentials));
  }

  /** A running node. Fails where there is none with this id. */
  node(id: string): RunningNode {
    const node = helper.getNode(id);
    if (!node) throw new Error(`no node ${id} runs`);
    return node as RunningNode;
  }

  /** Hands a message to a node, as a wire would. */
  send(id: string, msg: Message): void {
    this.node(id).receive(msg);
  }

  /** Hands a message to a node and resolves with the first call of `done` for it. */
  async call(id: string, msg: Message, ms?: number): Promise<Completion> {
    this.send(id, msg);
    return this.until(`done of ${id} for ${brief(msg)}`, () => this.completionsOf(msg)[0], ms);
  }

  /** All calls of `done` for one message object. */
  completionsOf(msg: Message): Completion[] {
    return this.completions.filter((completion) => completion.msg === msg);
  }

  /** What one `helper` node received so far. */
  at(id: string): Message[] {
    return this.received.filter((entry) => entry.node === id).map((entry) => entry.msg);
  }

  /** Resolves with the messages of a `helper` node as soon as there are `count`. */
  messages(id: string, count: number, ms?: number): Promise<Message[]> {
    const look = (): Message[] | false => this.at(id).length >= count && this.at(id);
    return this.until(`${count} messages at ${id}`, look, ms);
  }

  /** The statuses that a node showed so far, in order. */
  statusesOf(id: string): Status[] {
    return this.statuses.filter((entry) => entry.node === id).map((entry) => entry.status);
  }

  /** Resolves as soon as a node's latest status has this colour. */
  shows(id: string, fill: 'green' | 'yellow' | 'red', ms?: number): Promise<Status> {
    const look = (): Status | false => {
      const last = this.statusesOf(id).at(-1);
      return last?.fill === fill && last;
    };
    return this.until(`${id} shows ${fill}`, look, ms);
  }

  /** What nodes wrote to the log at level warn or error; the runtime's own entries are about the test helper. */
  complaints(): LogEntry[] {
    return this.logged.filter(
      ({ node, level }) => node !== undefined && (level === 'warn' || level === 'error'),
    );
  }

  /** What an error message shows of it. */
  [inspect.custom](): unknown {
    const { received, completions } = this;
    const statuses = this.statuses.map(({ node, status }) => `${node}: ${Object.values(status).join(' ')}`);
    return { received, statuses, complaints: this.complaints(), completions };
  }

  private onLog(entry: { level: number; id?: string; msg: unknown }): void {
    const node = entry.id === undefined ? {} : { node: entry.id };
    this.logged.push({ level: LEVELS[entry.level] ?? 'other', ...node, text: text(entry.msg) });
    this.changed();
  }

  private readonly onStatus = ({ id, status }: { id: string; status: Status }): void => {
    this.statuses.push({ node: id, status: { ...status } });
    this.changed();
  };

  private readonly onReceive = (event: {
    msg: Message;
    destination: { id: string; node: { type: string } };
  }): void => {
    if (event.destination.node.type !== 'helper') return;
    this.received.push({ node: event.destination.id, msg: event.msg });
    this.changed();
  };

  private readonly onComplete = (event: { msg: Message; error?: unknown; node: { id: string } }): void => {
    const { code } = (event.error ?? {}) as { code?: string };
    const error = event.error ? { error: text(event.error), ...(code !== undefined && { code }) } : {};
    this.completions.push({ node: event.node.id, msg: event.msg, ...error });
    this.changed();
  };
}

function text(value: unknown): string {
  return value instanceof Error ? value.message : String(value);
}

function brief(msg: Message): string {
  return inspect(msg, { depth: 2, maxArrayLength: 5, maxStringLength: 80 });
}
