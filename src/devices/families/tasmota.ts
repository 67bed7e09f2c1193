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
const LAST = /^(?:LWT|STATE|SENSOR|RESULT|UPTIME|DEEPSLEEP|INFO\d?|STATUS\d{0,2})$/;
/** `Deep-Sleep Wake` as the reason of a start, `DeepSleep` as the last will. */
const DEEP_SLEEP = /^deep.?sleep/i;
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
      sleeps: sleepsBy(object),
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

/** Says when it will wake up again, and at each start why it was started. Undefined: it says nothing about that. */
function sleepsBy(object: Fields): boolean | undefined {
  if (within(object, 'DeepSleep')) return true;
  const reason = nameOf(within(object, 'Info3') ?? object, 'RestartReason');
  return reason === undefined ? undefined : DEEP_SLEEP.test(reason);
}

function lastWill(base: Observation, content: Content): Observation[] | undefined {
  if (content.isEmpty) return [{ ...base, isCleared: true }];
  if (DEEP_SLEEP.test(content.word ?? '')) return [{ ...base, sleeps: true }];
  const online = availabilityOf(content);
  return online === undefined ? undefined : [{ ...base, online }];
}

/**
 * Devices of Zigbee or Bluetooth that a Tasmota hears: `{"ZbReceived": {"0x1234": {…}}}`, `{"LYWSD03-112233": {…}}`. In
 * `ZbInfo` it tells what it remembers of them.
 */
function inside(device: string, object: Fields): Observation[] {
  const heard = within(object, 'ZbReceived');
  const zigbee = heard ?? within(object, 'ZbInfo');
  const isAlive = heard !== undefined || zigbee === undefined;
  const found: Observation[] = [];
  for (const [id, one] of Object.entries(zigbee ?? object).slice(0, MAX_INSIDE)) {
    const fields = fieldsIn(one);
    if (!fields || (!zigbee && !isHeard(fields))) continue;
    // A topic for each device ends in its id already.
    const isOwn = device.endsWith(`/${id}`);
    const gateway = isOwn ? device.slice(0, -id.length - 1) : device;
    found.push({
      device: isOwn ? device : `${device}/${id}`,
      family,
      name: nameOf(fields, 'Name') ?? id,
      gateway,
      ...(isAlive && { isAlive }),
      ...reportIn(fields),
    });
  }
  return found;
}

/** What came by radio: the sensors of the Tasmota itself have nothing of that. */
const isHeard = (fields: Fields): boolean =>
  numberOf(fields, 'Battery', 'LinkQuality') !== undefined ||
  (nameOf(fields, 'mac') !== undefined && numberOf(fields, 'RSSI') !== undefined);

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
  // That it does not was perhaps said before it was told to.
  const sleeps = numberOf(object, 'dslp') === 1 || undefined;
  return [{ device, family, name: nameOf(object, 'dn'), sleeps }];
}
