/** Names and units of topics, out of what devices announce for Home Assistant. */

import type { Meaning, NamedDevice } from '../topics/topic-name';
import { DEFAULT_PREFIX, readAnnouncement } from './announcement';
import { describeDevice, deviceIds, Entity } from './entity';

/** One topic of an entity. */
export interface NamedTopic {
  topic: string;
  /** `state`: it is received; `command`: it is published to. */
  role: 'state' | 'command';
  /** `Kitchen sensor Temperature`: the device and the entity, as Home Assistant puts them together. */
  name: string;
  /** The device alone; empty where none is named. */
  device: string;
  /** The room that the device suggests; empty if it does not. */
  area: string;
  /** `°C`; empty if there is none. */
  unit: string;
  /** Path of the value in a JSON payload (`power.phase1`); empty: the payload is the value. */
  field: string;
  /** The device class after which it is named; absent: it has another name. */
  byClass?: string;
  /** Absent: its announcement names no device by an id. */
  of?: NamedDevice;
  /** Absent: it is a command, or the value is made of the payload in a way that only a template can. */
  meaning?: Meaning;
}

const MAX_COMPONENTS = 500;
const MAX_TOPIC_LENGTH = 1_024;
const MAX_TEMPLATE_LENGTH = 500;
const MAX_FIELD_LENGTH = 64;
/** Topics of presence of one entity, and the longest of their words. */
const MAX_PRESENCE = 4;
const MAX_WORD = 64;

/** Topics that a person looks at; others of an entity, such as its effects, have its name already. */
const COMMANDS = ['command_topic', 'temperature_command_topic', 'set_position_topic'];
const STATES = ['state_topic', 'current_temperature_topic', 'position_topic', 'topic'];

/** The topics that a message of discovery names; none where it takes the announcement away, or is none. Never throws. */
export function readDiscovery(topic: string, payload: Buffer, prefix = DEFAULT_PREFIX): NamedTopic[] {
  const announcement = readAnnouncement(topic, payload, prefix);
  return (announcement?.entities ?? [])
    .slice(0, MAX_COMPONENTS)
    .flatMap(({ component, id, config }) =>
      config ? topicsOf(new Entity(component, id, config, deviceOf(config.device))) : [],
    );
}

function deviceOf(device: unknown): ({ id: string } & ReturnType<typeof describeDevice>) | undefined {
  if (typeof device !== 'object' || device === null) return undefined;
  return { id: '', ...describeDevice(device as Readonly<Record<string, unknown>>) };
}

function topicsOf(entity: Entity): NamedTopic[] {
  const device = entity.device?.name ?? '';
  // What Home Assistant calls "MQTT Sensor" has no name of its own.
  const isNamed =
    device !== '' || (typeof entity.config.name === 'string' && entity.config.name.trim() !== '');
  if (!isNamed) return [];
  const field = fieldOf(entity);
  const owner = ownerOf(entity);
  const of = (role: NamedTopic['role'], names: readonly string[]): NamedTopic[] =>
    names.flatMap((property) => {
      const topic = entity.commandTopic(property);
      if (topic === undefined || topic.length > MAX_TOPIC_LENGTH) return [];
      const isMain = property === 'state_topic';
      return [
        {
          topic,
          role,
          name: entity.name,
          ...(entity.nameClass !== '' && { byClass: entity.nameClass }),
          device,
          area: entity.device?.area ?? '',
          unit: isMain ? entity.unit : '',
          field: isMain ? field : '',
          ...(owner && { of: owner, ...(role === 'state' && meaningOf(entity, property, field)) }),
        },
      ];
    });
  return [...of('state', STATES), ...of('command', COMMANDS)];
}

function ownerOf({ device, availability, availabilityMode, config }: Entity): NamedDevice | undefined {
  const [id] = deviceIds(config.device);
  if (id === undefined) return undefined;
  const presence = availability.slice(0, MAX_PRESENCE).flatMap((one) => {
    const { topic, template, available, notAvailable } = one;
    const field = template === undefined ? '' : pathIn(template);
    if ((template !== undefined && field === '') || !isShort(topic, available, notAvailable)) return [];
    return [{ topic, ...(field !== '' && { field }), available, notAvailable }];
  });
  return {
    ...{ id, name: device?.name ?? '' },
    ...(presence.length > 0 && { presence }),
    ...(availabilityMode !== 'latest' && { presenceMode: availabilityMode }),
  };
}

const isShort = (topic: string, ...words: string[]): boolean =>
  topic.length <= MAX_TOPIC_LENGTH && words.every((word) => word.length <= MAX_WORD);

/** Topics that are about one part of an entity, and the device class of what they say. */
const PARTS: ReadonlyMap<string, string> = new Map([
  ['current_temperature_topic', 'temperature'],
  ['position_topic', 'position'],
]);
const PLAIN_SENSORS = new Set(['sensor', 'binary_sensor']);

function meaningOf(
  { ownName, deviceClass, component, category, config }: Entity,
  property: string,
  field: string,
): { meaning?: Meaning } {
  const part = PARTS.get(property);
  const template = config[part === undefined ? 'value_template' : property.replace('_topic', '_template')];
  if (template !== undefined && (part !== undefined || field === '')) return {};
  const own = part ?? (deviceClass || (PLAIN_SENSORS.has(component) ? '' : component));
  return {
    meaning: {
      ...(own !== '' && { class: own }),
      ...(ownName && { label: ownName }),
      ...(category !== '' && { isMinor: true as const }),
    },
  };
}

/** The topic that people look at for an entity, and the path of the value in its JSON; undefined where it has none. */
export function mainTopicOf(entity: Entity): Pick<NamedTopic, 'topic' | 'field'> | undefined {
  for (const property of STATES) {
    const topic = entity.commandTopic(property);
    if (topic !== undefined) return { topic, field: property === 'state_topic' ? fieldOf(entity) : '' };
  }
  return undefined;
}

/**
 * Path of the value in the JSON of an entity's states: `{{ value_json.power.phase1 | round(1) }}` → `power.phase1`;
 * empty where a template does something else.
 */
export function fieldOf({ config: { value_template: template } }: Entity): string {
  return pathIn(template);
}

function pathIn(template: unknown): string {
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
