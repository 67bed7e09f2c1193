import assert from 'node:assert/strict';
import { hasLimit, type KnownValue, usualAlert } from '../../../src/editor/measured';

const said = (known: KnownValue): string => {
  const found = usualAlert(known);
  if (!found) return '';
  const { condition, limit, hysteresis, holdFor } = found;
  return [condition, limit, hysteresis && `± ${hysteresis}`, holdFor && `for ${holdFor}`]
    .filter(Boolean)
    .join(' ');
};

describe('what is suggested by what is measured', () => {
  it('a battery, a freezer, humidity, a door', () => {
    const cases: [KnownValue, string][] = [
      [{ topic: 'zigbee2mqtt/hall', field: 'battery' }, 'below 20 ± 5'],
      [{ topic: 'home/hall/battery', unit: '%' }, 'below 20 ± 5'],
      [{ topic: 'z/0x1', field: 'status.battery_level' }, 'below 20 ± 5'],
      [{ topic: 'home/+/battery' }, 'below 20 ± 5'],
      [{ topic: 'zigbee2mqtt/freezer', field: 'temperature' }, 'above -15 ± 1 for 5m'],
      [{ topic: 'home/temperature/freezer', unit: '°C' }, 'above -15 ± 1 for 5m'],
      [{ topic: 'home/temperature/freezer', field: 'value' }, 'above -15 ± 1 for 5m'],
      [{ topic: 'keller/Tiefkühler/temperatur', unit: '°C' }, 'above -15 ± 1 for 5m'],
      [{ topic: 'home/freezer', unit: '°F' }, 'above 5 ± 2 for 5m'],
      [{ topic: 'home/freezer', unit: '℉' }, 'above 5 ± 2 for 5m'],
      [{ topic: 'home/cellar', field: 'freezer' }, 'above -15 ± 1 for 5m'],
      [{ topic: 'z/0x2', field: 'temperature', name: 'Gefrierschrank' }, 'above -15 ± 1 for 5m'],
      [{ topic: 'zigbee2mqtt/bath', field: 'humidity', unit: '%' }, 'above 65 ± 3'],
      [{ topic: 'bad/luftfeuchte' }, 'above 65 ± 3'],
      [{ topic: 'home/door', state: 'closed' }, 'equals open for 10m'],
      [{ topic: 'home/window/kitchen', state: 'OFF' }, 'equals ON for 10m'],
      [{ topic: 'home/front/contact', state: 'true' }, 'equals false for 10m'],
      [{ topic: 'home/door', state: 'False' }, 'equals True for 10m'],
      [{ topic: 'haus/tür', state: 'zu' }, 'equals auf for 10m'],
      [{ topic: 'home/skylight_window', state: 'closed' }, 'equals open for 10m'],
      [{ topic: 'home/light/door', state: 'closed' }, 'equals open for 10m'],
      [{ topic: 'energy/battery', unit: '%' }, 'below 20 ± 5'],
    ];
    for (const [known, wanted] of cases) assert.equal(said(known), wanted, JSON.stringify(known));
  });

  it('or nothing', () => {
    const cases: KnownValue[] = [
      { topic: 'home/living/temperature', unit: '°C' },
      { topic: 'zigbee2mqtt/hall', field: 'battery_voltage' },
      { topic: 'zigbee2mqtt/hall', field: 'battery', unit: 'mV' },
      { topic: 'zigbee2mqtt/battery', field: 'temperature' },
      { topic: 'zigbee2mqtt/bath_humidity', field: 'temperature' },
      { topic: 'garden/soil/humidity', unit: '%' },
      { topic: 'zigbee2mqtt/freezer', field: 'power' },
      { topic: 'zigbee2mqtt/freezer', field: 'occupancy' },
      { topic: 'home/freezer/power', unit: 'W' },
      { topic: 'home/freezer/power' },
      { topic: 'home/freezer/door', unit: 'lx' },
      { topic: 'home/hall/battery', state: 'ON' },
      { topic: 'solar/battery/power' },
      { topic: 'solar/battery/current/value' },
      { topic: 'solar/house', field: 'battery_power' },
      { topic: 'home/garage/light', state: 'ON' },
      { topic: 'home/garage/light/state', state: 'ON' },
      { topic: 'zigbee2mqtt/door_lamp', field: 'state', state: 'ON' },
      { topic: 'haus/garage/licht', state: 'on' },
      { topic: 'home/window/fan', state: 'OFF' },
      { topic: 'home/garage/motion', state: 'false' },
      { topic: 'home/doorbell', state: 'off' },
      { topic: 'zigbee2mqtt/radiator', field: 'window_detection', state: 'OFF' },
      { topic: 'home/lamp', state: 'on' },
      { topic: 'home/door', state: 'ajar' },
      { topic: '' },
    ];
    for (const known of cases) assert.equal(said(known), '', JSON.stringify(known));
  });

  it('no limit for what rises for ever or is a radio link', () => {
    for (const field of ['linkquality', 'rssi', 'uptime', 'energy_total', 'message_count', 'last_seen'])
      assert.ok(!hasLimit({ topic: 'home/energy', field }), field);
    for (const field of ['temperature', 'power', 'co2', undefined])
      assert.ok(hasLimit({ topic: 'home/kitchen', field }), field);
  });
});
