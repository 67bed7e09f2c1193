import { randomBytes } from 'node:crypto';
import type { NodeStatus } from 'node-red';
import { inEnglish, text } from '../../base/catalogue';
import type { Text } from '../../base/text';
import type { Translate } from '../../base/translate';
import type { Notice, Plan } from '../../discovery/types';
import { HomeNames } from '../../homeassistant/names';
import { PubsubExplorer } from '../../recorder/pubsub-explorer';
import type { Recorder } from '../../recorder/recorder';
import { isForNames, TopicWatcher } from '../../recorder/topic-watcher';
import { BrokerClient } from '../../transport/connection/broker-client';
import type { ClientSettings, ClientState, ClientTools } from '../../transport/connection/client-types';
import { LinkError } from '../../transport/errors';
import type { Publication } from '../../transport/messages';
import type { Journal, StoredMessage } from '../../transport/outbox/journal';
import { inMemory } from '../../transport/outbox/message-expiry';
import type { Done } from '../../transport/outbox/outbox';
import type { Subscription } from '../../transport/subscriptions/subscription-set';
import { Chat } from '../chat/chat';
import {
  type BrokerConfig,
  brokerConfig,
  type RawBroker,
  type RawCredentials,
} from '../config/broker-config';
import { credentialsOf, overridesOf } from '../config/msg-broker-overrides';
import { ConnectionLossLog } from '../connection-loss-log';
import type { DeployWatcher } from '../handover/deploy-watcher';
import type { ChatHandover, HandoverStore, PendingInbound } from '../handover/handover-store';
import { UnackedHandover } from '../handover/unacked-handover';
import type { Log, User } from '../node-contract';
import { statusOf } from './connection-status';
import { queueJournal } from './queue-journal';
import { SetAsideQueues, serverOf } from './set-aside-queues';
import type { SubscriptionFaults } from './subscription-faults';

export interface BrokerOptions {
  id: string;
  raw: RawBroker;
  credentials: RawCredentials;
  /** Client id of the node, if none is typed. */
  clientId: string;
  tls: ClientSettings['tls'];
  /** Shortest wait before a new try, in milliseconds (Node-RED's `mqttReconnectTime`). */
  reconnectMin: number | undefined;
  tools: Omit<ClientTools, 'openJournal'>;
  /** Where waiting messages lie on disk; undefined where there is no user directory. */
  queueFile: string | undefined;
  /** Where it is kept which chat messages stand for which alert; undefined where there is no user directory. */
  sentFile?: string | undefined;
  handovers: HandoverStore;
  inboundHandovers: HandoverStore<PendingInbound>;
  chatHandover: ChatHandover;
  /** What is wrong with the subscriptions of nodes; shared, so that it outlives a deploy. */
  faults: SubscriptionFaults;
  deploys: DeployWatcher;
  /** Sees what comes. */
  recorder: Recorder;
  log: Log;
  translate: Translate;
  /** Told when `connected` changes. */
  changed(connected: boolean): void;
}

/** Behind every `dinox-broker`: the connection that its nodes share, and their statuses. */
export class Broker {
  config: BrokerConfig;
  readonly client: BrokerClient;
  readonly recorder: Recorder;
  readonly watcher: TopicWatcher;
  readonly setAsideQueues: SetAsideQueues;
  /** What Home Assistant calls the topics. */
  readonly names: HomeNames;
  /** Why the connection was lost, or did not come about. */
  readonly losses = new ConnectionLossLog();
  /** Messages that flows and people published since the deploy. */
  published = 0;
  /** Unacknowledged messages of nodes that a deploy ends. */
  readonly unackedHandover: UnackedHandover;
  private readonly users = new Map<string, User>();
  private readonly shown = new Map<string, string>();
  private readonly watchers = new Set<(connected: boolean) => void>();
  private overrides: RawBroker = {};
  private state: ClientState;
  private loggedReason = '';
  private queuedShown = 0;
  private droppedShown = 0;
  private received = 0;
  /** The chat, where somebody has asked for it. */
  chatMade: Chat | undefined;
  /** What was found last: where the broker is, and what it calls itself. */
  found: Plan | undefined;
  private readonly idPrefix = randomBytes(4).toString('hex');
  private readonly stopListening: () => void;

  constructor(private readonly options: BrokerOptions) {
    this.config = brokerConfig(options.raw, options.credentials);
    this.setAsideQueues = new SetAsideQueues(options);
    const server = serverOf(this.config.question);
    const inherited = this.setAsideQueues.settle(server, options.handovers.take(options.id));
    const queueFile = this.setAsideQueues.isStuck ? undefined : options.queueFile;
    const openJournal = queueFile
      ? (live: () => Iterable<StoredMessage>) => {
          const journal = queueJournal(queueFile, options.tools.clock, options.log, live);
          // The predecessor could not write: what waited then is in these, and the file is behind.
          if (inherited.length > 0) journal.supersede();
          return journal;
        }
      : undefined;
    const keeps = this.config.queuePersist && openJournal !== undefined;
    this.client = new BrokerClient(
      this.settings(),
      { ...options.tools, openJournal: keeps ? openJournal : undefined },
      {
        state: (state) => this.stateChanged(state),
        queued: (count, dropped) => this.queueChanged(count, dropped),
        notice: (notice) => this.notice(notice),
        plan: (plan) => this.logPlan(plan),
      },
    );
    this.state = this.client.state;
    this.client.take(inherited, options.inboundHandovers.take(options.id)[0]?.handover);
    this.unackedHandover = new UnackedHandover(this.client.subscriptions);
    this.stopListening = options.deploys.listen((underWay) => this.deploying(underWay));
    if (!keeps && openJournal) this.adoptFile(openJournal(() => []));
    this.reportProblems();
    this.recorder = options.recorder;
    const { clock } = options.tools;
    this.names = new HomeNames(clock.now());
    this.client.subscriptions.tap = (message, replay, filters) => {
      if (this.names.take(message.topic, message.payload) && isForNames(filters)) return;
      this.recorder.take(message, replay);
    };
    this.watcher = new TopicWatcher(
      this,
      clock,
      this.usable ? this.config.watch : [],
      (text) => options.log.warn(text),
      new PubsubExplorer(this, clock),
    );
  }

  /** True if the server accepts wildcards; undefined without a connection. */
  get wildcards(): boolean | undefined {
    return this.client.capabilities?.wildcards;
  }

  /** How the connection is. */
  get present(): ClientState {
    return this.state;
  }

  get connected(): boolean {
    return this.client.connected;
  }

  /** Told when `connected` changes; the result ends it. */
  onConnected(watcher: (connected: boolean) => void): () => void {
    this.watchers.add(watcher);
    return () => {
      this.watchers.delete(watcher);
    };
  }

  /** False where the configuration cannot work; then nothing is ever sent. */
  get usable(): boolean {
    return this.config.problems.length === 0 && !this.config.unconfigured;
  }

  /** The XMPP session of the account, and what belongs to it; made when first asked for. */
  get chat(): Chat {
    this.chatMade ??= new Chat({ ...this.options, config: this.config });
    return this.chatMade;
  }

  /** For `_msgid`: 16 hexadecimal digits, as Node-RED's own. */
  messageId(): string {
    this.received = (this.received + 1) >>> 0;
    return this.idPrefix + this.received.toString(16).padStart(8, '0');
  }

  /** A node begins to use the connection; the first one opens it. */
  register(user: User): void {
    this.users.set(user.id, user);
    this.show(user);
    if (this.config.autoConnect && this.client.idle && this.state.phase === 'idle') {
      // After this turn, so that all nodes of a deploy have said what they want.
      setImmediate(() => this.users.size > 0 && this.connect());
    }
  }

  /** A node is closed; the last one that was removed from the flow closes the connection. */
  async deregister(user: User, removed: boolean): Promise<void> {
    this.users.delete(user.id);
    this.shown.delete(user.id);
    if (removed && this.users.size === 0) await this.client.disconnect();
  }

  /** `then` is called once: when the connection is there, or with the reason why nobody tries any more. */
  connect(then?: (error?: Error) => void): void {
    if (this.usable) this.client.connect(then);
    else then?.(new LinkError('config', this.whyUnusable(), true));
  }

  disconnect(): Promise<void> {
    return this.client.disconnect();
  }

  /**
   * Reads core's dynamic settings (`msg.broker`). Throws where they cannot work; else the result makes them count
   * from the next connect on.
   */
  override(settings: RawBroker): () => void {
    const overrides = { ...this.overrides, ...overridesOf(settings) };
    const credentials = { ...this.options.credentials, ...credentialsOf(settings, this.options.raw) };
    const config = brokerConfig({ ...this.options.raw, ...overrides }, credentials);
    const [problem] = config.problems;
    if (problem)
      throw new LinkError(
        'config',
        text('config.msgBroker', { field: problem.field, text: problem.text }),
        true,
      );
    return () => {
      this.overrides = overrides;
      this.config = config;
      this.client.configure(this.settings());
    };
  }

  publish(publication: Publication, done: Done): void {
    this.published += 1;
    if (this.usable) this.client.publish(publication, done);
    else done(new LinkError('config', this.whyUnusable(), true));
  }

  subscribe(subscription: Subscription): void {
    this.client.subscriptions.add(subscription);
  }

  unsubscribe(subscription: Subscription, keep: boolean): void {
    this.client.subscriptions.remove(subscription, keep);
  }

  filtersBeside(owner: string): ReadonlySet<string> {
    return this.client.subscriptions.filtersBeside(owner);
  }

  /** Closes. What still waits goes to the successor that a deploy makes, stays on disk, or gets the reason. */
  async close(removed: boolean): Promise<void> {
    const reason = new LinkError('closed', text('mqtt.brokerClosed'));
    await this.chatMade?.close(removed);
    this.watcher.close();
    this.stopListening();
    this.logDropped();
    if (removed) {
      await this.client.end(reason);
      return;
    }
    const { id, handovers, inboundHandovers } = this.options;
    const server = serverOf(this.config.question) || undefined;
    const left = await this.client.handOver(reason);
    handovers.release(id, server ? left.map((one) => ({ ...one, server })) : left, reason);
    const handover = this.client.linkHandover;
    if (handover) inboundHandovers.release(id, [{ handover, done: () => {} }], reason);
  }

  private deploying(underWay: boolean): void {
    // Before what came meanwhile: it is older.
    if (!underWay) {
      this.unackedHandover.settle();
      this.faults.forgetMissing();
    }
    this.client.gate(underWay);
  }

  /** What is wrong with the subscriptions of nodes. */
  get faults(): SubscriptionFaults {
    return this.options.faults;
  }

  /**
   * Shows the present state under a node, unless the same stands there already. While there is a connection, a fault of
   * its subscriptions is the state.
   */
  show(user: User): void {
    const fault = this.state.phase === 'connected' ? this.faults.of(user.id) : undefined;
    const status: NodeStatus = fault ? { fill: 'red', shape: 'ring', text: fault.status } : this.status();
    const key = JSON.stringify(status);
    if (this.shown.get(user.id) === key) return;
    this.shown.set(user.id, key);
    user.status(status);
  }

  private status(): NodeStatus {
    const { translate } = this.options;
    if (this.config.unconfigured)
      return { fill: 'grey', shape: 'ring', text: translate('status.unconfigured') };
    const [problem] = this.config.problems;
    if (problem)
      return { fill: 'red', shape: 'dot', text: translate('status.problem', { field: problem.field }) };
    return statusOf(this.state, this.client.queued, this.client.dropped, translate);
  }

  private showAll(): void {
    for (const user of this.users.values()) this.show(user);
  }

  private stateChanged(state: ClientState): void {
    const was = this.state;
    // While it tries again, people are to see why it had to.
    const reason =
      state.phase === 'connecting' || state.phase === 'finding' ? (state.reason ?? was.reason) : state.reason;
    this.state = reason ? { ...state, reason } : state;
    if (state.phase === 'connected' && was.phase !== 'connected') {
      this.loggedReason = '';
      this.changed(true);
      this.logDropped();
      this.options.log.info(
        this.options.translate('log.connected', {
          where: state.where ?? '',
          client: this.client.configuration.clientId,
        }),
      );
    } else if (was.phase === 'connected' && state.phase !== 'connected') this.changed(false);
    if (state.reason)
      this.losses.add(this.options.tools.clock.now(), state.reason, was.phase === 'connected');
    this.logReason(state);
    this.showAll();
  }

  private changed(connected: boolean): void {
    this.options.changed(connected);
    for (const watcher of this.watchers) watcher(connected);
  }

  private logReason({ phase, reason }: ClientState): void {
    if (!reason || reason.message === this.loggedReason) return;
    this.loggedReason = reason.message;
    const hint =
      reason.code === 'tls' && this.config.askedUnverified
        ? ' This node says verifyservercert: false, which does not switch verification off here; a TLS configuration (tls-config) can.'
        : '';
    if (phase === 'stopped') this.options.log.error(reason.message + hint);
    else this.options.log.warn(reason.message + hint);
  }

  private queueChanged(count: number, dropped: number): void {
    // At most four times a second would still be too much for 1,000 nodes: only when it matters to people.
    const step = count === 0 ? 0 : 10 ** Math.floor(Math.log10(count));
    // Right to one figure: nothing else says how many, as long as the connection is away.
    const figure = 10 ** Math.floor(Math.log10(dropped || 1));
    const droppedStep = dropped - (dropped % figure);
    if (step === this.queuedShown && droppedStep === this.droppedShown) return;
    this.queuedShown = step;
    this.droppedShown = droppedStep;
    this.showAll();
  }

  /** What was not to wait for the connection (`dropOffline`) is told once for each time that it was away. */
  private logDropped(): void {
    const count = this.client.takeDropped();
    this.droppedShown = 0;
    if (count > 0) this.options.log.warn(this.options.translate('log.dropped', { count }));
  }

  private notice(notice: Notice): void {
    const said = inEnglish(notice.text);
    if (notice.level === 'warning') this.options.log.warn(said);
    else this.options.log.info(said);
  }

  private logPlan(plan: Plan): void {
    this.found = plan;
    for (const { asked, answer, follows, ms } of plan.steps) {
      const [question, came, next] = [asked, answer, follows].map(inEnglish);
      this.options.log.info(`${question}: ${came} → ${next} (${Math.round(ms)} ms)`);
    }
  }

  private reportProblems(): void {
    for (const { field, text: why } of this.config.problems)
      this.options.log.error(`${field} ${inEnglish(why)}`);
  }

  private whyUnusable(): Text {
    const [problem] = this.config.problems;
    return problem
      ? text('config.cannotConnect', { field: problem.field, text: problem.text })
      : text('config.unconfigured');
  }

  /** Persistence was switched off: what lies on disk is sent all the same, and the file goes. */
  private adoptFile(journal: Journal): void {
    const { leftBehind: done } = this.client;
    this.client.take(
      journal.load().map((message) => ({ ...inMemory(message, this.options.tools.clock), done })),
    );
    journal.discard();
  }

  private settings(): ClientSettings {
    const { config, options } = this;
    return {
      ...config,
      clientId: config.clientId || options.clientId,
      tls: options.tls,
      reconnectMin: options.reconnectMin,
    };
  }
}
