import { Backoff } from '../../base/backoff';
import { text } from '../../base/catalogue';
import type { MqttVersion } from '../../servers/types';
import type { ConnectionCapabilities } from '../capabilities';
import { configError, LinkError } from '../errors';
import type { Link, LinkHandover, LinkOpening } from '../link';
import type { PendingAck, Publication } from '../messages';
import type { MqttModule } from '../mqtt/client';
import { Notices } from '../notices';
import type { Done, Outbox, PendingPublication } from '../outbox/outbox';
import { ItemIds } from '../pubsub/item-ids';
import { SubscriptionSet } from '../subscriptions/subscription-set';
import type { ClientListener, ClientSettings, ClientState, ClientTools } from './client-types';
import { type ConnectWaiter, ConnectWaiters } from './connect-waiters';
import { Connection, type OpenedLink } from './connection';
import { congestion, malformedTopic, unacknowledged } from './connection-notices';
import { EventLoopLag } from './event-loop-lag';
import type { FoundPlan } from './link-options';
import { wayOf } from './open-link';
import { OwnWill } from './own-will';
import { PersistentOutbox } from './persistent-outbox';
import { reconnectPolicy } from './reconnect-policy';
import { isSameState } from './same-state';
import { ServerSearch } from './server-search';
import { StagedStart } from './staged-start';
import { VersionChoice } from './version-choice';

/** A link; it survives losses as long as it reconnects by itself. */
interface Open {
  link: Link;
  opened: OpenedLink;
  /** Set between CONNACK and the loss. */
  connection?: Connection;
}

/**
 * The one MQTT connection behind a `dinox-broker`: finds the server, connects, comes back after a loss, keeps
 * subscriptions and the outbox in step with it. Knows no Node-RED.
 */
export class BrokerClient {
  readonly subscriptions: SubscriptionSet;
  private readonly queue: PersistentOutbox;
  private readonly outbox: Outbox;
  private readonly eventLoopLag: EventLoopLag;
  /** Number of messages that came. */
  private received = 0;
  private readonly backoff: Backoff;
  private readonly notices: Notices;
  private readonly will: OwnWill;
  private readonly search: ServerSearch;
  private readonly waiters = new ConnectWaiters();
  private readonly start: StagedStart;
  private readonly itemIds: ItemIds;
  private settings: ClientSettings;
  private current: ClientState = { phase: 'idle' };
  private open: Open | undefined;
  /** Failed tries in a row. */
  private failures = 0;
  private versions: VersionChoice;
  /** Set while `disconnect` is under way. */
  private leaving: Promise<void> | undefined;
  private gateClosed = false;
  /** No successor comes. */
  private forever = false;
  /** State that the last link left for its successor. */
  private handover: LinkHandover | undefined;

  constructor(
    settings: ClientSettings,
    private readonly tools: ClientTools,
    private readonly listener: ClientListener,
  ) {
    this.settings = settings;
    this.itemIds = new ItemIds(tools.itemOwner ?? settings.clientId, tools.clock.now());
    this.versions = new VersionChoice(settings.question.protocolVersion);
    this.backoff = new Backoff({ min: settings.reconnectMin ?? 1_000, random: tools.random });
    this.notices = new Notices((notice) => listener.notice(notice));
    this.will = new OwnWill(tools.lastWords, (notice) => this.notices.report(notice));
    this.search = new ServerSearch(tools, () => this.settings, {
      begins: () => this.change({ phase: 'finding' }),
      plan: (plan) => {
        listener.plan(plan);
        for (const notice of plan.notices) this.notices.report(notice);
      },
      found: (plan, mqtt) => this.openLink(plan, mqtt),
      failed: (reason) => (reason.fatal ? this.stop(reason) : this.searchLater(reason, true)),
    });
    this.queue = new PersistentOutbox(settings.limits, tools, listener);
    this.outbox = this.queue.outbox;
    this.eventLoopLag = new EventLoopLag(
      tools.clock,
      (behind) => this.congested(behind),
      () => this.received,
    );
    this.subscriptions = new SubscriptionSet(tools.clock, tools.random, (one) => this.notices.report(one));
    this.start = new StagedStart(this.subscriptions, this.outbox, this.notices, tools.clock);
  }

  get state(): ClientState {
    return this.current;
  }

  get connected(): boolean {
    return this.current.phase === 'connected';
  }

  /** True if neither connected nor about to be. */
  get idle(): boolean {
    return this.current.phase === 'idle' || this.current.phase === 'stopped';
  }

  /** True over PubSub: messages go over the account's XMPP session. */
  get usesSession(): boolean {
    return this.open !== undefined && this.open.opened.mqtt === undefined;
  }

  /** Number of messages that wait for the connection. */
  get queued(): number {
    return this.outbox.size;
  }

  /** Number of messages since `takeDropped` that were dropped without a connection, as their nodes want it. */
  get dropped(): number {
    return this.outbox.dropped;
  }

  /** Returns {@link dropped} and counts anew. */
  takeDropped(): number {
    return this.outbox.takeDropped();
  }

  /** `done` for messages that an earlier process left in the queue. */
  get restoredDone(): Done {
    return this.queue.restoredDone;
  }

  /** The MQTT version of the present connection, else the typed one. */
  get version(): MqttVersion | undefined {
    if (this.open?.connection) return this.open.opened.version;
    const { protocolVersion } = this.settings.question;
    return protocolVersion === 'auto' ? undefined : protocolVersion;
  }

  /** Capabilities of this connection; undefined while there is none. */
  get capabilities(): ConnectionCapabilities | undefined {
    return this.open?.connection?.capabilities;
  }

  /** The kind of server, for people; undefined while there is no connection. */
  get server(): string | undefined {
    return this.open?.opened.profile.label;
  }

  /** Takes other settings; they count from the next connect on. */
  configure(settings: ClientSettings): void {
    this.settings = settings;
    this.notices.forget();
    this.start.forget();
    this.versions = new VersionChoice(settings.question.protocolVersion);
  }

  get configuration(): ClientSettings {
    return this.settings;
  }

  /** Connects unless connected or under way; `then` is called once connected, or with the reason why it was given up. */
  connect(then?: ConnectWaiter): void {
    if (this.connected && !this.leaving) {
      then?.();
      return;
    }
    if (this.leaving) {
      // The close message is on its way: first away, then back.
      void this.leaving.then(() => this.connect(then));
      return;
    }
    if (then) this.waiters.add(then);
    if (!this.idle) return;
    this.failures = 0;
    this.backoff.reset();
    this.search.begin(false);
  }

  /** Sends the close message, says goodbye and stays away until `connect`. Waiting messages go on waiting. */
  disconnect(): Promise<void> {
    this.leaving ??= this.leave().finally(() => {
      this.leaving = undefined;
    });
    return this.leaving;
  }

  private async leave(): Promise<void> {
    this.search.stop();
    this.waiters.tell(new LinkError('closed', text('mqtt.disconnectedFirst')));
    const { open } = this;
    this.eventLoopLag.stop();
    this.subscriptions.wait(false);
    if (open?.connection) await this.queue.confirmed();
    for (const last of [this.settings.close, this.tools.lastWords?.('close')])
      if (open?.connection && last) await open.connection.announce(last, 'close', this.tools.clock);
    const ended = this.abandon();
    this.change({ phase: 'idle' });
    await ended;
  }

  /** Ends for good: every message that still waits gets `reason`, and is not kept. */
  async end(reason: Error): Promise<void> {
    this.forever = true;
    await this.disconnect();
    this.queue.end(reason);
  }

  /**
   * Ends in favour of a successor. Waiting messages are on disk (their `done` is called, they are not lost), or are
   * returned for the successor to take.
   */
  async handOver(reason: Error): Promise<PendingPublication[]> {
    await this.disconnect();
    return this.queue.handOver(reason);
  }

  /** State that the last link left, for the first one of a successor. */
  get linkHandover(): LinkHandover | undefined {
    return this.handover;
  }

  /** Takes over a predecessor's messages and link state. */
  take(pending: readonly PendingPublication[], handover?: LinkHandover): void {
    this.outbox.take(pending);
    if (handover) this.handover = handover;
  }

  /**
   * Closes the gate while a deploy is under way. Incoming messages wait for the nodes that it makes, and the server is
   * not told of removed filters.
   */
  gate(closed: boolean): void {
    this.gateClosed = closed;
    this.subscriptions.wait(closed);
    this.open?.link.inbound.gate(closed);
  }

  /** Callable while a message is being delivered: see {@link LinkInbound.deferAck}. */
  deferAck(lost: () => void): PendingAck | undefined {
    return this.open?.link.inbound.deferAck(lost);
  }

  /** Publishes. `done` is called exactly once: when the server has it (as far as its QoS says), or with an error. */
  publish(publication: Publication, done: Done): void {
    this.subscriptions.flush();
    // Before it is written to disk: sent again after a restart it must be the same item.
    if (this.settings.question.transport === 'pubsub') publication.itemId ??= this.itemIds.next();
    this.outbox.push(publication, done);
  }

  private openLink(plan: FoundPlan, mqtt: MqttModule | undefined): void {
    const { backoff, tools, versions, notices, itemIds } = this;
    const settings = { ...this.settings, will: this.will.next(this.settings.will) };
    let open: Open | undefined;
    const mine = (): boolean => open !== undefined && this.open === open;
    try {
      const { clock, session } = tools;
      const way = wayOf(plan, mqtt, { settings, backoff, clock, versions, notices, session, itemIds });
      const { where, opened } = way;
      const handover = this.handover?.where === where ? this.handover : undefined;
      this.handover = undefined;
      const link = way.open(
        {
          connected: (opening) => mine() && open && this.linkConnected(open, opening),
          forgotten: () => mine() && this.outbox.forgotten(),
          down: (reason, again, uptime) => mine() && open && this.linkDown(open, reason, again, uptime),
          retrying: () => mine() && this.change({ phase: 'connecting', where }),
          message: (topic, payload, packet) => {
            this.received += 1;
            if (mine()) this.subscriptions.handle(topic, payload, packet);
          },
          drained: () => mine() && this.outbox.resume(),
          replayed: (filter) => mine() && this.subscriptions.replayed(filter),
          granted: (filter) => mine() && this.subscriptions.granted(filter),
          progress: (progress) => mine() && this.change({ phase: 'connected', where, progress }),
          malformed: () => this.notices.report(malformedTopic(where)),
          crowded: () => this.notices.report(unacknowledged()),
        },
        handover,
      );
      open = { link, opened };
      this.open = open;
      link.inbound.gate(this.gateClosed);
      if (handover) link.inbound.inherit(handover.inbound);
      this.change({ phase: 'connecting', where });
    } catch (error) {
      this.stop(configError(error as Error));
    }
  }

  private linkConnected(open: Open, opening: LinkOpening): void {
    const { link, opened } = open;
    const { birth } = this.settings;
    const connection = new Connection(link, opened, opening, this.settings, this.notices);
    open.connection = connection;
    this.failures = 0;
    this.eventLoopLag.start();
    if (opened.mqtt) this.versions.works(opened.version);
    for (const notice of connection.notices) this.notices.report(notice);
    this.change({ phase: 'connected', where: link.where });
    this.start.begin(connection, birth, () => this.open?.connection === connection);
    this.waiters.tell();
  }

  private linkDown(open: Open, why: LinkError, again: { inMs: number } | undefined, uptime?: number): void {
    const { link, opened } = open;
    // Messages resent from an earlier connection may have ended it before MQTT.js called itself connected.
    const wasConnected = open.connection !== undefined || uptime !== undefined;
    delete open.connection;
    this.eventLoopLag.stop();
    const { reason, worked, takeBack } = this.start.lost(why, uptime, this.settings.birth);
    // The search for the message to blame takes few tries, and all others wait for it.
    if (worked) this.backoff.reset();
    if (!wasConnected) this.failures += 1;
    const then = reconnectPolicy({
      reason,
      wasConnected,
      failures: this.failures,
      nextVersion:
        !wasConnected &&
        (this.will.gaveUp(reason, opened.version) ||
          this.versions.fallsBack(opened.profile, opened.version, reason)),
      versionsRefused: this.versions.anyRefused,
      // The session looks for its server by itself.
      searched: opened.mqtt !== undefined && this.settings.question.jid !== undefined,
      retryInMs: again?.inMs,
      takeBack: takeBack && !this.settings.cleanSession,
    });
    if (then.next === 'version') {
      // The wait that the loss asked for does not count.
      if (again) this.backoff.undo();
      void link.end();
      // The link never delivered its inheritance.
      this.handover = link.release();
      this.openLink(opened.plan, opened.mqtt);
    } else if (then.next === 'stop') this.stop(then.reason);
    else {
      // The version was not the reason after all.
      if (!wasConnected) this.versions.startOver();
      if (then.next === 'search') this.searchLater(reason, then.fresh, then.inMs);
      else {
        this.outbox.detach(false);
        this.change({ phase: 'waiting', reason, retryInMs: then.inMs, where: link.where });
      }
    }
  }

  private stop(reason: LinkError): void {
    void this.abandon();
    this.change({ phase: 'stopped', reason });
    this.waiters.tell(reason);
  }

  private searchLater(reason: LinkError, fresh: boolean, inMs = this.backoff.next()): void {
    const where = this.open && { where: this.open.link.where };
    void this.abandon();
    this.change({ phase: 'waiting', reason, retryInMs: inMs, ...where });
    this.search.later(inMs, fresh);
  }

  /** Ends the link; waiting messages go on waiting. Resolves when it is closed. */
  private async abandon(): Promise<void> {
    const { open } = this;
    this.open = undefined;
    // A loss may have begun a search while somebody said goodbye.
    this.search.stop();
    this.eventLoopLag.stop();
    this.outbox.detach(true);
    this.subscriptions.disconnected();
    if (!open) return;
    // Nobody is there to hear messages; unacknowledged ones come again.
    open.link.inbound.gate(true);
    await open.link.end(this.forever);
    this.takeHandover(open.link.release());
  }

  private takeHandover(handover: LinkHandover): void {
    const { open } = this;
    if (!open) this.handover = handover;
    else if (open.link.where === handover.where) open.link.inbound.inherit(handover.inbound);
  }

  /** Pauses reading while more comes than the flow can handle, so that memory stays bounded. */
  private congested(behind: boolean): void {
    this.open?.link.inbound.pause('congested', behind);
    // An XMPP stream cannot pause.
    if (behind && !this.usesSession) this.notices.report(congestion());
  }

  private change(state: ClientState): void {
    const before = this.current;
    this.current = state;
    if (!isSameState(before, state)) this.listener.state(state);
  }
}
