import assert from 'node:assert/strict';
import fc from 'fast-check';
import { discoveryFilters, isDiscovery } from '../../../src/homeassistant/announcement';
import { Entities, type EntityChange } from '../../../src/homeassistant/entities';

const json = (value: unknown): Buffer =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
const EMPTY = Buffer.alloc(0);

function take(entities: Entities, topic: string, value: unknown): EntityChange {
  const change = entities.take(topic, json(value));
  assert.ok(change, topic);
  return change;
}

const keys = (list: EntityChange['added']): string[] => list.map(({ key }) => key);

describe('home assistant: entities', () => {
  it('is told under one filter for each component, with and without a node', () => {
    const filters = discoveryFilters('ha');
    assert.ok(filters.includes('ha/sensor/+/config') && filters.includes('ha/device/+/+/config'));
    assert.ok(filters.every((filter) => !filter.startsWith('ha/+')));
    assert.ok(isDiscovery('ha/sensor/x/config', 'ha'));
    for (const topic of [
      'ha/sensor/config',
      'hax/sensor/x/config',
      'ha/sensor/a/b/c/config',
      'ha/sensor/ä/config',
      'ha/sensor/x/state',
    ])
      assert.ok(!isDiscovery(topic, 'ha'), topic);
  });

  it('reads one entity, written short, with what belongs to it', () => {
    const entities = new Entities();
    const { added } = take(entities, 'homeassistant/sensor/0x01/temperature/config', {
      '~': 'zigbee2mqtt/Kitchen',
      name: 'Temperature',
      uniq_id: '0x01_temperature',
      stat_t: '~',
      val_tpl: '{{ value_json.temperature }}',
      unit_of_meas: '°C',
      dev_cla: 'temperature',
      stat_cla: 'measurement',
      avty: [
        { t: '~/availability', val_tpl: '{{ value_json.state }}' },
        { topic: 'zigbee2mqtt/bridge/state' },
      ],
      avty_mode: 'all',
      json_attr_t: '~/attributes',
      dev: { ids: ['0x01'], name: 'Kitchen', mf: 'Aqara', mdl: 'T1', sa: 'Ground floor' },
      o: { name: 'z', sw: '1' },
    });
    const [entity] = added;
    assert.ok(entity);
    assert.deepEqual(
      {
        key: entity.key,
        name: entity.name,
        entityId: entity.entityId,
        unit: entity.unit,
        deviceClass: entity.deviceClass,
        stateClass: entity.stateClass,
        topics: entity.topics,
        device: entity.device,
        mode: entity.availabilityMode,
        isReadable: entity.isReadable,
      },
      {
        key: 'sensor.0x01_temperature',
        name: 'Kitchen Temperature',
        entityId: 'sensor.kitchen_temperature',
        unit: '°C',
        deviceClass: 'temperature',
        stateClass: 'measurement',
        topics: [
          'zigbee2mqtt/Kitchen',
          'zigbee2mqtt/Kitchen/attributes',
          'zigbee2mqtt/Kitchen/availability',
          'zigbee2mqtt/bridge/state',
        ],
        device: { id: '0x01', name: 'Kitchen', area: 'Ground floor', manufacturer: 'Aqara', model: 'T1' },
        mode: 'all',
        isReadable: true,
      },
    );
  });

  it('calls entities as Home Assistant does: by device, by device class, by a default', () => {
    const names = (config: object, component = 'sensor'): string | undefined => {
      const entities = new Entities();
      return take(entities, `homeassistant/${component}/x/config`, { stat_t: 'a', cmd_t: 'b', ...config })
        .added[0]?.name;
    };
    const dev = { ids: 'd', name: 'Desk' };
    assert.equal(names({ name: 'Lamp', dev }, 'light'), 'Desk Lamp');
    assert.equal(names({ name: null, dev }, 'light'), 'Desk');
    assert.equal(names({ dev }, 'light'), 'Desk MQTT LightEntity');
    assert.equal(names({ dev, dev_cla: 'pm25' }), 'Desk PM2.5');
    assert.equal(names({ dev, dev_cla: 'carbon_dioxide' }), 'Desk Carbon dioxide');
    assert.equal(names({ dev, dev_cla: 'enum' }), 'Desk MQTT Sensor');
    assert.equal(names({ dev, dev_cla: 'garage' }, 'cover'), 'Desk MQTT Cover');
    assert.equal(names({ name: 'Alone' }), 'Alone');
    assert.equal(names({ name: 'Desk lamp', dev }, 'switch'), 'Desk Desk lamp');
    assert.equal(
      names({ name: 'Text', device: { connections: [['mac', '02:00:00:00:00:01']], name: 'D' } }),
      'D Text',
    );
  });

  it('reads a device with its components and child devices, which inherit', () => {
    const entities = new Entities();
    const device = {
      dev: { ids: ['plug'], name: 'Plug' },
      o: { name: 'x' },
      stat_t: 'plug/state',
      avty_t: 'plug/online',
      cmps: {
        p: {
          p: 'sensor',
          uniq_id: 'plug_p',
          name: 'Power',
          dev_cla: 'power',
          unit_of_meas: 'W',
          val_tpl: '{{ value_json.p }}',
        },
        s: { '~': 'plug', p: 'switch', uniq_id: 'plug_s', name: null, cmd_t: '~/set', stat_t: '~/relay' },
        odd: 'no entity',
        other: { p: 'nothing', uniq_id: 'q' },
      },
      cdevs: [
        {
          ids: ['plug_2'],
          name: 'Plug child',
          cmps: { t: { p: 'sensor', uniq_id: 'plug_t', name: 'Temperature' } },
        },
      ],
    };
    const topic = 'homeassistant/device/plug/config';
    assert.deepEqual(keys(take(entities, topic, device).added), [
      'sensor.plug_p',
      'switch.plug_s',
      'sensor.plug_t',
    ]);
    assert.deepEqual(entities.get('sensor.plug_p')?.topics, ['plug/state', 'plug/online']);
    assert.equal(entities.get('switch.plug_s')?.commandTopic(), 'plug/set');
    assert.deepEqual(entities.get('switch.plug_s')?.topics, ['plug/relay', 'plug/online']);
    assert.equal(entities.get('sensor.plug_t')?.name, 'Plug child Temperature');
    assert.equal(entities.get('sensor.plug_p')?.device, entities.get('switch.plug_s')?.device);

    // The same again is no change; a component that is left out stays; one with its platform alone goes.
    assert.deepEqual(take(entities, topic, device), { added: [], changed: [], removed: [] });
    const { cmps } = device;
    const less = { ...device, cmps: { p: { ...cmps.p, unit_of_meas: 'kW' }, s: { p: 'switch' } }, cdevs: [] };
    const change = take(entities, topic, less);
    assert.deepEqual(
      [keys(change.added), keys(change.changed), keys(change.removed)],
      [[], ['sensor.plug_p'], ['switch.plug_s']],
    );
    assert.equal(entities.get('sensor.plug_p')?.unit, 'kW');
    assert.ok(entities.get('sensor.plug_t'));
    assert.deepEqual(keys(take(entities, topic, '').removed).sort(), ['sensor.plug_p', 'sensor.plug_t']);
    assert.equal(entities.size, 0);
  });

  it('goes over from single announcements to that of a device, without losing an entity', () => {
    const entities = new Entities();
    const single = 'homeassistant/sensor/plug_power/config';
    const entity = { name: 'Power', uniq_id: 'plug_p', stat_t: 'plug/p', dev: { ids: 'plug', name: 'Plug' } };
    take(entities, single, entity);
    const { entityId } = entities.get('sensor.plug_p') ?? {};
    const device = {
      dev: entity.dev,
      o: { name: 'x' },
      cmps: { power: { p: 'sensor', ...entity, dev: undefined } },
    };
    const topic = 'homeassistant/device/plug/config';
    take(entities, topic, device);
    assert.equal(entities.faults.duplicate, 1, 'before the migration the unique_id is taken');
    assert.deepEqual(take(entities, single, { migrate_discovery: true }), {
      added: [],
      changed: [],
      removed: [],
    });
    assert.deepEqual(keys(take(entities, topic, device).changed), ['sensor.plug_p']);
    assert.deepEqual(take(entities, single, ''), { added: [], changed: [], removed: [] });
    assert.equal(entities.get('sensor.plug_p')?.entityId, entityId);
    assert.deepEqual(keys(take(entities, topic, '').removed), ['sensor.plug_p']);
  });

  it('leaves out the second of two with one unique_id, and numbers equal entity ids', () => {
    const entities = new Entities();
    const config = (id: string, more: object = {}) => ({ uniq_id: id, name: 'Door', stat_t: 'd', ...more });
    take(entities, 'homeassistant/binary_sensor/a/config', config('a'));
    assert.deepEqual(take(entities, 'homeassistant/binary_sensor/b/config', config('a')).added, []);
    assert.equal(entities.faults.duplicate, 1);
    take(entities, 'homeassistant/binary_sensor/c/config', config('c'));
    take(entities, 'homeassistant/sensor/a/config', config('a'));
    take(
      entities,
      'homeassistant/sensor/d/config',
      config('d', { def_ent_id: 'sensor.Front Door', obj_id: 'x' }),
    );
    take(entities, 'homeassistant/sensor/e/config', config('e', { obj_id: 'back door' }));
    assert.deepEqual(
      [...entities.all()].map(({ entityId }) => entityId),
      ['binary_sensor.door', 'binary_sensor.door_2', 'sensor.door', 'sensor.front_door', 'sensor.back_door'],
    );
  });

  it('gives all entities of a device the name that its newest announcement says', () => {
    const entities = new Entities();
    take(entities, 'homeassistant/sensor/a/config', {
      uniq_id: 'a',
      name: 'A',
      stat_t: 'x',
      dev: { ids: ['1', '2'], name: 'Old' },
    });
    take(entities, 'homeassistant/sensor/b/config', {
      uniq_id: 'b',
      name: 'B',
      stat_t: 'x',
      dev: { ids: '2', name: 'New' },
    });
    assert.deepEqual(
      [...entities.all()].map(({ name }) => name),
      ['New A', 'New B'],
    );
  });

  it('makes texts from outside fit to be shown, and topics of wildcards are none to publish to', () => {
    const entities = new Entities();
    take(entities, 'homeassistant/switch/x/config', {
      uniq_id: '<b>\u202ex',
      name: `<img src=x>\u202e\n${'y'.repeat(5_000)}`,
      stat_t: 'a/#/b',
      cmd_t: 'a/+',
      unit_of_meas: 'z'.repeat(99),
      dev: { ids: [{}, 5, 'x'], name: 'D\u2066' },
    });
    const [entity] = entities.all();
    assert.ok(entity);
    assert.ok(!/[\u202e\u2066\n]/.test(entity.name + entity.key));
    assert.ok(entity.name.length <= 202);
    assert.equal(entity.commandTopic(), undefined);
    assert.deepEqual(entity.topics, []);
  });

  it('is bounded: a stranger with 100,000 configs, long ones, deep ones', () => {
    const entities = new Entities({ maxEntities: 1_000, maxCharacters: 2_000_000 });
    for (let i = 0; i < 100_000; i++)
      entities.take(
        `homeassistant/sensor/s${i}/config`,
        json(`{"uniq_id":"s${i}","name":"same","stat_t":"t"}`),
      );
    assert.equal(entities.size, 1_000);
    assert.equal(entities.faults.tooMany, 99_000);
    for (const payload of [
      `{"name":"${'x'.repeat(1_000_000)}"}`,
      '{"a":'.repeat(10_000),
      `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`,
      `{"stat_t":"t","json_attr_tpl":${'['.repeat(10_000)}${']'.repeat(10_000)}}`,
      `${'['.repeat(10_000)}${']'.repeat(10_000)}`,
      '{"__proto__":{"stat_t":"x"},"constructor":1}',
      '[1]',
      'null',
      '"x"',
      '{',
    ])
      for (const component of ['sensor/q', 'device/q'])
        assert.ok(entities.take(`homeassistant/${component}/config`, json(payload)));
    assert.equal(({} as { stat_t?: unknown }).stat_t, undefined);
    for (let i = 0; i < 1_000; i++) entities.take(`homeassistant/sensor/s${i}/config`, EMPTY);
    assert.equal(entities.size, 0);
  });

  it('has few ids of a device that calls itself by another one each time', () => {
    const entities = new Entities();
    const announce = (id: string): EntityChange =>
      take(entities, 'homeassistant/sensor/a/config', {
        stat_t: 'a',
        uniq_id: 'a',
        dev: { ids: ['same', id] },
      });
    for (let at = 0; at < 1_000; at++) announce(`id${at}`);
    const [entity] = entities.all();
    const other = { stat_t: 'b', uniq_id: 'b', dev: { ids: ['id0'] } };
    const strange = { stat_t: 'c', uniq_id: 'c', dev: { ids: ['id999'] } };
    const [known] = take(entities, 'homeassistant/sensor/b/config', other).added;
    const [apart] = take(entities, 'homeassistant/sensor/c/config', strange).added;
    assert.equal(known?.device, entity?.device);
    assert.notEqual(apart?.device, entity?.device);
  });

  it('leaves out what would hand a long device down to a thousand components', () => {
    const cmps = Object.fromEntries(
      Array.from({ length: 1_000 }, (_, at) => [`c${at}`, { p: 'sensor', stat_t: 'x', uniq_id: `u${at}` }]),
    );
    const sizeWith = (name: string): number => {
      const entities = new Entities();
      take(entities, 'homeassistant/device/a/config', { dev: { ids: ['a'], name }, o: { name: 'o' }, cmps });
      return entities.size;
    };
    assert.equal(sizeWith('n'.repeat(3_000)), 1_000);
    assert.ok(sizeWith('n'.repeat(180_000)) < 30);
  });

  it('joins no shared subscription: it would take the messages of others away from them', () => {
    const config = { stat_t: '$share/workers/jobs', avty: [{ t: '$share/workers/alive' }, { t: 'alive' }] };
    const [entity] = take(new Entities(), 'homeassistant/sensor/a/config', config).added;
    assert.deepEqual(entity?.topics, ['alive']);
  });

  it('never throws, and forgets all that was taken away', () => {
    const topics = [
      'homeassistant/sensor/a/config',
      'homeassistant/device/a/config',
      'homeassistant/light/n/b/config',
    ];
    const names = fc.constantFrom(
      'name',
      'uniq_id',
      'stat_t',
      '~',
      'dev',
      'ids',
      'cmps',
      'p',
      'avty',
      't',
      'cdevs',
      'migrate_discovery',
      '__proto__',
    );
    const value = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom('sensor', 'light', 'a', '~/x', '#', 5, null, true, ''),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(names, tie('tree'), { maxKeys: 6 }),
      ),
    })).tree;
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...topics), value), { maxLength: 12 }), (messages) => {
        const entities = new Entities();
        const alive = new Set<string>();
        for (const [topic, one] of messages) {
          const change = take(entities, topic, one);
          for (const { key } of change.added) alive.add(key);
          for (const { key } of change.removed) if (!entities.get(key)) alive.delete(key);
          assert.deepEqual([...alive].sort(), [...entities.all()].map(({ key }) => key).sort());
        }
        for (const topic of topics) take(entities, topic, '');
        assert.equal(entities.size, 0);
      }),
      { numRuns: 1_000 },
    );
  });
});
