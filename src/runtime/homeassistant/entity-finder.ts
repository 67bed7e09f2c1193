import type { Clock } from '../../base/clock';
import { mainTopicOf } from '../../homeassistant/discovery';
import type { Entity } from '../../homeassistant/entity';
import type { DiscoveryReader } from './discovery-reader';

/** Milliseconds in which the server hands out what is announced. */
const SETTLE_MS = 2_000;
/** Milliseconds after the last question for which the announcements stay at hand. */
const LEASE_MS = 120_000;
/** A longer name is none. */
const MAX_NAME = 300;
/** Most entities of one name that are told apart. */
const MAX_SAME = 5;

/** The topic that an entity's state stands on, and the number in its JSON; empty: the payload is the value. */
export interface FoundEntity {
  entity: Entity;
  topic: string;
  field: string;
}

/** Finds entities by the name that Home Assistant gives them; reads the announcements while somebody asks. */
export class EntityFinder {
  private end: (() => void) | undefined;
  private stopLease: (() => void) | undefined;
  private settled: Promise<void> | undefined;
  /** By name as it is compared; undefined: something was announced since. */
  private names: Map<string, Entity[]> | undefined;

  constructor(
    private readonly reader: DiscoveryReader,
    private readonly clock: Clock,
  ) {}

  /**
   * The entities that go by this name: by their entity id (`sensor.kitchen_temperature`), else by `<component>.<unique_id>`,
   * else by their name, whatever its capital letters. The first question waits for the announcements.
   */
  async find(name: string): Promise<FoundEntity[]> {
    if (name.length > MAX_NAME) return [];
    await this.ready();
    const wanted = plain(name);
    const { entities } = this.reader;
    const only = entities.called(wanted) ?? entities.get(name.trim());
    this.names ??= byName(entities.all());
    return found(only ? [only] : (this.names.get(wanted) ?? []));
  }

  close(): void {
    this.stopLease?.();
    this.stopLease = undefined;
    this.settled = undefined;
    this.names = undefined;
    this.end?.();
    this.end = undefined;
  }

  private ready(): Promise<void> {
    this.stopLease?.();
    this.stopLease = this.clock.after(LEASE_MS, () => this.close());
    if (this.settled) return this.settled;
    const { reader, clock } = this;
    // Others may have read them long ago.
    const isRead = !reader.isIdle && reader.entities.size > 0;
    this.settled = new Promise((resolve) => {
      this.end = reader.listen({
        changed: () => {
          this.names = undefined;
        },
        refused: () => resolve(),
      });
      if (isRead) resolve();
      else clock.after(SETTLE_MS, resolve);
    });
    return this.settled;
  }
}

function found(entities: readonly Entity[]): FoundEntity[] {
  return entities.flatMap((entity) => {
    const main = mainTopicOf(entity);
    return main ? [{ entity, ...main }] : [];
  });
}

function byName(entities: Iterable<Entity>): Map<string, Entity[]> {
  const names = new Map<string, Entity[]>();
  for (const entity of entities) {
    if (!entity.isReadable) continue;
    const name = plain(entity.name);
    const same = names.get(name);
    if (!same) names.set(name, [entity]);
    else if (same.length < MAX_SAME) same.push(entity);
  }
  return names;
}

const plain = (text: string): string => text.trim().toLowerCase().normalize('NFC');
