/** Devices of a house, from messages to what people are told. */
import assert from 'node:assert/strict';
import { DigestTime } from '../../../src/alert/digest';
import { HOUR, House, MINUTE } from './house';

/** A bridge with so many sensors, each reporting once a minute for an hour. */
function zigbee(count: number, minutes = 60): House {
  const house = new House();
  house.say('zigbee2mqtt/bridge/state', { state: 'online' }, true);
  for (let minute = 0; minute < minutes; minute++) {
    for (let n = 0; n < count; n++) house.say(`zigbee2mqtt/sensor ${n}`, { battery: 90, linkquality: 100 });
    house.wait(MINUTE);
  }
  assert.deepEqual(house.told(), []);
  return house;
}

describe('devices: what people are told', () => {
  it('a battery that trembles between 20 and 21 % is told once, and its end only from 25 % on', () => {
    const house = zigbee(1, 1);
    for (const battery of [21, 20, 19, 20, 21, 19, 24, 20])
      house.say('zigbee2mqtt/sensor 0', { battery, linkquality: 100 });
    assert.deepEqual(house.told(), ['zigbee2mqtt/sensor 0/battery raised']);
    house.say('zigbee2mqtt/sensor 0', { battery: 25, linkquality: 100 });
    assert.deepEqual(house.told(), ['zigbee2mqtt/sensor 0/battery cleared']);
  });

  it('a device is silent after three times its own interval, and heard of again', () => {
    const house = zigbee(2);
    house.say('zigbee2mqtt/sensor 0', { linkquality: 100 });
    for (let n = 0; n < 9; n++) {
      house.wait(MINUTE);
      house.say('zigbee2mqtt/sensor 1', { linkquality: 100 });
    }
    assert.deepEqual(house.told(), [], 'ten minutes at least');
    for (let n = 0; n < 2; n++) {
      house.wait(MINUTE);
      house.say('zigbee2mqtt/sensor 1', { linkquality: 100 });
    }
    assert.deepEqual(house.told(), ['zigbee2mqtt/sensor 0/silent nodata']);
    house.say('zigbee2mqtt/sensor 0', { linkquality: 100 });
    assert.deepEqual(house.told(), ['zigbee2mqtt/sensor 0/silent data']);
  });

  it('a motion sensor that is quiet at night is not silent on its first night, nor later', () => {
    const house = new House();
    house.say('zigbee2mqtt/bridge/state', 'online', true);
    for (let day = 0; day < 4; day++) {
      for (let hour = 0; hour < 16; hour++)
        for (let n = 0; n < 20; n++) {
          house.say('zigbee2mqtt/hall', { occupancy: n % 2 === 0, linkquality: 90 });
          house.wait(([1, 2, 2, 4, 6][n % 5] as number) * MINUTE);
        }
      house.wait(8 * HOUR);
    }
    assert.deepEqual(house.told(), []);
    house.say('zigbee2mqtt/hall', { occupancy: true, linkquality: 90 });
    house.wait(2 * 24 * HOUR);
    assert.deepEqual(house.told(), ['zigbee2mqtt/hall/silent nodata'], 'but when it is dead');
  });

  it('a steady device that is switched off at night is called silent twice at most', () => {
    const house = new House();
    for (let day = 0; day < 5; day++) {
      for (let n = 0; n < 320; n++) {
        house.say('tele/lamp/STATE', { Wifi: { RSSI: 80 } });
        house.wait(3 * MINUTE);
      }
      house.wait(8 * HOUR);
    }
    assert.deepEqual(house.told().filter((one) => one.endsWith('nodata')).length, 2);
  });

  it('a coordinator that dies is told once, counts its devices, and afterwards what remains comes as one', () => {
    const house = zigbee(200);
    house.say('zigbee2mqtt/bridge/state', { state: 'offline' });
    house.wait(5_000);
    assert.deepEqual(house.told(), ['zigbee2mqtt/bridge/offline raised']);
    for (let n = 0; n < 40; n++) house.say(`zigbee2mqtt/sensor ${n}/availability`, { state: 'offline' });
    house.wait(HOUR);
    const events = house.harness.events.splice(0);
    assert.ok(events.length > 0 && events.length < 10, `${events.length} edits`);
    assert.ok(
      events.every(({ reason, key }) => reason === 'dependents' && key === 'zigbee2mqtt/bridge/offline'),
    );
    assert.equal(events.at(-1)?.dependents?.count, 240, '200 are silent, 40 are offline');
    house.say('zigbee2mqtt/bridge/state', { state: 'online' });
    for (let n = 3; n < 200; n++) {
      if (n < 40) house.say(`zigbee2mqtt/sensor ${n}/availability`, { state: 'online' });
      house.say(`zigbee2mqtt/sensor ${n}`, { battery: 90, linkquality: 100 });
    }
    assert.deepEqual(house.told(), [], 'they have a moment for it');
    house.wait(15_000);
    assert.deepEqual(house.told().sort(), [
      'group zigbee2mqtt/sensor 0/offline raised',
      'group zigbee2mqtt/sensor 1/offline raised',
      'group zigbee2mqtt/sensor 2/offline raised',
      'zigbee2mqtt/bridge/offline cleared',
    ]);
  });

  it('devices of which a server says first that they are offline wait for their gateway', () => {
    const house = new House();
    house.say('zigbee2mqtt/bridge/state', 'online', true);
    for (let n = 0; n < 10; n++) house.say(`zigbee2mqtt/s${n}`, { linkquality: 100 });
    house.wait(60_000);
    for (let n = 0; n < 10; n++) house.say(`zigbee2mqtt/s${n}/availability`, 'offline');
    house.wait(1_000);
    house.say('zigbee2mqtt/bridge/state', 'offline');
    house.wait(20_000);
    assert.deepEqual(house.told().slice(0, 1), ['zigbee2mqtt/bridge/offline raised']);
    assert.equal(
      house.harness.machine.keys.map.get('zigbee2mqtt/bridge/offline')?.episode?.dependents?.count,
      10,
    );
    // What nobody was told is among the alerts that are over as people would have been told.
    house.say('zigbee2mqtt/s0/availability', 'online');
    house.wait(5_000);
    assert.match(house.harness.machine.past.all[0]?.text ?? '', /^🟠 #\d+ text\.check\.offline\(s0/);
  });

  it('a restart tells nothing twice, and knows the intervals', () => {
    const house = zigbee(3);
    house.say('tele/plug/LWT', 'Offline');
    house.say('zigbee2mqtt/sensor 0', { battery: 5, linkquality: 100 });
    house.wait(5_000);
    assert.deepEqual(house.told().sort(), [
      'tele/plug/offline raised',
      'zigbee2mqtt/sensor 0/battery raised',
    ]);
    house.restart(HOUR);
    house.say('zigbee2mqtt/bridge/state', 'online', true);
    house.say('tele/plug/LWT', 'Offline', true);
    house.say('zigbee2mqtt/sensor 0', { battery: 5, linkquality: 100 }, true);
    house.wait(MINUTE);
    assert.deepEqual(house.told(), []);
    house.wait(10 * MINUTE);
    assert.deepEqual(
      house.told().sort(),
      [0, 1, 2].map((n) => `zigbee2mqtt/sensor ${n}/silent nodata`),
    );
    house.restart(HOUR);
    house.wait(MINUTE);
    assert.deepEqual(house.told(), []);
    house.say('tele/plug/LWT', 'Online');
    assert.deepEqual(house.told(), ['tele/plug/offline cleared']);
  });

  it('at the very start what was kept is told by the name that is announced behind it, once, and nothing is lost', () => {
    const announce = (house: House, id: string, name: string, state_topic: string, more: object) =>
      house.say(`homeassistant/sensor/${id}/config`, {
        ...{ unique_id: id, state_topic, device: { identifiers: [id], name }, ...more },
      });
    const names = (house: House): string[] =>
      house.harness.events.splice(0).map((event) => `${event.key} ${event.subject?.device.name}`);
    const battery = { device_class: 'battery', value_template: '{{ value_json.battery }}' };
    const house = new House();
    house.say('zigbee2mqtt/bridge/state', 'online', true);
    house.say('zigbee2mqtt/front', { battery: 5 }, true);
    house.say('zigbee2mqtt/back', { battery: 6 }, true);
    house.say('zigbee2mqtt/cellar', { battery: 7 }, true);
    house.say('zigbee2mqtt/back/availability', 'offline', true);
    // Only its announcement says that this is a battery.
    house.say('weather/outside', { charge: 8 }, true);
    house.wait(500);
    assert.deepEqual(house.told(), []);
    const availability = { availability_topic: 'zigbee2mqtt/back/availability' };
    announce(house, 'front', 'Front door', 'zigbee2mqtt/front', battery);
    announce(house, 'back', 'Back door', 'zigbee2mqtt/back', { ...battery, ...availability });
    announce(house, 'outside', 'Weather', 'weather/outside', {
      ...{ device_class: 'battery', value_template: '{{ value_json.charge }}' },
    });
    house.say('zigbee2mqtt/cellar', { battery: 90 });
    house.wait(MINUTE);
    assert.deepEqual(names(house).sort(), [
      'outside/battery Weather',
      'zigbee2mqtt/back/battery Back door',
      'zigbee2mqtt/back/offline Back door',
      'zigbee2mqtt/front/battery Front door',
    ]);
    house.say('zigbee2mqtt/front', { battery: 5 }, true);
    house.wait(MINUTE);
    assert.deepEqual(house.told(), []);
    // A deploy in between loses nothing; a name that never comes is not waited for.
    const hasty = new House();
    hasty.say('zigbee2mqtt/attic', { battery: 5 }, true);
    hasty.restart(0, true);
    hasty.say('zigbee2mqtt/hall', { battery: 5 }, true);
    hasty.wait(5_000);
    assert.deepEqual(names(hasty), [
      'zigbee2mqtt/attic/battery zigbee2mqtt/attic',
      'zigbee2mqtt/hall/battery zigbee2mqtt/hall',
    ]);
  });

  it('what was kept of its availability and is cleared says nothing, least of all that it is back', () => {
    const house = new House();
    house.say('tele/plug/LWT', 'Offline');
    house.wait(6_000);
    assert.deepEqual(house.told(), ['tele/plug/offline raised']);
    house.say('tele/plug/LWT', '');
    house.wait(MINUTE);
    assert.deepEqual(house.told(), []);
    house.say('tele/plug/LWT', 'Online');
    assert.deepEqual(house.told(), ['tele/plug/offline cleared']);
    house.say('tele/plug/LWT', 'Offline');
    house.say('tele/plug/LWT', '');
    house.wait(MINUTE);
    assert.deepEqual(house.told(), [], 'nor that it is away');
  });

  it('what was heard a moment before a deploy is told', () => {
    const house = new House();
    house.wait(MINUTE);
    house.say('tele/plug/LWT', 'Offline');
    house.wait(1_000);
    house.restart(500, true);
    house.wait(MINUTE);
    assert.deepEqual(house.told(), ['tele/plug/offline raised']);
  });

  it('nothing is kept of what somebody wants to be forgotten and nobody knows', () => {
    const house = new House();
    house.say('tele/plug/LWT', 'Online');
    assert.equal(house.watch.forget('tele/plug'), true);
    for (let count = 0; count < 3_000; count++) assert.equal(house.watch.forget(`typed ${count}`), false);
    assert.deepEqual([...house.harness.machine.checks.forgotten], ['tele/plug']);
  });

  it('a device that was forgotten stays so, whatever servers keep, until it lives', () => {
    const house = new House();
    house.say('tele/plug/LWT', 'Offline', true);
    house.wait(6_000);
    assert.deepEqual(house.told(), ['tele/plug/offline raised']);
    assert.equal(house.watch.forget('tele/plug'), true);
    assert.deepEqual(house.told(), ['tele/plug/offline forgotten']);
    assert.equal(house.harness.machine.keys.map.size, 0);
    house.restart(1_000);
    for (const kept of [true, false]) house.say('tele/plug/LWT', 'Offline', kept);
    house.wait(MINUTE);
    assert.deepEqual(house.told(), []);
    house.say('tele/plug/LWT', 'Online');
    house.say('tele/plug/LWT', 'Offline');
    house.wait(MINUTE);
    assert.deepEqual(house.told(), ['tele/plug/offline raised']);
  });

  it('what a bridge no longer lists, or what is no longer announced, is forgotten', () => {
    const house = zigbee(2);
    house.say('zigbee2mqtt/sensor 0', { battery: 5, linkquality: 100 });
    assert.deepEqual(house.told(), ['zigbee2mqtt/sensor 0/battery raised']);
    house.say('zigbee2mqtt/bridge/devices', [{ friendly_name: 'sensor 1' }], true);
    assert.deepEqual(house.told(), ['zigbee2mqtt/sensor 0/battery forgotten']);
    house.say('zigbee2mqtt/sensor 0', { battery: 5, linkquality: 100 });
    assert.deepEqual(house.told(), []);
    house.say('zigbee2mqtt/bridge/devices', []);
    assert.equal(house.watch.devices.has('zigbee2mqtt/sensor 1'), true, 'an empty list is none');
    const config = {
      unique_id: 'x',
      state_topic: 'tele/plug/SENSOR',
      device: { identifiers: ['plug'], name: 'Plug' },
    };
    house.say('homeassistant/sensor/plug/config', config);
    house.say('tele/plug/SENSOR', { Time: '2026-03-10T12:00:00' });
    house.say('tele/plug/LWT', 'Offline');
    house.wait(5_000);
    assert.deepEqual(house.told(), ['tele/plug/offline raised']);
    house.say('homeassistant/sensor/plug/config', '');
    house.wait(MINUTE);
    assert.deepEqual(house.told(), ['tele/plug/offline forgotten']);
  });

  it('a sleeping Shelly that goes offline is asleep', () => {
    const house = new House();
    house.say('shellies/shellyht-2/online', 'false', true);
    house.say('shellies/shellyht-1/online', 'true');
    house.say('shellies/shellyht-1/sensor/battery', '80');
    house.say('shellies/shellyht-1/online', 'false');
    house.wait(MINUTE);
    assert.deepEqual(house.told(), []);
  });

  it('so is a Tasmota in deep sleep, until it is started without that', () => {
    const house = new House();
    house.say('tele/outside/LWT', 'Online');
    house.say('stat/outside/RESULT', { DeepSleep: { Time: '2020-03-24T18:00:00', Epoch: 1585069200 } });
    house.say('tele/outside/LWT', 'Offline');
    house.wait(MINUTE);
    house.say('hm/tele/new/LWT', 'DeepSleep');
    house.say('hm/tele/new/LWT', 'Offline');
    house.wait(MINUTE);
    assert.deepEqual(house.told(), []);
    house.say('tele/outside/LWT', 'Online');
    house.say('tele/outside/INFO3', { Info3: { RestartReason: 'Software/System restart' } });
    house.say('tele/outside/LWT', 'Offline');
    house.wait(MINUTE);
    assert.deepEqual(house.told(), ['tele/outside/offline raised']);
  });

  it('one weak reading is none; a signal that is weak for long is told', () => {
    const house = zigbee(1, 10);
    house.say('zigbee2mqtt/sensor 0', { linkquality: 4 });
    assert.deepEqual(house.told(), []);
    for (let n = 0; n < 20; n++) house.say('zigbee2mqtt/sensor 0', { linkquality: 8 });
    assert.deepEqual(house.told(), ['zigbee2mqtt/sensor 0/signal raised']);
  });

  it('a digest comes once a day, with what is open; a gateway does not wait for it', () => {
    const house = new House({ digest: DigestTime.parse('08:00', 'UTC') });
    house.say('zigbee2mqtt/bridge/state', 'online');
    house.say('zigbee2mqtt/door', { battery: 5, linkquality: 100 });
    house.say('zigbee2mqtt/lamp', { linkquality: 100, update: { state: 'available' } });
    house.wait(HOUR);
    assert.deepEqual(house.told(), []);
    house.say('zigbee2mqtt/bridge/state', 'offline');
    house.wait(5_000);
    assert.deepEqual(house.told(), ['zigbee2mqtt/bridge/offline raised']);
    house.say('zigbee2mqtt/bridge/state', 'online');
    house.wait(20_000);
    assert.deepEqual(house.told(), ['zigbee2mqtt/bridge/offline cleared']);
    house.wait(19 * HOUR);
    assert.deepEqual(house.told(), [
      'group zigbee2mqtt/door/battery raised',
      'group zigbee2mqtt/lamp/update raised',
    ]);
    house.say('zigbee2mqtt/lamp', { linkquality: 100, update: { state: 'idle' } });
    house.wait(HOUR);
    assert.deepEqual(house.told(), []);
    house.restart(25 * HOUR);
    assert.deepEqual(house.told().sort(), [
      'group zigbee2mqtt/door/battery reminder',
      'group zigbee2mqtt/lamp/update cleared',
    ]);
    house.wait(20 * HOUR);
    assert.deepEqual(house.told(), []);
  });
});
