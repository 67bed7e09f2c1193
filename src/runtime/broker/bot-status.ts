import { version } from '../../../package.json';
import { text } from '../../base/catalogue';
import type { Clock } from '../../base/clock';
import { textOf } from '../../base/coded-error';
import type { OwnStatus } from '../../bots/bot-list';
import { readStatus, statusTopic } from '../../bots/bot-status';
import { type StatusMessage, StatusReporter } from '../../bots/status-reporter';
import type { Recorder } from '../../recorder/recorder';
import { STATUS_OWNER } from '../../recorder/topic-watcher';
import type { BrokerClient } from '../../transport/connection/broker-client';
import type { ReceivedPublication } from '../../transport/messages';
import type { Done } from '../../transport/outbox/outbox';
import type { Subscription } from '../../transport/subscriptions/subscription-set';
import type { Chat } from '../chat/chat';
import type { BrokerConfig } from '../config/broker-config';
import type { Log, RegisteredNode } from '../node-contract';
import type { SubscriptionFaults } from './subscription-faults';

/** The `Broker`, as far as its status is about it. */
interface BotHost {
  readonly config: BrokerConfig;
  readonly usable: boolean;
  readonly connected: boolean;
  readonly faults: Pick<SubscriptionFaults, 'any'>;
  readonly recorder: Pick<Recorder, 'received' | 'countOf'>;
  readonly openedChat: Pick<Chat, 'counts' | 'isDown'> | undefined;
  readonly client: Pick<BrokerClient, 'capabilities' | 'publish'>;
  register(node: RegisteredNode): void;
  subscribe(subscription: Subscription): void;
  unsubscribe(subscription: Subscription, removed: boolean): void;
  onConnected(watcher: (connected: boolean) => void): () => void;
  connect(): void;
  disconnect(): Promise<void>;
}

interface BotStatusOptions {
  /** Client id of the node if none is typed. */
  clientId: string;
  clock: Clock;
  log: Pick<Log, 'warn'>;
}

/**
 * The status of the bot that a `dinox-broker` is. It is told if the dialog asks for it, or a node needs it. Once told, it
 * is told as long as the connection is used: its topic must not say *online* for ever.
 */
export class BrokerBotStatus {
  private readonly reporter: StatusReporter;
  private readonly stopWatching: () => void;
  private isNeeded = false;
  /** Numbers of the recorder when the bot began. */
  private readonly before: { received: number; own: number };
  private sent = 0;
  private failed = 0;
  private losses = 0;
  private refusalLogged = false;
  private twinLogged = false;
  /** Hears what others say in our name; undefined while nobody needs the status. */
  private listening: Subscription | undefined;
  /** True if the present or next link was made while nobody needed the status: it has no will. */
  private lacksWill = false;
  private isClosed = false;

  constructor(
    private readonly broker: BotHost,
    private readonly options: BotStatusOptions,
  ) {
    const { config, recorder } = broker;
    const id = config.botId || config.question.jid?.local || config.clientId || options.clientId;
    this.reporter = new StatusReporter({
      identity: { id, name: config.botName || id, version },
      clock: options.clock,
      counts: () => this.counts(),
      faulty: () => broker.faults.any || (broker.openedChat?.isDown ?? false),
      publish: (message) => this.publish(message),
    });
    this.before = { received: recorder.received, own: recorder.countOf(statusTopic(id)) };
    this.stopWatching = broker.onConnected((connected) => this.connectionChanged(connected));
    if (config.botStatus && broker.usable) this.need();
  }

  /** Topic of the status, whether or not it is told. */
  get topic(): string {
    return this.reporter.topic;
  }

  /** Topic and beginning of the status; undefined as long as nobody needs it. */
  get told(): OwnStatus | undefined {
    const { topic, since } = this.reporter;
    return this.isNeeded ? { topic, since: Date.parse(since) } : undefined;
  }

  /** Tells the status from now on, although the dialog may not ask for it: somebody relies on its topic. */
  need(): void {
    if (this.isNeeded) return;
    this.isNeeded = true;
    // A bot that only chats has no other node that would open the connection.
    this.broker.register({ id: STATUS_OWNER, status: () => {} });
    if (!this.broker.connected) return;
    this.begin();
    // A server learns of a will only when a connection is made.
    if (this.lacksWill && this.broker.client.capabilities?.will && !this.broker.config.will)
      void this.broker
        .disconnect()
        .catch(() => {})
        .then(() => {
          // A deploy may have ended it meanwhile: its successor has the same client id.
          if (!this.isClosed) this.broker.connect();
        });
  }

  /** The will, and the status before a goodbye. */
  lastWords(kind: 'will' | 'close'): StatusMessage | undefined {
    if (kind === 'will') this.lacksWill = !this.isNeeded;
    return this.isNeeded ? this.reporter.lastWords(kind) : undefined;
  }

  /** Counts what becomes of a publication, if somebody wants to know. */
  counted(done: Done): Done {
    if (!this.isNeeded) return done;
    return (error) => {
      if (error) this.failed += 1;
      else this.sent += 1;
      done(error);
    };
  }

  /** The connection was lost, not ended on purpose. */
  lost(): void {
    this.losses += 1;
  }

  close(): void {
    this.isClosed = true;
    this.stopWatching();
    this.reporter.end();
    this.listen(false);
  }

  private connectionChanged(connected: boolean): void {
    if (!connected || !this.isNeeded) this.reporter.end();
    else this.begin();
  }

  private begin(): void {
    this.reporter.begin();
    this.listen(this.broker.client.capabilities?.will ?? false);
  }

  /** Where there are wills, another one's may say that we are gone: that of our last run, or of a bot with the same id. */
  private listen(on: boolean): void {
    const { broker, listening, topic } = this;
    if (on === (listening !== undefined)) return;
    if (listening) {
      this.listening = undefined;
      broker.unsubscribe(listening, false);
      return;
    }
    this.listening = {
      owner: STATUS_OWNER,
      filter: topic,
      // What is kept there was said before us.
      options: { qos: 1, nl: true, rap: false, rh: 2 },
      passive: true,
      deliver: (message) => this.heard(message),
      refused: () => {},
    };
    broker.subscribe(this.listening);
  }

  private heard({ topic, payload, retain, replayed }: ReceivedPublication): void {
    if (replayed ?? retain) return;
    const said = readStatus(topic, payload);
    // Whatever is none, an empty message too, has taken the place of ours.
    if (!said || said === 'forged') this.reporter.again();
    else if (said.since === this.told?.since) return;
    else if (said.status === 'offline') this.reporter.again();
    else if (!this.twinLogged) {
      this.twinLogged = true;
      this.options.log.warn(text('log.botTwin', { topic }));
    }
  }

  private counts() {
    const { broker, before } = this;
    const chat = broker.openedChat?.counts ?? { received: 0, sent: 0, errors: 0 };
    const own = broker.recorder.countOf(this.topic) - before.own;
    return {
      received: broker.recorder.received - before.received - own + chat.received,
      sent: this.sent + chat.sent,
      errors: this.failed + this.losses + chat.errors,
    };
  }

  private publish(message: StatusMessage): void {
    this.broker.client.publish(message, (error) => {
      if (!error || message.obsolete?.() || this.refusalLogged) return;
      this.refusalLogged = true;
      this.options.log.warn(text('log.botStatus', { topic: this.topic, reason: textOf(error) }));
    });
  }
}
