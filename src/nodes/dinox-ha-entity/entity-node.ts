import type { Node, NodeStatus } from 'node-red';
import { text } from '../../base/catalogue';
import type { Clock } from '../../base/clock';
import { textOf } from '../../base/coded-error';
import { plain } from '../../base/printable';
import type { ReadText, Translate } from '../../base/translate';
import type { EntityChange } from '../../homeassistant/entities';
import type { Entity } from '../../homeassistant/entity';
import { entityMatcher } from '../../homeassistant/entity-filter';
import type { Current } from '../../homeassistant/states/entity-state';
import type { Broker } from '../../runtime/broker/broker';
import type { DiscoveryReader } from '../../runtime/homeassistant/discovery-reader';
import { EntityStates, type FollowedEntity } from '../../runtime/homeassistant/entity-states';
import type { EntitySettings } from './config';
import { EntityCommands } from './entity-commands';
import { entityStatus } from './entity-status';

/** Milliseconds with a connection after which an entity that nobody has announced is missing. */
const ANNOUNCED_AFTER = 10_000;
const MAX_SHOWN = 200;
/** Most missing entities that are named. */
const MAX_NAMED = 10;
/** Shortest time between two values in the status, in milliseconds. */
const STATUS_PAUSE_MS = 1_000;

/** One `dinox-ha-entity`: the entities that it has, their states on its output, and its status. */
export class EntityNode {
  readonly commands: EntityCommands;
  private readonly reader: DiscoveryReader;
  private readonly states: EntityStates;
  /** The last message's payload, by key. */
  private readonly told = new Map<string, string>();
  private readonly unavailable = new Set<string>();
  private readonly stopListening: () => void;
  private readonly stopWatching: () => void;
  private readonly isWanted: (entity: Entity) => boolean;
  private stopPause: (() => void) | undefined;
  private stopWaiting: (() => void) | undefined;
  /** Announcements may still come that the node waits for. */
  private isReading: boolean;
  private isRefused = false;
  /** The status of the connection, which goes before ours while there is none. */
  private ofConnection: NodeStatus = {};
  private shown = '';
  private saidUnsupported = false;
  private saidTooLong = false;
  private saidTooSlow = false;

  constructor(
    private readonly node: Node,
    private readonly broker: Broker,
    private readonly settings: EntitySettings,
    private readonly clock: Clock,
    private readonly translate: Translate,
    private readonly read: ReadText,
  ) {
    this.isWanted = entityMatcher(settings.filter);
    this.isReading = settings.keys?.size !== 0;
    const { homeAssistant } = broker;
    this.reader = homeAssistant.reader(settings.prefix);
    this.states = new EntityStates({
      broker,
      clock,
      templates: homeAssistant.templates,
      owner: node.id,
      told: (followed, current) => this.tell(followed, current),
      refused: (_topic, reason) => this.refused(reason),
      tooLong: (topic, bytes) => {
        if (this.saidTooLong) return;
        this.saidTooLong = true;
        node.warn(read(text('entity.tooLong', { topic: plain(topic, MAX_SHOWN), bytes })));
      },
      tooSlow: (topic) => {
        if (this.saidTooSlow) return;
        this.saidTooSlow = true;
        node.warn(read(text('entity.tooSlow', { topic: plain(topic, MAX_SHOWN) })));
      },
      failed: (entity, reason) => {
        const on = plain(entity.name, MAX_SHOWN);
        node.error(read(text('log.notPassedOn', { topic: on, reason: plain(String(reason), MAX_SHOWN) })));
      },
    });
    this.commands = new EntityCommands({
      clock,
      templates: homeAssistant.templates,
      confirm: settings.confirm,
      timeout: settings.timeout,
      keys: settings.keys,
      find: (named) => this.find(named),
      count: () => this.states.size,
      publish: (publication, done) => broker.publish(publication, done),
      assumed: (followed) => this.tell(followed, followed.state.current),
    });
    this.stopWatching = broker.onConnected((connected) => this.connectionChanged(connected));
    this.stopListening = this.reader.listen({
      changed: (change) => this.changed(change),
      refused: (reason) => this.refused(reason),
    });
    for (const entity of this.reader.entities.all()) if (this.takes(entity)) this.states.follow(entity);
    this.connectionChanged(broker.connected);
  }

  /** Takes the status of the connection. */
  status(status: NodeStatus): void {
    this.ofConnection = status;
    this.show();
  }

  close(removed: boolean): void {
    this.stopWaiting?.();
    this.stopPause?.();
    this.stopWatching();
    this.stopListening();
    this.commands.close();
    this.states.close(!removed && !this.broker.config.autoUnsubscribe);
  }

  private takes(entity: Entity): boolean {
    const { keys } = this.settings;
    return keys ? keys.has(entity.key) : this.isWanted(entity);
  }

  private find(named: string | undefined): FollowedEntity | undefined {
    const { states } = this;
    if (named === undefined) {
      const { keys } = this.settings;
      if (states.size !== 1 || (keys && keys.size !== 1)) return undefined;
      return states.all().next().value;
    }
    const found = states.get(named);
    if (found) return found;
    for (const one of states.all()) if (one.entity.entityId === named) return one;
    return undefined;
  }

  private changed({ added, changed, removed }: EntityChange): void {
    for (const { key } of removed) this.forget(key);
    for (const entity of [...changed, ...added]) {
      if (this.takes(entity)) this.states.follow(entity);
      else this.forget(entity.key);
    }
    if (added.length + changed.length > 0) this.commands.look();
    this.show();
  }

  private forget(key: string): void {
    this.states.forget(key);
    this.told.delete(key);
    this.unavailable.delete(key);
  }

  private tell({ entity }: FollowedEntity, current: Current): void {
    const { payload, known, available, unsupported } = current;
    const { key, name } = entity;
    const was = this.told.get(key);
    const is = `${known} ${available} ${JSON.stringify(payload)}`;
    const changed = was !== is;
    if (changed) this.told.set(key, is);
    if (available === this.unavailable.has(key)) {
      if (available) this.unavailable.delete(key);
      else this.unavailable.add(key);
      this.show();
    }
    if (unsupported && !this.saidUnsupported) {
      this.saidUnsupported = true;
      this.node.warn(this.read(text('entity.unsupported', { name, asked: unsupported })));
    }
    if (changed && this.states.size === 1) this.showSoon();
    if (changed || !this.settings.onlyChanges) this.send(entity, current, changed);
    // Behind the message: who waits for a command finds the state that confirmed it.
    this.commands.look();
  }

  private send(entity: Entity, current: Current, changed: boolean): void {
    const { payload, known, available, raw, attributes } = current;
    const { key, name, unit, device } = entity;
    this.node.send({
      _msgid: this.broker.messageId(),
      topic: entity.entityId,
      payload,
      unit,
      name,
      entity: key,
      device: device?.name ?? '',
      area: device?.area ?? '',
      available,
      attributes,
      raw,
      changed,
      known,
    } as never);
  }

  private refused(reason: Error): void {
    if (!this.isRefused) this.node.error(this.read(textOf(reason)), {} as never);
    this.isRefused = true;
    this.show();
  }

  private connectionChanged(connected: boolean): void {
    this.stopWaiting?.();
    this.stopWaiting = undefined;
    this.isRefused = false;
    if (!connected || !this.isReading) return;
    this.stopWaiting = this.clock.after(ANNOUNCED_AFTER, () => {
      this.isReading = false;
      const missing = this.missing();
      if (missing.length > 0) {
        const entities = missing.slice(0, MAX_NAMED).join(', ');
        this.node.warn(this.read(text('entity.missing', { count: missing.length, entities })));
      }
      this.show();
    });
  }

  private missing(): string[] {
    return [...(this.settings.keys ?? [])].filter((key) => !this.states.get(key));
  }

  private show(): void {
    const status = this.broker.connected ? this.ownStatus() : this.ofConnection;
    const shown = JSON.stringify(status);
    if (shown === this.shown) return;
    this.shown = shown;
    this.node.status(status);
  }

  /** Shows the value at once, and again after a pause what came meanwhile: the editor is no place for a thousand a second. */
  private showSoon(): void {
    if (this.stopPause) return;
    this.show();
    this.stopPause = this.clock.after(STATUS_PAUSE_MS, () => {
      this.stopPause = undefined;
      this.show();
    });
  }

  private ownStatus(): NodeStatus {
    const { states, unavailable, isReading, isRefused } = this;
    const only = states.all().next().value;
    return entityStatus(
      {
        entities: states.size,
        unavailable: unavailable.size,
        missing: isReading ? 0 : this.missing().length,
        isRefused,
        isReading,
        name: plain(only?.entity.name ?? '', 60),
        value: only ? shownValue(only) : '',
      },
      this.translate,
    );
  }
}

/** The state of an entity with its unit, for the status; empty until it is known. */
function shownValue({ entity, state }: FollowedEntity): string {
  const { payload, known } = state.current;
  return known ? plain(`${String(payload)} ${entity.unit}`.trim(), 60) : '';
}
