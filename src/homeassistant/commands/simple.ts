/** Commands of what is switched, pressed, chosen or written. */

import { text } from '../../base/catalogue';
import type { CommandBuilder } from './builder';
import { EntityCommandError } from './errors';

type Make = (builder: CommandBuilder) => void;

const ON_OFF = ['ON', 'OFF', 'toggle'];

const onOff: Make = (builder) => {
  builder.known();
  const isOn = builder.isOn(builder.said.word);
  if (isOn === undefined) throw builder.unknown(...ON_OFF);
  const payload = isOn
    ? builder.entity.textOr('payload_on', 'ON')
    : builder.entity.textOr('payload_off', 'OFF');
  builder.send('command_topic', 'command_template', payload);
  builder.willBe(isOn);
};

const siren: Make = (builder) => {
  builder.known('tone', 'duration', 'volume_level');
  const { entity, said } = builder;
  const isOn = said.word === '' && said.fields.size > 0 ? true : builder.isOn(said.word);
  if (isOn === undefined) throw builder.unknown(...ON_OFF);
  const variables: Record<string, unknown> = {
    state: entity.textOr(isOn ? 'payload_on' : 'payload_off', isOn ? 'ON' : 'OFF'),
  };
  const { fields } = said;
  if (isOn) {
    if (fields.has('tone'))
      variables.tone = builder.option(fields.get('tone'), 'tone', entity.list('available_tones'));
    if (fields.has('duration'))
      variables.duration = builder.number(fields.get('duration'), 'duration', 0, 86_400);
    if (fields.has('volume_level'))
      variables.volume_level = builder.number(fields.get('volume_level'), 'volume_level', 0, 1);
  }
  const template =
    !isOn && entity.text('command_off_template') !== undefined ? 'command_off_template' : 'command_template';
  // Without a template Home Assistant sends all of it as JSON.
  if (entity.text(template) === undefined) builder.publish('command_topic', JSON.stringify(variables));
  else builder.send('command_topic', template, variables.state, variables);
  builder.willBe(isOn);
};

const press: Make = (builder) => {
  builder.known();
  const { entity, said } = builder;
  const payload = entity.textOr(
    entity.component === 'scene' ? 'payload_on' : 'payload_press',
    entity.component === 'scene' ? 'ON' : 'PRESS',
  );
  const isPressed = ['press', 'on', 'activate'].includes(said.word) || said.value === payload;
  if (!isPressed) throw builder.unknown('press');
  builder.send('command_topic', 'command_template', payload);
};

const number: Make = (builder) => {
  builder.known();
  const { entity, said } = builder;
  const value = builder.number(said.value, 'value', entity.numberOr('min', 1), entity.numberOr('max', 100));
  builder.send('command_topic', 'command_template', value);
  builder.willBe(value);
};

const select: Make = (builder) => {
  builder.known('option');
  const { entity, said } = builder;
  const value = builder.option(said.fields.get('option') ?? said.value, 'option', entity.list('options'));
  builder.send('command_topic', 'command_template', value);
  builder.willBe(value);
};

const written: Make = (builder) => {
  builder.known();
  const { entity } = builder;
  const value = textSaid(builder, builder.said.value, 'value');
  builder.number(
    value.length,
    'length',
    entity.numberOr('min', 0),
    Math.min(255, entity.numberOr('max', 255)),
  );
  builder.send('command_topic', 'command_template', value);
  builder.willBe(value);
};

/** A text, or a number as one. */
function textSaid(builder: CommandBuilder, value: unknown, name: string): string {
  if (typeof value === 'string' || Number.isFinite(value)) return String(value);
  throw builder.unreadable(value, name);
}

const notify: Make = (builder) => {
  builder.known('message', 'title');
  const message = textSaid(builder, builder.said.fields.get('message') ?? builder.said.value, 'message');
  builder.send('command_topic', 'command_template', message);
};

const install: Make = (builder) => {
  builder.known();
  if (!['install', 'on', 'update'].includes(builder.said.word)) throw builder.unknown('install');
  builder.publish('command_topic', builder.entity.textOr('payload_install', 'INSTALL'));
};

/** By word: the property of the payload, its value without one, and the state that follows. */
const LOCK: ReadonlyMap<string, readonly [string, string | undefined, string]> = new Map([
  ['lock', ['payload_lock', 'LOCK', 'locked']],
  ['unlock', ['payload_unlock', 'UNLOCK', 'unlocked']],
  ['open', ['payload_open', undefined, 'open']],
]);

const lock: Make = (builder) => {
  builder.known('code');
  const { entity, said } = builder;
  const [property, otherwise, state] = LOCK.get(said.word) ?? [];
  const payload = property === undefined ? undefined : (entity.text(property) ?? otherwise);
  if (payload === undefined || state === undefined)
    throw builder.unknown('lock', 'unlock', ...(entity.text('payload_open') === undefined ? [] : ['open']));
  const code = said.fields.get('code');
  if (entity.text('code_format') !== undefined && (code === undefined || code === ''))
    throw codeMissing(builder);
  builder.send('command_topic', 'command_template', payload, { code: code ?? null });
  builder.willBe(state);
};

/** By word: the property of the payload, its value, the kind of code and the state that follows. */
const ALARM: ReadonlyMap<string, readonly [string, string, 'arm' | 'disarm' | 'trigger', string]> = new Map([
  ['disarm', ['payload_disarm', 'DISARM', 'disarm', 'disarmed']],
  ['arm_home', ['payload_arm_home', 'ARM_HOME', 'arm', 'armed_home']],
  ['arm_away', ['payload_arm_away', 'ARM_AWAY', 'arm', 'armed_away']],
  ['arm_night', ['payload_arm_night', 'ARM_NIGHT', 'arm', 'armed_night']],
  ['arm_vacation', ['payload_arm_vacation', 'ARM_VACATION', 'arm', 'armed_vacation']],
  ['arm_custom_bypass', ['payload_arm_custom_bypass', 'ARM_CUSTOM_BYPASS', 'arm', 'armed_custom_bypass']],
  ['trigger', ['payload_trigger', 'TRIGGER', 'trigger', 'triggered']],
]);
const REMOTE = ['REMOTE_CODE', 'REMOTE_CODE_TEXT'];

const alarm: Make = (builder) => {
  builder.known('code');
  const { entity, said } = builder;
  const word = said.word
    .replace(/^alarm_/, '')
    .replace(/^armed_/, 'arm_')
    .replace(/ed$/, '');
  const [property, otherwise, kind, state] = ALARM.get(word) ?? [];
  if (property === undefined || otherwise === undefined || kind === undefined || state === undefined)
    throw builder.unknown(...ALARM.keys());
  const given = said.fields.get('code');
  const code = given === undefined || given === null ? undefined : String(given);
  const required = entity.config[`code_${kind}_required`] !== false;
  const wanted = entity.text('code');
  if (required && wanted !== undefined && (REMOTE.includes(wanted) ? !code : code !== wanted))
    throw codeMissing(builder);
  const template = entity.text('command_template') === undefined ? undefined : 'command_template';
  const payload = entity.textOr(property, otherwise);
  // Home Assistant's own template of this component is {{action}}.
  if (template === undefined) builder.publish('command_topic', payload);
  else builder.send('command_topic', template, undefined, { action: payload, code: code ?? null });
  builder.willBe(state);
};

function codeMissing(builder: CommandBuilder): EntityCommandError {
  return new EntityCommandError('code', text('entity.code', { entity: builder.entity.name }));
}

export const SIMPLE_COMMANDS: Readonly<Record<string, Make>> = {
  switch: onOff,
  siren,
  button: press,
  scene: press,
  number,
  select,
  text: written,
  date: written,
  time: written,
  datetime: written,
  notify,
  update: install,
  lock,
  alarm_control_panel: alarm,
};
