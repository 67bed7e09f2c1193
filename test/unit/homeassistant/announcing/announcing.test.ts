import assert from 'node:assert/strict';
import { inEnglish } from '../../../../src/base/english';
import {
  alertEntities,
  keyState,
  limitRange,
  numberWithin,
  type ShownAlert,
} from '../../../../src/homeassistant/announcing/alert-entities';
import { AnnouncedDevice } from '../../../../src/homeassistant/announcing/announced-device';
import {
  connectionEntities,
  heardEntity,
  notifyEntity,
} from '../../../../src/homeassistant/announcing/chat-entities';
import {
  commandOf,
  configTopic,
  idPart,
  placeTopic,
} from '../../../../src/homeassistant/announcing/identity';
import { numberLooks, stateClass } from '../../../../src/homeassistant/announcing/units';
import { Entities } from '../../../../src/homeassistant/entities';
import { EntityState } from '../../../../src/homeassistant/states/entity-state';
import { Payload } from '../../../../src/homeassistant/templates/payload';
import { Templates } from '../../../../src/homeassistant/templates/template';

const IDENTITY = { installation: 'a1', broker: 'b', prefix: 'homeassistant' };
const LOOKS = { name: 'DinoX', version: '1', statusTopic: 'dinox/bots/status/bot' };
const ALERT: ShownAlert = {
  name: 'Freezer',
  keys: new Map([['home/Kühlschrank', '°C']]),
  isNumeric: true,
  isRate: false,
  limits: new Map([['limit', { min: -100, max: 100, step: 0.1 }]]),
  unit: '°C',
  read: inEnglish,
};

describe('what we announce to Home Assistant', () => {
  it('our own reader understands all of it, with its states', () => {
    const device = new AnnouncedDevice(IDENTITY, LOOKS);
    device.show('alert', alertEntities(ALERT));
    device.show('out', [notifyEntity({ name: 'Anna', read: inEnglish })]);
    device.show('in', [heardEntity({ name: 'Bot', read: inEnglish })]);
    device.show('b', connectionEntities({ read: inEnglish }, LOOKS.statusTopic));
    const entities = new Entities();
    entities.take(configTopic(IDENTITY), Buffer.from(device.next(false)?.payload ?? ''));
    const all = [...entities.all()];
    assert.deepEqual(
      all.map(({ entityId }) => entityId),
      [
        'binary_sensor.freezer_home_kuhlschrank_alarm',
        'sensor.freezer_home_kuhlschrank_value',
        'button.freezer_home_kuhlschrank_ack',
        'switch.freezer_home_kuhlschrank_silence',
        'sensor.freezer_home_kuhlschrank_changed',
        'number.freezer_limit',
        'notify.anna',
        'event.bot_heard',
        'binary_sensor.dinox_connected',
        'sensor.dinox_queue',
        'sensor.dinox_losses',
      ],
    );
    const topics = all.flatMap(({ topics: those }) => those);
    assert.ok(Math.max(...topics.map((topic) => topic.split('/').length)) <= 8);
    const state = keyState({
      isAlarm: true,
      value: 21.5,
      since: 0,
      silence: { until: 60_000, by: 'anna' },
      attributes: { text: 'warm' },
    });
    const topic = `${placeTopic(IDENTITY, { node: 'alert', key: 'home/Kühlschrank' })}/state`;
    const templates = new Templates();
    const shown = all.slice(0, 5).map((entity) => {
      const one = new EntityState(entity, templates, { steady: () => 0 });
      const online = new Payload('{"status":"error"}');
      one.take({ topic: LOOKS.statusTopic, payload: online, retained: true });
      one.take({ topic, payload: new Payload(JSON.stringify(state)), retained: true });
      return one.current;
    });
    assert.deepEqual(
      shown.map(({ payload, available }) => [payload, available]),
      [
        [true, true],
        [21.5, true],
        [null, true],
        [true, true],
        ['1970-01-01T00:00:00+00:00', true],
      ],
    );
    assert.deepEqual(shown[3]?.attributes, { until: '1970-01-01T00:01:00.000Z', by: 'anna' });
  });

  it('has no room for more than a message holds, and says how many are left out', () => {
    const device = new AnnouncedDevice(IDENTITY, LOOKS);
    const keys = new Map(Array.from({ length: 200 }, (_, at) => [`home/${'x'.repeat(900)}${at}`, '°C']));
    assert.equal(device.show('alert', alertEntities({ ...ALERT, keys })), 401);
    assert.ok((device.next(false)?.payload.length ?? 0) < 600_000);
  });

  it('names are texts of others: markup and marks of direction stay text, ids stay plain', () => {
    const device = new AnnouncedDevice(IDENTITY, LOOKS);
    const keys = new Map([
      ['a/<b>\u202e"{{ 1 }}', '°C'],
      ['💡', ''],
    ]);
    device.show('alert.1', alertEntities({ ...ALERT, name: '', keys }));
    const { components } = JSON.parse(device.next(false)?.payload ?? '') as {
      components: Record<string, { name: string; unique_id: string; object_id: string; '~': string }>;
    };
    for (const [key, { name, unique_id: id, object_id: object, '~': place }] of Object.entries(components)) {
      assert.match(`${key}${id}`, /^[A-Za-z0-9_-]+$/);
      assert.match(object, /^[a-z0-9_]+$/);
      assert.match(place, /^dinox-nr\/ha\/a1\/x[0-9a-f]{12}\/[0-9a-f]{12}$/);
      assert.ok(!name.includes('\u202e'));
    }
    assert.notEqual(idPart('a.1'), idPart('a.2'));
    assert.equal(idPart('0a1b-2c'), '0a1b-2c');
  });

  it('a unit goes with its class only', () => {
    assert.deepEqual(numberLooks('°C', ''), { unit_of_measurement: '°C', device_class: 'temperature' });
    assert.deepEqual(numberLooks('%', 'home/humidity/bath').device_class, 'humidity');
    assert.deepEqual(numberLooks('%', 'home/load'), { unit_of_measurement: '%' });
    assert.deepEqual(numberLooks('Kröten', 'x'), { unit_of_measurement: 'Kröten' });
    assert.deepEqual(numberLooks('', 'temperature'), {});
    assert.equal(stateClass(numberLooks('kWh', '')), 'total');
    assert.equal(stateClass(numberLooks('W', '')), 'measurement');
  });

  it('a limit has bounds around it, and nothing beyond them is taken', () => {
    assert.deepEqual(limitRange(-18, '°C'), { min: -100, max: 100, step: 0.1 });
    assert.deepEqual(limitRange(20, '%'), { min: 0, max: 100, step: 0.1 });
    assert.deepEqual(limitRange(2_000, 'W'), { min: -10_000, max: 10_000, step: 1 });
    const wide = limitRange(-1.7e308, 'W');
    assert.ok(Number.isFinite(wide.min) && Number.isFinite(wide.max), 'JSON has no other numbers');
    const range = { min: -100, max: 100, step: 0.1 };
    for (const said of ['20', '-12.5', ' 7 ', '100']) assert.equal(numberWithin(said, range), Number(said));
    const refused = [
      'NaN',
      '1e999',
      '1e1',
      'Infinity',
      '',
      '0x10',
      '101',
      '-100.1',
      '21,5',
      'None',
      '1'.repeat(400),
    ];
    for (const said of refused) assert.equal(numberWithin(said, range), undefined, said);
  });

  it('a value that Home Assistant would refuse is not sent', () => {
    const sent = (value: string | number | boolean | undefined) => {
      const state = keyState({ isAlarm: false, value, since: 0, silence: undefined, attributes: {} });
      return (state as { value: unknown }).value;
    };
    assert.deepEqual([undefined, '', 0, false].map(sent), [null, null, 0, 'false']);
    assert.equal(String(sent('x'.repeat(1_000))).length, 255);
  });

  it('a topic that is no command of ours is none', () => {
    assert.deepEqual(commandOf('dinox-nr/ha/a/b/c/ack/set'), { place: 'dinox-nr/ha/a/b/c', part: 'ack' });
    for (const topic of ['set', '/set', 'a/set/', 'dinox-nr/ha/a/b/c/ack'])
      assert.equal(commandOf(topic), undefined);
  });
});
