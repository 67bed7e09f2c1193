/** Names and units of topics, out of what devices announce for Home Assistant. */

import { readAnnouncement } from './announcement';
import { describeDevice, Entity } from './entity';

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
}

const MAX_COMPONENTS = 200;
const MAX_TOPIC_LENGTH = 1_024;
const MAX_TEMPLATE_LENGTH = 500;
const MAX_FIELD_LENGTH = 64;

/** Topics that a person looks at; others of an entity, such as its effects, have its name already. */
const COMMANDS = ['command_topic', 'temperature_command_topic', 'set_position_topic'];
const STATES = ['state_topic', 'current_temperature_topic', 'position_topic', 'topic'];

/** The topics that a message of discovery names; none where it takes the announcement away, or is none. Never throws. */
export function readDiscovery(topic: string, payload: Buffer): NamedTopic[] {
  const announcement = readAnnouncement(topic, payload);
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
          device,
          area: entity.device?.area ?? '',
          unit: isMain ? entity.unit : '',
          field: isMain ? field : '',
        },
      ];
    });
  return [...of('state', STATES), ...of('command', COMMANDS)];
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
