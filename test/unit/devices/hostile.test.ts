/** What strangers may write about devices, and houses that are built in another way. */
import assert from 'node:assert/strict';
import { DigestTime } from '../../../src/alert/digest';
import { Content } from '../../../src/devices/content';
import { DeviceBook } from '../../../src/devices/device-book';
import { DeviceTopics } from '../../../src/devices/device-topics';
import { Entities } from '../../../src/homeassistant/entities';
import { House, MINUTE } from './house';

const ids = (house: House): string[] => [...house.watch.devices.keys()];

describe('devices: what strangers write', () => {
  it('two Zigbee2MQTTs, one below the topic of the other: the list of one does not remove the devices of the other', () => {
    const house = new House();
    for (const base of ['z2m', 'z2m/garage']) house.say(`${base}/bridge/state`, { state: 'online' }, true);
    house.say('z2m/garage/lamp', { linkquality: 100 });
    house.say('z2m/door', { linkquality: 100 });
    house.say('z2m/bridge/devices', [{ friendly_name: 'Coordinator' }, { friendly_name: 'door' }], true);
    house.say('z2m/garage/bridge/devices', [{ friendly_name: 'lamp' }], true);
    house.say('z2m/garage/lamp', { linkquality: 90 });
    assert.deepEqual(ids(house).toSorted(), [
      'z2m/bridge',
      'z2m/door',
      'z2m/garage/bridge',
      'z2m/garage/lamp',
    ]);
    const lamp = house.watch.devices.get('z2m/garage/lamp');
    assert.equal(lamp?.gateway, 'z2m/garage/bridge');
  });

  it('no topic and no id that is too long is kept', () => {
    const topics = new DeviceTopics();
    for (let n = 0; n < 100; n++) topics.read(`${n}/${'x'.repeat(60_000)}`, new Content('1'));
    const { routes } = topics as unknown as { routes: ReadonlyMap<string, unknown> };
    assert.equal(routes.size, 0);
    const house = new House();
    const long = 'x'.repeat(100_000);
    house.say('tele/gateway/SENSOR', { ZbReceived: { [long]: { BatteryPercentage: 5 } } });
    house.say('shelly/events/rpc', {
      method: 'NotifyStatus',
      params: { [`bthomedevice:${long}`]: { battery: 5, last_updated_ts: 1 } },
    });
    house.say('/LWT', 'Offline');
    house.wait(MINUTE);
    assert.deepEqual(ids(house), ['tele/gateway', 'shelly']);
    assert.deepEqual(house.told(), []);
  });

  it('an entity that is announced with another device each time takes no more room', () => {
    const [entities, book] = [new Entities(), new DeviceBook({ steady: () => 0 })];
    for (let n = 0; n < 1_000; n++) {
      const config = { state_topic: 'a', unique_id: 'u', device: { identifiers: [`d${n}`] } };
      const change = entities.take('homeassistant/sensor/u/config', Buffer.from(JSON.stringify(config)));
      assert.ok(change);
      book.take(change);
    }
    assert.deepEqual([book.isGone('d0'), book.isGone('d998'), book.isGone('d999')], [true, true, false]);
  });

  it('devices that pass by leave no keys behind, and take no room from those that are rare', () => {
    const house = new House({ maxKeys: 40 }, {}, 20);
    for (let n = 0; n < 15; n++) {
      house.say('tele/rare/STATE', { Uptime: n });
      house.wait(30 * MINUTE);
    }
    const silent = (): boolean => house.harness.machine.keys.map.has('tele/rare/silent');
    assert.ok(silent());
    for (let n = 0; n < 200; n++) house.say(`tele/${n}/STATE`, { Uptime: n });
    assert.ok(silent(), 'its interval is known still');
    assert.ok(house.harness.machine.keys.map.size <= 21, `${house.harness.machine.keys.map.size} keys`);
  });

  it('the time of a kept message begins no interval: a device that was off for a month is known soon', () => {
    const house = new House();
    const month = house.harness.clock.now() - 30 * 24 * 60 * MINUTE;
    house.watch.take('zigbee2mqtt/a', JSON.stringify({ linkquality: 100 }), month, true);
    for (let n = 0; n < 15; n++) {
      house.say('zigbee2mqtt/a', { linkquality: 100 });
      house.wait(10 * MINUTE);
    }
    house.wait(60 * MINUTE);
    assert.deepEqual(house.told(), ['zigbee2mqtt/a/silent nodata']);
  });

  it('a device that lives again while the end of its alert is not told yet stays known', () => {
    const house = new House({ digest: DigestTime.parse('08:00', 'UTC') });
    for (let n = 0; n < 15; n++) {
      house.say('tele/a/STATE', { Uptime: n });
      house.wait(10 * MINUTE);
    }
    house.wait(26 * 60 * MINUTE);
    assert.deepEqual(house.told(), ['tele/a/silent nodata']);
    house.watch.forget('tele/a');
    for (let n = 0; n < 26 * 6; n++) {
      house.say('tele/a/STATE', { Uptime: n });
      house.wait(10 * MINUTE);
    }
    assert.deepEqual(house.told(), ['tele/a/silent forgotten']);
    const silent = house.harness.machine.keys.map.get('tele/a/silent');
    assert.ok(Number(silent?.usual?.learnt.count) > 100, `learnt from ${silent?.usual?.learnt.count} gaps`);
  });

  it('devices that pass by make room in a house of any size', () => {
    const house = new House({}, {}, 100);
    for (let n = 0; n < 180; n++) house.say(`tele/own ${n % 60}/STATE`, { Uptime: n });
    for (let n = 0; n < 200; n++) house.say(`tele/invented ${n}/STATE`, { Uptime: n });
    house.say('tele/new/STATE', { Uptime: 1 });
    assert.equal(house.full, 0);
    assert.equal(house.watch.devices.size, 100);
    assert.ok(house.watch.devices.has('tele/new'));
    for (let n = 0; n < 60; n++) assert.ok(house.watch.devices.has(`tele/own ${n}`));
    // Those that stay leave no trace among those that may go.
    for (let n = 0; n < 300; n++) house.say(`tele/stays ${n % 100}/STATE`, { Uptime: n });
    const { passing } = house.watch as unknown as { passing: ReadonlySet<unknown> };
    assert.ok(passing.size <= 100, `${passing.size}`);
  });

  it('a device that is not there any more is not told to be offline', () => {
    const house = new House({}, {}, 1);
    house.wait(MINUTE);
    house.say('tele/one/LWT', 'Offline');
    house.say('tele/two/LWT', 'Online');
    house.wait(MINUTE);
    assert.deepEqual([ids(house), house.told()], [['tele/two'], []]);
  });

  it('announcements that come and go do not leave a timer each', () => {
    const house = new House({}, {}, 100);
    for (let n = 0; n < 5_000; n++) {
      const config = { state_topic: `a/${n}`, unique_id: `u${n}`, device: { identifiers: [`d${n}`] } };
      house.say(`homeassistant/sensor/u${n}/config`, config);
      house.say(`homeassistant/sensor/u${n}/config`, '');
    }
    const { stops } = house.watch as unknown as { stops: ReadonlyMap<string, unknown> };
    assert.ok(stops.size <= 1_000, `${stops.size} timers`);
  });

  it('templates of many entities on one topic have a quarter of a second for a message, and after three none', () => {
    let now = 0;
    const slow: string[] = [];
    const [entities, book] = [
      new Entities(),
      new DeviceBook({ steady: () => (now += 20) }, (topic) => slow.push(topic)),
    ];
    for (let n = 0; n < 60; n++) {
      const about = { state_topic: 't', unique_id: `u${n}`, device: { identifiers: ['d'] } };
      const config = { ...about, device_class: 'battery', value_template: '{{ value | int }}' };
      const change = entities.take(`homeassistant/sensor/u${n}/config`, Buffer.from(JSON.stringify(config)));
      if (change) book.take(change);
    }
    const took = [1, 2, 3, 4].map(() => {
      const begun = now;
      book.read('t', new Content('5'));
      return now - begun;
    });
    assert.ok(took.every((ms) => ms <= 300) && took[3] === 0, String(took));
    assert.deepEqual(slow, ['t']);
  });
});
