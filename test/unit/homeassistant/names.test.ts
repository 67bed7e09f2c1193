import assert from 'node:assert/strict';
import fc from 'fast-check';
import english from '../../../src/base/texts/en-US.json';
import { isDiscovery } from '../../../src/homeassistant/announcement';
import { hasWords } from '../../../src/homeassistant/class-words';
import { defaultName } from '../../../src/homeassistant/components';
import { readDiscovery } from '../../../src/homeassistant/discovery';
import { HomeNames } from '../../../src/homeassistant/names';
import { saidBy } from '../../../src/topics/topic-name';

const config = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const CONFIG = 'homeassistant/sensor/kitchen/temperature/config';

describe('home assistant: discovery', () => {
  it('knows announcements by their topic', () => {
    assert.ok(isDiscovery('homeassistant/light/lamp/config'));
    assert.ok(isDiscovery(CONFIG));
    for (const topic of [
      'homeassistant/status',
      'homeassistant/light/config',
      'homeassistant/light/a/b/c/config',
      'homeassistant/light/a b/config',
      'home/light/lamp/config',
    ])
      assert.ok(!isDiscovery(topic), topic);
  });

  it('reads name, unit and topics, written long or short, with ~ for what they share', () => {
    const long = {
      name: 'Temperature',
      state_topic: 'home/sensors/temperature/kitchen',
      unit_of_measurement: '°C',
      device: { name: 'Kitchen' },
    };
    assert.deepEqual(readDiscovery(CONFIG, config(long)), [
      {
        topic: 'home/sensors/temperature/kitchen',
        role: 'state',
        name: 'Kitchen Temperature',
        device: 'Kitchen',
        area: '',
        unit: '°C',
        field: '',
      },
    ]);
    const short = {
      '~': 'home/lamp',
      name: null,
      stat_t: '~/state',
      cmd_t: '~/set',
      dev: { name: 'Reading lamp' },
    };
    assert.deepEqual(
      readDiscovery('homeassistant/light/lamp/config', config(short)).map(({ topic, role, name }) => [
        topic,
        role,
        name,
      ]),
      [
        ['home/lamp/state', 'state', 'Reading lamp'],
        ['home/lamp/set', 'command', 'Reading lamp'],
      ],
    );
    const behind = { '~': 'lamp', name: 'Lamp', stat_t: 'state/~' };
    assert.equal(readDiscovery(CONFIG, config(behind))[0]?.topic, 'state/lamp');
  });

  it('reads the entities of a device that announces itself as a whole', () => {
    const device = {
      dev: { name: 'Weather' },
      stat_t: 'weather/state',
      cmps: {
        t: {
          p: 'sensor',
          name: 'Temperature',
          unit_of_meas: '°C',
          val_tpl: '{{ value_json.outside.temp | round(1) }}',
        },
        h: { p: 'sensor', name: 'Humidity', unit_of_meas: '%', val_tpl: "{{value_json['humidity']}}" },
        r: 'no entity',
      },
    };
    assert.deepEqual(
      readDiscovery('homeassistant/device/weather/config', config(device)).map(
        ({ topic, name, unit, field }) => [topic, name, unit, field],
      ),
      [
        ['weather/state', 'Weather Temperature', '°C', 'outside.temp'],
        ['weather/state', 'Weather Humidity', '%', 'humidity'],
      ],
    );
  });

  it('takes nothing that has another form, and nothing that is too long', () => {
    const fine = { name: 'x', state_topic: 'a' };
    for (const bad of [
      Buffer.alloc(0),
      Buffer.from('{'),
      Buffer.from('[]'),
      Buffer.from('null'),
      Buffer.alloc(200_000, 'x'),
      config({ ...fine, name: 5 }),
      config({ ...fine, state_topic: 'a/+' }),
      config({ ...fine, state_topic: 'a\u0000b' }),
      config({ ...fine, state_topic: 'x'.repeat(2_000) }),
      config({ ...fine, '~': 'x'.repeat(1_024), state_topic: '~/a' }),
      config({ state_topic: 'a' }),
      Buffer.from('{"__proto__":{"name":"x","state_topic":"a"}}'),
    ])
      assert.deepEqual(readDiscovery(CONFIG, bad), [], bad.toString().slice(0, 60));
    const hostile = {
      ...fine,
      name: `<img src=x>\u202e\n${'y'.repeat(5_000)}`,
      unit_of_measurement: 'z'.repeat(99),
    };
    const [found] = readDiscovery(CONFIG, config(hostile));
    assert.equal(found?.name.length, 101);
    assert.ok(!/[\u202e\n]/.test(found?.name ?? ''));
    assert.equal(found?.unit.length, 13);
  });

  it('never throws, whatever JSON comes', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 4 }),
        fc.constantFrom(CONFIG, 'homeassistant/device/x/config'),
        (value, topic) => {
          const names = new HomeNames(0);
          names.take(topic, config(value));
          names.take(
            topic,
            config({ name: value, stat_t: value, dev: value, cmps: value, val_tpl: value, '~': value }),
          );
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('home assistant: names', () => {
  it('gives one topic with several entities the name of their device, and each number its own', () => {
    const names = new HomeNames(100);
    for (const [id, name, unit] of [
      ['temperature', 'Temperature', '°C'],
      ['battery', 'Battery', '%'],
    ])
      names.take(
        `homeassistant/sensor/bath/${id}/config`,
        config({
          name,
          stat_t: 'zigbee2mqtt/bath',
          unit_of_meas: unit,
          val_tpl: `{{ value_json.${id} }}`,
          dev: { name: 'Bath' },
        }),
      );
    assert.deepEqual(names.of('zigbee2mqtt/bath'), {
      topic: 'zigbee2mqtt/bath',
      name: 'Bath',
      fields: {
        temperature: { name: 'Bath Temperature', unit: '°C' },
        battery: { name: 'Bath Battery', unit: '%' },
      },
    });
    assert.equal(names.of('zigbee2mqtt'), undefined);
  });

  it('are said in the reader’s language where a device class stands for them', () => {
    const german = (one: string): string => `«${one}»`;
    const names = new HomeNames(0, 'homeassistant', german);
    const dev = { ids: 'b', name: 'Bath' };
    for (const [id, more] of [
      ['temperature', {}],
      ['battery', { name: 'Cells' }],
      ['strange', {}],
    ] as const)
      names.take(
        `homeassistant/sensor/bath/${id}/config`,
        config({ ...{ dev_cla: id, stat_t: 'bath', val_tpl: `{{ value_json.${id} }}`, dev }, ...more }),
      );
    names.take('homeassistant/sensor/hall/config', config({ dev_cla: 'humidity', stat_t: 'hall', dev }));
    const { fields = {} } = names.of('bath') ?? {};
    assert.deepEqual(
      Object.values(fields).map(({ name, meaning }) => [name, meaning?.label]),
      [
        ['Bath «temperature»', '«temperature»'],
        ['Bath Cells', 'Cells'],
        ['Bath Strange', 'Strange'],
      ],
    );
    const hall = names.of('hall');
    assert.ok(hall);
    assert.equal(hall.name, 'Bath «humidity»');
    const mine = saidBy(hall, () => 'Feuchte');
    assert.deepEqual([mine.name, mine.meaning?.label, mine.topic], ['Bath Feuchte', 'Feuchte', 'hall']);
  });

  it('kind: words twice. The English catalogue calls each device class as Home Assistant does', () => {
    for (const [one, words] of Object.entries(english.class)) {
      assert.equal(defaultName('sensor', one, 'default'), words);
      assert.ok(hasWords(one), one);
    }
  });

  it('are read below the prefix of the connection alone', () => {
    const names = new HomeNames(0, 'ha/mine');
    const lamp = config({ name: 'A', stat_t: 'a' });
    assert.equal(names.take('homeassistant/light/a/config', lamp), false);
    assert.equal(names.take('ha/mine/light/a/config', lamp), true);
    assert.equal(names.of('a')?.name, 'A');
  });

  it('say which device a topic belongs to, what its value is about, and how it says that it is there', () => {
    const names = new HomeNames(0);
    const device = { ids: ['d', 'other'], name: 'Boiler' };
    const shared = {
      avty: [{ t: 'bridge', val_tpl: '{{ value_json.state }}' }, { t: 'd/up' }],
      avty_mode: 'all',
    };
    const say = (id: string, more: object, of: object = device) =>
      names.take(`homeassistant/sensor/${id}/config`, config({ dev: of, uniq_id: id, ...more }));
    say('t', { stat_t: 'd/t', dev_cla: 'temperature', ...shared });
    say('f', { stat_t: 'd/f', dev_cla: 'temperature', val_tpl: '{{ value | float * 1.8 }}' });
    say('u', { stat_t: 'd/u', name: 'Uptime', ent_cat: 'diagnostic' });
    say('x1', { stat_t: 'both', name: 'X' });
    say('x2', { stat_t: 'both', name: 'X' }, { ids: ['e'], name: 'E' });
    const about = (topic: string) => {
      const { device: of, meaning } = names.of(topic) ?? {};
      return [of?.id, meaning];
    };
    assert.deepEqual(about('d/t'), ['d', { class: 'temperature', label: 'Temperature' }]);
    assert.deepEqual(about('d/f'), ['d', undefined], 'only a template knows its value');
    assert.deepEqual(about('d/u'), ['d', { label: 'Uptime', isMinor: true }]);
    assert.equal(names.of('both')?.device, undefined);
    const online = { available: 'online', notAvailable: 'offline' };
    assert.deepEqual(names.of('d/t')?.device, {
      ...{ id: 'd', name: 'Boiler', presenceMode: 'all' },
      presence: [
        { topic: 'bridge', field: 'state', ...online },
        { topic: 'd/up', ...online },
      ],
    });
  });

  it('tells differences, also of names that went away, and finds by role', () => {
    const names = new HomeNames(100);
    assert.equal(names.take('home/kitchen', config({})), false);
    names.take('homeassistant/light/a/config', config({ name: 'A', stat_t: 'a', cmd_t: 'a/set' }));
    names.take('homeassistant/light/b/config', config({ name: 'B', stat_t: 'b' }));
    const first = names.changes(0, 10);
    assert.deepEqual(
      first.names.map(({ topic, name }) => [topic, name]),
      [
        ['a', 'A'],
        ['a/set', 'A'],
        ['b', 'B'],
      ],
    );
    assert.deepEqual(names.changes(0, 2), { seq: 102, names: first.names.slice(0, 2) });
    names.take('homeassistant/light/b/config', config({ name: 'B', stat_t: 'b' }));
    assert.deepEqual(names.changes(first.seq, 10), { seq: first.seq, names: [] });
    names.take('homeassistant/light/a/config', config({ name: 'A', stat_t: 'a' }));
    names.take('homeassistant/light/b/config', Buffer.alloc(0));
    assert.deepEqual(names.changes(first.seq, 10).names, [
      { topic: 'a/set', name: '' },
      { topic: 'b', name: '' },
    ]);
    assert.deepEqual(
      names.find('state', () => true, 10).map(({ topic }) => topic),
      ['a'],
    );
    assert.deepEqual(
      names.find('command', () => true, 10),
      [],
    );
  });

  it('is bounded, and what lost its name makes room', () => {
    const names = new HomeNames(0);
    const topics = (from: number) =>
      Object.fromEntries(
        Array.from({ length: 200 }, (_, i) => [`c${i}`, { p: 'sensor', name: 'x', stat_t: `t/${from + i}` }]),
      );
    const announce = (i: number) => `homeassistant/device/d${i}/config`;
    for (let i = 0; i < 60; i++) names.take(announce(i), config({ cmps: topics(i * 200) }));
    assert.equal(names.changes(0, 100_000).names.length, 10_000);
    assert.equal(names.of('t/10200'), undefined);
    names.take(announce(0), Buffer.alloc(0));
    names.take(announce(59), config({ cmps: topics(59 * 200) }));
    assert.equal(names.of('t/11800')?.name, 'x');
  });

  it('takes no more than fits, however long announcements are, and little for one topic', () => {
    const names = new HomeNames(0);
    const long = (i: number) =>
      Array.from({ length: 100 }, (_, at) => [
        `c${at}`,
        { p: 'sensor', name: 'x', stat_t: `${i}/${at}/${'y'.repeat(1_000)}` },
      ]);
    const announce = (i: number) => `homeassistant/device/d${i}/config`;
    // 200 of 120,000 characters each.
    for (let i = 0; i < 200; i++) names.take(announce(i), config({ cmps: Object.fromEntries(long(i)) }));
    const count = names.changes(0, 100_000).names.length;
    assert.ok(count > 10_000 / 2 && count * 1_200 < 8 * 1_048_576, String(count));
    for (let i = 0; i < 200; i++) names.take(announce(i), Buffer.alloc(0));
    names.take(announce(500), config({ cmps: Object.fromEntries(long(500)) }));
    assert.equal(names.of(`500/0/${'y'.repeat(1_000)}`)?.name, 'x', 'what went away makes room');

    const fields = (i: number) =>
      Array.from({ length: 200 }, (_, at) => [
        `c${at}`,
        { p: 'sensor', name: `${i} ${at}`, stat_t: 'busy', val_tpl: `{{ value_json.f${i}_${at} }}` },
      ]);
    for (let i = 0; i < 64; i++)
      names.take(`homeassistant/device/f${i}/config`, config({ cmps: Object.fromEntries(fields(i)) }));
    assert.equal(Object.keys(names.of('busy')?.fields ?? {}).length, 64);
  });
});
