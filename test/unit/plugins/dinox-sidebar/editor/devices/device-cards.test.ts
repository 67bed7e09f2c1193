import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HomeNames } from '../../../../../../src/homeassistant/names';
import {
  type DeviceCard,
  deviceCards,
  onlyTopicOf,
} from '../../../../../../src/plugins/dinox-sidebar/editor/devices/device-cards';
import { isPresent } from '../../../../../../src/plugins/dinox-sidebar/editor/devices/presence';
import type { Row } from '../../../../../../src/plugins/dinox-sidebar/editor/rows';
import { describePayload } from '../../../../../../src/recorder/recorded-value';
import esphome from '../../../../../fixtures/devices/made-up/esphome.json';
import openMqttGateway from '../../../../../fixtures/devices/made-up/openmqttgateway.json';
import other from '../../../../../fixtures/devices/made-up/other.json';
import shelly1 from '../../../../../fixtures/devices/made-up/shelly1.json';
import shelly2 from '../../../../../fixtures/devices/made-up/shelly2.json';
import tasmota from '../../../../../fixtures/devices/made-up/tasmota.json';
import zigbee2mqtt from '../../../../../fixtures/devices/made-up/zigbee2mqtt.json';
import house from '../../../../../fixtures/homeassistant/house.json';
import { row } from '../sample-row';

const textOf = (payload: unknown): string =>
  typeof payload === 'string' ? payload : JSON.stringify(payload);

/** What a connection has heard, as the sidebar gets it. */
class Heard {
  readonly rows = new Map<string, Row>();
  readonly announced = new HomeNames(0);

  say(topic: string, payload: unknown): this {
    const bytes = Buffer.from(textOf(payload));
    this.announced.take(topic, bytes);
    const { number: _, ...base } = row(topic);
    this.rows.set(topic, { ...base, ...describePayload(bytes, bytes.length), bytes: bytes.length });
    return this;
  }

  all(messages: readonly { topic: string; payload: unknown }[]): this {
    for (const { topic, payload } of messages) this.say(topic, payload);
    return this;
  }

  get cards(): readonly DeviceCard[] {
    const names = new Map(this.announced.changes(-1, 100_000).names.map((one) => [one.topic, one]));
    return deviceCards(this.rows, names).cards;
  }

  /** By name: the topics, and the values. */
  get shown(): Record<string, { topics: readonly string[]; values: string[] }> {
    return Object.fromEntries(
      this.cards.map(({ name, topics, readings }) => [
        name,
        { topics, values: readings.map((one) => `${one.label} ${this.valueOf(one)}${one.unit}`) },
      ]),
    );
  }

  isPresent(name: string): boolean | undefined {
    const card = this.cards.find((one) => one.name === name);
    return isPresent(card?.presence ?? [], (topic) => this.rows.get(topic));
  }

  private valueOf({ topic, field }: { topic: string; field?: string }): number | string | undefined {
    const found = this.rows.get(topic);
    return field !== undefined
      ? found?.fields?.[field]
      : found?.kind === 'number'
        ? found.number
        : found?.text;
  }
}

const FIXTURES = join(__dirname, '../../../../../fixtures/devices');
const seen = (family: string): { topic: string; payload: string }[] =>
  (
    JSON.parse(readFileSync(join(FIXTURES, `${family}.json`), 'utf8')) as {
      messages: { topic: string; payload: string }[];
    }
  ).messages;

const sensor = (device: object, topic: string, more: object = {}): string =>
  JSON.stringify({ dev: device, stat_t: topic, ...more });
const KITCHEN = { ids: ['k1'], name: 'Kitchen sensor', sa: 'Kitchen' };

/** A device of four topics, as ESPHome announces it. */
function kitchen(): Heard {
  const heard = new Heard();
  for (const [component, object, kind, unit, value, category] of [
    ['sensor', 'battery', 'battery', '%', '87', 'diagnostic'],
    ['sensor', 'wifi', 'signal_strength', 'dBm', '-61', 'diagnostic'],
    ['sensor', 'humidity', 'humidity', '%', '48', ''],
    ['sensor', 'temperature', 'temperature', '°C', '21.5', ''],
    ['binary_sensor', 'window', 'window', '', 'OFF', ''],
  ] as const) {
    const topic = `kitchen/${component}/${object}/state`;
    const about = {
      dev_cla: kind,
      ...(unit && { unit_of_meas: unit }),
      ...(category && { ent_cat: category }),
    };
    heard.say(
      `homeassistant/${component}/kitchen/${object}/config`,
      sensor(KITCHEN, topic, { ...about, uniq_id: object, avty_t: 'kitchen/status' }),
    );
    heard.say(topic, value);
  }
  return heard.say('kitchen/status', 'online');
}

describe('sidebar: cards of devices', () => {
  it('put the topics of an announced device together: what people look for first, what is about itself last', () => {
    const heard = kitchen();
    const [card, ...others] = heard.cards;
    assert.deepEqual(others, []);
    assert.equal(card?.area, 'Kitchen');
    assert.equal(card?.path, 'kitchen');
    assert.deepEqual(heard.shown, {
      'Kitchen sensor': {
        topics: [
          'kitchen/binary_sensor/window/state',
          'kitchen/sensor/battery/state',
          'kitchen/sensor/humidity/state',
          'kitchen/sensor/temperature/state',
          'kitchen/sensor/wifi/state',
          'kitchen/status',
        ],
        values: ['Temperature 21.5°C', 'Humidity 48%', 'Window OFF', 'Battery 87%', 'Signal strength -61dBm'],
      },
    });
  });

  it('say whether the device is there, as it was announced', () => {
    const heard = kitchen();
    assert.equal(heard.isPresent('Kitchen sensor'), true);
    assert.equal(heard.say('kitchen/status', 'offline').isPresent('Kitchen sensor'), false);
    assert.equal(heard.say('kitchen/status', 'who knows').isPresent('Kitchen sensor'), undefined);
    const way = (mode: 'all' | 'any' | undefined, ...said: string[]) => {
      const presence = said.map((_, i) => ({ topic: `p${i}`, available: 'on', notAvailable: 'off' }));
      const rows = new Map(said.map((text, i) => [`p${i}`, row(`p${i}`, { kind: 'text', text, at: i })]));
      const device = { id: 'd', name: 'D', presence, ...(mode && { presenceMode: mode }) };
      return isPresent([device], (topic) => rows.get(topic));
    };
    assert.deepEqual([way('all', 'on', 'off'), way('all', 'on', 'on')], [false, true]);
    assert.deepEqual(
      [way('any', 'on', 'off'), way('any', 'off', 'off'), way('any', 'off', '?')],
      [true, false, undefined],
    );
    assert.deepEqual([way(undefined, 'on', 'off'), way(undefined, 'off', 'on')], [false, true]);
  });

  it('are made of announcements as devices write them, and only of topics that have a message', () => {
    const heard = new Heard();
    for (const { topic, config } of house) heard.say(topic, config);
    assert.deepEqual(heard.cards, []);
    for (const { messages } of house)
      for (const [topic, payload] of messages as unknown as string[][])
        if (topic !== undefined) heard.say(topic, payload);
    const { shown } = heard;
    assert.deepEqual(shown['Bedroom node']?.values.slice(0, 3), [
      'CO2 612ppm',
      'Motion OFF',
      'Ceiling fan ON',
    ]);
    assert.ok(shown['Bedroom node']?.topics.includes('bedroom-node/status'));
    // A value that only a template makes of its payload is not shown: the raw one would be wrong.
    assert.deepEqual(
      shown['Shelly hall']?.values.find((one) => one.startsWith('Device temperature')),
      undefined,
    );
  });

  it('know devices of several topics that nobody announced, by the form that their make gives all of them', () => {
    const heard = new Heard();
    for (const { messages } of [esphome, shelly1, shelly2, tasmota, other, openMqttGateway, zigbee2mqtt])
      heard.all(messages);
    const { shown } = heard;
    assert.deepEqual(Object.keys(shown).sort(), [
      'bedroom',
      'ezmin',
      'floor_light',
      'shelly1-A8A4',
      'shellyplus1pm-a8032ab1',
      'washer',
    ]);
    assert.deepEqual(shown.bedroom?.values, [
      ...[
        'temperature 21.4',
        'battery_low ON',
        'battery_level 12',
        'battery_voltage 2.44',
        'wifi_signal -88',
      ],
    ]);
    assert.deepEqual(shown['shellyplus1pm-a8032ab1']?.values, [
      'power 62.4W',
      'voltage 231.1V',
      'signal -58dBm',
    ]);
    assert.deepEqual(shown.washer, {
      topics: [
        ...['cmnd/washer/POWER', 'stat/washer/STATUS11', 'tele/washer/LWT'],
        ...['tele/washer/SENSOR', 'tele/washer/STATE'],
      ],
      values: ['Temperature 12.2', 'RSSI 26%'],
    });
    assert.equal(heard.isPresent('washer'), false);
    assert.deepEqual(shown['shelly1-A8A4']?.values, ['relay 0 on']);
  });

  it('know them in messages that devices were seen to send', () => {
    const heard = new Heard();
    for (const family of ['esphome', 'shelly1', 'shelly2', 'tasmota', 'openmqttgateway', 'zigbee2mqtt'])
      heard.all(seen(family));
    const { shown } = heard;
    assert.deepEqual(Object.keys(shown).sort(), [
      ...['0x00158d0000000bf2', 'SDS011', 'demo-sensor', 'fazole', 'plus1pm'],
      ...['shelly1', 'shellyem3', 'shellyht-123456'],
    ]);
    assert.deepEqual(shown.shellyem3?.values, ['emeter 0 power 0', 'relay 0 on']);
  });

  it('are not made of a room, a house or a gateway', () => {
    const none = (...messages: [string, string][]) => {
      const heard = new Heard();
      for (const [topic, payload] of messages) heard.say(topic, payload);
      assert.deepEqual(heard.cards, []);
    };
    none(['home/kitchen/temperature', '21'], ['home/kitchen/humidity', '40']);
    none(['home/status', 'online'], ['home/kitchen/temperature', '21']);
    none(['gw/one/LWT', 'online'], ['gw/one/sensor/1', '5'], ['gw/one/sensor/2', '6']);
    none(['a/b/LWT', 'online'], ['a/b/c/LWT', 'online'], ['a/b/x', '1']);
    none(['valve/LWT', 'online'], ['valve/position', '5']);
    none(
      ['tele/gw/LWT', 'Online'],
      ['tele/gw/0x01/SENSOR', '{"Temperature":5}'],
      ['tele/gw/SENSOR', '{"Temperature":1}'],
    );
    none(['a/b/LWT', 'yes, I am here'], ['a/b/temperature', '5']);
  });

  it('take neither a topic that two devices announce, nor a topic of presence that they share', () => {
    const heard = new Heard();
    for (const id of ['a', 'b']) {
      const device = { ids: [id], name: id };
      for (const topic of [`${id}/1`, `${id}/2`, 'both'])
        heard.say(
          `homeassistant/sensor/${id}/${topic.replace('/', '_')}/config`,
          sensor(device, topic, { uniq_id: `${id} ${topic}`, avty_t: 'bridge/state' }),
        );
    }
    heard
      .all(['a/1', 'a/2', 'b/1', 'b/2', 'both'].map((topic) => ({ topic, payload: '1' })))
      .say('bridge/state', 'online');
    assert.deepEqual(
      heard.cards.map(({ topics }) => topics),
      [
        ['a/1', 'a/2'],
        ['b/1', 'b/2'],
      ],
    );
    assert.equal(heard.isPresent('a'), true, 'a shared topic says so of both');
  });

  it('join what two announcers say of the same device, and open the only topic of one that has no other', () => {
    const heard = new Heard();
    for (const [from, topic] of [
      ['one', 'x/1'],
      ['two', 'x/2'],
    ] as const)
      heard.say(
        `homeassistant/sensor/${from}/config`,
        sensor({ ids: 'same', ...(from === 'one' ? { name: from } : { sa: 'Hall' }) }, topic, {
          ...{ name: from, uniq_id: from, avty_t: 'x/up' },
        }),
      );
    heard.say('x/1', '1').say('x/up', 'online');
    const [single] = heard.cards;
    assert.deepEqual(single?.topics, ['x/1', 'x/up']);
    assert.equal(single && onlyTopicOf(single), 'x/1');
    const [both] = heard.say('x/2', '2').cards;
    assert.deepEqual([both?.name, both?.area], ['one', 'Hall'], 'what only one of them says counts');
    assert.deepEqual(both?.topics, ['x/1', 'x/2', 'x/up']);
    assert.equal(both && onlyTopicOf(both), undefined);
  });

  it('are bounded, and hold names that would be something else to a program', () => {
    const heard = new Heard();
    for (const id of ['__proto__', 'constructor', '<img src=x onerror=alert(1)>']) {
      for (const object of ['a', 'b'])
        heard.say(
          `homeassistant/sensor/x${id.length}/${object}/config`,
          sensor({ ids: [id], name: id }, `${id.length}/${object}`, {
            uniq_id: `${id} ${object}`,
            dev_cla: '__proto__',
          }),
        );
      heard.say(`${id.length}/a`, '1').say(`${id.length}/b`, '{"__proto__":1,"temperature":2}');
    }
    assert.deepEqual(
      heard.cards.map(({ name, topics }) => [name, topics.length]),
      [
        ['__proto__', 2],
        ['constructor', 2],
        ['<img src=x onerror=alert(1)>', 2],
      ],
    );
    const named = new Heard();
    for (const field of ['constructor', 'toString', 'temperature'])
      named.say(
        `homeassistant/sensor/${field}/config`,
        sensor({ ids: ['n'], name: 'N', cns: [['x', 'y']] }, 'n/json', {
          ...{ uniq_id: field, val_tpl: `{{ value_json.${field} }}`, avty_t: 'n/up' },
        }),
      );
    named.say('n/json', { temperature: 21 }).say('n/up', 'online');
    assert.deepEqual(named.shown.N?.values, ['MQTT Sensor 21']);
    const many = new Heard();
    const device = { ids: ['big'], name: 'Big' };
    for (let part = 0; part < 3; part++) {
      const topics = Array.from({ length: 500 }, (_, i) => `big/${part}/${i}`);
      many.say(`homeassistant/device/big${part}/config`, {
        dev: device,
        cmps: Object.fromEntries(
          topics.map((topic, i) => [`c${i}`, { p: 'sensor', uniq_id: topic, name: `T ${i}`, stat_t: topic }]),
        ),
      });
      for (const topic of topics) many.say(topic, '1');
    }
    for (let i = 0; i < 5_000; i++) many.say(`${'deep/'.repeat(100)}${i}/online`, 'true');
    const began = performance.now();
    const [big, ...others] = many.cards;
    const took = performance.now() - began;
    assert.deepEqual([big?.topics.length, big?.readings.length, others.length], [1_000, 8, 0]);
    assert.ok(took < 2_000, `${took} ms`);
  });

  it('the simulated home of npm start has one for each room, whose topics have the form of our own', async () => {
    const demo = join(__dirname, '../../../../../../scripts/demo');
    const { createDevices } = await import(join(demo, 'devices.mjs'));
    const { createHome } = await import(join(demo, 'home.mjs'));
    const { shown } = new Heard().all([...createDevices().begin(), ...createHome({ seed: 1 }).step(600_000)]);
    const rooms = Object.keys(shown).filter((name) => shown[name]?.topics.every((one) => /^home/.test(one)));
    assert.deepEqual(rooms, ['Living room', 'Kitchen', 'Bedroom', 'Bathroom', 'Office', 'Hall']);
    assert.equal(shown.Kitchen?.topics.length, 4);
    assert.match(
      shown.Kitchen?.values.join() ?? '',
      /^Temperature [\d.]+°C,Humidity \d+%,Power \d+W,Light o/,
    );
  });
});
