import { plain } from '../../base/printable';
import { deviceId, type Identity, ownPlaceOf, type Place, placeId, placeTopic } from './identity';

const PLATFORMS = ['binary_sensor', 'sensor', 'number', 'button', 'switch', 'notify', 'event'] as const;
/** Components that we announce. */
export type ShownPlatform = (typeof PLATFORMS)[number];

/** An entity that a node wants shown. */
export interface ShownEntity {
  platform: ShownPlatform;
  /** Last part of its `unique_id`, in letters and digits: `alarm`, `limit`. */
  part: string;
  /** Name without the device's, for people. */
  name: string;
  /** Name in its entity id, which does not change with a language. */
  id: string;
  /** More of its configuration, by Home Assistant's own long names. `~` in topics is the topic of its place. */
  config: Readonly<Record<string, unknown>>;
}

/** Configuration of one component, as it stands in the announcement. */
export type Component = Readonly<Record<string, unknown>>;
export type Components = ReadonlyMap<string, Component>;

export interface DeviceLooks {
  name: string;
  version: string;
  /** The topic that tells whether we are there; undefined: nobody knows. */
  statusTopic: string | undefined;
}

const MAX_NAME = 120;
const MAX_ID = 100;
/** A longer announcement is not read. */
const MAX_READ = 1_048_576;
const ORIGIN = 'DinoX for Node-RED';
/** Longest configuration of one component that is read, in characters of JSON. */
const MAX_COMPONENT = 8_192;
/** A topic below its place. */
const BELOW = /^~\/[\w-]{1,64}$/;
/** The status of a bot, as one of two words. One in trouble is still there. */
const AVAILABILITY = "{{ 'offline' if value_json.status == 'offline' else 'online' }}";

/** Key of a component in the announcement. */
export function componentKey(place: Place, part: string): string {
  return `${placeId(place)}_${part}`;
}

/** What an entity is announced with. Everything that a version of Home Assistant warns about without is in it. */
export function componentOf(identity: Identity, place: Place, entity: ShownEntity): Component {
  const { platform, part, name, id, config } = entity;
  const objectId = slugOf(id);
  return {
    platform,
    unique_id: `${identity.installation}_${componentKey(place, part)}`,
    name: plain(name, MAX_NAME),
    // Versions before 2025.10 obey the second, later ones the first.
    default_entity_id: `${platform}.${objectId}`,
    object_id: objectId,
    '~': placeTopic(identity, place),
    ...config,
  };
}

/**
 * The announcement. Components in `gone` are taken out: they are named with their platform alone, since one that is
 * just left out stays.
 */
export function deviceConfig(
  identity: Identity,
  { name, version, statusTopic }: DeviceLooks,
  components: Components,
  gone: Components,
): string {
  const taken = [...gone].map(([key, { platform }]) => [key, { platform }] as const);
  return JSON.stringify({
    device: {
      identifiers: [deviceId(identity)],
      name: plain(name, MAX_NAME),
      manufacturer: 'DinoX',
      model: 'Node-RED',
      sw_version: version,
    },
    origin: { name: ORIGIN, sw_version: version },
    ...(statusTopic !== undefined && {
      availability_topic: statusTopic,
      availability_template: AVAILABILITY,
    }),
    qos: 1,
    components: Object.fromEntries([...components, ...taken]),
  });
}

/**
 * Components of an announcement that an earlier run has left on the server. Anybody may write there: what is not ours
 * by its ids and its topic is left out, for we would clear topics that it names.
 */
export function announcedComponents(identity: Identity, payload: Buffer): Map<string, Component> {
  if (payload.length > MAX_READ) return new Map();
  try {
    return ownComponents(identity, objectOf(JSON.parse(payload.toString()))?.components);
  } catch {
    // Somebody else wrote it.
    return new Map();
  }
}

/** Those of `components`, an object by their keys, that may be ours. */
export function ownComponents(identity: Identity, components: unknown): Map<string, Component> {
  const found = new Map<string, Component>();
  for (const [key, one] of Object.entries(objectOf(components) ?? {})) {
    const component = objectOf(one);
    if (component && isOurs(identity, key, component)) found.set(key, component);
  }
  return found;
}

/** True for what {@link componentOf} may have made; a component that was just taken out is not there any more. */
function isOurs(identity: Identity, key: string, component: Component): boolean {
  const { platform, unique_id: id } = component;
  const place = ownPlaceOf(identity, placeOfComponent(component) ?? '');
  return (
    place !== undefined &&
    /^[\w-]{1,40}$/.test(key.slice(place.id.length + 1)) &&
    key.startsWith(`${place.id}_`) &&
    id === `${identity.installation}_${key}` &&
    PLATFORMS.some((one) => one === platform) &&
    isShort(component)
  );
}

function isShort(component: Component): boolean {
  try {
    return JSON.stringify(component).length <= MAX_COMPONENT;
  } catch {
    // More levels than the stack takes: parsing does not need it.
    return false;
  }
}

/** The topic of the place that a component belongs to. */
export function placeOfComponent(component: Component): string | undefined {
  const base = component['~'];
  return typeof base === 'string' ? base : undefined;
}

/** The topic below its place that a component's state stands on; undefined if it stands elsewhere, or there is none. */
export function stateTopicOf(component: Component): string | undefined {
  const { state_topic: topic } = component;
  const place = placeOfComponent(component);
  return typeof topic === 'string' && place !== undefined && BELOW.test(topic)
    ? place + topic.slice(1)
    : undefined;
}

/** `Freezer: home/freezer` as `freezer_home_freezer`. */
function slugOf(text: string): string {
  const slug = text
    .normalize('NFD')
    .replace(/ß/g, 'ss')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .slice(0, MAX_ID)
    .replace(/^_+|_+$/g, '');
  return slug === '' ? 'dinox' : slug;
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
