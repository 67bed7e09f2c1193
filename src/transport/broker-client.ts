import type { IConnackPacket } from 'mqtt';
import { profileOf, type ServerProfile } from '../servers/profiles';
import { verifies } from '../servers/tls';
import type { MqttVersion, Notice, Plan } from '../servers/types';
import { Backoff } from '../time/backoff';
import { announce } from './announce';
import { type ConnectionCapabilities, capabilitiesOf } from './capabilities';
import type { ClientListener, ClientSettings, ClientState, ClientTools } from './client-types';
import { noticesOf } from './connection-notices';
import { LinkError, SubackError } from './errors';
import type { Journal } from './journal';
import { leftBehind } from './left-behind';
import { linkOptions, type MqttPlan } from './link-options';
import { LoopWatch } from './loop-watch';
import type { Hold, Publication } from './messages';
import { showEndpoint } from './mqtt/client';
import { MqttLink } from './mqtt/link';
import { type Done, type Heirloom, Outbox } from './outbox';
import { type PrepareContext, prepare } from './prepare';
import { SubscriptionSet } from './subscriptions';
import { VersionChoice } from './versions';

/**
 * MQTT 3.1.1 has no word for how many messages at QoS 2 a server takes at once. Mosquitto closes the connection without
 * a word where there are more than its `max_inflight_messages` (20), one at QoS 1 that comes beside them included.
 */
const QOS2_UNDER_WAY = 15;

/** Losses in a row without a connection after which a found way is looked for anew. */
const TRIES_BEFORE_SEARCH = 2;

/** What a failed search shares with a failed connection; everything else that is fatal is for a person to change. */
const SEARCH_CODES = ['login', 'unencrypted', 'tls', 'refused', 'timeout', 'network'] as const;

const hasMqtt = (plan: Plan): plan is MqttPlan => plan.mqtt !== undefined;

interface Open {
  link: MqttLink;
  profile: ServerProfile;
  version: MqttVersion;
  plan: MqttPlan;
  /** Set between CONNACK and the loss. */
  capabilities?: ConnectionCapabilities;
  /** How messages are made ready for this connection. */
  context?: PrepareContext;
}

/**
 * The one MQTT connection behind a `dinox-broker`: finds the broker, connects, comes back after a loss, keeps
 * subscriptions and the outbox in step with it. Knows no Node-RED.
 */
export class BrokerClient {
  readonly subscriptions: SubscriptionSet;
  private readonly outbox: Outbox;
  private readonly loopWatch: LoopWatch;
  private readonly journal: Journal | undefined;
  private readonly backoff: Backoff;
  private readonly said = new Set<string>();
  private settings: ClientSettings;
  private current: ClientState = { phase: 'idle' };
  private open: Open | undefined;
  /** Rises with every connect and disconnect; what began under an older one no longer counts. */
  private generation = 0;
  private cancel: (() => void) | undefined;
  private failures = 0;
  /** Messages that came. */
  private received = 0;
  private versions: VersionChoice;
  /** While `disconnect` is under way. */
  private leaving: Promise<void> | undefined;
  private whenConnected: ((error?: Error) => void)[] = [];
  /** `done` of what an earlier process left in the queue. */
  readonly leftBehind: Done;

  constructor(
    settings: ClientSettings,
    private readonly tools: ClientTools,
    private readonly listener: ClientListener,
  ) {
    this.settings = settings;
    this.versions = new VersionChoice(settings.question.protocolVersion);
    this.backoff = new Backoff({ min: settings.reconnectMin ?? 1_000, random: tools.random });
    this.leftBehind = leftBehind((notice) => listener.notice(notice));
    this.journal = tools.openJournal?.(() => this.outbox.pending());
    this.outbox = new Outbox(
      settings.limits,
      tools.clock,
      () => listener.queued(this.outbox.size),
      this.journal,
    );
    if (this.journal) this.outbox.restore(this.journal.load(), this.leftBehind);
    this.loopWatch = new LoopWatch(
      tools.clock,
      (behind) => this.congested(behind),
      () => this.received,
    );
    this.subscriptions = new SubscriptionSet(tools.clock, tools.random);
  }

  get state(): ClientState {
    return this.current;
  }

  get connected(): boolean {
    return this.current.phase === 'connected';
  }

  /** Neither connected nor about to be. */
  get idle(): boolean {
    return this.current.phase === 'idle' || this.current.phase === 'stopped';
  }

  /** Messages that wait for the connection. */
  get queued(): number {
    return this.outbox.size;
  }

  /** The MQTT version of the present connection, else the one that was asked for. */
  get version(): MqttVersion | undefined {
    if (this.open?.capabilities) return this.open.version;
    const { protocolVersion } = this.settings.question;
    return protocolVersion === 'auto' ? undefined : protocolVersion;
  }

  /** What this connection can do; undefined while there is none. */
  get capabilities(): ConnectionCapabilities | undefined {
    return this.open?.capabilities;
  }

  /** The kind of server, for people; undefined while there is no connection. */
  get server(): string | undefined {
    return this.open?.profile.label;
  }

  /** Takes other settings; they count from the next connect on. */
  configure(settings: ClientSettings): void {
    this.settings = settings;
    this.said.clear();
    this.versions = new VersionChoice(settings.question.protocolVersion);
  }

  get configuration(): ClientSettings {
    return this.settings;
  }

  /** Connects unless it is connected or under way; `then` is called once it is there, or with the reason why it was given up. */
  connect(then?: (error?: Error) => void): void {
    if (this.connected && !this.leaving) {
      then?.();
      return;
    }
    if (this.leaving) {
      // The close message is on its way: first away, then back.
      void this.leaving.then(() => this.connect(then));
      return;
    }
    if (then) this.whenConnected.push(then);
    if (!this.idle) return;
    this.failures = 0;
    this.backoff.reset();
    this.generation += 1;
    this.find(false);
  }

  /** Sends the close message, says goodbye and stays away until `connect`. What waits goes on waiting. */
  disconnect(): Promise<void> {
    this.leaving ??= this.leave().finally(() => {
      this.leaving = undefined;
    });
    return this.leaving;
  }

  private async leave(): Promise<void> {
    this.generation += 1;
    this.cancel?.();
    this.cancel = undefined;
    this.tellWaiting(new LinkError('closed', 'Disconnected before the connection was there.'));
    const { open } = this;
    const { close } = this.settings;
    this.loopWatch.stop();
    this.subscriptions.flush();
    if (open?.capabilities) await this.confirmations();
    if (open?.capabilities && open.context && close)
      await announce(open.link, open.context, close, 'close', this.tools.clock);
    this.open = undefined;
    this.outbox.detach(true);
    this.subscriptions.disconnected();
    this.change({ phase: 'idle' });
    await open?.link.end();
  }

  /** Ends for good: every message that still waits gets `reason`, and is not kept. */
  async end(reason: Error): Promise<void> {
    await this.disconnect();
    this.outbox.close(reason);
    this.journal?.discard();
  }

  /**
   * Ends in favour of a successor: what still waits lies on disk (its `done` is called, it is not lost), or is given
   * away to be adopted.
   */
  async handOver(reason: Error): Promise<Heirloom[]> {
    await this.disconnect();
    // Before the outbox is emptied: it may have to write all that waits.
    this.journal?.close();
    const rest = this.outbox.giveAway(reason);
    if (!this.journal) return rest;
    if (this.journal.works) for (const { done } of rest) done();
    return this.journal.works ? [] : rest;
  }

  /** Takes over what a predecessor gave away. */
  adopt(heirlooms: readonly Heirloom[]): void {
    this.outbox.adopt(heirlooms);
  }

  /** While a message is being delivered: see {@link MqttLink.hold}. */
  hold(lost: () => void): Hold | undefined {
    return this.open?.link.hold(lost);
  }

  /** `done` is called exactly once: the server has it (as far as its QoS says), or why it never will. */
  publish(publication: Publication, done: Done): void {
    this.subscriptions.flush();
    this.outbox.push(publication, done);
  }

  private find(fresh: boolean): void {
    const { generation } = this;
    const controller = new AbortController();
    this.cancel = () => controller.abort();
    this.change({ phase: 'finding' });
    Promise.all([this.tools.findPlan(this.settings, controller.signal, fresh), this.tools.loadMqtt()]).then(
      ([plan, mqtt]) => {
        if (generation !== this.generation) return;
        this.listener.plan(plan);
        for (const notice of plan.notices) this.notice(notice);
        this.openLink(plan, mqtt);
      },
      (error: Error & { fatal?: boolean; code?: string }) => {
        if (generation !== this.generation) return;
        const code =
          SEARCH_CODES.find((known) => known === error.code) ?? (error.fatal ? 'config' : 'network');
        const reason =
          error instanceof LinkError
            ? error
            : new LinkError(code, error.message, error.fatal === true, { cause: error });
        if (reason.fatal) this.stop(reason);
        else this.retryLater(reason, true);
      },
    );
  }

  private openLink(plan: Plan, mqtt: typeof import('mqtt')): void {
    if (!hasMqtt(plan)) {
      const last = plan.steps.at(-1);
      const why = last ? `${last.answer}: ${last.follows}` : 'nothing was found';
      this.stop(new LinkError('config', `The account's server offers no MQTT: ${why}`, true));
      return;
    }
    const { mqtt: way } = plan;
    const profile = profileOf(plan.serverType);
    const version = this.versions.choose(profile, way.version);
    const { settings, backoff, tools } = this;
    let open: Open | undefined;
    const mine = (): boolean => open !== undefined && this.open === open;
    try {
      const options = linkOptions(plan, profile, version, settings, backoff, tools.clock);
      const link = new MqttLink(mqtt, options, {
        connected: (connack) => mine() && open && this.linkConnected(open, connack),
        forgotten: () => mine() && this.outbox.forgotten(),
        down: (reason, again) => mine() && open && this.linkDown(open, reason, again),
        retrying: () => mine() && this.change({ phase: 'connecting', where: showEndpoint(way.endpoint) }),
        message: (topic, payload, packet) => {
          this.received += 1;
          if (mine()) this.subscriptions.handle(topic, payload, packet);
        },
        drained: () => mine() && this.outbox.resume(),
        malformed: () =>
          this.notice({
            level: 'warning',
            code: 'topic-malformed',
            text: `${showEndpoint(way.endpoint)} sent a message whose topic is empty or holds +, # or U+0000, which no topic may: such messages are left out.`,
          }),
      });
      open = { link, profile, version, plan };
      this.open = open;
      this.change({ phase: 'connecting', where: link.where });
    } catch (error) {
      const reason =
        error instanceof LinkError
          ? error
          : new LinkError('config', (error as Error).message, true, { cause: error });
      this.stop(reason);
    }
  }

  private linkConnected(open: Open, connack: IConnackPacket): void {
    open.capabilities = capabilitiesOf(open.profile.capabilities, connack);
    this.failures = 0;
    this.loopWatch.start();
    this.versions.works(open.version);
    const v5 = open.version === 5;
    this.noticeConnection(open);
    const mapping = open.profile.mapping({
      pubsubService: this.settings.question.pubsubService ?? open.plan.services.pubsub,
      payloadType: this.settings.payloadType,
    });
    const context: PrepareContext = {
      mapping,
      capabilities: open.capabilities,
      server: open.profile.label,
      v5,
      notice: (code: string, text: string) => this.notice({ level: 'warning', code, text }),
    };
    open.context = context;
    this.change({ phase: 'connected', where: open.link.where });
    this.subscriptions.connected({
      link: open.link,
      profile: open.profile,
      capabilities: open.capabilities,
      mapping,
      v5,
      sessionPresent: connack.sessionPresent,
    });
    const { birth } = this.settings;
    const { link } = open;
    if (birth) void announce(link, context, birth, 'birth', this.tools.clock);
    this.outbox.attach({
      send: (publication, sent) => {
        if (publication.obsolete?.())
          sent(new LinkError('timeout', 'Not sent: nobody waits for it any more.'));
        else link.publish(prepare(publication, context), sent);
      },
      get writable() {
        return link.writable;
      },
      window: open.capabilities.receiveMaximum,
      qos2Window: v5 ? open.capabilities.receiveMaximum : QOS2_UNDER_WAY,
    });
    this.tellWaiting();
  }

  private linkDown(open: Open, reason: LinkError, again: { inMs: number } | undefined): void {
    const wasConnected = open.capabilities !== undefined;
    delete open.capabilities;
    this.loopWatch.stop();
    this.subscriptions.disconnected(reason instanceof SubackError);
    if (!wasConnected) this.failures += 1;
    if (!wasConnected && this.versions.fallsBack(open.profile, open.version, reason)) {
      // The next version is tried at once; the wait that the loss asked for does not count.
      if (again) this.backoff.undo();
      this.openAgain(open);
      return;
    }
    if (reason.fatal) {
      this.stop(reason);
      return;
    }
    if (reason.code === 'version') {
      this.stop(
        new LinkError('version', `${reason.message} Set the protocol version to auto.`, true, {
          cause: reason,
        }),
      );
      return;
    }
    // What was typed without an account needs no search.
    const fresh = this.settings.question.jid !== undefined && this.failures >= TRIES_BEFORE_SEARCH;
    const otherVersion = !wasConnected && this.versions.startOver();
    if (again && !fresh && !otherVersion) {
      this.outbox.detach(false);
      this.change({ phase: 'waiting', reason, retryInMs: again.inMs, where: open.link.where });
      return;
    }
    this.retryLater(reason, fresh, again?.inMs);
  }

  /** Tries the next version at once, where this one was refused. */
  private openAgain(open: Open): void {
    void open.link.end();
    const { generation } = this;
    this.tools.loadMqtt().then(
      (mqtt) => generation === this.generation && this.openLink(open.plan, mqtt),
      (error: Error) =>
        generation === this.generation && this.stop(new LinkError('config', error.message, true)),
    );
  }

  private stop(reason: LinkError): void {
    this.abandon();
    this.change({ phase: 'stopped', reason });
    this.tellWaiting(reason);
  }

  private tellWaiting(error?: Error): void {
    const callbacks = this.whenConnected;
    this.whenConnected = [];
    for (const callback of callbacks) callback(error);
  }

  private retryLater(reason: LinkError, fresh: boolean, wait?: number): void {
    const { open } = this;
    this.abandon();
    const { generation } = this;
    const inMs = wait ?? this.backoff.next();
    this.change({ phase: 'waiting', reason, retryInMs: inMs, ...(open ? { where: open.link.where } : {}) });
    this.cancel = this.tools.clock.after(inMs, () => {
      if (generation === this.generation) this.find(fresh);
    });
  }

  /** More comes than the flow can handle: reading pauses until it has caught up, so that memory stays bounded. */
  private congested(behind: boolean): void {
    this.open?.link.pause(behind);
    if (!behind) return;
    const text =
      'More messages arrive than the flow can handle: Node-RED is more than a second behind. Reading pauses until it has caught up; at QoS 0 the server may drop what waits.';
    this.notice({ level: 'warning', code: 'congested', text });
  }

  private abandon(): void {
    const { open } = this;
    this.loopWatch.stop();
    this.generation += 1;
    this.open = undefined;
    this.subscriptions.disconnected();
    this.outbox.detach(true);
    void open?.link.end();
  }

  /** Resolves when the server has confirmed what is under way, after a second at most. */
  private confirmations(): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.tools.clock.after(1_000, resolve);
      this.outbox.drain(() => {
        stop();
        resolve();
      });
    });
  }

  private noticeConnection({ link, plan, profile, capabilities, version }: Open): void {
    const { endpoint, login } = plan.mqtt;
    if (!capabilities) return;
    const { tls, cleanSession, sessionExpiry, will } = this.settings;
    const notices = noticesOf({
      endpoint,
      address: link.remoteAddress,
      login: link.sendsPassword ? login : 'none',
      profile,
      capabilities,
      v5: version === 5,
      verified: verifies(tls),
      cleanSession,
      sessionExpiry,
      hasWill: will !== undefined,
    });
    for (const notice of notices) this.notice(notice);
  }

  private notice(notice: Notice): void {
    const key = notice.code;
    if (this.said.has(key)) return;
    this.said.add(key);
    this.listener.notice(notice);
  }

  private change(state: ClientState): void {
    const before = this.current;
    this.current = state;
    if (
      before.phase === state.phase &&
      before.reason?.message === state.reason?.message &&
      before.where === state.where
    )
      return;
    this.listener.state(state);
  }
}
