import type { Clock } from '../base/clock';
import type { EntityChange } from '../homeassistant/entities';
import type { Device, Entity } from '../homeassistant/entity';
import { Payload } from '../homeassistant/templates/payload';
import { Templates } from '../homeassistant/templates/template';
import { type Content, numberIn } from './content';
import { type Observation, percent, wifiSignal } from './observation';
import { newVersionIn } from './report';

/** Entities that one topic may be about. */
const MAX_ENTITIES = 64;
/** Milliseconds that all entities of a topic may take for one message. */
const MAX_MS = 250;
/** Messages in turn that took longer, after which the topic is not read any more: one or two may be the machine's fault. */
const MAX_OVERRUNS = 3;
const family = 'homeassistant';

/** What devices announced for Home Assistant: names and rooms by topic, and what their topics mean. */
export class DeviceBook {
  private readonly byTopic = new Map<string, Set<Entity>>();
  /** By the key of an entity, as it was announced: the next announcement may name others. */
  private readonly places = new Map<string, { topics: readonly string[]; device: string | undefined }>();
  /** How often in turn the messages of a topic took too long. */
  private readonly overruns = new Map<string, number>();
  /** Number of entities by the id of their device. */
  private readonly sizes = new Map<string, number>();
  private readonly templates = new Templates();
  private changes = 0;

  /** @param slow called when a topic is not read any more, because its templates take too long */
  constructor(
    private readonly clock: Pick<Clock, 'steady'>,
    private readonly slow: (topic: string) => void = () => {},
  ) {}

  /** Number of the last change. */
  get seq(): number {
    return this.changes;
  }

  /** Takes what was announced or taken away. */
  take({ added, changed, removed }: EntityChange): void {
    this.changes += 1;
    for (const entity of [...removed, ...changed]) this.drop(entity);
    for (const entity of [...added, ...changed]) this.put(entity);
  }

  /** True if nothing of the device is announced any more. */
  isGone(device: string): boolean {
    return !this.sizes.has(device);
  }

  /** The only device that a topic is about; undefined where there is none, or where several share it. */
  deviceOf(topic: string): Device | undefined {
    let found: Device | undefined;
    for (const { device } of this.byTopic.get(topic) ?? []) {
      if (!device || (found && found !== device)) return undefined;
      found = device;
    }
    return found;
  }

  /** What a message says by what was announced of its topic; undefined: nothing was. */
  read(topic: string, content: Content): readonly Observation[] | undefined {
    const entities = this.byTopic.get(topic);
    const text = content.isEmpty ? undefined : textOf(content);
    if (!entities || text === undefined || this.isTooSlow(topic)) return undefined;
    const payload = new Payload(text);
    const shared = isShared(entities);
    const end = this.clock.steady() + MAX_MS;
    const found = new Map<string, Observation>();
    for (const entity of entities) {
      const { device } = entity;
      if (!device) continue;
      // A stranger may announce many with templates that take long, all on one topic: nobody waits for them.
      if (this.clock.steady() > end) {
        this.overrun(topic);
        return [...found.values()];
      }
      const id = shared ? topic : device.id;
      const one: Observation = found.get(id) ?? { device: id, family };
      found.set(id, one);
      const online = this.availability(entity, topic, payload);
      if (online !== undefined) one.online = online;
      if (shared) {
        one.isGateway = true;
        continue;
      }
      const gateway = this.gatewayOf(entity);
      if (gateway !== undefined && gateway !== topic) one.gateway = gateway;
      if (entity.config.state_topic === topic) {
        one.isAlive = true;
        Object.assign(one, this.report(entity, payload, content));
      }
    }
    if (this.overruns.size > 0) this.overruns.delete(topic);
    return found.size > 0 ? [...found.values()] : undefined;
  }

  private isTooSlow(topic: string): boolean {
    return this.overruns.size > 0 && (this.overruns.get(topic) ?? 0) >= MAX_OVERRUNS;
  }

  private overrun(topic: string): void {
    const count = (this.overruns.get(topic) ?? 0) + 1;
    this.overruns.set(topic, count);
    if (count === MAX_OVERRUNS) this.slow(topic);
  }

  private put(entity: Entity): void {
    const { device, key, topics } = entity;
    this.places.set(key, { topics, device: device?.id });
    for (const topic of topics) {
      const known = this.byTopic.get(topic);
      if (!known) this.byTopic.set(topic, new Set([entity]));
      // One topic of availability may stand in all announcements of a house: two of them tell enough.
      else if (known.size < MAX_ENTITIES) known.add(entity);
    }
    if (device) this.sizes.set(device.id, (this.sizes.get(device.id) ?? 0) + 1);
  }

  private drop({ key }: Entity): void {
    const place = this.places.get(key);
    if (!place) return;
    this.places.delete(key);
    for (const topic of place.topics) {
      const known = this.byTopic.get(topic);
      for (const one of known ?? []) if (one.key === key) known?.delete(one);
      if (known?.size !== 0) continue;
      this.byTopic.delete(topic);
      this.overruns.delete(topic);
    }
    const { device } = place;
    if (device === undefined) return;
    const size = (this.sizes.get(device) ?? 1) - 1;
    if (size > 0) this.sizes.set(device, size);
    else this.sizes.delete(device);
  }

  private availability(entity: Entity, topic: string, payload: Payload): boolean | undefined {
    for (const { topic: own, template, available, notAvailable } of entity.availability) {
      if (own !== topic) continue;
      const said = this.rendered(template, payload);
      if (said === notAvailable) return false;
      if (said === available) return true;
    }
    return undefined;
  }

  /** The topic of availability that its device shares with others. */
  private gatewayOf({ availability, device }: Entity): string | undefined {
    for (const { topic } of availability)
      for (const one of this.byTopic.get(topic) ?? []) if (one.device !== device) return topic;
    return undefined;
  }

  private report(entity: Entity, payload: Payload, content: Content): Partial<Observation> {
    const { component, deviceClass, config } = entity;
    const value = (): string | undefined =>
      this.rendered(typeof config.value_template === 'string' ? config.value_template : undefined, payload);
    if (component === 'sensor' && deviceClass === 'battery') return { battery: percent(numberIn(value())) };
    if (component === 'sensor' && deviceClass === 'signal_strength')
      return { signal: wifiSignal(numberIn(value())) };
    if (component === 'binary_sensor' && (deviceClass === 'battery' || deviceClass === 'connectivity')) {
      const isOn = wordOf(value(), entity.textOr('payload_on', 'ON'), entity.textOr('payload_off', 'OFF'));
      if (isOn === undefined) return {};
      return deviceClass === 'battery' ? { isBatteryLow: isOn } : { online: isOn };
    }
    return component === 'update' ? { update: content.object && newVersionIn(content.object) } : {};
  }

  private rendered(template: string | undefined, payload: Payload): string | undefined {
    if (template === undefined) return payload.text.trim();
    const rendered = this.templates.read(template).ofPayload(payload);
    return 'error' in rendered ? undefined : rendered.text;
  }
}

/** True if a topic is about several devices. */
function isShared(entities: ReadonlySet<Entity>): boolean {
  let first: Device | undefined;
  let isFirst = true;
  for (const { device } of entities) {
    if (!isFirst && device !== first) return true;
    first = device;
    isFirst = false;
  }
  return false;
}

/** A message as text; undefined where it has none. */
export function textOf(content: Content): string | undefined {
  if (content.text !== undefined) return content.text;
  try {
    return content.object && JSON.stringify(content.object);
  } catch {
    // Deeper than the stack.
    return undefined;
  }
}

function wordOf(said: string | undefined, on: string, off: string): boolean | undefined {
  return said === on ? true : said === off ? false : undefined;
}
