import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Command, commandFor, isConfirmed } from '../../../src/homeassistant/commands/command';
import { EntityCommandError } from '../../../src/homeassistant/commands/errors';
import { COMPONENTS } from '../../../src/homeassistant/components';
import { Entities } from '../../../src/homeassistant/entities';
import type { Entity } from '../../../src/homeassistant/entity';
import type { Current } from '../../../src/homeassistant/states/entity-state';
import { Templates } from '../../../src/homeassistant/templates/template';

const templates = new Templates();
const NOW: Current = {
  payload: null,
  known: false,
  available: true,
  raw: '',
  attributes: {},
  unsupported: undefined,
};

function entity(component: string, config: object): Entity {
  const made = new Entities().take(
    `homeassistant/${component}/x/config`,
    Buffer.from(JSON.stringify({ name: 'X', cmd_t: 'c', ...config })),
  );
  assert.ok(made?.added[0]);
  return made.added[0];
}

function command(component: string, config: object, said: unknown, current: Partial<Current> = {}): Command {
  return commandFor(entity(component, config), said, { templates, current: { ...NOW, ...current } });
}

/** `topic payload`, one for each publication. */
const sent = (...args: Parameters<typeof command>): string[] =>
  command(...args).publications.map(({ topic, payload }) => `${topic} ${payload}`);

const code = (...args: Parameters<typeof command>): string => {
  try {
    command(...args);
  } catch (error) {
    assert.ok(error instanceof EntityCommandError, String(error));
    return error.code;
  }
  return 'nothing thrown';
};

describe('home assistant: commands', () => {
  it('switches, in whatever words', () => {
    for (const said of [
      'ON',
      'on',
      true,
      'true',
      '1',
      1,
      'turn_on',
      'switch.turn_on',
      { state: 'ON' },
      { service: 'switch.turn_on' },
      { action: 'switch.turn_on', target: { entity_id: 'switch.x' } },
    ])
      assert.deepEqual(sent('switch', {}, said), ['c ON'], JSON.stringify(said));
    assert.deepEqual(sent('switch', { pl_off: '0' }, false), ['c 0']);
    assert.deepEqual(sent('switch', { cmd_tpl: '{ "s": "{{ value }}" }' }, 'off'), ['c { "s": "OFF" }']);
    assert.deepEqual(sent('switch', {}, 'toggle', { payload: true }), ['c OFF']);
    assert.equal(code('switch', {}, 'toggle'), 'value');
    for (const said of ['maybe', '', null, undefined, [], {}, 50, { brightness: 5 }])
      assert.equal(code('switch', {}, said), 'unknown', JSON.stringify(said));
    const [publication] = command('switch', { qos: 1, ret: true }, 'ON').publications;
    assert.deepEqual(publication, { topic: 'c', payload: 'ON', qos: 1, retain: true });
  });

  it('sets numbers, options and texts within their limits', () => {
    assert.deepEqual(sent('number', { min: -20, max: 20 }, -12.5), ['c -12.5']);
    assert.deepEqual(sent('number', {}, '50'), ['c 50']);
    assert.deepEqual(sent('number', { cmd_tpl: '{{ value * 10 }}' }, { value: 21 }), ['c 210']);
    assert.equal(code('number', {}, 101), 'range');
    for (const said of ['x', '', Number.NaN, Number.POSITIVE_INFINITY, '1e999', true, null, [5]])
      assert.equal(code('number', {}, said), 'value', String(said));
    assert.deepEqual(sent('select', { ops: ['Eco', 'Boost'] }, 'eco'), ['c Eco']);
    assert.deepEqual(sent('select', { ops: ['Eco'] }, { option: 'Eco' }), ['c Eco']);
    assert.equal(code('select', { ops: ['Eco'] }, 'party'), 'value');
    assert.deepEqual(sent('text', { max: 5 }, 'hello'), ['c hello']);
    assert.equal(code('text', { max: 5 }, 'too long'), 'range');
    assert.deepEqual(sent('notify', {}, { message: 'Door', title: 'lost' }), ['c Door']);
    assert.deepEqual(sent('button', {}, 'press'), ['c PRESS']);
    assert.deepEqual(sent('button', { pl_prs: 'go' }, true), ['c go']);
    for (const said of ['off', '', [], {}, null, 1_700_000_000_000])
      assert.equal(code('button', {}, said), 'unknown', JSON.stringify(said));
    assert.deepEqual(sent('scene', { pl_on: 'night' }, 'ON'), ['c night']);
    assert.deepEqual(sent('update', { pl_inst: 'INSTALL' }, 'install'), ['c INSTALL']);
  });

  it('commands lights of the schema default: topic by topic, scaled, in the colours that they have', () => {
    const full = {
      bri_cmd_t: 'b',
      bri_scl: 100,
      rgb_cmd_t: 'r',
      clr_temp_cmd_t: 't',
      fx_cmd_t: 'f',
      fx_list: ['rainbow'],
    };
    assert.deepEqual(sent('light', full, 'OFF'), ['c OFF']);
    assert.deepEqual(sent('light', full, { state: 'ON', brightness: 128 }), ['b 50', 'c ON']);
    assert.deepEqual(sent('light', full, { brightness_pct: 1 }), ['b 1', 'c ON']);
    assert.deepEqual(sent('light', full, { brightness: 0 }), ['c OFF']);
    assert.deepEqual(sent('light', full, { color: '#ff8000' }), ['r 255,128,0', 'c ON']);
    assert.deepEqual(sent('light', full, { hs_color: [120, 100] }), ['r 0,255,0', 'c ON']);
    assert.deepEqual(sent('light', full, { color_temp: 250, effect: 'Rainbow' }), [
      't 250',
      'f rainbow',
      'c ON',
    ]);
    assert.deepEqual(sent('light', { ...full, clr_temp_k: true }, { color_temp_kelvin: 2700 }), [
      't 2700',
      'c ON',
    ]);
    assert.deepEqual(sent('light', { ...full, on_cmd_type: 'first' }, { brightness: 255 }), [
      'c ON',
      'b 100',
    ]);
    assert.deepEqual(
      sent('light', { ...full, on_cmd_type: 'brightness' }, 'ON', { attributes: { brightness: 51 } }),
      ['b 20'],
    );
    assert.deepEqual(sent('light', { rgb_cmd_t: 'r' }, { brightness: 51 }), ['r 51,51,51', 'c ON']);
    assert.deepEqual(
      sent('light', { hs_cmd_t: 'h', hs_cmd_tpl: '{{ hue }}/{{ sat }}' }, { rgb_color: [255, 0, 0] }),
      ['h 0/100', 'c ON'],
    );
    assert.equal(code('light', full, 50), 'unknown', 'percents, or 50 of 255?');
    assert.equal(code('light', full, { brightness: 300 }), 'range');
    assert.equal(code('light', full, { effect: 'fire' }), 'value');
    assert.equal(code('light', full, { color: 'reddish' }), 'value');
    assert.equal(code('light', full, { rgb_color: [1, 2] }), 'value');
    assert.equal(code('light', full, { brightnes: 5 }), 'unknown');
    assert.equal(code('light', {}, { rgb_color: [1, 2, 3] }), 'unknown');
  });

  it('commands lights of the schemas json and template', () => {
    const json = { schema: 'json', brightness: true, sup_clrm: ['xy', 'color_temp'], fx_list: ['x'] };
    assert.deepEqual(sent('light', json, true), ['c {"state":"ON"}']);
    assert.deepEqual(sent('light', json, { state: 'OFF', transition: 2 }), [
      'c {"state":"OFF","transition":2}',
    ]);
    assert.deepEqual(sent('light', json, { brightness: 120, color_temp: 370, effect: 'x', flash: 'long' }), [
      'c {"state":"ON","flash":10,"brightness":120,"color_temp":370,"effect":"x"}',
    ]);
    const [red = ''] = sent('light', json, { rgb_color: [255, 0, 0] });
    const { color } = JSON.parse(red.slice(2)) as { color: { x: number; y: number } };
    assert.ok(Math.abs(color.x - 0.7006) < 0.01 && Math.abs(color.y - 0.2993) < 0.01, red);
    const template = {
      schema: 'template',
      cmd_on_tpl:
        'on{% if brightness is defined %},{{ brightness }}{% endif %}{% if red is defined %},{{ red }}-{{ green }}-{{ blue }}{% endif %}',
      cmd_off_tpl: 'off{{ transition | default("") }}',
    };
    assert.deepEqual(sent('light', template, { brightness: 77 }), ['c on,77']);
    assert.deepEqual(
      sent('light', { ...template, bri_tpl: '{{ 1 }}' }, { rgb_color: [1, 2, 3], brightness: 9 }),
      ['c on,9,1-2-3'],
    );
    assert.deepEqual(sent('light', template, { state: 'off', transition: 3 }), ['c off3']);
  });

  it('commands climates, water heaters, fans and humidifiers', () => {
    const climate = {
      modes: ['off', 'heat'],
      mode_cmd_t: 'm',
      temp_cmd_t: 't',
      min_temp: 5,
      max_temp: 30,
      fan_mode_cmd_t: 'f',
      pr_mode_cmd_t: 'p',
      pr_modes: ['eco'],
    };
    assert.deepEqual(sent('climate', climate, 'heat'), ['m heat']);
    assert.deepEqual(sent('climate', climate, 21), ['t 21.0']);
    assert.deepEqual(sent('climate', climate, { temperature: 21.5, hvac_mode: 'heat' }), [
      'm heat',
      't 21.5',
    ]);
    assert.deepEqual(
      sent('climate', { ...climate, temp_cmd_tpl: '{{ value | int }}' }, { temperature: 21.5 }),
      ['t 21'],
    );
    assert.deepEqual(sent('climate', climate, { fan_mode: 'low', preset_mode: 'eco' }), ['f low', 'p eco']);
    assert.deepEqual(sent('climate', climate, 'off'), ['m off']);
    assert.deepEqual(sent('climate', climate, 'on'), ['m heat']);
    assert.deepEqual(sent('climate', { ...climate, pow_cmd_t: 'w' }, 'on'), ['w ON']);
    assert.equal(code('climate', climate, 31), 'range');
    assert.equal(code('climate', climate, { hvac_mode: 'dry' }), 'value');
    assert.equal(code('climate', climate, {}), 'unknown');
    assert.deepEqual(
      sent(
        'water_heater',
        { mode_cmd_t: 'm', temp_cmd_t: 't', min_temp: 30, max_temp: 70 },
        { temperature: 55, operation_mode: 'eco' },
      ),
      ['m eco', 't 55.0'],
    );
    const fan = {
      pct_cmd_t: 'p',
      spd_rng_max: 4,
      pr_mode_cmd_t: 'q',
      pr_modes: ['auto'],
      osc_cmd_t: 'o',
      dir_cmd_t: 'd',
    };
    assert.deepEqual(sent('fan', fan, 'ON'), ['c ON']);
    assert.deepEqual(sent('fan', fan, 50), ['p 2']);
    assert.deepEqual(sent('fan', fan, 0), ['c OFF']);
    assert.deepEqual(
      sent('fan', fan, { state: 'ON', percentage: 100, oscillating: true, direction: 'reverse' }),
      ['c ON', 'p 4', 'o oscillate_on', 'd reverse'],
    );
    assert.equal(code('fan', fan, 101), 'range');
    assert.equal(code('fan', {}, 50), 'unknown');
    assert.deepEqual(
      sent('humidifier', { hum_cmd_t: 'h', modes: ['eco'], mode_cmd_t: 'm' }, { humidity: 45, mode: 'eco' }),
      ['h 45', 'm eco'],
    );
    assert.equal(code('humidifier', { hum_cmd_t: 'h', min_hum: 30 }, 10), 'range');
  });

  it('moves covers, valves, vacuums and mowers', () => {
    const cover = { set_pos_t: 'p', pos_open: 0, pos_clsd: 255, tilt_cmd_t: 't' };
    assert.deepEqual(sent('cover', cover, 'open'), ['c OPEN']);
    assert.deepEqual(sent('cover', cover, 'cover.close_cover'), ['c CLOSE']);
    assert.deepEqual(sent('cover', cover, { position: 80 }), ['p 51']);
    assert.deepEqual(sent('cover', cover, 80), ['p 51']);
    assert.deepEqual(
      sent('cover', { ...cover, set_pos_tpl: '{"pos":{{ position }},"raw":{{ value }}}' }, 80),
      ['p {"pos":80,"raw":51}'],
    );
    assert.deepEqual(sent('cover', cover, { tilt_position: 30 }), ['t 30']);
    assert.deepEqual(sent('cover', cover, 'toggle', { payload: 'closed' }), ['c OPEN']);
    assert.equal(code('cover', cover, { position: 101 }), 'range');
    assert.equal(code('cover', { pl_stop: null }, 'stop'), 'unknown');
    assert.equal(code('cover', {}, 50), 'unknown');
    assert.deepEqual(sent('valve', {}, 'close'), ['c CLOSE']);
    assert.deepEqual(sent('valve', { pos: true }, 'open'), ['c 100']);
    assert.deepEqual(sent('vacuum', {}, 'start'), ['c start']);
    assert.deepEqual(sent('vacuum', { set_fan_spd_t: 'f', fanspd_lst: ['max'] }, { fan_speed: 'max' }), [
      'f max',
    ]);
    assert.deepEqual(
      sent(
        'vacuum',
        { send_cmd_t: 's' },
        { service: 'vacuum.send_command', command: 'spot', params: { x: 1 } },
      ),
      ['s {"command":"spot","x":1}'],
    );
    assert.deepEqual(sent('lawn_mower', { dock_cmd_t: 'd' }, 'dock'), ['d dock']);
    assert.equal(code('lawn_mower', {}, 'pause'), 'unknown');
  });

  it('asks for the code that a lock or an alarm panel wants', () => {
    assert.deepEqual(sent('lock', {}, 'lock'), ['c LOCK']);
    assert.equal(code('lock', { cod_form: '^\\d{4}$' }, 'unlock'), 'code');
    assert.deepEqual(
      sent(
        'lock',
        { cod_form: '^\\d{4}$', cmd_tpl: '{{ value }} {{ code }}' },
        { state: 'unlock', code: '1234' },
      ),
      ['c UNLOCK 1234'],
    );
    assert.equal(code('lock', {}, 'open'), 'unknown');
    assert.equal(code('alarm_control_panel', { code: '1234' }, 'disarm'), 'code');
    assert.equal(code('alarm_control_panel', { code: '1234' }, { state: 'disarm', code: '1' }), 'code');
    assert.deepEqual(sent('alarm_control_panel', { code: '1234' }, { state: 'disarm', code: '1234' }), [
      'c DISARM',
    ]);
    assert.deepEqual(sent('alarm_control_panel', { code: '1234', cod_arm_req: false }, 'alarm_arm_home'), [
      'c ARM_HOME',
    ]);
    assert.deepEqual(
      sent(
        'alarm_control_panel',
        { code: 'REMOTE_CODE', cmd_tpl: '{{ action }}:{{ code }}' },
        { state: 'arm_away', code: 7 },
      ),
      ['c ARM_AWAY:7'],
    );
    assert.deepEqual(sent('siren', { av_tones: ['fire'] }, { state: 'ON', tone: 'fire', duration: 5 }), [
      'c {"state":"ON","tone":"fire","duration":5}',
    ]);
  });

  it('sends nothing to what cannot be reached, takes no commands, or has a broken template', () => {
    assert.equal(code('switch', {}, 'ON', { available: false }), 'unavailable');
    assert.equal(code('sensor', {}, 'ON'), 'readonly');
    assert.equal(code('switch', { cmd_tpl: '{{ value.x.y }}' }, 'ON'), 'template');
    assert.equal(code('switch', { cmd_t: 'a/+' }, 'ON'), 'unknown');
    assert.throws(
      () => command('switch', { cmd_tpl: "{{ states('x') }}" }, 'ON'),
      /command template makes nothing.*states/,
    );
    assert.throws(() => command('number', { max: 9 }, 10), /X: value must be between 1 and 9, not 10/);
  });

  it('says clearly that it cannot read a value that holds itself', () => {
    const round: Record<string, unknown> = {};
    round.round = round;
    assert.throws(() => command('light', { bri_cmd_t: 'b' }, { brightness: round }), {
      name: 'EntityCommandError',
    });
    assert.throws(() => command('switch', {}, { value: round }), { name: 'EntityCommandError' });
  });

  it('knows when the state says that it is so', () => {
    const set = command('light', { bri_cmd_t: 'b', stat_t: 's' }, { brightness: 120 });
    assert.deepEqual(
      [set.expects, set.isOptimistic],
      [{ state: true, attributes: { brightness: 120 } }, false],
    );
    assert.equal(isConfirmed(set, { ...NOW, payload: true }), false);
    assert.equal(isConfirmed(set, { ...NOW, payload: true, attributes: { brightness: 119 } }), true);
    assert.equal(isConfirmed(set, { ...NOW, payload: false, attributes: { brightness: 120 } }), false);
    assert.equal(command('switch', {}, 'ON').isOptimistic, true);
    assert.equal(command('switch', { stat_t: 's' }, 'ON').isOptimistic, false);
  });

  it('never throws anything but its own errors, and never publishes to a wildcard', () => {
    const words = fc.constantFrom(
      'ON',
      'off',
      'toggle',
      'open',
      'stop',
      '50',
      'heat',
      'lock',
      'press',
      'arm_home',
      '',
      '__proto__',
      'constructor',
    );
    const value = fc.oneof(
      words,
      fc.integer(),
      fc.double(),
      fc.boolean(),
      fc.constant(null),
      fc.array(fc.integer(), { maxLength: 5 }),
    );
    const said = fc.oneof(
      value,
      fc.dictionary(
        fc.constantFrom(
          'state',
          'brightness',
          'rgb_color',
          'color',
          'position',
          'temperature',
          'hvac_mode',
          'code',
          'value',
          'percentage',
          'data',
          '__proto__',
        ),
        value,
      ),
    );
    const config = fc.dictionary(
      fc.constantFrom(
        'cmd_t',
        'bri_cmd_t',
        'rgb_cmd_t',
        'mode_cmd_t',
        'temp_cmd_t',
        'set_pos_t',
        'pct_cmd_t',
        'schema',
        'modes',
        'ops',
        'min',
        'max',
        'cmd_tpl',
        'code',
        'bri_scl',
        'spd_rng_max',
        'payload_stop',
      ),
      fc.constantFrom('a', 'a/#', 'json', 'template', '{{ value.x }}', 5, 0, -1, null, ['heat'], {}, 'x'),
    );
    fc.assert(
      fc.property(fc.constantFrom(...COMPONENTS), config, said, (component, one, what) => {
        try {
          const { publications } = command(component, one, what);
          for (const { topic, payload } of publications) {
            assert.ok(!/[#+]/.test(topic));
            assert.ok(typeof payload === 'string' && !/NaN|undefined|Infinity/.test(payload), payload);
          }
        } catch (error) {
          assert.ok(
            error instanceof EntityCommandError,
            String(error instanceof Error ? error.stack : error),
          );
        }
      }),
      { numRuns: 1_500 },
    );
  });
});
