import { plain } from '../base/printable';
import { isFilter, isTopic } from '../topics/filter';
import type { Config } from './announcement';
import { hasWords } from './class-words';
import { type Component, defaultName, hasState, isEntity, isNamedByClass } from './components';
import { slug } from './templates/text-tools';

/** What belongs together as one device. Its entities share this object, so that all learn of a new name. */
export interface Device {
  /** Its first identifier, or its first connection: `mac aa:bb:cc`. */
  readonly id: string;
  name: string;
  /** The area that the device suggests; empty where it does not. */
  area: string;
  manufacturer: string;
  model: string;
}

const MAX_NAME = 100;
const MAX_UNIT = 12;
const MAX_ID = 256;
/** Topics of one entity: a climate has some twenty. */
const MAX_TOPICS = 40;

/** Device classes of entities that name none. */
const DEFAULT_CLASSES: ReadonlyMap<Component, string> = new Map([['humidifier', 'humidifier']]);

/** What stands in a config as availability. */
export interface AvailabilityTopic {
  readonly topic: string;
  readonly template: string | undefined;
  readonly available: string;
  readonly notAvailable: string;
}

/** An entity as Home Assistant would make it. Everything that people read is made fit to be shown. */
export class Entity {
  /** `<component>.<unique_id>`; without one, the id of its announcement stands for it. */
  readonly key: string;
  readonly uniqueId: string;
  readonly unit: string;
  readonly deviceClass: string;
  readonly stateClass: string;
  /** `config`, `diagnostic`, or empty. */
  readonly category: string;
  /** The entity's own name; null: it goes by that of its device. */
  readonly ownName: string | null;
  /** The device class after which it is named, for whose name each language has words; empty: it has another name. */
  readonly nameClass: string;
  readonly availability: readonly AvailabilityTopic[];
  readonly availabilityMode: 'latest' | 'all' | 'any';
  /** Topics whose messages change its state, its attributes or its availability. */
  readonly topics: readonly string[];
  /** `sensor.kitchen_temperature`, as Home Assistant would call it; set by who knows the others. */
  entityId = '';

  constructor(
    readonly component: Component,
    /** The id of its announcement. */
    readonly id: string,
    readonly config: Config,
    readonly device: Device | undefined,
  ) {
    this.uniqueId = idText(config.unique_id) || id.slice(id.indexOf('/') + 1);
    this.key = `${component}.${this.uniqueId}`;
    this.unit = words(config.unit_of_measurement, MAX_UNIT);
    this.deviceClass = words(config.device_class).toLowerCase() || (DEFAULT_CLASSES.get(component) ?? '');
    this.stateClass = words(config.state_class).toLowerCase();
    this.category = words(config.entity_category);
    this.ownName = ownName(component, config, this.deviceClass);
    const isByClass = isNamedByClass(component, this.deviceClass) && isNameless(config);
    this.nameClass = isByClass && hasWords(this.deviceClass) ? this.deviceClass : '';
    this.availability = availabilityOf(config);
    const mode = config.availability_mode;
    this.availabilityMode = mode === 'all' || mode === 'any' ? mode : 'latest';
    this.topics = topicsOf(component, config, this.availability);
  }

  /** The device and the entity, as Home Assistant puts them together. */
  get name(): string {
    const device = this.device?.name ?? '';
    if (this.ownName === null || this.ownName === '') return device || this.uniqueId;
    return device === '' ? this.ownName : plain(`${device} ${this.ownName}`, 2 * MAX_NAME);
  }

  /** False for what is announced and is no entity: tags, device triggers. */
  get isShown(): boolean {
    return isEntity(this.component);
  }

  /** False for what only takes commands. */
  get isReadable(): boolean {
    return hasState(this.component);
  }

  /** The object part of the entity id, before others of that name are known. */
  get suggestedObjectId(): string {
    const { default_entity_id: id, object_id: object } = this.config;
    if (typeof id === 'string' && id.includes('.'))
      return slug(id.slice(id.indexOf('.') + 1, MAX_ID)) || 'unknown';
    if (typeof object === 'string' && object !== '') return slug(object.slice(0, MAX_ID)) || 'unknown';
    return slug(this.name) || 'unknown';
  }

  /** A text, also of what was written as a number or a boolean: as Home Assistant does, `false` is `False`. */
  text(name: string): string | undefined {
    return pythonText(this.config[name]);
  }

  /** A text, or what Home Assistant takes without one. */
  textOr(name: string, otherwise: string): string {
    return this.text(name) ?? otherwise;
  }

  number(name: string): number | undefined {
    const value = Number(this.config[name] ?? Number.NaN);
    return Number.isFinite(value) ? value : undefined;
  }

  numberOr(name: string, otherwise: number): number {
    return this.number(name) ?? otherwise;
  }

  flag(name: string): boolean {
    const value = this.config[name];
    return value === true || (typeof value === 'string' && /^(?:1|true|yes|on|enable)$/i.test(value));
  }

  list(name: string): readonly string[] {
    const value = this.config[name];
    const all = Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
    return all
      .slice(0, 500)
      .filter((one) => typeof one === 'string' || typeof one === 'number')
      .map(String);
  }

  /** A topic to publish to; undefined where there is none, or none that can be published to. */
  commandTopic(name = 'command_topic'): string | undefined {
    const topic = this.config[name];
    return typeof topic === 'string' && isTopic(topic) ? topic : undefined;
  }

  /** The largest of 0, 1, 2 that Home Assistant would use. */
  get qos(): 0 | 1 | 2 {
    const qos = this.config.qos;
    return qos === 1 || qos === 2 ? qos : 0;
  }
}

const isNameless = ({ name }: Config): boolean => name !== null && words(name) === '';

function ownName(component: Component, config: Config, deviceClass: string): string | null {
  if (config.name === null) return null;
  const name = words(config.name);
  if (name !== '') return name;
  return defaultName(component, deviceClass, words(config.schema) || 'default');
}

/** Topics by which a state comes, whatever the component: all that end in `state_topic`, and these. */
const STATE_TOPICS = new Set([
  'state_topic',
  'json_attributes_topic',
  'current_temperature_topic',
  'current_humidity_topic',
  'position_topic',
  'tilt_status_topic',
  'action_topic',
  'latest_version_topic',
]);

/** True for a property that names a topic to subscribe to. */
function isStateTopic(name: string): boolean {
  return STATE_TOPICS.has(name) || name.endsWith('_state_topic');
}

/** A shared subscription would take messages away from those who share it. */
function isReadable(topic: unknown): topic is string {
  return typeof topic === 'string' && isFilter(topic) && !topic.startsWith('$share/');
}

function topicsOf(
  component: Component,
  config: Config,
  availability: readonly AvailabilityTopic[],
): string[] {
  const found = new Set<string>();
  if (hasState(component))
    for (const [name, value] of Object.entries(config))
      if (isStateTopic(name) && isReadable(value)) found.add(value);
  for (const { topic } of availability) found.add(topic);
  return [...found].slice(0, MAX_TOPICS);
}

function availabilityOf(config: Config): AvailabilityTopic[] {
  const one = (topic: unknown, from: Config, template: unknown): AvailabilityTopic[] =>
    isReadable(topic)
      ? [
          {
            topic,
            template: typeof template === 'string' ? template : undefined,
            available: textOr(from.payload_available, 'online'),
            notAvailable: textOr(from.payload_not_available, 'offline'),
          },
        ]
      : [];
  const list = Array.isArray(config.availability) ? config.availability : [];
  return [
    ...one(config.availability_topic, config, config.availability_template),
    ...list.flatMap((entry: unknown) =>
      typeof entry === 'object' && entry !== null
        ? one((entry as Config).topic, entry as Config, (entry as Config).value_template)
        : [],
    ),
  ];
}

function textOr(value: unknown, otherwise: string): string {
  return pythonText(value) ?? otherwise;
}

function pythonText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return undefined;
}

/** Text from outside for people: one line, of this length, without what cannot be seen. */
function words(value: unknown, most = MAX_NAME): string {
  const written = typeof value === 'number' ? String(value) : value;
  if (typeof written !== 'string') return '';
  const line = written
    .slice(0, 4 * most)
    .replace(/\s+/g, ' ')
    .trim();
  return plain(line, most);
}

function idText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? words(value, MAX_ID) : '';
}

/** Ids by which a device is known, the first one first; empty where the config names no device. */
export function deviceIds(device: unknown): string[] {
  if (typeof device !== 'object' || device === null) return [];
  const { identifiers, connections, child_device: child } = device as Config;
  if (typeof child === 'object' && child !== null) return deviceIds(child);
  const ids = (Array.isArray(identifiers) ? identifiers : [identifiers]).slice(0, 20).map(idText);
  const pairs = (Array.isArray(connections) ? connections : [])
    .slice(0, 20)
    .flatMap((pair: unknown) =>
      Array.isArray(pair) && pair.length === 2 ? [pair.map(idText).join(' ')] : [],
    );
  return [...ids, ...pairs].filter((id) => id.trim() !== '');
}

/** What a config says of its device; a child device has its own name, and the rest from the device around it. */
export function describeDevice(device: Config): Omit<Device, 'id'> {
  const child = device.child_device;
  const name = typeof child === 'object' && child !== null ? (child as Config).name : device.name;
  return {
    name: words(name),
    area: words(device.suggested_area),
    manufacturer: words(device.manufacturer),
    model: words(device.model),
  };
}
