import assert from 'node:assert/strict';
import {
  isHiddenAnnouncement,
  mainReadings,
} from '../../../../../../src/plugins/dinox-sidebar/editor/topics/readings';

describe('sidebar: the numbers of a device', () => {
  it('begin with what people look for, and end with battery and link quality', () => {
    const order = (...fields: string[]) => mainReadings(fields).map(({ field }) => field);
    assert.deepEqual(order('linkquality', 'battery', 'humidity', 'temperature'), [
      'temperature',
      'humidity',
      'battery',
      'linkquality',
    ]);
    assert.deepEqual(order('battery_voltage', 'x', 'ENERGY.Total', 'ENERGY.Power'), [
      'ENERGY.Power',
      'ENERGY.Total',
      'x',
      'battery_voltage',
    ]);
    assert.deepEqual(mainReadings(['a', 'b', 'c'], 1), [{ field: 'a', icon: 'circle-o' }]);
    assert.deepEqual(mainReadings([]), []);
  });

  it('announcements are known by their topic, and shown to who asks for them', () => {
    const isHidden = (topic: string, search = '', prefix = 'homeassistant') =>
      isHiddenAnnouncement(topic, prefix, search);
    assert.equal(isHidden('homeassistant/sensor/a/b/config'), true);
    assert.equal(isHidden('homeassistant/sensor/a/b/config', 'Config'), false);
    assert.equal(isHidden('homeassistant/status'), false);
    assert.equal(isHidden('home/config', '', 'home'), false);
    assert.equal(isHidden('ha/sensor/a/config', '', 'ha'), true);
    for (const [topic, search] of [
      ['tasmota/discovery/DC4F22AABBCC/config', 'discovery'],
      ['tasmota/discovery/DC4F22AABBCC/sensors', 'tasmota/#'],
      ['esphome/discover/kitchen', 'discover'],
      ['shellies/announce', 'announce'],
      ['shellies/shellyht-1/announce', 'announce'],
      ['zigbee2mqtt/bridge/devices', 'bridge'],
    ] as const) {
      assert.equal(isHidden(topic), true, topic);
      assert.equal(isHidden(topic, 'kitchen'), true, topic);
      assert.equal(isHidden(topic, search), false, topic);
    }
    for (const topic of [
      'tele/tasmota/SENSOR',
      'zigbee2mqtt/bridge/state',
      'home/devices',
      'shellies/x/info',
    ])
      assert.equal(isHidden(topic), false, topic);
  });
});
