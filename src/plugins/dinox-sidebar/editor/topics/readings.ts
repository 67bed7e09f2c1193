/** The numbers in a device's JSON, in the order in which people look for them. */

/** Words in a field's name, its icon of Font Awesome, in the order of importance. What fits none comes before the last. */
const FIRST: readonly (readonly [RegExp, string])[] = [
  [/temperature|temp$/i, 'thermometer-half'],
  [/humidity|moisture/i, 'tint'],
  [/power$|watt/i, 'bolt'],
  [/co2|carbon|voc|pm\d|air.?quality/i, 'cloud'],
  [/illuminance|lux|light|brightness/i, 'sun-o'],
  [/pressure/i, 'tachometer'],
  [/position|level|volume/i, 'sliders'],
  [/energy|total|today/i, 'bolt'],
  [/voltage|current/i, 'plug'],
  [/door|window|contact|opening|garage|^lock$/i, 'unlock-alt'],
  [/motion|occupancy|presence/i, 'street-view'],
  [/smoke|^gas$|^problem$|^tamper$/i, 'exclamation-triangle'],
];
const LAST: readonly (readonly [RegExp, string])[] = [
  [/battery/i, 'battery-three-quarters'],
  [/link.?quality|rssi|snr|signal/i, 'signal'],
  [/uptime|time|count|index|last.?seen|version/i, 'clock-o'],
];

/** Rank of what fits no word: before what comes last. */
export const UNKNOWN_RANK = FIRST.length;

interface Reading {
  field: string;
  icon: string;
}

/** The fields, the main one first, as many as `most`. */
export function mainReadings(fields: readonly string[], most = fields.length): Reading[] {
  return fields
    .map((field) => ({ field, ...rankOf(field) }))
    .sort((a, b) => a.rank - b.rank)
    .slice(0, most)
    .map(({ field, icon }) => ({ field, icon }));
}

/** How early people look for what these words name (0: first), and its icon. */
export function rankOf(words: string): { rank: number; icon: string } {
  // A battery's voltage is about the battery.
  const late = LAST.findIndex(([one]) => one.test(words));
  if (late >= 0) return { rank: UNKNOWN_RANK + 1 + late, icon: LAST[late]?.[1] ?? 'circle-o' };
  const early = FIRST.findIndex(([one]) => one.test(words));
  return early >= 0
    ? { rank: early, icon: FIRST[early]?.[1] ?? 'circle-o' }
    : { rank: UNKNOWN_RANK, icon: 'circle-o' };
}

/** Topics on which devices say what they are, and words of a search that ask for them. */
const ANNOUNCEMENTS: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^tasmota\/discovery\/[^/]+\/(?:config|sensors)$/, ['tasmota/', 'discovery', 'config']],
  [/^esphome\/discover\/[^/]+$/, ['esphome/', 'discover']],
  [/^shellies(?:\/[^/]+)?\/announce$/, ['announce']],
  [/\/bridge\/(?:devices|groups|definitions?)$/, ['bridge', 'devices', 'groups', 'definition']],
];

/**
 * True for announcements, to Home Assistant and to others, for which the search does not ask: what they say is shown with
 * the devices, by their names.
 */
export function isHiddenAnnouncement(topic: string, prefix: string, search: string): boolean {
  const isHome =
    topic.endsWith('/config') && topic.startsWith(`${prefix}/`) && topic.length > prefix.length + 8;
  const words = isHome ? [prefix, 'config'] : ANNOUNCEMENTS.find(([announced]) => announced.test(topic))?.[1];
  if (!words) return false;
  const wanted = search.toLowerCase();
  return !words.some((word) => wanted.includes(word.toLowerCase()));
}
