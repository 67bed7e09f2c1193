import { randomBytes } from 'node:crypto';
import type { NodeStatus } from 'node-red';
import { sentences, text } from '../../base/catalogue';
import type { Plan } from '../../discovery/types';
import type { HomeNames } from '../../homeassistant/names';
import type { BotListener } from '../../recorder/bot-listener';
import type { Recorder } from '../../recorder/recorder';
import type { TopicWatcher } from '../../recorder/topic-watcher';
import { BrokerClient } from '../../transport/connection/broker-client';
import type { ClientSettings, ClientState } from '../../transport/connection/client-types';
import { LinkError } from '../../transport/errors';
import type { Publication } from '../../transport/messages';
import type { StoredMessage } from '../../transport/outbox/journal';
import type { Done } from '../../transport/outbox/outbox';
import type { Subscription } from '../../transport/subscriptions/subscription-set';
import { Chat } from '../chat/chat';
import { type BrokerConfig, brokerConfig, type RawBroker, whyUnusable } from '../config/broker-config';
import { credentialsOf, overridesOf } from '../config/msg-broker-overrides';
import { ConnectionLog } from '../connection-log';
import type { LoggedLoss } from '../connection-loss-log';
import { UnackedHandover } from '../handover/unacked-handover';
import type { Announcer } from '../homeassistant/announcer';
import { announcedEarlier, announcerFor } from '../homeassistant/announcer-for';
import { HomeAssistant } from '../homeassistant/home-assistant';
import type { RegisteredNode } from '../node-contract';
import { NodeStatuses } from '../node-statuses';
import { accountSession } from './account-session';
import { BrokerBotStatus } from './bot-status';
import type { BrokerOptions } from './broker-options';
import { connectionStatus } from './connection-status';
import { keptPresets } from './presets-file';
import { adoptFile, queueJournal } from './queue-journal';
import { Recording } from './recording';
import { SetAsideQueues, serverOf } from './set-aside-queues';
import type { SubscriptionFaults } from './subscription-faults';

/** The connection that the nodes of a `dinox-broker` share, and their statuses. */
export class Broker {
  readonly client: BrokerClient;
  readonly setAsideQueues: SetAsideQueues;
  /** Publications that people saved by name. */
  readonly presets: ReturnType<typeof keptPresets>;
  /** The status that this bot tells everybody. */
  readonly botStatus: BrokerBotStatus;
  /** Unacknowledged messages of nodes that a deploy ends. */
  readonly unackedHandover: UnackedHandover;
  private readonly recording: Recording;
  private readonly statuses = new NodeStatuses((node) => this.statusFor(node));
  private readonly connectionLog: ConnectionLog;
  private currentConfig: BrokerConfig;
  private publishedCount = 0;
  private plan: Plan | undefined;
  private madeChat: Chat | undefined;
  private madeHomeAssistant: HomeAssistant | undefined;
  private madeAnnouncer: Announcer | undefined;
  private readonly watchers = new Set<(connected: boolean) => void>();
  private overrides: RawBroker = {};
  private state: ClientState;
  private received = 0;
  private readonly idPrefix = randomBytes(4).toString('hex');
  private readonly stopListening: () => void;

  constructor(private readonly options: BrokerOptions) {
    this.currentConfig = brokerConfig(options.raw, options.credentials);
    this.connectionLog = new ConnectionLog(options.log);
    this.setAsideQueues = new SetAsideQueues(options);
    const server = serverOf(this.config.question);
    const inherited = this.setAsideQueues.settle(server, options.handovers.take(options.id));
    const queueFile = this.setAsideQueues.isStuck ? undefined : options.queueFile;
    const openJournal = queueFile
      ? (live: () => Iterable<StoredMessage>) => {
          const journal = queueJournal(queueFile, options.tools.clock, options.log, live);
          // The predecessor could not write: its waiting messages are in `inherited`, and the file is out of date.
          if (inherited.length > 0) journal.supersede();
          return journal;
        }
      : undefined;
    const keeps = this.config.queuePersist && openJournal !== undefined;
    this.client = new BrokerClient(
      this.settings(),
      {
        ...options.tools,
        openJournal: keeps ? openJournal : undefined,
        session: accountSession(this),
        itemOwner: options.clientId.replace(/^dinox-/, ''),
        lastWords: (kind) => this.botStatus.lastWords(kind),
      },
      {
        state: (state) => this.stateChanged(state),
        queued: (count, dropped) => this.statuses.countsChanged(count, dropped),
        notice: ({ level, text: said }) => options.log[level === 'warning' ? 'warn' : 'info'](said),
        plan: (plan) => this.logPlan(plan),
      },
    );
    this.state = this.client.state;
    this.client.take(inherited, options.inboundHandovers.take(options.id)[0]?.handover);
    this.unackedHandover = new UnackedHandover(this.client.subscriptions);
    this.stopListening = options.deploys.listen((underWay) => this.deploying(underWay));
    if (!keeps && openJournal)
      adoptFile(
        openJournal(() => []),
        this.client,
        options.tools.clock,
      );
    for (const { field, text: why } of this.config.problems)
      options.log.error(text('config.problem', { field, text: why }));
    this.presets = keptPresets(options);
    this.recording = new Recording(
      this,
      this.client.subscriptions,
      options.recorder,
      this.usable ? [...new Set([...this.config.watch, ...(options.watch ?? [])])] : [],
      options.tools.clock,
      (said) => options.log.warn(said),
      this.config.discoveryPrefix,
      options.translate,
    );
    this.botStatus = new BrokerBotStatus(this, {
      clientId: options.clientId,
      clock: options.tools.clock,
      log: options.log,
    });
    // Perhaps nobody shows anything any more: then it has to go there, too.
    if (this.usable && announcedEarlier(options.shown)) this.madeAnnouncer = announcerFor(this, options);
  }

  get config(): BrokerConfig {
    return this.currentConfig;
  }

  get recorder(): Recorder {
    return this.recording.recorder;
  }

  get watcher(): TopicWatcher {
    return this.recording.watcher;
  }

  /** The bots that this connection hears of. */
  get bots(): BotListener {
    return this.recording.bots;
  }

  /** Home Assistant's names for the topics. */
  get names(): HomeNames {
    return this.recording.names;
  }

  /** Reasons for lost connections and failed tries, newest first. */
  get losses(): readonly LoggedLoss[] {
    return this.connectionLog.losses;
  }

  /** Messages that flows and people published since the deploy. */
  get published(): number {
    return this.publishedCount;
  }

  /** The last result of the search: the broker's address, and its name for itself. */
  get found(): Plan | undefined {
    return this.plan;
  }

  /** The chat; undefined until somebody asks for it. */
  get openedChat(): Chat | undefined {
    return this.madeChat;
  }

  /** True if the server accepts wildcards; undefined without a connection. */
  get wildcards(): boolean | undefined {
    return this.client.capabilities?.wildcards;
  }

  /** State of the connection. */
  get present(): ClientState {
    return this.state;
  }

  get connected(): boolean {
    return this.client.connected;
  }

  /** Calls `watcher` when `connected` changes; the result ends that. */
  onConnected(watcher: (connected: boolean) => void): () => void {
    this.watchers.add(watcher);
    return () => {
      this.watchers.delete(watcher);
    };
  }

  /** False if the configuration cannot work; then nothing is ever sent. */
  get usable(): boolean {
    return this.config.problems.length === 0 && !this.config.unconfigured;
  }

  /** The account's XMPP session with all that belongs to it; made on first use. */
  get chat(): Chat {
    this.madeChat ??= new Chat({ ...this.options, config: this.config });
    return this.madeChat;
  }

  /** The entities that devices announce for Home Assistant; nothing is subscribed before somebody asks for them. */
  get homeAssistant(): HomeAssistant {
    this.madeHomeAssistant ??= new HomeAssistant(this, this.options.tools.clock, this.config.discoveryPrefix);
    return this.madeHomeAssistant;
  }

  /** What its nodes show in Home Assistant. */
  get announcer(): Announcer {
    this.madeAnnouncer ??= announcerFor(this, this.options);
    return this.madeAnnouncer;
  }

  /** A new `_msgid`: 16 hexadecimal digits, as Node-RED's own. */
  messageId(): string {
    this.received = (this.received + 1) >>> 0;
    return this.idPrefix + this.received.toString(16).padStart(8, '0');
  }

  /** Adds a node that uses the connection; the first one opens it. */
  register(node: RegisteredNode): void {
    this.statuses.add(node);
    if (this.config.autoConnect && this.client.idle && this.state.phase === 'idle') {
      // After this turn, so that all nodes of a deploy have said what they want.
      setImmediate(() => this.statuses.size > 0 && this.connect());
    }
  }

  /** Removes a closed node; the last one that was removed from the flow closes the connection. */
  async deregister(node: RegisteredNode, removed: boolean): Promise<void> {
    this.statuses.remove(node);
    if (removed && this.statuses.size === 0) await this.client.disconnect();
  }

  /** Connects. `then` is called once: when connected, or with the reason why nobody tries any more. */
  connect(then?: (error?: Error) => void): void {
    if (this.usable) this.client.connect(then);
    else then?.(new LinkError('config', whyUnusable(this.config), true));
  }

  disconnect(): Promise<void> {
    return this.client.disconnect();
  }

  /**
   * Reads core's dynamic settings (`msg.broker`). The result makes them count from the next connect on.
   * @throws Error if they cannot work
   */
  override(settings: RawBroker): () => void {
    const overrides = { ...this.overrides, ...overridesOf(settings) };
    const credentials = { ...this.options.credentials, ...credentialsOf(settings, this.options.raw) };
    const config = brokerConfig({ ...this.options.raw, ...overrides }, credentials);
    const [problem] = config.problems;
    if (problem) throw new LinkError('config', text('config.msgBroker', { ...problem }), true);
    return () => {
      this.overrides = overrides;
      this.currentConfig = config;
      this.client.configure(this.settings());
    };
  }

  publish(publication: Publication, done: Done): void {
    this.publishedCount += 1;
    if (this.usable) this.client.publish(publication, this.botStatus.counted(done));
    else done(new LinkError('config', whyUnusable(this.config), true));
  }

  subscribe(subscription: Subscription): void {
    this.client.subscriptions.add(subscription);
  }

  unsubscribe(subscription: Subscription, keep: boolean): void {
    this.client.subscriptions.remove(subscription, keep);
  }

  /** Closes. Waiting messages go to the successor that a deploy makes, stay on disk, or get the reason. */
  async close(removed: boolean): Promise<void> {
    const reason = new LinkError('closed', text('mqtt.brokerClosed'));
    this.botStatus.close();
    // Over PubSub the session carries the messages that are still under way.
    const { usesSession } = this.client;
    if (!usesSession) await this.madeChat?.close(removed);
    this.recording.close();
    await this.presets.close(removed && !this.options.isDisabled?.());
    await this.madeAnnouncer?.close(removed);
    this.madeHomeAssistant?.close();
    this.stopListening();
    this.logDropped();
    if (removed) await this.client.end(reason);
    else await this.leave(reason);
    if (usesSession) await this.madeChat?.close(removed);
  }

  /** Leaves what waits to the successor that a deploy makes. */
  private async leave(reason: Error): Promise<void> {
    const { id, handovers, inboundHandovers } = this.options;
    const server = serverOf(this.config.question) || undefined;
    const left = await this.client.handOver(reason);
    handovers.release(id, server ? left.map((one) => ({ ...one, server })) : left, reason);
    const handover = this.client.linkHandover;
    if (handover) inboundHandovers.release(id, [{ handover, done: () => {} }], reason);
  }

  private deploying(underWay: boolean): void {
    // These go before messages that came meanwhile: they are older.
    if (!underWay) {
      this.madeChat?.deployed();
      this.unackedHandover.settle();
      this.faults.forgetMissing();
    }
    this.client.gate(underWay);
  }

  /** Faults of the nodes' subscriptions. */
  get faults(): SubscriptionFaults {
    return this.options.faults;
  }

  /** Shows the present state under a node if it has changed. */
  show(node: RegisteredNode): void {
    this.statuses.show(node);
  }

  /** While there is a connection, a fault of a node's subscriptions is its status. */
  private statusFor({ id }: RegisteredNode): NodeStatus {
    const fault = this.state.phase === 'connected' ? this.faults.of(id) : undefined;
    return fault ? { fill: 'red', shape: 'ring', text: fault.status } : this.status();
  }

  private status(): NodeStatus {
    const { translate } = this.options;
    if (this.config.unconfigured)
      return { fill: 'grey', shape: 'ring', text: translate('status.unconfigured') };
    const [problem] = this.config.problems;
    if (problem)
      return { fill: 'red', shape: 'dot', text: translate('status.problem', { field: problem.field }) };
    return connectionStatus(this.state, this.client.queued, this.client.dropped, translate);
  }

  private stateChanged(state: ClientState): void {
    const was = this.state;
    // People see the reason for the loss while it tries again.
    const reason =
      state.phase === 'connecting' || state.phase === 'finding' ? (state.reason ?? was.reason) : state.reason;
    this.state = reason ? { ...state, reason } : state;
    if (state.phase === 'connected' && was.phase !== 'connected') {
      this.changed(true);
      this.logDropped();
      this.connectionLog.connected(
        text('log.connected', {
          where: state.where ?? '',
          client: this.client.configuration.clientId,
        }),
      );
    } else if (was.phase === 'connected' && state.phase !== 'connected') {
      if (state.reason) this.botStatus.lost();
      this.changed(false);
    }
    if (state.reason)
      this.connectionLog.lost(this.options.tools.clock.now(), state.reason, was.phase === 'connected');
    this.logReason(state);
    this.statuses.showAll();
  }

  private changed(connected: boolean): void {
    this.options.changed(connected);
    for (const watcher of this.watchers) watcher(connected);
  }

  private logReason({ phase, reason }: ClientState): void {
    if (!reason) return;
    const isUnverified = reason.code === 'tls' && this.config.askedUnverified;
    const said = isUnverified ? sentences(reason.text, text('log.unverified')) : reason.text;
    this.connectionLog.notConnected(reason.text, phase === 'stopped', said);
  }

  /** Logs the messages that did not wait (`dropOffline`), once for each outage. */
  private logDropped(): void {
    const count = this.client.takeDropped();
    this.statuses.dropsLogged();
    if (count > 0) this.options.log.warn(text('log.dropped', { count }));
  }

  private logPlan(plan: Plan): void {
    this.plan = plan;
    for (const { asked, answer, follows, ms } of plan.steps)
      this.options.log.info(text('log.step', { asked, answer, follows, ms: Math.round(ms) }));
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
