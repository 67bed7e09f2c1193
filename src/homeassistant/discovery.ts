/**
 * Reads what devices announce for Home Assistant (MQTT discovery): names and units of topics. Anyone who may publish
 * can write it, so nothing in here is trusted: everything is bounded, and announcements in another form are left out.
 */

import { plain } from '../base/printable';
import { isTopic } from '../topics/filter';

/** One topic of an entity. */
export interface NamedTopic {
  topic: string;
  /** `state`: it is received; `command`: it is published to. */
  role: 'state' | 'command';
  /** `Kitchen sensor Temperature`: the device and the entity, as Home Assistant puts them together. */
  name: string;
  /** The device alone; empty where none is named. */
  device: string;
  /** `°C`; empty if there is none. */
  unit: string;
  /** Path of the value in a JSON payload (`power.phase1`); empty: the payload is the value. */
  field: string;
}

/** The filters under which devices announce themselves: with and without a node id. */
export const DISCOVERY_FILTERS = ['homeassistant/+/+/config', 'homeassistant/+/+/+/config'] as const;

const PREFIX = 'homeassistant/';
const CONFIG = /^homeassistant\/([\w-]{1,64})\/(?:[\w-]{1,256}\/)?[\w-]{1,256}\/config$/;
/** A device with a hundred entities writes 40 kB. */
const MAX_CONFIG_LENGTH = 131_072;
const MAX_COMPONENTS = 200;
const MAX_NAME_LENGTH = 100;
const MAX_UNIT_LENGTH = 12;
const MAX_TOPIC_LENGTH = 1_024;
const MAX_TEMPLATE_LENGTH = 500;
const MAX_FIELD_LENGTH = 64;

/** Long name and abbreviation of the properties that hold a topic. */
const TOPICS: Readonly<Record<NamedTopic['role'], readonly (readonly [string, string])[]>> = {
  state: [
    ['state_topic', 'stat_t'],
    ['current_temperature_topic', 'curr_temp_t'],
    ['position_topic', 'pos_t'],
    ['topic', 't'],
  ],
  command: [
    ['command_topic', 'cmd_t'],
    ['temperature_command_topic', 'temp_cmd_t'],
    ['set_position_topic', 'set_pos_t'],
  ],
};

type Config = Readonly<Record<string, unknown>>;

/** True if devices announce themselves under this topic. It runs for every message, so it must cost nothing. */
export function isDiscovery(topic: string): boolean {
  return topic.startsWith(PREFIX) && topic.endsWith('/config') && CONFIG.test(topic);
}

/**
 * The topics that a message of discovery names; none where it takes the announcement away, or is none. Never throws.
 * @param topic one for which {@link isDiscovery} holds
 */
export function readDiscovery(topic: string, payload: Buffer): NamedTopic[] {
  if (payload.length === 0 || payload.length > MAX_CONFIG_LENGTH) return [];
  let config: unknown;
  try {
    config = JSON.parse(payload.toString('utf8'));
  } catch {
    return [];
  }
  if (!isObject(config)) return [];
  const [, component = ''] = CONFIG.exec(topic) ?? [];
  if (component !== 'device') return topicsOf(config, {});
  const components = property(config, 'components', 'cmps');
  if (!isObject(components)) return [];
  return Object.values(components)
    .slice(0, MAX_COMPONENTS)
    .flatMap((one) => (isObject(one) ? topicsOf(one, config) : []));
}

/** `shared`: what the entities of one device have in common. */
function topicsOf(entity: Config, shared: Config): NamedTopic[] {
  const of = (long: string, short: string): unknown =>
    property(entity, long, short) ?? property(shared, long, short);
  const device = of('device', 'dev');
  const deviceName = isObject(device) ? words(property(device, 'name', 'name')) : '';
  const name = fullName(deviceName, words(property(entity, 'name', 'name')));
  if (name === '') return [];
  const base = of('~', '~');
  const unit = words(property(entity, 'unit_of_measurement', 'unit_of_meas'), MAX_UNIT_LENGTH);
  const field = fieldOf(property(entity, 'value_template', 'val_tpl'));
  const found: NamedTopic[] = [];
  for (const role of ['state', 'command'] as const) {
    for (const [long, short] of TOPICS[role]) {
      const topic = topicOf(of(long, short), base);
      if (topic === undefined) continue;
      const isMain = long === 'state_topic';
      found.push({
        topic,
        role,
        name,
        device: deviceName,
        unit: isMain ? unit : '',
        field: isMain ? field : '',
      });
    }
  }
  return found;
}

/** A `~` at the beginning or the end stands for what the topics have in common. */
function topicOf(value: unknown, base: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > MAX_TOPIC_LENGTH) return undefined;
  const common = typeof base === 'string' && base.length <= MAX_TOPIC_LENGTH ? base : undefined;
  let topic = value;
  if (common !== undefined && topic.startsWith('~')) topic = common + topic.slice(1);
  if (common !== undefined && topic.endsWith('~')) topic = topic.slice(0, -1) + common;
  if (topic.length > MAX_TOPIC_LENGTH) return undefined;
  return isTopic(topic) ? topic : undefined;
}

/** `{{ value_json.power.phase1 | round(1) }}` → `power.phase1`; empty where a template does something else. */
function fieldOf(template: unknown): string {
  if (typeof template !== 'string' || template.length > MAX_TEMPLATE_LENGTH) return '';
  const found =
    /^\s*\{\{-?\s*value_json((?:\.\w+|\[(?:'[^'\]]+'|"[^"\]]+")\])+)\s*(?:\|[^{}]*)?-?\}\}\s*$/.exec(
      template,
    );
  const [, path = ''] = found ?? [];
  const levels = [...path.matchAll(/\.(\w+)|\[['"]([^\]]+)['"]\]/g)].map(
    ([, dotted, quoted]) => dotted ?? quoted,
  );
  const field = levels.join('.');
  return field.length > MAX_FIELD_LENGTH ? '' : field;
}

/** Home Assistant puts the device's name before the entity's; some devices have done so already. */
function fullName(device: string, entity: string): string {
  if (device === '' || entity === '') return device || entity;
  return entity.toLowerCase().startsWith(device.toLowerCase())
    ? entity
    : `${device} ${entity}`.slice(0, MAX_NAME_LENGTH);
}

function words(value: unknown, most = MAX_NAME_LENGTH): string {
  return typeof value === 'string'
    ? plain(
        value
          .slice(0, 4 * most)
          .replace(/\s+/g, ' ')
          .trim(),
        most,
      )
    : '';
}

function property(config: Config, long: string, short: string): unknown {
  if (Object.hasOwn(config, long)) return config[long];
  return Object.hasOwn(config, short) ? config[short] : undefined;
}

function isObject(value: unknown): value is Config {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
