import type { Clock } from '../../base/clock';
import type { Entity } from '../../homeassistant/entity';
import { type Current, EntityState, type StateMessage } from '../../homeassistant/states/entity-state';
import { TextRoom } from '../../homeassistant/states/text-room';
import { Payload } from '../../homeassistant/templates/payload';
import type { Templates } from '../../homeassistant/templates/template';
import { hasWildcard, matches } from '../../topics/filter';
import type { ReceivedPublication } from '../../transport/messages';
import type { Subscription } from '../../transport/subscriptions/subscription-set';
import type { SubscribingBroker } from './discovery-reader';

/** A longer message is no state, in bytes. */
const MAX_READ = 1_048_576;
/** A longer last message of a topic is not kept for entities that come later, in bytes. */
const MAX_KEPT = 65_536;
/** Bytes of those of all topics together. */
const MAX_ALL_KEPT = 33_554_432;

/** Milliseconds that all entities of a topic may take for one message. */
const MAX_MS = 1_000;
/** Messages in turn that took longer, after which the topic is not read any more: one or two may be the machine's fault. */
const MAX_OVERRUNS = 3;

/** An entity that somebody follows. */
export interface FollowedEntity {
  readonly entity: Entity;
  readonly state: EntityState;
}

interface Followed extends FollowedEntity {
  stopExpiry: (() => void) | undefined;
}

/** One topic of the followed entities; several often share one. */
interface FollowedTopic {
  readonly subscription: Subscription;
  readonly levels: readonly string[] | undefined;
  readonly members: Set<Followed>;
  /** The last message, for entities that are announced after it came. */
  last: { payload: Buffer; retained: boolean } | undefined;
  /** How often in turn its messages took too long. */
  overruns: number;
}

export interface EntityStatesOptions {
  broker: SubscribingBroker;
  clock: Clock;
  templates: Templates;
  /** Owner of the subscriptions. */
  owner: string;
  /** The wishes of others for their retained messages stay unchanged. @default false */
  passive?: boolean;
  /** A message, or time, said something of this entity. */
  told(followed: FollowedEntity, current: Current): void;
  /** The server does not take this topic. */
  refused(topic: string, reason: Error): void;
  /** A message was left out. */
  tooLong(topic: string, bytes: number): void;
  /** A message took so long that some entities have not got it, or a topic is not read any more for that. */
  tooSlow(topic: string): void;
  /** Passing a state on failed; nobody else may stand between a message and the socket. */
  failed(entity: Entity, reason: unknown): void;
}

/**
 * Follows the states of entities: subscribes each of their topics once, and brings what comes to all entities that it
 * is about.
 */
export class EntityStates {
  private readonly followed = new Map<string, Followed>();
  private readonly topics = new Map<string, FollowedTopic>();
  /** Those of `topics` that are filters with wildcards. */
  private readonly wild = new Set<FollowedTopic>();
  /** Bytes of the last messages that are kept. */
  private kept = 0;
  private readonly room = new TextRoom();

  constructor(private readonly options: EntityStatesOptions) {}

  get size(): number {
    return this.followed.size;
  }

  /** @param key `<component>.<unique_id>` */
  get(key: string): FollowedEntity | undefined {
    return this.followed.get(key);
  }

  all(): IterableIterator<FollowedEntity> {
    return this.followed.values();
  }

  /** Follows an entity, or its new form. */
  follow(entity: Entity): FollowedEntity {
    const before = this.followed.get(entity.key);
    if (before?.entity === entity) return before;
    const { templates, clock } = this.options;
    const one: Followed = {
      entity,
      state: new EntityState(entity, templates, clock, this.room),
      stopExpiry: undefined,
    };
    this.followed.set(entity.key, one);
    const kept: [string, NonNullable<FollowedTopic['last']>][] = [];
    for (const topic of entity.topics) {
      const { last } = this.join(topic, one);
      if (last) kept.push([topic, last]);
    }
    // Afterwards: what both name stays subscribed.
    if (before) this.leave(before, false);
    for (const [topic, { payload, retained }] of kept)
      this.bring(one, { topic, payload: new Payload(payload.toString()), retained });
    return one;
  }

  /** @param keep the server keeps the subscriptions for who comes back */
  forget(key: string, keep = false): void {
    const one = this.followed.get(key);
    if (!one) return;
    this.followed.delete(key);
    this.leave(one, keep);
  }

  close(keep: boolean): void {
    for (const key of [...this.followed.keys()]) this.forget(key, keep);
  }

  private join(topic: string, one: Followed): FollowedTopic {
    let found = this.topics.get(topic);
    if (!found) {
      const { owner, passive = false, refused } = this.options;
      found = {
        subscription: {
          owner,
          filter: topic,
          options: { qos: one.entity.qos, nl: false, rap: true, rh: 0 },
          passive,
          deliver: (message) => this.take(message),
          refused: (reason) => refused(topic, reason),
        },
        levels: hasWildcard(topic) ? topic.split('/') : undefined,
        members: new Set(),
        last: undefined,
        overruns: 0,
      };
      this.topics.set(topic, found);
      if (found.levels) this.wild.add(found);
      found.members.add(one);
      this.options.broker.subscribe(found.subscription);
    } else found.members.add(one);
    return found;
  }

  private leave(one: Followed, keep: boolean): void {
    one.stopExpiry?.();
    one.state.close();
    for (const topic of one.entity.topics) {
      const found = this.topics.get(topic);
      found?.members.delete(one);
      if (!found || found.members.size > 0) continue;
      this.topics.delete(topic);
      this.wild.delete(found);
      this.kept -= found.last?.payload.length ?? 0;
      this.options.broker.unsubscribe(found.subscription, keep);
    }
  }

  private keep(topic: FollowedTopic, payload: Buffer, retained: boolean): void {
    this.kept -= topic.last?.payload.length ?? 0;
    topic.last = undefined;
    if (payload.length > MAX_KEPT || this.kept + payload.length > MAX_ALL_KEPT) return;
    // A copy: the payload is a part of what the socket has read, and would keep all of it.
    topic.last = { payload: Buffer.from(payload), retained };
    this.kept += payload.length;
  }

  /** A message comes once, whatever topics of ours it fits. */
  private take({ topic, payload, retain }: ReceivedPublication): void {
    if (payload.length > MAX_READ) {
      this.options.tooLong(topic, payload.length);
      return;
    }
    // One for all entities: its JSON is read once.
    const message = { topic, payload: new Payload(payload.toString()), retained: retain };
    const exact = this.topics.get(topic);
    if (exact) {
      this.keep(exact, payload, retain);
      this.bringAll(exact, message);
    }
    if (this.wild.size === 0) return;
    const levels = topic.split('/');
    for (const found of this.wild) {
      if (!matches(found.levels ?? [], levels)) continue;
      this.bringAll(found, message, exact?.members);
    }
  }

  /**
   * A stranger may announce thousands of entities with templates that take long, all on one topic: nobody waits for
   * them.
   */
  private bringAll(topic: FollowedTopic, message: StateMessage, without?: ReadonlySet<Followed>): void {
    if (topic.overruns >= MAX_OVERRUNS) return;
    const { clock, tooSlow } = this.options;
    const end = clock.steady() + MAX_MS;
    for (const one of topic.members) {
      if (without?.has(one)) continue;
      this.bring(one, message);
      if (clock.steady() <= end) continue;
      topic.overruns += 1;
      tooSlow(message.topic);
      return;
    }
    topic.overruns = 0;
  }

  private bring(one: Followed, message: StateMessage): void {
    try {
      const isNews = one.state.take(message);
      if (one.state.leftOut > 0) this.options.tooLong(message.topic, one.state.leftOut);
      // A value that came again is told, too; that a device is still there is not.
      if (!isNews && one.entity.text('state_topic') !== message.topic) return;
      this.watchExpiry(one);
      this.options.told(one, one.state.current);
    } catch (error) {
      this.options.failed(one.entity, error);
    }
  }

  /** One timer for each entity, set anew only when it has run out: most values come long before. */
  private watchExpiry(one: Followed): void {
    const { clock, told, failed } = this.options;
    const due = one.state.nextExpiry;
    if (due === undefined || one.stopExpiry) return;
    one.stopExpiry = clock.after(Math.max(0, due - clock.steady()), () => {
      one.stopExpiry = undefined;
      if (this.followed.get(one.entity.key) !== one) return;
      try {
        const next = one.state.nextExpiry;
        if (next !== undefined && next > clock.steady()) this.watchExpiry(one);
        else if (one.state.expire()) told(one, one.state.current);
      } catch (error) {
        failed(one.entity, error);
      }
    });
  }
}
