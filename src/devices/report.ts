import { type Fields, fieldOf, flagOf, nameOf, numberOf, within } from './content';
import { bluetoothSignal, linkQuality, type Observation, percent, percentOfVoltage } from './observation';

/** Fields by which an object is known as the report of a device. */
export const REPORT_FIELDS = ['linkquality', 'battery', 'battery_low', 'battery_ok', 'batt'] as const;
/** What only devices at the mains measure. */
const MAINS = ['power', 'current', 'energy'];

/** What the report of a device says of itself, by the names that most families give it. */
export function reportIn(fields: Fields): Partial<Observation> {
  const battery = percent(numberOf(fields, 'battery', 'batt', 'Battery', 'BatteryPercentage'));
  const isMains = MAINS.some((name) => Object.hasOwn(fields, name));
  return {
    battery: battery ?? (isMains ? undefined : percentOfVoltage(numberOf(fields, 'voltage', 'volt'))),
    isBatteryLow: flagOf(fields, 'battery_low') ?? isLowBy(numberOf(fields, 'battery_ok')),
    signal:
      linkQuality(numberOf(fields, 'linkquality', 'LinkQuality')) ??
      bluetoothSignal(numberOf(fields, 'rssi', 'RSSI')),
    update: updateIn(fields),
  };
}

const isLowBy = (ok: number | undefined): boolean | undefined => (ok === undefined ? undefined : ok === 0);

/** Zigbee2MQTT: `update.state`, formerly `update_available`. One that is being installed is none to install. */
function updateIn(fields: Fields): string | false | undefined {
  const update = within(fields, 'update');
  const state = nameOf(update, 'state');
  if (state !== undefined) {
    if (state !== 'available') return false;
    const version = fieldOf(update, 'latest_version');
    return typeof version === 'number' || typeof version === 'string'
      ? String(version).slice(0, 40) || 'available'
      : 'available';
  }
  const isThere = flagOf(fields, 'update_available');
  return isThere === undefined ? undefined : isThere ? 'available' : false;
}

/** `{"installed_version": …, "latest_version": …}`, as updates are announced for Home Assistant. */
export function newVersionIn(fields: Fields): string | false | undefined {
  const [installed, latest] = [nameOf(fields, 'installed_version'), nameOf(fields, 'latest_version')];
  if (installed === undefined || latest === undefined) return undefined;
  return installed === latest ? false : latest.slice(0, 40);
}
