import { text } from '../../base/catalogue';
import type { Text } from '../../base/text';
import type { ShownAbout } from './announced-device';
import type { ShownEntity } from './device-config';
import { numberLooks, stateClass } from './units';

/** Limits, as commands call them. */
export type ShownLimit = 'limit' | 'limit2' | 'critical' | 'critical2';

/** Bounds within which a limit can be set. */
export interface LimitRange {
  min: number;
  max: number;
  step: number;
}

/** An alert node as it is shown. */
export interface ShownAlert {
  name: string;
  /** Keys, with the units of their values; `''`: one for the node. */
  keys: ReadonlyMap<string, string>;
  /** Values are numbers. */
  isNumeric: boolean;
  /** The value is a change per minute. */
  isRate: boolean;
  /** Limits that can be set, with their present values. */
  limits: ReadonlyMap<ShownLimit, LimitRange>;
  /** Unit of the limits. */
  unit: string;
  read(said: Text): string;
}

/** State of a key. Times in milliseconds since the epoch. */
export interface ShownKeyState {
  isAlarm: boolean;
  value: number | string | boolean | undefined;
  /** When its state began. */
  since: number;
  silence: { until: number; by: string } | undefined;
  /** For people to look at. */
  attributes: Readonly<Record<string, string | number | boolean | null>>;
}

const STATE = '~/state';
/** Longest state that Home Assistant takes, in characters. */
const MAX_STATE = 255;

/** The entities of an alert node: five for each key, and one for each limit of the node. */
export function alertEntities(alert: ShownAlert): ShownAbout[] {
  const about: ShownAbout[] = [];
  for (const [key, unit] of alert.keys)
    for (const entity of keyEntities(alert, key, unit)) about.push({ key, entity });
  for (const [field, range] of alert.limits)
    about.push({ key: '', entity: limitEntity(alert, field, range) });
  return about;
}

function keyEntities(alert: ShownAlert, key: string, unit: string): ShownEntity[] {
  const { name, read } = alert;
  const about = key === '' ? name : `${name} ${key}`;
  const entity = (
    platform: ShownEntity['platform'],
    part: 'alarm' | 'value' | 'ack' | 'silence' | 'changed',
    config: ShownEntity['config'],
  ): ShownEntity => ({
    platform,
    part,
    name: `${about} ${read(text(`shown.${part}`))}`,
    id: `${about} ${part}`,
    config,
  });
  return [
    entity('binary_sensor', 'alarm', {
      device_class: 'problem',
      state_topic: STATE,
      value_template: '{{ value_json.alarm }}',
      json_attributes_topic: STATE,
      json_attributes_template: '{{ value_json.attributes | tojson }}',
    }),
    entity('sensor', 'value', {
      ...(alert.isNumeric && valueLooks(alert, key, unit)),
      state_topic: STATE,
      value_template: '{{ value_json.value }}',
    }),
    entity('button', 'ack', { icon: 'mdi:check', command_topic: '~/ack/set' }),
    entity('switch', 'silence', {
      icon: 'mdi:bell-off',
      state_topic: STATE,
      value_template: '{{ value_json.silence }}',
      command_topic: '~/silence/set',
      json_attributes_topic: STATE,
      json_attributes_template: '{{ value_json.silenced | tojson }}',
    }),
    entity('sensor', 'changed', {
      device_class: 'timestamp',
      entity_category: 'diagnostic',
      state_topic: STATE,
      value_template: '{{ value_json.changed }}',
    }),
  ];
}

function valueLooks({ isRate }: ShownAlert, key: string, unit: string): object {
  if (isRate) return { state_class: 'measurement', unit_of_measurement: `${unit}/min` };
  const looks = numberLooks(unit, key);
  return { state_class: stateClass(looks), ...looks };
}

function limitEntity(alert: ShownAlert, field: ShownLimit, range: LimitRange): ShownEntity {
  const { name, read, unit, isRate } = alert;
  // A share has no class here: a limit of a battery is no battery.
  const looks = isRate ? { unit_of_measurement: `${unit}/min` } : numberLooks(unit, '');
  return {
    platform: 'number',
    part: field,
    name: `${name} ${read(text(`shown.${field}`))}`,
    id: `${name} ${field}`,
    config: {
      ...looks,
      ...range,
      mode: 'box',
      entity_category: 'config',
      state_topic: '~/limits',
      value_template: `{{ value_json.${field} }}`,
      command_topic: `~/${field}/set`,
    },
  };
}

/** The state of a key, for all its entities: a template on a missing key warns at each message. */
export function keyState({ isAlarm, value, since, silence, attributes }: ShownKeyState): object {
  return {
    alarm: isAlarm ? 'ON' : 'OFF',
    value: valueText(value),
    changed: new Date(since).toISOString(),
    silence: silence ? 'ON' : 'OFF',
    attributes,
    silenced: silence
      ? { until: new Date(silence.until).toISOString(), by: silence.by }
      : { until: null, by: null },
  };
}

/** A text that is empty would keep the value before. */
function valueText(value: ShownKeyState['value']): number | string | null {
  if (value === undefined || value === '') return null;
  return typeof value === 'number' ? value : String(value).slice(0, MAX_STATE);
}

/** A number within its range, as Home Assistant sends it; undefined: it is none. */
export function numberWithin(said: string, { min, max }: LimitRange): number | undefined {
  if (!/^-?\d{1,15}(\.\d{1,15})?$/.test(said.trim())) return undefined;
  const number = Number(said);
  return number >= min && number <= max ? number : undefined;
}

/** Digits of the widest bounds: those of a number that is taken. */
const MAX_DIGITS = 15;

/** Bounds for a limit: as wide as its size asks for, and always around its value. */
export function limitRange(value: number, unit: string): LimitRange {
  const isShare = unit === '%' && value >= 0 && value <= 100;
  if (isShare) return { min: 0, max: 100, step: 0.1 };
  const digits = Math.ceil(Math.log10(Math.max(1, Math.abs(value) * 2)));
  const size = 10 ** Math.min(MAX_DIGITS, Math.max(2, digits));
  return { min: -size, max: size, step: size <= 1_000 ? 0.1 : 1 };
}
