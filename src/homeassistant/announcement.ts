/**
 * Reads what devices announce for Home Assistant (MQTT discovery), as Home Assistant 2026.11 does. Anyone who may
 * publish can write it, so nothing in here is trusted: everything is bounded, and what has another form is left out.
 */

import { ABBREVIATIONS, DEVICE_ABBREVIATIONS, ORIGIN_ABBREVIATIONS } from './abbreviations';
import { COMPONENTS, type Component, isComponent } from './components';

/** Properties of an entity by their long names. Without a prototype. */
export type Config = Readonly<Record<string, unknown>>;

/** One entity of an announcement. */
export interface Announced {
  readonly component: Component;
  /** Stays the same over all announcements of the entity: `sensor/kitchen/temperature`. */
  readonly id: string;
  /** Undefined: the entity is taken away. */
  readonly config: Config | undefined;
}

export interface Announcement {
  /** What a device leaves out stays, as in Home Assistant, until it is taken away. */
  readonly kind: 'single' | 'device';
  /** `removed`: the whole is taken away; `migrating`: it goes over into another form, single or device. */
  readonly state: 'announced' | 'removed' | 'migrating';
  readonly entities: readonly Announced[];
}

export const DEFAULT_PREFIX = 'homeassistant';

/** A device with a hundred entities writes 40 kB; the largest that was met has 300 and 59 kB. */
const MAX_LENGTH = 262_144;
/** Levels of a config. Real ones have four or five; thousands would overflow the stack of whatever walks them. */
const MAX_LEVELS = 50;
const MAX_COMPONENTS = 1_000;
/** Characters that all components of a device inherit together: each of them takes a copy. */
const MAX_INHERITED = 4_194_304;
const MAX_KEYS = 400;
const MAX_TOPIC_LENGTH = 1_024;
const IDS = /^(\w{1,64})\/(?:([a-zA-Z0-9_-]{1,256})\/)?([a-zA-Z0-9_-]{1,256})\/config$/;

/** What Home Assistant hands down from a device to its components. */
const INHERITED = [
  'availability',
  'availability_mode',
  'availability_template',
  'availability_topic',
  'command_topic',
  'payload_available',
  'payload_not_available',
  'state_topic',
  'qos',
  'encoding',
];

/**
 * Filters under which devices announce themselves, each component by itself: on brokers that replay only so many
 * retained messages to a filter, one for all would lose some.
 */
export function discoveryFilters(prefix = DEFAULT_PREFIX): string[] {
  return [...COMPONENTS, 'device'].flatMap((one) => [
    `${prefix}/${one}/+/config`,
    `${prefix}/${one}/+/+/config`,
  ]);
}

/** True if devices announce themselves under this topic. It runs for every message, so it must cost nothing. */
export function isDiscovery(topic: string, prefix = DEFAULT_PREFIX): boolean {
  return topic.endsWith('/config') && topic.startsWith(prefix) && idsOf(topic, prefix) !== undefined;
}

function idsOf(
  topic: string,
  prefix: string,
): { component: string; node: string; object: string } | undefined {
  if (topic.charAt(prefix.length) !== '/') return undefined;
  const [, component, node = '', object = ''] = IDS.exec(topic.slice(prefix.length + 1)) ?? [];
  return component === undefined ? undefined : { component, node, object };
}

/**
 * The entities that a message announces or takes away; undefined where it is no announcement that can be read. Never
 * throws.
 * @param topic one for which {@link isDiscovery} holds
 */
export function readAnnouncement(
  topic: string,
  payload: Buffer,
  prefix = DEFAULT_PREFIX,
): Announcement | undefined {
  const ids = idsOf(topic, prefix);
  if (!ids || payload.length > MAX_LENGTH) return undefined;
  const { component, node, object } = ids;
  const isDevice = component === 'device';
  if (!isDevice && !isComponent(component)) return undefined;
  const parsed = payload.length === 0 ? {} : parsedObject(payload);
  if (!parsed) return undefined;
  const whole = longNames(parsed, ABBREVIATIONS);
  const state =
    whole.migrate_discovery === true
      ? 'migrating'
      : Object.keys(whole).length === 0
        ? 'removed'
        : 'announced';
  if (!isDevice) {
    const config = state === 'announced' ? prepared(whole) : undefined;
    const id = `${component}/${node === '' ? object : `${node}/${object}`}`;
    return { kind: 'single', state, entities: [{ component, id, config }] };
  }
  const entities = state !== 'announced' ? [] : [...componentsOf(whole, object, node)];
  return { kind: 'device', state, entities };
}

/** The entities of a device and of its child devices. */
function* componentsOf(whole: Config, object: string, node: string): Generator<Announced> {
  const device = isObject(whole.device) ? longNames(whole.device, DEVICE_ABBREVIATIONS) : undefined;
  const common = JSON.stringify([device, whole.origin, INHERITED.map((name) => whole[name])]).length;
  let left = Math.min(MAX_COMPONENTS, Math.floor(MAX_INHERITED / common));
  const groups: { of: unknown; child: Config | undefined }[] = [{ of: whole.components, child: undefined }];
  for (const one of listOf(whole.child_devices).slice(0, MAX_COMPONENTS))
    if (isObject(one)) {
      const child = longNames(longNames(one, DEVICE_ABBREVIATIONS), ABBREVIATIONS);
      groups.push({ of: child.components, child });
    }
  for (const { of, child } of groups) {
    if (!isObject(of)) continue;
    for (const [key, one] of Object.entries(of)) {
      if (left-- <= 0) return;
      if (!isObject(one)) continue;
      const { platform, ...rest } = longNames(one, ABBREVIATIONS);
      if (typeof platform !== 'string' || !isComponent(platform)) continue;
      // As Home Assistant does: the id of the device stands for the node, the key for the object.
      const id = `${platform}/${object}/${node === '' ? key : `${node}/${key}`}`;
      if (Object.keys(rest).length === 0) yield { component: platform, id, config: undefined };
      else {
        const shared = INHERITED.filter((name) => rest[name] === undefined && whole[name] !== undefined);
        const inherited = Object.fromEntries(shared.map((name) => [name, whole[name]]));
        const of = child ? { ...device, child_device: child } : device;
        const config = { ...inherited, ...withBase(rest), device: of, origin: whole.origin };
        yield { component: platform, id, config: prepared(config) };
      }
    }
  }
}

/** Long names within device, origin and availability, and topics without `~`. */
function prepared(config: Config): Config {
  const ready: Record<string, unknown> = Object.assign(Object.create(null), withBase(config));
  if (isObject(ready.device)) {
    const device = longNames(ready.device, DEVICE_ABBREVIATIONS);
    if (isObject(device.child_device))
      device.child_device = longNames(device.child_device, DEVICE_ABBREVIATIONS);
    ready.device = device;
  }
  if (isObject(ready.origin)) ready.origin = longNames(ready.origin, ORIGIN_ABBREVIATIONS);
  return ready;
}

/** `~` at the beginning or the end of a topic stands for what the topics have in common. */
function withBase(config: Config): Config {
  const base = config['~'];
  const availability = listOf(config.availability)
    .slice(0, 20)
    .map((one) => (isObject(one) ? longNames(one, ABBREVIATIONS) : one));
  const ready = { ...config, ...(config.availability !== undefined && { availability }) };
  if (typeof base !== 'string' || base.length > MAX_TOPIC_LENGTH) return ready;
  const replaced = (value: unknown): unknown => {
    if (typeof value !== 'string' || value.length > MAX_TOPIC_LENGTH) return value;
    let topic = value;
    if (topic.startsWith('~')) topic = base + topic.slice(1);
    if (topic.endsWith('~')) topic = topic.slice(0, -1) + base;
    return topic;
  };
  const entries = Object.entries(ready).map(([key, value]) => [
    key,
    key.endsWith('topic') ? replaced(value) : value,
  ]);
  return {
    ...Object.fromEntries(entries),
    ...(config.availability !== undefined && {
      availability: availability.map((one) => (isObject(one) ? { ...one, topic: replaced(one.topic) } : one)),
    }),
  };
}

function longNames(config: Config, names: ReadonlyMap<string, string>): Record<string, unknown> {
  const long: Record<string, unknown> = Object.create(null);
  for (const [key, value] of Object.entries(config).slice(0, MAX_KEYS)) {
    const name = names.get(key) ?? key;
    // A long name that is there, too, counts more.
    if (name === key || !Object.hasOwn(config, name)) long[name] = value;
  }
  return long;
}

function parsedObject(payload: Buffer): Config | undefined {
  try {
    const value: unknown = JSON.parse(payload.toString('utf8'));
    return isObject(value) && isShallow(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isShallow(value: unknown, levels = MAX_LEVELS): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((one) => isShallow(one, levels - 1));
}

function isObject(value: unknown): value is Config {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}
