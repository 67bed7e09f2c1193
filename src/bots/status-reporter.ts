import type { Clock } from '../base/clock';
import {
  type BotCounts,
  type BotIdentity,
  type BotState,
  type BotStatus,
  STATUS_INTERVAL,
  statusTopic,
} from './bot-status';

/** Shortest time between two statuses of one connection, in milliseconds. */
const PAUSE = 10_000;

/** A retained message at QoS 1. */
export interface StatusMessage {
  topic: string;
  payload: string;
  qos: 1;
  retain: true;
  /** True once a later status, or the loss of the connection, made it pointless. */
  obsolete?: () => boolean;
}

export interface ReporterOptions {
  identity: BotIdentity;
  clock: Clock;
  counts(): BotCounts;
  /** True while something does not work that should: the session of the chat, a subscription. */
  faulty(): boolean;
  publish(message: StatusMessage): void;
}

/** Tells a bot's status: at once on a new connection, on each change then, every 10 s at most and every 5 min at least. */
export class StatusReporter {
  readonly topic: string;
  /** ISO 8601. */
  readonly since: string;
  private stop: (() => void) | undefined;
  /** The last status without its time, and when it was sent, on the steady clock. */
  private last: { said: string; at: number } | undefined;
  private generation = 0;

  constructor(private readonly options: ReporterOptions) {
    this.topic = statusTopic(options.identity.id);
    this.since = iso(options.clock);
  }

  /** Tells the status from now on; called when a connection is made. */
  begin(): void {
    this.end();
    this.last = undefined;
    this.look();
  }

  /** Tells the status with the next look, although it is the same: somebody else has told another one. */
  again(): void {
    this.last = undefined;
  }

  /** Stops telling; called when a connection is lost. */
  end(): void {
    this.generation += 1;
    this.stop?.();
    this.stop = undefined;
  }

  /** Status for the end of the connection. A will is written before anything is counted. */
  lastWords(kind: 'will' | 'close'): StatusMessage {
    const ended = this.status('offline');
    return this.message(kind === 'will' ? ended : { ...ended, ...this.counted() });
  }

  private look(): void {
    const { clock, faulty, publish } = this.options;
    const status = this.status(faulty() ? 'error' : 'online');
    const counted = this.counted();
    const { time: _, ...known } = { ...status, ...counted };
    const said = JSON.stringify(known);
    const now = clock.steady();
    if (said !== this.last?.said || now - this.last.at >= STATUS_INTERVAL * 1_000 - PAUSE / 2) {
      this.last = { said, at: now };
      this.generation += 1;
      const mine = this.generation;
      publish({ ...this.message({ ...status, ...counted }), obsolete: () => this.generation !== mine });
    }
    this.stop = clock.after(PAUSE, () => this.look());
  }

  private status(status: BotState): BotStatus {
    const { id, name, version } = this.options.identity;
    return { id, name, status, since: this.since, interval: STATUS_INTERVAL, version };
  }

  private counted(): BotCounts & { time: string } {
    const { received, sent, errors } = this.options.counts();
    return { time: iso(this.options.clock), received, sent, errors };
  }

  private message(status: BotStatus): StatusMessage {
    return { topic: this.topic, payload: JSON.stringify(status), qos: 1, retain: true };
  }
}

const iso = (clock: Clock): string => new Date(clock.now()).toISOString();
