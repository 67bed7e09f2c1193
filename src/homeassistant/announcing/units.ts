/** Units and device classes that every Home Assistant since 2024.12 takes together; any other pair is an error there. */

const CLASSES: readonly (readonly [deviceClass: string, units: readonly string[]])[] = [
  ['temperature', ['°C', '°F', 'K']],
  ['power', ['W', 'kW']],
  ['energy', ['Wh', 'kWh', 'MWh']],
  ['voltage', ['mV', 'V']],
  ['current', ['mA', 'A']],
  ['apparent_power', ['VA']],
  ['frequency', ['Hz', 'kHz', 'MHz', 'GHz']],
  ['pressure', ['Pa', 'hPa', 'kPa', 'mbar', 'bar', 'psi', 'mmHg', 'inHg']],
  ['illuminance', ['lx']],
  ['signal_strength', ['dBm']],
  ['irradiance', ['W/m²']],
  ['speed', ['m/s', 'km/h', 'mph', 'kn']],
  ['weight', ['g', 'kg', 'mg', 'lb']],
  ['duration', ['ms', 's', 'min', 'h', 'd']],
];

/** What a share is of, by words in a topic. */
const SHARES: readonly (readonly [deviceClass: string, word: RegExp])[] = [
  ['battery', /batter|akku/i],
  ['humidity', /humid|feucht/i],
  ['moisture', /moist/i],
];

/** How a number with this unit is announced. */
export interface NumberLooks {
  unit_of_measurement?: string;
  device_class?: string;
}

/** @param key the topic or name of the value, since a unit alone may not say what it is */
export function numberLooks(unit: string, key: string): NumberLooks {
  if (unit === '') return {};
  const [deviceClass] =
    unit === '%'
      ? (SHARES.find(([, word]) => word.test(key)) ?? [])
      : (CLASSES.find(([, units]) => units.includes(unit)) ?? []);
  return { unit_of_measurement: unit, ...(deviceClass !== undefined && { device_class: deviceClass }) };
}

/** Statistics of a sensor: what is counted has a sum, all else a mean. */
export function stateClass({ device_class: deviceClass }: NumberLooks): string {
  return deviceClass === 'energy' ? 'total' : 'measurement';
}
