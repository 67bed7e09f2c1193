/**
 * Devices that nobody announced, known by their topics alone. A device is taken for one only if it says itself whether it
 * is there, and if all topics below its own have the form that its make gives them: `home/kitchen/temperature` and
 * `home/kitchen/humidity` are a room, and nobody knows how many devices.
 */
import type { Presence } from '../../../../topics/topic-name';
import { isGone, type Row, type TopicName } from '../rows';
import { rankOf, UNKNOWN_RANK } from '../topics/readings';

/** A value of a topic, and what it is about. */
export interface Guess {
  /** Absent: the payload is the value. */
  readonly field?: string;
  readonly words: string;
  readonly unit: string;
}

export interface FoundDevice {
  /** Its levels. */
  readonly path: string;
  readonly name: string;
  readonly topics: readonly string[];
  readonly values: ReadonlyMap<string, readonly Guess[]>;
  readonly presence: Presence;
}

interface Candidate extends FoundDevice {
  readonly make: Make;
  readonly topics: string[];
  readonly values: Map<string, readonly Guess[]>;
}

interface Make {
  /** Levels that a device has at least. */
  readonly least: number;
  /** Values of a topic, by the levels below those of the device; undefined: no device of this make has such a topic. */
  read(rest: readonly string[], row: Row): readonly Guess[] | undefined;
}

const NONE: readonly Guess[] = [];
/** Levels of a topic that are looked at, so that one of a thousand levels costs no more. */
const MAX_LEVELS = 8;
const WORDS: readonly (readonly [string, string])[] = [
  ['online', 'offline'],
  ['Online', 'Offline'],
  ['true', 'false'],
  ['available', 'unavailable'],
  ['connected', 'disconnected'],
];
const COMPONENTS = new Set([
  ...['sensor', 'binary_sensor', 'text_sensor', 'switch', 'light', 'fan', 'cover', 'climate', 'number'],
  ...['select', 'lock', 'button', 'event', 'text', 'valve', 'update', 'alarm_control_panel', 'media_player'],
]);
/** Numbers in the statuses of Shelly's components. */
const SHELLY: ReadonlyMap<string, readonly [string, string]> = new Map([
  ['tC', ['temperature', '°C']],
  ['rh', ['humidity', '%']],
  ['apower', ['power', 'W']],
  ['act_power', ['power', 'W']],
  ['lux', ['illuminance', 'lx']],
  ['aenergy.total', ['energy', 'Wh']],
  ['voltage', ['voltage', 'V']],
  ['current', ['current', 'A']],
  ['battery.percent', ['battery', '%']],
  ['rssi', ['signal', 'dBm']],
]);
/** Units of numbers that Tasmota measures, by the end of their path. Temperatures may be in either unit. */
const TASMOTA: ReadonlyMap<string, string> = new Map([
  ['Humidity', '%'],
  ['Power', 'W'],
  ['Voltage', 'V'],
  ['Current', 'A'],
  ['Total', 'kWh'],
  ['Today', 'kWh'],
  ['Battery', '%'],
]);

/** `<node>/status`, `<node>/<component>/<object>/state`. */
const ESPHOME: Make = {
  least: 1,
  read([component = '', object = '', ...rest], row) {
    if (rest.length === 0) return object === '' && /^(?:status|debug)$/.test(component) ? NONE : undefined;
    const last = rest[rest.length - 1] ?? '';
    if (!COMPONENTS.has(component) || !/^(?:state|command)$/.test(last)) return undefined;
    return rest.length === 1 && last === 'state' ? whole(object, row) : NONE;
  },
};

/** `<prefix>/online`, `<prefix>/status/<component>`. */
const SHELLY_2: Make = {
  least: 1,
  read([first = '', second, ...rest], row) {
    if (rest.length > 0 || !/^(?:online|status|events|rpc|command|announce)$/.test(first)) return undefined;
    if (first !== 'status') return second === undefined || first === 'events' ? NONE : undefined;
    return Object.keys(row.fields ?? {}).flatMap((field) => {
      const [words, unit] = SHELLY.get(field) ?? [];
      return words === undefined ? [] : [{ field, words, unit: unit ?? '' }];
    });
  },
};

/** `shellies/<id>/…` */
const SHELLY_1: Make = {
  least: 2,
  read: (rest, row) =>
    rest.length === 0 || /^(?:announce|info|command|online)$/.test(rest[rest.length - 1] ?? '')
      ? NONE
      : whole(rest.join(' '), row),
};

/** `tele/<topic>/LWT`, `STATE`, `SENSOR`, `stat/<topic>/POWER`. */
const TASMOTA_MAKE: Make = {
  least: 2,
  read([last = '', ...deeper], row) {
    // What it hears by Zigbee or Bluetooth is another device.
    if (deeper.length > 0) return undefined;
    // Below `cmnd` it is what somebody wanted.
    if (/^POWER\d{0,2}$/.test(last))
      return row.topic.split('/').includes('stat') ? [{ words: last, unit: '' }] : NONE;
    const fields = Object.keys(row.fields ?? {});
    if (last === 'STATE')
      return fields.includes('Wifi.RSSI') ? [{ field: 'Wifi.RSSI', words: 'RSSI', unit: '%' }] : NONE;
    if (last !== 'SENSOR') return NONE;
    return fields.flatMap((field) => {
      const words = field.slice(field.lastIndexOf('.') + 1);
      return rankOf(words).rank === UNKNOWN_RANK ? [] : [{ field, words, unit: TASMOTA.get(words) ?? '' }];
    });
  },
};

/** `<device>/availability`, and what it measures beside it or in its own topic. */
const OTHER: Make = {
  least: 2,
  read([last = '', ...deeper], row) {
    if (deeper.length > 0) return undefined;
    return AVAILABILITY.has(last) || ORDERS.has(last) ? NONE : whole(last, row);
  },
};
const AVAILABILITY = new Set(['availability', 'available', 'LWT', 'lwt']);
/** Last levels under which a device is told something. */
const ORDERS = new Set(['set', 'get', 'command', 'cmd']);

/** A number or a state; of JSON, the numbers that people look for. */
function whole(words: string, row: Row): readonly Guess[] {
  if (!row.fields) return [{ words, unit: row.unit ?? '' }];
  return Object.keys(row.fields)
    .filter((field) => rankOf(field).rank !== UNKNOWN_RANK)
    .map((field) => ({ field, words: field, unit: '' }));
}

/**
 * The devices behind the topics that no announcement gives to one.
 * @param taken topics of devices that were announced
 */
export function devicesByTopic(
  rows: ReadonlyMap<string, Row>,
  names: ReadonlyMap<string, TopicName>,
  taken: ReadonlySet<string>,
): FoundDevice[] {
  const candidates = new Map<string, Candidate>();
  for (const row of rows.values()) {
    const found = isGone(row) || taken.has(row.topic) ? undefined : candidateOf(row);
    if (found) candidates.set(found.path, found);
  }
  if (candidates.size === 0) return [];
  for (const row of rows.values()) {
    if (isGone(row)) continue;
    const isTaken = taken.has(row.topic) || names.get(row.topic)?.device !== undefined;
    const [nearest, ...above] = placesOf(row.topic).filter(({ id }) => candidates.has(id));
    // A device with other devices below it is a gateway, and its topics are not about one thing.
    for (const { id } of above) candidates.delete(id);
    const device = nearest && candidates.get(nearest.id);
    if (!nearest || !device) continue;
    const values = isTaken ? undefined : device.make.read(nearest.rest, row);
    if (!values) candidates.delete(nearest.id);
    else {
      device.topics.push(row.topic);
      if (values.length > 0) device.values.set(row.topic, values);
    }
  }
  return [...candidates.values()];
}

/** The device that says here whether it is there. */
function candidateOf(row: Row): Candidate | undefined {
  const pair = WORDS.find((words) => words.includes(row.text));
  if (!pair || (row.kind !== 'text' && row.kind !== 'boolean')) return undefined;
  const levels = row.topic.split('/');
  const last = levels.pop() ?? '';
  const make = makeOf(levels, last, pair[0]);
  if (!make || levels.length < make.least || levels.length >= MAX_LEVELS) return undefined;
  const own = make === TASMOTA_MAKE ? levels.filter((level) => level !== 'tele') : levels.slice(-1);
  return {
    ...{ path: levels.join('/'), name: own.join('/'), make, topics: [], values: new Map() },
    presence: { topic: row.topic, available: pair[0], notAvailable: pair[1] },
  };
}

function makeOf(levels: readonly string[], last: string, word: string): Make | undefined {
  if (last === 'LWT' && levels.includes('tele')) return TASMOTA_MAKE;
  if (last === 'online') return word !== 'true' ? undefined : levels[0] === 'shellies' ? SHELLY_1 : SHELLY_2;
  if (last === 'status') return word === 'online' ? ESPHOME : undefined;
  return AVAILABILITY.has(last) ? OTHER : undefined;
}

/** The devices that a topic may belong to, the nearest first, with the levels below each. */
function placesOf(topic: string): { id: string; rest: readonly string[] }[] {
  const levels = topic.split('/', MAX_LEVELS + 2);
  const places: { id: string; rest: readonly string[] }[] = [];
  const at = levels.findIndex((level) => level === 'stat' || level === 'cmnd');
  if (at >= 0)
    places.push({
      id: levels
        .slice(0, -1)
        .map((level, i) => (i === at ? 'tele' : level))
        .join('/'),
      rest: levels.slice(-1),
    });
  for (let count = Math.min(levels.length, MAX_LEVELS); count > 0; count--)
    places.push({ id: levels.slice(0, count).join('/'), rest: levels.slice(count) });
  return places;
}
