import { text } from '../../base/catalogue';
import { textOf } from '../../base/coded-error';
import { NamedTimers } from '../../base/named-timers';
import { RateLimit, TooOften } from '../../base/rate-limit';
import type { Text } from '../../base/text';
import { DAY } from '../../base/time-units';
import {
  AnnouncedDevice,
  type Announcement,
  MAX_COMPONENTS,
  type ShownAbout,
} from '../../homeassistant/announcing/announced-device';
import { ownComponents } from '../../homeassistant/announcing/device-config';
import { commandFilter, commandOf, configTopic, placeTopic } from '../../homeassistant/announcing/identity';
import { Presence } from '../../homeassistant/announcing/presence';
import { ANNOUNCING_OWNER } from '../../recorder/topic-watcher';
import type { ReceivedPublication } from '../../transport/messages';
import type { Subscription } from '../../transport/subscriptions/subscription-set';
import type { RegisteredNode } from '../node-contract';
import type { AnnouncerOptions, Commanded, ShownNode } from './announcer-types';

interface Node {
  commanded: Commanded;
  subscription: Subscription;
  /** Keys by the topics of their places. */
  keys: Map<string, string>;
  /** States by their topics. */
  states: Map<string, string>;
}

type Timer = 'settle' | 'gather' | 'birth' | 'states' | 'gone';

/** Milliseconds in which the server hands out what was announced before. */
const SETTLE_MS = 1_500;
/** Milliseconds that changes gather. */
const GATHER_MS = 300;
/** Milliseconds after an announcement at which Home Assistant listens to states for certain. */
const STATES_MS = 1_500;
/** Milliseconds after which components that were taken out are not named any more. */
const GONE_MS = 5_000;
/** Most milliseconds between a birth and our answer: the server has a hundred other devices, too. */
const JITTER_MS = 5_000;
/** Least milliseconds between two answers to births. */
const BIRTH_MS = 10_000;
/** Milliseconds after which Home Assistant has taken out what the server has handed on, as far as the end waits. */
const TAKEN_OUT_MS = 500;
/** Milliseconds that the end waits for the server. */
const END_MS = 2_000;
/** A longer command is none, in bytes. */
const MAX_COMMAND = 65_536;
/** Most commands to a node in this many milliseconds: people are told of them, and anybody on the server may send them. */
const MAX_COMMANDS = 120;
const COMMANDS_WINDOW = 60_000;
/** Milliseconds after which a Home Assistant that has not come back is not waited for any more. */
const MISSED_MS = 7 * DAY;
const BIRTH_TOPIC = 'homeassistant/status';

/**
 * Announces the device of a connection to Home Assistant, with all that its nodes show: once, again at each of its
 * births, and not after somebody has deleted it there.
 */
export class Announcer {
  private readonly device: AnnouncedDevice;
  private readonly nodes = new Map<string, Node>();
  private readonly configTopic: string;
  private readonly registration: RegisteredNode = { id: ANNOUNCING_OWNER, status: () => {} };
  private ends: (() => void)[] = [];
  private own: Subscription[] = [];
  /** The server has handed out what was announced before. */
  private isSettled = false;
  private isDeploying = false;
  private readonly presence = new Presence();
  /** The last announcement on this connection. */
  private sent: string | undefined;
  /** Empty announcements of ours that the server has not brought back. */
  private ownEmpty = 0;
  /** Topics of states that are cleared once Home Assistant has taken their entities out. */
  private readonly left = new Set<string>();
  private lastBirth = Number.NEGATIVE_INFINITY;
  private readonly timers: NamedTimers<Timer>;
  private readonly warned = new Set<string>();
  private readonly commands: RateLimit<Node>;

  constructor(private readonly options: AnnouncerOptions) {
    this.device = new AnnouncedDevice(options.identity, options.looks);
    this.configTopic = configTopic(options.identity);
    this.timers = new NamedTimers(options.clock);
    this.commands = new RateLimit(options.clock, MAX_COMMANDS, COMMANDS_WINDOW);
    const { announced, missed } = options.file.before;
    if (missed && options.clock.now() - missed.at < MISSED_MS)
      this.device.remember(ownComponents(options.identity, missed.components));
    this.keepMissed();
    if (announced || this.device.unheard.size > 0) this.begin();
  }

  /** When somebody deleted the device in Home Assistant, in milliseconds since the epoch; undefined: nobody has. */
  get removedAt(): number | undefined {
    return this.options.file.before.removedAt;
  }

  /** Number of entities that are shown. */
  get size(): number {
    return this.device.size;
  }

  /** Shows again what somebody deleted in Home Assistant. */
  again(): void {
    if (this.removedAt === undefined) return;
    this.options.file.keep(true);
    this.announceAll();
  }

  /** A node shows something from now on; what an earlier run showed of it stays until it says what. */
  open(id: string, commanded: Commanded): ShownNode {
    this.options.needStatus();
    this.begin();
    const { broker, identity } = this.options;
    const keys = new Map<string, string>();
    const subscription = this.subscription(commandFilter(identity, id), (message) =>
      this.command(node, message),
    );
    const node: Node = { commanded, subscription, keys, states: new Map() };
    this.nodes.set(id, node);
    this.device.begin(id);
    broker.subscribe(subscription);
    return {
      show: (shown) => {
        if (this.nodes.get(id) === node) this.show(id, node, [...shown]);
      },
      state: (key, name, state) => {
        const place = placeTopic(identity, { node: id, key });
        // Otherwise nobody would ever clear it.
        if (keys.has(place)) this.state(node, `${place}/${name}`, state);
      },
      event: (key, part, event) => {
        if (this.isShowing)
          this.publish(`${placeTopic(identity, { node: id, key })}/${part}`, JSON.stringify(event), false);
      },
      close: () => {
        broker.unsubscribe(subscription, false);
        if (this.nodes.get(id) !== node) return;
        this.nodes.delete(id);
        this.device.end(id);
        this.gather();
      },
    };
  }

  /** `removed`: no successor comes, and Home Assistant is to forget the device. */
  async close(removed: boolean): Promise<void> {
    for (const node of this.nodes.values()) this.options.broker.unsubscribe(node.subscription, false);
    this.nodes.clear();
    if (removed && this.sent) await this.farewell();
    this.stop();
  }

  private get isShowing(): boolean {
    return this.options.broker.connected && this.isSettled && this.removedAt === undefined;
  }

  private begin(): void {
    if (this.ends.length > 0) return;
    const { broker, deploys, identity } = this.options;
    const births = new Set([BIRTH_TOPIC, `${identity.prefix}/status`]);
    this.own = [
      this.subscription(this.configTopic, (message) => this.announcedBy(message)),
      ...[...births].map((topic) => this.subscription(topic, (message) => this.lifeSign(message))),
    ];
    for (const one of this.own) broker.subscribe(one);
    this.ends = [
      broker.onConnected((connected) => this.connected(connected)),
      deploys((underWay) => {
        this.isDeploying = underWay;
        if (!underWay) this.gather();
      }),
    ];
    broker.register(this.registration);
    if (broker.connected) this.connected(true);
  }

  private stop(): void {
    const { broker } = this.options;
    for (const end of this.ends.splice(0)) end();
    for (const one of this.own.splice(0)) broker.unsubscribe(one, false);
    this.timers.close();
    this.isSettled = false;
    this.sent = undefined;
    void broker.deregister(this.registration, true).catch(() => {});
  }

  private subscription(filter: string, deliver: (message: ReceivedPublication) => void): Subscription {
    return {
      owner: ANNOUNCING_OWNER,
      filter,
      options: { qos: 1, nl: false, rap: true, rh: 0 },
      passive: true,
      deliver,
      refused: (reason) => this.failed(reason),
    };
  }

  private connected(isThere: boolean): void {
    this.isSettled = false;
    this.presence.forget();
    this.sent = undefined;
    this.ownEmpty = 0;
    this.timers.cancel('settle', 'birth', 'states', 'gone');
    if (!isThere) return;
    if (this.options.broker.client.usesSession) {
      this.warnOnce('pubsub', text('shown.pubsub'));
      return;
    }
    if (this.options.broker.client.capabilities?.retain === false)
      this.warnOnce('noRetain', text('shown.noRetain'));
    this.timers.after('settle', SETTLE_MS, () => {
      this.isSettled = true;
      this.announceAll();
    });
  }

  private show(id: string, node: Node, shown: readonly ShownAbout[]): void {
    const { identity } = this.options;
    node.keys.clear();
    for (const { key } of shown) node.keys.set(placeTopic(identity, { node: id, key }), key);
    for (const topic of node.states.keys())
      if (!node.keys.has(topic.slice(0, topic.lastIndexOf('/')))) node.states.delete(topic);
    const refused = this.device.show(id, shown);
    if (refused > 0) this.warnOnce('full', text('shown.full', { most: MAX_COMPONENTS }));
    this.gather();
  }

  private state(node: Node, topic: string, state: object): void {
    const payload = JSON.stringify(state);
    if (node.states.get(topic) === payload) return;
    node.states.set(topic, payload);
    if (this.isShowing) this.publish(topic, payload, true);
  }

  /** A command from Home Assistant. A kept one would come again at each start. */
  private command(node: Node, { topic, payload, retain }: ReceivedPublication): void {
    const { keys, commanded } = node;
    const found = commandOf(topic);
    const key = found && keys.get(found.place);
    if (!found || key === undefined || retain || payload.length > MAX_COMMAND) return;
    try {
      this.commands.take(node);
    } catch (error) {
      if (!(error instanceof TooOften)) throw error;
      this.warnOnce('often', text('shown.often', { most: MAX_COMMANDS }));
      return;
    }
    commanded(key, found.part, payload.toString());
  }

  /** Our own announcement comes back, an earlier run has left one, or somebody deletes the device. */
  private announcedBy({ payload, retain, replayed }: ReceivedPublication): void {
    if (payload.length > 0) {
      if (!(replayed ?? retain) || payload.toString() === this.sent) return;
      this.device.adopt(payload);
      this.gather();
    } else if (this.ownEmpty > 0) this.ownEmpty -= 1;
    else if (this.sent && this.removedAt === undefined) this.removed();
  }

  private removed(): void {
    const { clock, file, warn } = this.options;
    file.keep(false, clock.now());
    this.timers.cancel('birth', 'states', 'gone');
    this.sent = undefined;
    this.forget();
    this.clearStates();
    warn(text('shown.removed'));
  }

  /** Births may come ten times a second. */
  private lifeSign({ payload, retain, replayed }: ReceivedPublication): void {
    const said = payload.toString('utf8', 0, 20);
    if (said === 'offline' && this.presence.left(replayed ?? retain)) {
      // Nothing that was taken out was missed, and nobody else may be left who wants anything.
      this.device.heard();
      this.keepMissed();
      this.gather();
    }
    if (said !== 'online') return;
    const isNew = this.presence.born();
    if (this.timers.has('birth')) return;
    const { clock, random } = this.options;
    const rest = this.lastBirth + BIRTH_MS - clock.steady();
    this.timers.after('birth', Math.max(random() * JITTER_MS, rest), () => {
      this.lastBirth = clock.steady();
      // What went while it was away has to be there first: then it learns of its end.
      if (isNew) this.device.recall();
      this.presence.answered();
      this.announceAll(true);
    });
  }

  private forget(): void {
    for (const topic of this.device.forget()) this.left.add(topic);
    this.keepMissed();
  }

  private keepMissed(): void {
    this.options.file.keepMissed(this.device.unheard, this.options.clock.now());
  }

  /** Everything, whatever was sent before. */
  private announceAll(keepsGone = false): void {
    this.sent = undefined;
    this.announce(keepsGone);
    this.timers.after('states', STATES_MS, () => {
      const isNew = this.presence.settled();
      if (!this.isShowing) return;
      for (const { states } of this.nodes.values())
        for (const [topic, payload] of states) this.publish(topic, payload, true);
      if (keepsGone || isNew) this.gather();
    });
  }

  /** Announces what has changed, once all changes of a moment are there. */
  private gather(): void {
    if (!this.timers.has('gather')) this.timers.after('gather', GATHER_MS, () => this.announce());
  }

  private announce(keepsGone = false): void {
    if (!this.isShowing || this.isDeploying) return;
    const next = this.device.next(keepsGone || this.presence.isAway);
    if (next && next.payload !== this.sent) this.send(next);
    if (!next && !this.device.isWanted) this.nobodyShows();
  }

  private send(next: Announcement): void {
    const { payload, gone, left } = next;
    if (payload === '') this.ownEmpty += 1;
    this.sent = payload;
    this.publish(this.configTopic, payload, true);
    // Below another prefix it would stay for ever.
    const before = this.options.file.announcedOn(this.configTopic);
    if (before !== undefined) this.publish(before, '', true);
    this.device.announced(next, this.presence.isThere);
    this.keepMissed();
    for (const topic of left) this.left.add(topic);
    this.options.file.keep(payload !== '');
    if (gone.size > 0) this.timers.after('gone', GONE_MS, () => this.leave());
  }

  /** Nobody needs these states any more: an empty one is an error for an entity that is there still. */
  private leave(): void {
    this.clearStates();
    if (this.device.isWanted) this.announce();
    else this.nobodyShows();
  }

  private clearStates(): void {
    const nodes = this.removedAt === undefined ? [...this.nodes.values()] : [];
    for (const topic of this.left) {
      // It may be back meanwhile.
      const isNeeded = nodes.some(({ states }) => states.has(topic));
      if (!isNeeded && this.options.broker.connected) this.publish(topic, '', true);
    }
    this.left.clear();
  }

  private nobodyShows(): void {
    if (this.device.isWanted) return;
    this.options.file.keep(false);
    // Home Assistant may have missed it: its next birth tells.
    if (this.device.unheard.size === 0) this.stop();
  }

  private async farewell(): Promise<void> {
    const { broker, clock } = this.options;
    this.forget();
    this.ownEmpty += 1;
    this.options.file.keep(false);
    await new Promise<void>((resolve) => {
      clock.after(END_MS, resolve);
      broker.client.publish({ topic: this.configTopic, payload: '', qos: 1, retain: true }, () => {
        clock.after(TAKEN_OUT_MS, resolve);
      });
    });
    this.clearStates();
  }

  private publish(topic: string, payload: string, retain: boolean): void {
    this.options.broker.client.publish({ topic, payload, qos: 1, retain }, (error) => {
      if (error && this.options.broker.connected) this.failed(error);
    });
  }

  private failed(error: Error): void {
    this.warnOnce(error.message, text('shown.failed', { reason: textOf(error) }));
  }

  private warnOnce(what: string, said: Text): void {
    if (this.warned.has(what) || this.warned.size > 20) return;
    this.warned.add(what);
    this.options.warn(said);
  }
}
