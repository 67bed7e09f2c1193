import { availabilityOf, type Content, nameOf } from '../content';
import { type Observation, percent, percentOfVoltage, wifiSignal } from '../observation';
import { newVersionIn } from '../report';
import { before, type FamilyReader, MAX_KNOWN } from '../route';

const family = 'esphome';
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
  if (/batt/.test(object))
    return { battery: /volt/.test(object) ? percentOfVoltage(number) : percent(number) };
  if (/rssi|wifi_signal|signal_strength/.test(object))
    return { signal: number < 0 ? wifiSignal(number) : { value: number, unit: '%' } };
  return {};
}
