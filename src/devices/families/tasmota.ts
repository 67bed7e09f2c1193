import {
  availabilityOf,
  type Content,
  type Fields,
  fieldOf,
  fieldsIn,
  nameOf,
  numberOf,
  within,
} from '../content';
import { type Observation, percent } from '../observation';
import { reportIn } from '../report';
import { type FamilyReader, type KnownHome, MAX_KNOWN } from '../route';

const family = 'tasmota';
const LAST = /^(?:LWT|STATE|SENSOR|RESULT|UPTIME|INFO\d?|STATUS\d{0,2})$/;
/** Devices that one message of a gateway is about. */
const MAX_INSIDE = 50;

/** Tasmota: `tele/<topic>/LWT`, `STATE`, `SENSOR`, in any order of the levels, and its own discovery. */
export const tasmota: FamilyReader = (topic, levels, home) => {
  const last = levels[levels.length - 1] ?? '';
  if (levels[0] === 'tasmota' && levels[1] === 'discovery' && last === 'config')
    return (content) => announcement(topic, content, home);
  const isPrefix = (level: string): boolean => level === 'tele' || level === 'stat';
  if (!LAST.test(last) || !levels.slice(0, -1).some(isPrefix) || levels.length < 3) return undefined;
  const device = levels
    .slice(0, -1)
    .map((level) => (level === 'stat' ? 'tele' : level))
    .join('/');
  const base: Observation = { device, family, name: nameBy(device) };
  if (last === 'LWT') return (content) => lastWill(base, content);
  return (content) => {
    const { object } = content;
    if (!object) return undefined;
    const wifi = within(object, 'Wifi') ?? within(within(object, 'StatusSTS'), 'Wifi');
    const quality = percent(numberOf(wifi, 'RSSI'));
    const own = {
      ...base,
      isAlive: true,
      signal: quality === undefined ? undefined : { value: quality, unit: '%' as const },
    };
    const behind = last === 'SENSOR' ? inside(device, object) : [];
    if (behind.length === 0) return [own];
    const gateway = behind[0]?.gateway ?? device;
    return [{ ...own, device: gateway, name: nameBy(gateway), isGateway: true }, ...behind];
  };
};

/** Its topic without the prefix. */
const nameBy = (device: string): string =>
  device
    .split('/')
    .filter((level) => level !== 'tele')
    .join('/');

function lastWill(base: Observation, content: Content): Observation[] | undefined {
  if (content.isEmpty) return [{ ...base, isCleared: true }];
  const online = availabilityOf(content);
  return online === undefined ? undefined : [{ ...base, online }];
}

/** Devices of Zigbee or Bluetooth that a Tasmota hears: `{"ZbReceived": {"0x1234": {…}}}`, `{"LYWSD03-112233": {…}}`. */
function inside(device: string, object: Fields): Observation[] {
  const zigbee = within(object, 'ZbReceived');
  const found: Observation[] = [];
  for (const [id, one] of Object.entries(zigbee ?? object).slice(0, MAX_INSIDE)) {
    const fields = fieldsIn(one);
    if (!fields || (!zigbee && numberOf(fields, 'Battery') === undefined)) continue;
    // A topic for each device ends in its id already.
    const isOwn = device.endsWith(`/${id}`);
    const gateway = isOwn ? device.slice(0, -id.length - 1) : device;
    found.push({
      device: isOwn ? device : `${device}/${id}`,
      family,
      name: nameOf(fields, 'Name') ?? id,
      gateway,
      isAlive: true,
      ...reportIn(fields),
    });
  }
  return found;
}

/** `tasmota/discovery/<mac>/config`: the name that a person gave it. */
function announcement(topic: string, content: Content, home: KnownHome): Observation[] | undefined {
  const known = home.announced.get(topic);
  if (content.isEmpty) return known === undefined ? [] : [{ device: known, family, isCleared: true }];
  const { object } = content;
  const own = nameOf(object, 't');
  const full = nameOf(object, 'ft');
  const prefixes = fieldOf(object, 'tp');
  const tele = Array.isArray(prefixes) && typeof prefixes[2] === 'string' ? prefixes[2] : undefined;
  if (own === undefined || full === undefined || tele !== 'tele') return undefined;
  const device = full.replace('%prefix%', tele).replace('%topic%', own).replace(/\/+$/, '');
  if (home.announced.size < MAX_KNOWN) home.announced.set(topic, device);
  return [{ device, family, name: nameOf(object, 'dn') }];
}
