import { readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { text } from '../../base/catalogue';
import type { Clock } from '../../base/clock';
import { textOf as saidBy } from '../../base/coded-error';
import type { Question } from '../../discovery/types';
import { linesOf } from '../../storage/append-file';
import { replaceFile } from '../../storage/atomic-file';
import { LinkError } from '../../transport/errors';
import { parseRecord, putRecord, type StoredMessage } from '../../transport/outbox/journal-record';
import { inMemory, onDisk } from '../../transport/outbox/message-expiry';
import { type Done, isLasting, type PendingPublication } from '../../transport/outbox/outbox';
import type { Log } from '../node-contract';

/** Messages that wait for a server that the connection no longer names. */
export interface SetAsideQueue {
  /** Name of the file, which identifies the queue. */
  readonly name: string;
  readonly server: string;
  readonly count: number;
}

/** Ports that count as one server: none typed, MQTT's without TLS and with TLS. */
const USUAL_PORTS = [undefined, 1_883, 8_883];

/** The server of a queue: the typed host, else the account's domain; empty without either. */
export function serverOf({ host, port, jid }: Pick<Question, 'host' | 'port' | 'jid'>): string {
  const name = (host || jid?.domain || '').toLowerCase();
  return name === '' || USUAL_PORTS.includes(port) ? name : `${name}:${port}`;
}

export interface SetAsideQueuesOptions {
  /** Undefined if there is no folder; then nothing can be set aside. */
  queueFile: string | undefined;
  tools: { clock: Clock };
  log: Pick<Log, 'warn' | 'error'>;
}

/** The connection that takes the messages. */
export interface QueueTaker {
  readonly restoredDone: Done;
  take(messages: PendingPublication[]): void;
}

/**
 * Keeps queues apart by their server: messages for one must not go to another only because somebody changed the host.
 * `<node>.server` is beside a queue's file `<node>.log`; messages that were set aside are in `<node>@<server>.log`.
 */
export class SetAsideQueues {
  list: readonly SetAsideQueue[] = [];
  /** True if the queue's file is for another server and cannot be set aside: nobody may send its messages. */
  isStuck = false;

  private readonly file: string | undefined;
  private readonly clock: Clock;

  constructor(private readonly options: SetAsideQueuesOptions) {
    this.file = options.queueFile;
    this.clock = options.tools.clock;
  }

  /**
   * Sets aside messages for another server, before the queue is opened.
   * @param inherited messages that the predecessor had in memory
   * @returns those for this server
   */
  settle(server: string, inherited: PendingPublication[]): PendingPublication[] {
    const { file } = this;
    if (server === '') return inherited;
    const isForeign = (one: PendingPublication): boolean => one.server !== undefined && one.server !== server;
    if (!file) {
      for (const { done } of inherited.filter(isForeign)) done(notForIt());
      return inherited.filter((one) => !isForeign(one));
    }
    const beside = file.replace(/\.log$/, '.server');
    // The file is missing if nothing can be written.
    const former = textOf(beside) || (inherited.find(isForeign)?.server ?? '');
    const isOther = former !== '' && former !== server;
    const foreign = new Set(isOther ? inherited : []);
    try {
      if (isOther) this.setAside(file, former, foreign);
      if (former !== server) replaceFile(beside, [server]);
    } catch (error) {
      // On a disk that takes nothing there is nothing to set aside either: the queue itself says that it is in memory.
      if (!isOther) return inherited;
      const { log } = this.options;
      log.error(text('log.queueNotHeld', { reason: saidBy(error) }));
      // No message goes to another server than its own.
      for (const { done } of foreign) done(notForIt());
      this.isStuck = sizeOf(file) > 0;
    }
    this.look();
    return isOther ? [] : inherited;
  }

  /** Gives all messages to the present server, each with the whole time to wait. */
  send(name: string, ttl: number, client: QueueTaker): number | undefined {
    const path = this.pathOf(name);
    if (path === undefined) return undefined;
    const { restoredDone: done } = client;
    const late = this.clock.steady() + ttl;
    // Lifetimes went on running.
    const messages = messagesIn(path).map((message) => {
      const { publication } = inMemory(message, this.clock);
      return { publication, due: Math.min(late, publication.expires ?? late), done };
    });
    client.take(messages);
    // By then they are in the queue's own file, which is written at the end of this turn.
    setImmediate(() => setImmediate(() => rmSync(path, { force: true })));
    this.list = this.list.filter((one) => one.name !== name);
    return messages.length;
  }

  discard(name: string): number | undefined {
    const found = this.list.find((one) => one.name === name);
    const path = this.pathOf(name);
    if (path !== undefined) rmSync(path, { force: true });
    this.list = this.list.filter((one) => one.name !== name);
    return found?.count;
  }

  /** @param foreign messages that were in memory; answered ones are taken out */
  private setAside(file: string, former: string, foreign: Set<PendingPublication>): void {
    const lasting = [...foreign].filter(({ publication }) => isLasting(publication));
    if (lasting.length > 0) {
      const records = lasting.map(({ publication, due }, number) =>
        putRecord(onDisk({ number, publication, due }, this.clock)),
      );
      replaceFile(this.freeName(file, former), records);
    }
    const isKept = new Set(lasting);
    for (const one of foreign) {
      foreign.delete(one);
      one.done(isKept.has(one) ? undefined : notForIt());
    }
    if (sizeOf(file) > 0) renameSync(file, this.freeName(file, former));
    this.look();
    const { log } = this.options;
    for (const { server, count } of this.list)
      if (server === former) log.warn(text('log.queueHeld', { count, server }));
  }

  private freeName(file: string, server: string): string {
    const base = file.replace(/\.log$/, `@${encodeURIComponent(server)}`);
    for (let number = 1; ; number++) {
      const name = number === 1 ? `${base}.log` : `${base}~${number}.log`;
      if (!statSync(name, { throwIfNoEntry: false })) return name;
    }
  }

  private look(): void {
    const { file } = this;
    if (!file) return;
    const prefix = `${basename(file).replace(/\.log$/, '')}@`;
    const found: SetAsideQueue[] = [];
    for (const name of namesIn(dirname(file))) {
      const server = /^([^~]*)(~\d+)?\.log$/.exec(name.slice(prefix.length))?.[1];
      if (!name.startsWith(prefix) || server === undefined) continue;
      const count = messagesIn(join(dirname(file), name)).length;
      if (count > 0) found.push({ name, server: decoded(server), count });
    }
    this.list = found;
  }

  private pathOf(name: string): string | undefined {
    const isKnown = this.list.some((one) => one.name === name);
    return this.file && isKnown ? join(dirname(this.file), name) : undefined;
  }
}

/** Messages in a file, oldest first; damaged ones are left out, and stay in the file. */
function messagesIn(path: string): StoredMessage[] {
  const messages = new Map<number, StoredMessage>();
  for (const line of linesOf(path)) {
    const record = parseRecord(line);
    if (typeof record === 'number') messages.delete(record);
    else if (record) messages.set(record.number, record);
  }
  return [...messages.values()].sort((a, b) => a.number - b.number);
}

/** Somebody may have put a file there by hand. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch {
    return 0;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}

const notForIt = (): LinkError => new LinkError('closed', text('mqtt.anotherServer'));
