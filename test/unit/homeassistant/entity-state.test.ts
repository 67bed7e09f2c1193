import assert from 'node:assert/strict';
import { Entities } from '../../../src/homeassistant/entities';
import type { Entity } from '../../../src/homeassistant/entity';
import { type Current, EntityState } from '../../../src/homeassistant/states/entity-state';
import { Payload } from '../../../src/homeassistant/templates/payload';
import { Templates } from '../../../src/homeassistant/templates/template';

const templates = new Templates();
const clock = { now: 0, steady: () => clock.now };

function entity(component: string, config: object): Entity {
  const change = new Entities().take(
    `homeassistant/${component}/x/config`,
    Buffer.from(JSON.stringify(config)),
  );
  const [made] = change?.added ?? [];
  assert.ok(made, JSON.stringify(config));
  return made;
}

/** What it is after these messages: `[topic, payload]`. */
function heard(
  component: string,
  config: object,
  ...messages: readonly (readonly [string, string])[]
): Current {
  const state = new EntityState(entity(component, config), templates, clock);
  for (const [topic, payload] of messages)
    state.take({ topic, payload: new Payload(payload), retained: false });
  return state.current;
}

/** The state alone, for a component whose messages come on `s`. */
const state = (component: string, config: object, ...payloads: readonly string[]): unknown =>
  heard(component, { stat_t: 's', ...config }, ...payloads.map((payload) => ['s', payload] as const)).payload;

describe('home assistant: states', () => {
  it('is a number where Home Assistant takes it for one, and else its word', () => {
    const unit = { unit_of_meas: '°C' };
    assert.equal(state('sensor', unit, '21.50'), 21.5);
    assert.equal(state('sensor', { dev_cla: 'humidity' }, '55'), 55);
    assert.equal(state('sensor', { stat_cla: 'measurement' }, '1e2'), 100);
    assert.equal(state('sensor', {}, '21.50'), '21.50');
    assert.equal(state('sensor', unit, '20', 'None'), null);
    for (const kept of ['', 'unknown', 'unavailable', 'NaN', '21,5', 'inf', '1e999'])
      assert.equal(state('sensor', unit, '20', kept), 20, kept);
    assert.equal(state('sensor', { dev_cla: 'enum', ops: ['a', 'b'] }, 'a', 'c'), 'a');
    assert.equal(
      state('sensor', { dev_cla: 'timestamp' }, '2026-11-29T20:00:00+01:00'),
      '2026-11-29T19:00:00+00:00',
    );
    assert.equal(state('sensor', { dev_cla: 'timestamp' }, 'yesterday'), null);
    assert.equal(state('sensor', { dev_cla: 'date' }, '2026-11-29'), '2026-11-29');
    assert.equal(state('number', { cmd_t: 'c', min: -10, max: 10 }, '5.5', '11', 'x'), 5.5);
    assert.equal(state('number', { cmd_t: 'c' }, '5', 'None'), null);
    assert.equal(state('select', { cmd_t: 'c', ops: ['eco', 'boost'] }, 'eco', 'party'), 'eco');
    assert.equal(state('text', { cmd_t: 'c' }, 'hello'), 'hello');
  });

  it('keeps the attributes of the last message alone, as Home Assistant does, however many come', () => {
    const messages = Array.from({ length: 300 }, (_, at) => ['j', `{"k${at}":${at}}`] as const);
    const config = { stat_t: 's', json_attr_t: 'j' };
    assert.deepEqual(heard('sensor', config, ...messages).attributes, { k299: 299 });
    // Home Assistant keeps those of a vacuum; a stranger must not fill the memory with them.
    const said = messages.map(([, payload]) => ['s', payload] as const);
    assert.equal(Object.keys(heard('vacuum', { stat_t: 's' }, ...said).attributes).length, 200);
    const wide = JSON.stringify(Object.fromEntries(messages.map((_, at) => [`k${at}`, at])));
    assert.equal(Object.keys(heard('vacuum', { stat_t: 's' }, ['s', wide]).attributes).length, 200);
  });

  it('goes on behind a message that is nested too deep', () => {
    const deep = `{"state":"idle","event_type":"a","tone":${'['.repeat(20_000)}${']'.repeat(20_000)}}`;
    const config = { stat_t: 's', json_attr_t: 'j' };
    const sensor = heard('sensor', config, ['j', deep], ['s', '5'], ['j', '{"a":1}']);
    assert.deepEqual([sensor.payload, sensor.attributes], ['5', { a: 1 }]);
    assert.equal(
      heard('vacuum', { stat_t: 's' }, ['s', deep], ['s', '{"state":"docked"}']).payload,
      'docked',
    );
    assert.equal(heard('siren', { stat_t: 's' }, ['s', deep], ['s', '{"state":"ON"}']).payload, true);
    const event = { stat_t: 's', event_types: ['a', 'b'] };
    assert.equal(heard('event', event, ['s', deep], ['s', '{"event_type":"b"}']).payload, 'b');
  });

  it('is true or false by the payloads of the entity, and nothing else', () => {
    assert.equal(state('binary_sensor', {}, 'ON'), true);
    assert.equal(state('binary_sensor', {}, 'ON', 'OFF'), false);
    assert.equal(state('binary_sensor', {}, 'ON', 'on', '1', 'true'), true);
    assert.equal(
      state('binary_sensor', { pl_on: true, pl_off: false, val_tpl: '{{ value_json.c }}' }, '{"c":true}'),
      true,
    );
    assert.equal(
      state('binary_sensor', { pl_on: 'True', pl_off: 'False', val_tpl: '{{ value_json.c }}' }, '{"c":true}'),
      true,
    );
    assert.equal(
      state('switch', { cmd_t: 'c', pl_on: '1', stat_on: 'yes', stat_off: 'no' }, '1', 'yes'),
      true,
    );
    assert.equal(state('switch', { cmd_t: 'c' }, 'ON', 'None'), null);
    assert.equal(state('siren', { cmd_t: 'c' }, '{"state":"ON","tone":"fire"}'), true);
    assert.equal(state('fan', { cmd_t: 'c' }, 'OFF'), false);
    assert.equal(state('update', {}, '{"installed_version":"1.9","latest_version":"1.10"}'), true);
    assert.equal(state('update', {}, '{"installed_version":"1.10","latest_version":"1.9"}'), false);
    assert.equal(state('update', {}, '1.0'), null);
  });

  it('is the word of Home Assistant for what has several states', () => {
    assert.equal(state('lock', { cmd_t: 'c' }, 'LOCKED'), 'locked');
    assert.equal(state('cover', { cmd_t: 'c' }, 'open', 'closing', 'stopped'), 'closed');
    assert.equal(state('cover', { cmd_t: 'c' }, 'open', 'opening', 'stopped'), 'open');
    assert.equal(state('alarm_control_panel', { cmd_t: 'c' }, 'armed_home', 'nonsense'), 'armed_home');
    assert.equal(state('vacuum', { cmd_t: 'c' }, '{"state":"cleaning","battery_level":61}'), 'cleaning');
    assert.equal(state('device_tracker', { pl_home: 'yes' }, 'yes'), 'home');
    assert.equal(state('device_tracker', {}, 'garden'), 'garden');
    assert.equal(state('valve', { cmd_t: 'c', pos: true }, '{"position":30}'), 'open');
    assert.equal(heard('lawn_mower', { act_stat_t: 's' }, ['s', 'mowing']).payload, 'mowing');
  });

  it('reads what belongs to it into attributes: covers, climates, fans', () => {
    const cover = heard('cover', { pos_t: 'p', set_pos_t: 'q', pos_open: 0, pos_clsd: 255 }, ['p', '51']);
    assert.deepEqual([cover.payload, cover.attributes], ['open', { current_position: 80 }]);
    const climate = heard(
      'climate',
      {
        mode_stat_t: 's',
        mode_stat_tpl: '{{ value_json.mode }}',
        modes: ['off', 'heat'],
        curr_temp_t: 's',
        curr_temp_tpl: '{{ value_json.is }}',
        temp_stat_t: 's',
        temp_stat_tpl: '{{ value_json.want }}',
        act_t: 's',
        act_tpl: '{{ value_json.action }}',
      },
      ['s', '{"mode":"heat","is":20.5,"want":21,"action":"heating"}'],
    );
    assert.equal(climate.payload, 'heat');
    assert.equal(climate.raw, 'heat');
    assert.deepEqual(climate.attributes, {
      current_temperature: 20.5,
      temperature: 21,
      hvac_action: 'heating',
    });
    const fan = heard('fan', { stat_t: 's', cmd_t: 'c', pct_stat_t: 'p', pct_cmd_t: 'q', spd_rng_max: 4 }, [
      'p',
      '3',
    ]);
    assert.deepEqual([fan.payload, fan.known, fan.attributes], [null, false, { percentage: 75 }]);
  });

  it('reads lights in their three schemas', () => {
    const plain = heard(
      'light',
      { stat_t: 's', cmd_t: 'c', bri_stat_t: 'b', bri_scl: 100, rgb_stat_t: 'r', clr_temp_stat_t: 't' },
      ['s', 'ON'],
      ['b', '50'],
      ['r', '255,10,0'],
      ['t', '250'],
    );
    assert.equal(plain.payload, true);
    assert.deepEqual(plain.attributes, {
      brightness: 128,
      rgb_color: [255, 10, 0],
      color_mode: 'color_temp',
      color_temp_kelvin: 4000,
    });
    const json = heard(
      'light',
      { schema: 'json', stat_t: 's', cmd_t: 'c', brightness: true, sup_clrm: ['rgb'] },
      ['s', '{"state":"ON","brightness":120,"color_mode":"rgb","color":{"r":1,"g":2,"b":3},"effect":"x"}'],
    );
    assert.deepEqual(
      [json.payload, json.attributes],
      [true, { rgb_color: [1, 2, 3], color_mode: 'rgb', brightness: 120, effect: 'x' }],
    );
    const template = heard(
      'light',
      {
        schema: 'template',
        stat_t: 's',
        cmd_t: 'c',
        cmd_on_tpl: 'on',
        cmd_off_tpl: 'off',
        stat_tpl: "{{ value.split(',')[0] }}",
        bri_tpl: "{{ value.split(',')[1] }}",
      },
      ['s', 'on,77'],
    );
    assert.deepEqual([template.payload, template.attributes], [true, { brightness: 77 }]);
  });

  it('is available as its topics say: the latest, all of them, or any', () => {
    const both = { avty: [{ topic: 'a' }, { topic: 'b', pl_avail: 'up', pl_not_avail: 'down' }] };
    const available = (
      mode: string | undefined,
      ...messages: readonly (readonly [string, string])[]
    ): boolean => heard('sensor', { stat_t: 's', ...both, avty_mode: mode }, ...messages).available;
    assert.equal(available(undefined), false);
    assert.equal(available(undefined, ['b', 'up'], ['a', 'offline']), false);
    assert.equal(available('all', ['a', 'online']), false);
    assert.equal(available('all', ['a', 'online'], ['b', 'up']), true);
    assert.equal(available('any', ['a', 'offline'], ['b', 'up']), true);
    assert.equal(available('any', ['b', 'nonsense']), false);
    assert.equal(heard('sensor', { stat_t: 's' }).available, true);
    const templated = { stat_t: 's', avty_t: 'a', avty_tpl: '{{ value_json.state }}' };
    assert.equal(heard('sensor', templated, ['a', '{"state":"online"}']).available, true);
  });

  it('expires, and goes off by itself', () => {
    clock.now = 0;
    const sensor = new EntityState(entity('sensor', { stat_t: 's', exp_aft: 60 }), templates, clock);
    assert.equal(sensor.current.available, false);
    assert.equal(sensor.take({ topic: 's', payload: new Payload('1'), retained: false }), true);
    assert.deepEqual([sensor.current.available, sensor.nextExpiry], [true, 60_000]);
    clock.now = 30_000;
    assert.equal(sensor.take({ topic: 's', payload: new Payload('1'), retained: false }), false);
    assert.equal(sensor.nextExpiry, 90_000);
    clock.now = 89_999;
    assert.equal(sensor.expire(), false);
    clock.now = 90_000;
    assert.deepEqual([sensor.expire(), sensor.current.available, sensor.current.payload], [true, false, '1']);

    const motion = new EntityState(entity('binary_sensor', { stat_t: 's', off_dly: 5 }), templates, clock);
    motion.take({ topic: 's', payload: new Payload('ON'), retained: false });
    clock.now = 95_000;
    assert.deepEqual([motion.expire(), motion.current.payload, motion.nextExpiry], [true, false, undefined]);
  });

  it('keeps its state where a template fails, and gives on what only Home Assistant can evaluate', () => {
    const config = { stat_t: 's', val_tpl: '{{ value_json.a.b }}' };
    assert.equal(heard('sensor', config, ['s', '{"a":{"b":"x"}}'], ['s', 'no json']).payload, 'x');
    const foreign = heard('sensor', { stat_t: 's', val_tpl: "{{ states('sun.sun') }}" }, ['s', 'raw']);
    assert.deepEqual([foreign.payload, foreign.raw, foreign.unsupported], ['raw', 'raw', 'states']);
  });

  it('tells events each time, but none that is retained', () => {
    const button = new EntityState(
      entity('event', { stat_t: 's', evt_typ: ['press', 'hold'] }),
      templates,
      clock,
    );
    const take = (payload: string, retained = false): boolean =>
      button.take({ topic: 's', payload: new Payload(payload), retained });
    assert.equal(take('{"event_type":"press"}', true), false);
    assert.equal(take('{"event_type":"press","count":2}'), true);
    assert.equal(take('{"event_type":"press","count":2}'), true);
    assert.equal(take('{"event_type":"shake"}'), false);
    assert.deepEqual([button.current.payload, button.current.attributes], ['press', { count: 2 }]);
  });

  it('hears topics with wildcards, and attributes of all components', () => {
    const tracker = heard(
      'device_tracker',
      { stat_t: '+/+/BT/x', json_attr_t: 'j' },
      ['home/gw/BT/x', 'home'],
      ['j', '{"rssi":-70,"__proto__":{"a":1}}'],
    );
    assert.equal(tracker.payload, 'home');
    assert.equal(tracker.attributes.rssi, -70);
    assert.equal(({} as { a?: unknown }).a, undefined);
  });
});
