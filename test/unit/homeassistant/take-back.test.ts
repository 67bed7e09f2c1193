import assert from 'node:assert/strict';
import { type Command, commandFor } from '../../../src/homeassistant/commands/command';
import { takesCommands } from '../../../src/homeassistant/commands/commanded';
import { EntityCommandError } from '../../../src/homeassistant/commands/errors';
import {
  type Before,
  beforeOf,
  beforeText,
  commandBack,
  isUntouched,
} from '../../../src/homeassistant/commands/take-back';
import { COMPONENTS } from '../../../src/homeassistant/components';
import { Entities } from '../../../src/homeassistant/entities';
import type { Entity } from '../../../src/homeassistant/entity';
import type { Current } from '../../../src/homeassistant/states/entity-state';
import { Templates } from '../../../src/homeassistant/templates/template';

const templates = new Templates();
const current = (payload: Current['payload'], attributes: Current['attributes'] = {}): Current => ({
  ...{ payload, known: payload !== null, available: true, raw: '', attributes, unsupported: undefined },
});

function entity(component: string, config: object): Entity {
  const topic = `homeassistant/${component}/x/config`;
  const taken = new Entities().take(topic, Buffer.from(JSON.stringify({ name: 'X', cmd_t: 'c', ...config })));
  assert.ok(taken?.added[0]);
  return taken.added[0];
}

/** What takes a command back: `topic payload`, one for each publication; then in words. */
function back(one: Entity, said: unknown, was: Current): string[] | undefined {
  const command = commandFor(one, said, { templates, current: was });
  const before = beforeOf(one, command, was);
  const found = commandBack(one, command, before, { templates, current: was });
  return (
    found && [
      ...found.publications.map(({ topic, payload }) => `${topic} ${payload}`),
      beforeText(command, before),
    ]
  );
}

describe('home assistant: taking a command back', () => {
  it('says to each kind of entity what it was', () => {
    const dimmer = entity('light', { stat_t: 's', bri_cmd_t: 'b', bri_stat_t: 'bs' });
    const cover = entity('cover', { stat_t: 's', set_pos_t: 'p', pos_t: 'ps' });
    const climate = entity('climate', {
      ...{ mode_cmd_t: 'm', mode_stat_t: 'ms', temp_cmd_t: 't', temp_stat_t: 'ts' },
    });
    const cases: [Entity, unknown, Current, string[] | undefined][] = [
      [entity('switch', { stat_t: 's' }), true, current(false), ['c OFF', 'OFF']],
      [entity('switch', { stat_t: 's' }), 'off', current(true), ['c ON', 'ON']],
      [dimmer, { brightness_pct: 50 }, current(true, { brightness: 204 }), ['b 204', 'c ON', 'ON, 80 %']],
      [dimmer, { brightness_pct: 50 }, current(false, { brightness: 204 }), ['c OFF', 'OFF']],
      [dimmer, { brightness_pct: 50 }, current(true), undefined],
      [climate, 21, current('heat', { temperature: 18.5 }), ['t 18.5', '18.5']],
      [climate, 'off', current('heat', { temperature: 18.5 }), ['m heat', 'heat']],
      [climate, 21, current('heat'), undefined],
      [cover, 'OPEN', current('open', { current_position: 40 }), ['p 40', 'open']],
      [cover, 'CLOSE', current('open', { current_position: 100 }), ['p 100', 'open']],
      [entity('cover', { stat_t: 's' }), 'OPEN', current('closed'), ['c CLOSE', 'closed']],
      [
        entity('cover', { stat_t: 's', pos_t: 'ps' }),
        'OPEN',
        current('open', { current_position: 40 }),
        undefined,
      ],
      [entity('lock', { stat_t: 's' }), 'unlock', current('locked'), ['c LOCK', 'locked']],
      [entity('number', { stat_t: 's' }), 7, current(3), ['c 3', '3']],
      [
        entity('select', { stat_t: 's', options: ['eco', 'Boost'] }),
        'boost',
        current('eco'),
        ['c eco', 'eco'],
      ],
      [entity('switch', { stat_t: 's' }), true, current(null), undefined],
      [entity('button', {}), 'press', current(null), undefined],
    ];
    for (const [one, said, was, wanted] of cases)
      assert.deepEqual(back(one, said, was), wanted, `${one.component} ${JSON.stringify(said)}`);
  });

  it('knows what the command made of it, and what is on the way, from what somebody else did', () => {
    const expects = (
      state: Current['payload'] | undefined,
      attributes: object = {},
    ): Pick<Command, 'expects'> => ({
      expects: { ...(state !== undefined && { state }), attributes: { ...attributes } },
    });
    const was = (payload: Current['payload'], attributes: object = {}): Before => ({
      ...{ payload, attributes: { ...attributes } },
    });
    const open = expects('open');
    for (const state of ['open', 'opening', 'closed', null])
      assert.equal(isUntouched(open, was('closed'), current(state)), true, String(state));
    assert.equal(isUntouched(open, was('closed'), current('closing')), false);
    const to80 = expects(undefined, { current_position: 80 });
    assert.equal(
      isUntouched(to80, was('open', { current_position: 20 }), current('open', { current_position: 50 })),
      true,
    );
    assert.equal(
      isUntouched(to80, was('open', { current_position: 20 }), current('open', { current_position: 5 })),
      false,
    );
    assert.equal(isUntouched(expects(true), was(true), current(false)), false);
  });

  it('takes commands where Home Assistant does', () => {
    for (const component of COMPONENTS) {
      let takes = true;
      try {
        commandFor({ component, name: 'X', config: {} } as never, 'x', { templates, current: current(null) });
      } catch (error) {
        takes = !(error instanceof EntityCommandError) || error.code !== 'readonly';
      }
      assert.equal(takesCommands(component), takes, component);
    }
    assert.equal(takesCommands('__proto__'), false);
  });
});
