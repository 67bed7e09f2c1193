import { BoundedMap } from '../base/bounded-map';
import { type Announced, DEFAULT_PREFIX, isDiscovery, readAnnouncement } from './announcement';
import { type Device, describeDevice, deviceIds, Entity } from './entity';

/** What an announcement changed. */
export interface EntityChange {
  readonly added: readonly Entity[];
  /** Announced anew in another form: the same `key`, another object. */
  readonly changed: readonly Entity[];
  readonly removed: readonly Entity[];
}

/** Announcements that were left out, by reason. */
export interface EntityFaults {
  /** No JSON object, too long, or an unknown component. */
  unreadable: number;
  /** Beyond the bounds. */
  tooMany: number;
  /** Another entity has its unique_id, as in Home Assistant the second one is left out. */
  duplicate: number;
}

export interface EntitiesOptions {
  /** @default 'homeassistant' */
  prefix?: string;
  /** @default 20,000 */
  maxEntities?: number;
  /** Characters of all configs together. @default 32 Mi */
  maxCharacters?: number;
}

/** Characters that an entity takes beside its config. */
const ENTITY_CHARACTERS = 500;
const MAX_NUMBERS = 1_000;
/** Ids of one device; one that calls itself by another name each time has no more. */
const MAX_DEVICE_IDS = 100;
const NOTHING: EntityChange = { added: [], changed: [], removed: [] };

interface Known {
  readonly entity: Entity;
  /** Its config as text: the same again is no change. */
  readonly written: string;
  /** The topics that announce it. */
  readonly topics: Set<string>;
  /** It goes over to an announcement of the other form, which takes its unique_id. */
  isMigrating: boolean;
}

/**
 * The entities that devices announce for Home Assistant. One object for a connection; it knows what it was told, and
 * subscribes to nothing.
 */
export class Entities {
  readonly faults: EntityFaults = { unreadable: 0, tooMany: 0, duplicate: 0 };
  private readonly prefix: string;
  private readonly maxEntities: number;
  private readonly maxCharacters: number;
  private characters = 0;
  /** By the id of the announcement. */
  private readonly byId = new Map<string, Known>();
  private readonly byKey = new Map<string, Entity>();
  private readonly byEntityId = new Map<string, Entity>();
  /** By the id that several want, the number from which one may be free. */
  private readonly numbers = new BoundedMap<string, number>(MAX_NUMBERS);
  /** By each id of the device. */
  private readonly devices = new Map<
    string,
    { readonly device: Device; ids: Set<string>; entities: number }
  >();
  /** Ids of the entities that a whole device announced, by its topic. */
  private readonly byTopic = new Map<string, Set<string>>();

  constructor(options: EntitiesOptions = {}) {
    this.prefix = options.prefix ?? DEFAULT_PREFIX;
    this.maxEntities = options.maxEntities ?? 20_000;
    this.maxCharacters = options.maxCharacters ?? 32 * 1_048_576;
  }

  get size(): number {
    return this.byKey.size;
  }

  /** @param key `<component>.<unique_id>` */
  get(key: string): Entity | undefined {
    return this.byKey.get(key);
  }

  /** @param entityId `sensor.kitchen_temperature` */
  called(entityId: string): Entity | undefined {
    return this.byEntityId.get(entityId);
  }

  all(): IterableIterator<Entity> {
    return this.byKey.values();
  }

  /** Takes a message; undefined where its topic is none of an announcement. Never throws. */
  take(topic: string, payload: Buffer): EntityChange | undefined {
    if (!isDiscovery(topic, this.prefix)) return undefined;
    const announcement = readAnnouncement(topic, payload, this.prefix);
    if (!announcement) {
      this.faults.unreadable += 1;
      return NOTHING;
    }
    const change = { added: [] as Entity[], changed: [] as Entity[], removed: [] as Entity[] };
    const { entities, state } = announcement;
    for (const id of state === 'announced' ? [] : [...(this.byTopic.get(topic) ?? [])]) {
      const known = this.byId.get(id);
      if (state === 'removed') this.remove(topic, id, change.removed);
      else if (known) known.isMigrating = true;
    }
    if (state === 'announced')
      for (const one of entities) {
        if (one.config) this.put(topic, one, one.config, change);
        else this.remove(topic, one.id, change.removed);
      }
    return change;
  }

  private put(
    topic: string,
    { component, id }: Announced,
    config: NonNullable<Announced['config']>,
    change: { added: Entity[]; changed: Entity[]; removed: Entity[] },
  ): void {
    const written = JSON.stringify(config);
    const known = this.byId.get(id);
    if (known?.written === written) {
      known.isMigrating = false;
      return;
    }
    const { key } = new Entity(component, id, config, undefined);
    const sameKey = this.byKey.get(key);
    const other = sameKey && sameKey.id !== id ? this.byId.get(sameKey.id) : undefined;
    if (other && !other.isMigrating) {
      this.faults.duplicate += 1;
      return;
    }
    const before = known ?? other;
    const size = written.length - (before ? before.written.length : -ENTITY_CHARACTERS);
    if ((!before && this.byId.size >= this.maxEntities) || this.characters + size > this.maxCharacters) {
      this.faults.tooMany += 1;
      return;
    }
    const entity = new Entity(component, id, config, this.deviceOf(config.device));
    if (before) this.drop(before);
    this.characters += written.length + ENTITY_CHARACTERS;
    this.byId.set(id, { entity, written, topics: new Set(known?.topics).add(topic), isMigrating: false });
    this.byKey.set(key, entity);
    // Home Assistant keeps the id that an entity once had.
    entity.entityId = before?.entity.key === key ? before.entity.entityId : this.freeEntityId(entity);
    this.byEntityId.set(entity.entityId, entity);
    for (const one of this.byId.get(id)?.topics ?? []) {
      const ids = this.byTopic.get(one);
      if (ids) ids.add(id);
      else this.byTopic.set(one, new Set([id]));
    }
    if (before?.entity.key === key) change.changed.push(entity);
    else change.added.push(entity);
    if (before && before.entity.key !== key) change.removed.push(before.entity);
  }

  private remove(topic: string, id: string, removed: Entity[]): void {
    const known = this.byId.get(id);
    if (!known?.topics.has(topic)) return;
    if (known.topics.size > 1) {
      // Another topic announces it, too.
      known.topics.delete(topic);
      this.unlink(topic, id);
      return;
    }
    this.drop(known);
    removed.push(known.entity);
  }

  private drop(known: Known): void {
    const { id } = known.entity;
    this.characters -= known.written.length + ENTITY_CHARACTERS;
    this.byId.delete(id);
    for (const topic of known.topics) this.unlink(topic, id);
    this.forget(known.entity);
  }

  private unlink(topic: string, id: string): void {
    const ids = this.byTopic.get(topic);
    ids?.delete(id);
    if (ids?.size === 0) this.byTopic.delete(topic);
  }

  private forget(entity: Entity): void {
    if (this.byKey.get(entity.key) === entity) this.byKey.delete(entity.key);
    if (this.byEntityId.get(entity.entityId) === entity) this.byEntityId.delete(entity.entityId);
    const entry = entity.device && this.devices.get(entity.device.id);
    if (!entry) return;
    entry.entities -= 1;
    if (entry.entities === 0) for (const id of entry.ids) this.devices.delete(id);
  }

  /** The device that a config names: the one known under any of its ids, with what the newest config says of it. */
  private deviceOf(config: unknown): Device | undefined {
    const ids = deviceIds(config);
    const [first] = ids;
    if (first === undefined) return undefined;
    const known = ids.map((id) => this.devices.get(id)).find((one) => one !== undefined);
    const described = describeDevice(config as Readonly<Record<string, unknown>>);
    const entry = known ?? { device: { id: first, ...described }, ids: new Set<string>(), entities: 0 };
    if (known)
      for (const name of ['name', 'area', 'manufacturer', 'model'] as const)
        if (described[name] !== '') entry.device[name] = described[name];
    entry.entities += 1;
    for (const id of ids) {
      if (entry.ids.size >= MAX_DEVICE_IDS) break;
      if (!this.devices.has(id)) this.devices.set(id, entry);
      entry.ids.add(id);
    }
    return entry.device;
  }

  private freeEntityId(entity: Entity): string {
    const wanted = `${entity.component}.${entity.suggestedObjectId}`;
    if (!this.byEntityId.has(wanted)) return wanted;
    let number = this.numbers.get(wanted) ?? 2;
    while (this.byEntityId.has(`${wanted}_${number}`)) number++;
    this.numbers.set(wanted, number + 1);
    return `${wanted}_${number}`;
  }
}
