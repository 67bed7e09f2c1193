import type { AlertMachine } from '../../alert/machine';
import { levelOf } from '../../topics/level';
import type { Publication } from '../../transport/messages';
import type { Done } from '../../transport/outbox/outbox';
import type { Message } from './message-reader';
import type { AlertPayload } from './messages';

/** The connection that alerts are published on. */
export interface AlertPublisher {
  publish(publication: Publication, done: Done): void;
  onConnected(watcher: (connected: boolean) => void): () => void;
}

/** Most keys whose last message is kept until the server has it. */
const MAX_UNSAID = 10_000;

/** The last message of a key, until the server has it. */
interface Unsaid {
  payload: string;
  /** Nobody tries any more: it waited too long, found no room, or was refused. */
  hasFailed: boolean;
}

export interface AlertTopicsOptions {
  /** Id of the node. */
  id: string;
  /** Replaces the key where there is one for all. */
  name: string;
  publisher: AlertPublisher;
  keys: Pick<AlertMachine['keys'], 'map'>;
  /** Alerts that are over. */
  past: Pick<AlertMachine['past'], 'all'>;
  /** Called once, with the reason why an alert could not be published. */
  failed(error: Error): void;
}

/**
 * Publishes alerts as retained topics, `nodered/alerts/<node id>/<key>`: the payload of output 1 without its line. The
 * topic of a key is cleared when the key is forgotten, and when its alert ended without a word.
 */
export class AlertTopics {
  /** Published keys; true while the last payload says that the alert is open. */
  private readonly published = new Map<string, boolean>();
  private readonly unsaid = new Map<string, Unsaid>();
  private readonly stop: () => void;
  private hasFailed = false;

  constructor(private readonly options: AlertTopicsOptions) {
    this.stop = options.publisher.onConnected((connected) => {
      if (connected) this.again();
    });
  }

  close(): void {
    this.stop();
  }

  /** Takes over what earlier runs have published: the server keeps it, and its ends come in this run. */
  resume(): void {
    const { keys, past } = this.options;
    for (const { key } of past.all) this.published.set(key, false);
    for (const { key, active } of keys.map.values()) if (active) this.published.set(key, true);
  }

  /** Publishes what has just left at output 1. */
  tell(messages: readonly Message[]): void {
    for (const { payload, alertId } of messages) {
      // A test stands for no alert.
      if (alertId === undefined) continue;
      const { alerts, ...one } = payload as AlertPayload;
      // Neither the message about several alerts nor the one about the connection is about a key.
      for (const about of alerts ?? [one]) if (about.number > 0) this.publish(about);
    }
  }

  /** Looks for alerts that ended without a message: silenced, or because nobody wants to hear of the end. */
  settle(): void {
    for (const [key, isOpen] of this.published)
      if (isOpen && !this.options.keys.map.get(key)?.episode) this.clear(key);
  }

  forget(key: string): void {
    if (this.published.has(key)) this.clear(key);
  }

  /** The node was deleted. */
  clearAll(): void {
    for (const key of [...this.published.keys()]) this.clear(key);
  }

  private publish({ spark: _spark, again: _again, ...payload }: AlertPayload): void {
    this.published.set(payload.key, payload.state !== 'normal');
    this.send(payload.key, JSON.stringify(payload));
  }

  private clear(key: string): void {
    this.published.delete(key);
    this.send(key, '');
  }

  /** What was lost while the server was away would say for ever that an alert is open. */
  private again(): void {
    for (const [key, { payload, hasFailed }] of [...this.unsaid]) if (hasFailed) this.send(key, payload);
  }

  private send(key: string, payload: string): void {
    const { id, name, publisher, failed } = this.options;
    const topic = `nodered/alerts/${levelOf(id)}/${levelOf(key || name)}`;
    const mine: Unsaid = { payload, hasFailed: false };
    this.unsaid.delete(key);
    if (this.unsaid.size < MAX_UNSAID) this.unsaid.set(key, mine);
    publisher.publish({ topic, payload, qos: 1, retain: true }, (error) => {
      const isLast = this.unsaid.get(key) === mine;
      if (isLast && !error) this.unsaid.delete(key);
      if (isLast && error) mine.hasFailed = true;
      if (!error || this.hasFailed) return;
      this.hasFailed = true;
      failed(error);
    });
  }
}
