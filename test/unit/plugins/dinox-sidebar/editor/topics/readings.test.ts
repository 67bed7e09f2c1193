import assert from 'node:assert/strict';
import {
  isAnnouncement,
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

  it('announcements are known by their topic', () => {
    assert.equal(isAnnouncement('homeassistant/sensor/a/b/config', 'homeassistant'), true);
    assert.equal(isAnnouncement('homeassistant/status', 'homeassistant'), false);
    assert.equal(isAnnouncement('home/config', 'home'), false);
    assert.equal(isAnnouncement('ha/sensor/a/config', 'ha'), true);
  });
});
