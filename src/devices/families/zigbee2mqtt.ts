import { availabilityOf, type Content, fieldsIn, flagOf, nameOf } from '../content';
import type { Observation } from '../observation';
import { REPORT_FIELDS, reportIn } from '../report';
import { before, type FamilyReader, type KnownHome, MAX_KNOWN } from '../route';

const family = 'zigbee2mqtt';
const MAX_BASES = 50;

/** Id of the bridge of a base topic. */
const bridgeOf = (base: string): string => `${base}/bridge`;

/**
 * Zigbee2MQTT, and what writes as it does: `<base>/bridge/state` and `devices`, `<base>/<name>`, and
 * `<base>/<name>/availability`, where names may have levels of their own.
 */
export const zigbee2mqtt: FamilyReader = (topic, levels, home) => {
  const at = levels.indexOf('bridge');
  if (at > 0) {
    const base = levels.slice(0, at).join('/');
    const rest = levels.slice(at + 1).join('/');
    if (rest === 'state') return (content) => stateOf(base, content, home);
    return rest === 'devices' ? (content) => listOf(base, content, home) : undefined;
  }
  const last = levels[levels.length - 1];
  if (last === 'set' || last === 'get') return () => [];
  const isAvailability = last === 'availability';
  const device = isAvailability ? before(levels, 1) : topic;
  if (device === '') return undefined;
  return (content) => {
    const base = baseOf(device, home);
    const listed = base === undefined ? undefined : home.bases.get(base);
    // Groups have topics, too, and what was removed may have left some.
    if (listed && !listed.has(device)) return [];
    const found = isAvailability ? availability(content) : report(content);
    if (!found) return undefined;
    if (base === undefined && (isAvailability || !content.mayHave(['linkquality']))) return undefined;
    const name = base === undefined ? undefined : device.slice(base.length + 1);
    const gateway = base === undefined ? undefined : bridgeOf(base);
    return [{ device, family, name, gateway, ...found }];
  };
};

function report(content: Content): Partial<Observation> | undefined {
  if (!content.mayHave(REPORT_FIELDS) && !content.mayHave(['last_seen', 'update'])) return undefined;
  const { object } = content;
  return object && { isAlive: true, ...reportIn(object) };
}

function availability(content: Content): Partial<Observation> | undefined {
  if (content.isEmpty) return { isCleared: true };
  const online = availabilityOf(content);
  return online === undefined ? undefined : { online };
}

function stateOf(base: string, content: Content, home: KnownHome): Observation[] | undefined {
  const online = availabilityOf(content);
  if (online === undefined) return undefined;
  if (!home.bases.has(base) && home.bases.size < MAX_BASES) home.bases.set(base, undefined);
  return [{ device: bridgeOf(base), family, name: base, isGateway: true, online }];
}

/** Names the devices that there are. Nothing is said about them by that. */
function listOf(base: string, content: Content, home: KnownHome): Observation[] | undefined {
  const { list } = content;
  if (!list) return undefined;
  const ids = new Set<string>();
  for (const one of list.slice(0, MAX_KNOWN)) {
    const fields = fieldsIn(one);
    const name = nameOf(fields, 'friendly_name');
    if (name !== undefined && flagOf(fields, 'disabled') !== true) ids.add(`${base}/${name}`);
  }
  // A bridge lists itself at least: an empty list is none, and must not remove a whole house.
  if (ids.size === 0) return [];
  if (home.bases.has(base) || home.bases.size < MAX_BASES) home.bases.set(base, ids);
  return [];
}

/** The base topic of a device. One may lie below another one, and somebody else may say to be the bridge of a whole house. */
export function baseOf(device: string, { bases }: KnownHome): string | undefined {
  let found: string | undefined;
  for (const base of bases.keys())
    if (base.length > (found?.length ?? -1) && device.startsWith(`${base}/`)) found = base;
  return found;
}
