import { availabilityOf, type Content, nameOf } from '../content';
import { type Observation, percent, percentOfVoltage, wifiSignal } from '../observation';
import { newVersionIn } from '../report';
import { before, type FamilyReader, MAX_KNOWN } from '../route';

const family = 'esphome';
/** One or two cells have less. */
const VOLTS = 10;
const COMPONENTS = new Set([
  ...['sensor', 'binary_sensor', 'text_sensor', 'switch', 'light', 'fan', 'cover', 'climate', 'number'],
  ...['select', 'lock', 'button', 'event', 'text', 'valve', 'update', 'alarm_control_panel', 'media_player'],
]);

/**
 * ESPHome: `<node>/status`, `<node>/<component>/<object>/state` and `esphome/discover/<node>`. Others have topics of that
 * form, too: a node is one once its status or its announcement was heard.
 */
export const esphome: FamilyReader = (_topic, levels, home) => {
  const last = levels[levels.length - 1];
  if (levels[0] === 'esphome' && levels[1] === 'discover' && levels.length === 3) {
    const device = levels[2] as string;
    return (content) => {
      const name = nameOf(content.object, 'friendly_name', 'name');
      if (name === undefined) return [];
      if (home.espNodes.size < MAX_KNOWN) home.espNodes.add(device);
      return [{ device, family, name }];
    };
  }
  if (last === 'status' && levels.length > 1) {
    const device = before(levels, 1);
    return (content) => {
      if (content.isEmpty) return [{ device, family: 'other', isCleared: true }];
      const online = availabilityOf(content);
      if (online === undefined || content.object) return undefined;
      if (home.espNodes.size < MAX_KNOWN) home.espNodes.add(device);
      return [{ device, family: 'other', online }];
    };
  }
  const component = levels[levels.length - 3] ?? '';
  if (last !== 'state' || levels.length < 4 || !COMPONENTS.has(component)) return undefined;
  const device = before(levels, 3);
  const object = levels[levels.length - 2] as string;
  return (content) => {
    if (!home.espNodes.has(device)) return undefined;
    return [{ device, family, isAlive: true, ...readingIn(component, object, content) }];
  };
};

function readingIn(component: string, object: string, content: Content): Partial<Observation> {
  const { number } = content;
  if (component === 'update') return content.object ? { update: newVersionIn(content.object) } : {};
  if (component === 'binary_sensor')
    return /battery_low|low_battery/.test(object) ? { isBatteryLow: content.word === 'ON' } : {};
  if (component !== 'sensor' || number === undefined) return {};
  if (/batt/.test(object)) return { battery: batteryIn(object, number, content.word ?? '') };
  if (number < 0) return /rssi|wifi|signal_strength/.test(object) ? { signal: wifiSignal(number) } : {};
  return /rssi|wifi_signal|signal_strength/.test(object) ? { signal: { value: number, unit: '%' } } : {};
}

/** Percent of a battery. A person names the sensor: *battery* may be in volts, and what may be either is not read. */
function batteryIn(object: string, number: number, word: string): number | undefined {
  if (/volt|(?:^|_)m?v$/.test(object)) return percentOfVoltage(number);
  if (number < VOLTS && word.includes('.') && !/level|lvl|perc|pct|charge|soc|remain/.test(object))
    return undefined;
  return percent(number);
}
