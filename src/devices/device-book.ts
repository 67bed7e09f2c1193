import type { EntityChange } from '../homeassistant/entities';
import type { Device, Entity } from '../homeassistant/entity';
import { Payload } from '../homeassistant/templates/payload';
import { Templates } from '../homeassistant/templates/template';
import { type Content, numberIn } from './content';
import { type Observation, percent, wifiSignal } from './observation';
import { newVersionIn } from './report';

/** Entities that one topic may be about. */
const MAX_ENTITIES = 64;
const family = 'homeassistant';

/** What devices announced for Home Assistant: names and rooms by topic, and what their topics mean. */
export class DeviceBook {
  private readonly byTopic = new Map<string, Set<Entity>>();
  private readonly topicsOf = new Map<string, readonly string[]>();
  /** Number of entities by the id of their device. */
  private readonly sizes = new Map<string, number>();
  private readonly templates = new Templates();
  private changes = 0;

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
    if (!entities || text === undefined) return undefined;
    const payload = new Payload(text);
    const shared = [...entities].some(({ device }) => device !== [...entities][0]?.device);
    const found = new Map<string, Observation>();
    for (const entity of entities) {
      const { device } = entity;
      if (!device) continue;
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
    return found.size > 0 ? [...found.values()] : undefined;
  }

  private put(entity: Entity): void {
    const { device, key, topics } = entity;
    this.topicsOf.set(key, topics);
    for (const topic of topics) {
      const known = this.byTopic.get(topic);
      if (!known) this.byTopic.set(topic, new Set([entity]));
      // One topic of availability may stand in all announcements of a house: two of them tell enough.
      else if (known.size < MAX_ENTITIES) known.add(entity);
    }
    if (device) this.sizes.set(device.id, (this.sizes.get(device.id) ?? 0) + 1);
  }

  private drop({ key, device }: Entity): void {
    for (const topic of this.topicsOf.get(key) ?? []) {
      const known = this.byTopic.get(topic);
      for (const one of known ?? []) if (one.key === key) known?.delete(one);
      if (known?.size === 0) this.byTopic.delete(topic);
    }
    if (!this.topicsOf.delete(key) || !device) return;
    const size = (this.sizes.get(device.id) ?? 1) - 1;
    if (size > 0) this.sizes.set(device.id, size);
    else this.sizes.delete(device.id);
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

function textOf(content: Content): string | undefined {
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
