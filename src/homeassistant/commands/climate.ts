/** Commands of climates, water heaters, fans and humidifiers. */

import { CLIMATE_MODES, FAN_MODES, SWING_MODES, WATER_HEATER_MODES } from '../states/climate';
import type { CommandBuilder } from './builder';

type Make = (builder: CommandBuilder) => void;

/** Fields of a climate whose value is one of a list: its topic, template, list, and what holds without one. */
const LISTED = [
  ['fan_mode', 'fan_mode_command_topic', 'fan_mode_command_template', 'fan_modes', FAN_MODES],
  ['swing_mode', 'swing_mode_command_topic', 'swing_mode_command_template', 'swing_modes', SWING_MODES],
  [
    'swing_horizontal_mode',
    'swing_horizontal_mode_command_topic',
    'swing_horizontal_mode_command_template',
    'swing_horizontal_modes',
    SWING_MODES,
  ],
] as const;

const SETPOINTS = [
  ['temperature', 'temperature_command_topic', 'temperature_command_template'],
  ['target_temp_low', 'temperature_low_command_topic', 'temperature_low_command_template'],
  ['target_temp_high', 'temperature_high_command_topic', 'temperature_high_command_template'],
] as const;

/** Home Assistant's limits for a climate that names none, in °C. */
const LIMITS = { climate: [7, 35], water_heater: [43.3, 60] } as const;

function modesOf(builder: CommandBuilder, otherwise: readonly string[]): readonly string[] {
  return builder.entity.config.modes === undefined ? otherwise : builder.entity.list('modes');
}

function setpoints(builder: CommandBuilder, bare: unknown): void {
  const { entity, said } = builder;
  const isFahrenheit = entity.text('temperature_unit') === 'F';
  const [low, high] = LIMITS[entity.component === 'climate' ? 'climate' : 'water_heater'].map((value) =>
    isFahrenheit ? value * 1.8 + 32 : value,
  );
  for (const [name, topic, template] of SETPOINTS) {
    const given = said.fields.get(name) ?? (name === 'temperature' ? bare : undefined);
    if (given === undefined) continue;
    const value = builder.float(
      given,
      name,
      entity.numberOr('min_temp', low ?? 7),
      entity.numberOr('max_temp', high ?? 35),
    );
    builder.send(topic, template, value);
    builder.willHave(name, value.value);
  }
}

/** A bare number sets the temperature. */
function bareNumber(builder: CommandBuilder): number | undefined {
  const { value } = builder.said;
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^-?\d+(?:\.\d+)?$/.test(value.trim()) ? Number(value) : undefined;
}

function setMode(builder: CommandBuilder, mode: unknown, modes: readonly string[], field: string): void {
  const chosen = builder.option(mode, field, modes);
  builder.send('mode_command_topic', 'mode_command_template', chosen);
  builder.willBe(chosen);
}

/** On and off through the power topic, else by a mode. */
function power(builder: CommandBuilder, isOn: boolean, modes: readonly string[], field: string): void {
  if (builder.has('power_command_topic')) {
    const payload = builder.entity.textOr(isOn ? 'payload_on' : 'payload_off', isOn ? 'ON' : 'OFF');
    builder.send('power_command_topic', 'power_command_template', payload);
    if (!isOn) builder.willBe('off');
    return;
  }
  const preferred = ['heat_cool', 'heat', 'cool', 'auto', 'eco'];
  const mode = isOn ? preferred.find((one) => modes.includes(one)) : 'off';
  if (mode === undefined) throw builder.unknown(...modes);
  setMode(builder, mode, modes, field);
}

const climate: Make = (builder) => {
  const { entity, said } = builder;
  const lists = LISTED.map(([name]) => name);
  builder.known(...SETPOINTS.map(([name]) => name), ...lists, 'hvac_mode', 'mode', 'preset_mode', 'humidity');
  const modes = modesOf(builder, CLIMATE_MODES);
  const number = bareNumber(builder);
  const mode = said.fields.get('hvac_mode') ?? said.fields.get('mode');
  if (mode !== undefined) setMode(builder, mode, modes, 'hvac_mode');
  setpoints(builder, number);
  for (const [name, topic, template, list, otherwise] of LISTED) {
    const given = said.fields.get(name);
    if (given === undefined) continue;
    const allowed = entity.config[list] === undefined ? otherwise : entity.list(list);
    const value = builder.option(given, name, allowed);
    builder.send(topic, template, value);
    builder.willHave(name, value);
  }
  presetMode(builder, ['none']);
  if (said.fields.has('humidity')) {
    const humidity = builder.number(
      said.fields.get('humidity'),
      'humidity',
      entity.numberOr('min_humidity', 30),
      entity.numberOr('max_humidity', 99),
    );
    builder.send('target_humidity_command_topic', 'target_humidity_command_template', humidity);
    builder.willHave('humidity', humidity);
  }
  if (number !== undefined || said.word === '' || said.word.startsWith('set_')) {
    if (builder.publications.length === 0) throw builder.unknown(...modes);
    return;
  }
  if (modes.includes(said.word)) setMode(builder, said.word, modes, 'hvac_mode');
  else if (said.word === 'on' || said.word === 'off') power(builder, said.word === 'on', modes, 'hvac_mode');
  else throw builder.unknown('on', ...modes);
};

function presetMode(builder: CommandBuilder, more: readonly string[] = []): void {
  const given = builder.said.fields.get('preset_mode');
  if (given === undefined) return;
  const preset = builder.option(given, 'preset_mode', [...more, ...builder.entity.list('preset_modes')]);
  builder.send('preset_mode_command_topic', 'preset_mode_command_template', preset);
  builder.willHave('preset_mode', preset);
}

const waterHeater: Make = (builder) => {
  builder.known('temperature', 'operation_mode', 'mode');
  const { said } = builder;
  const modes = modesOf(builder, WATER_HEATER_MODES);
  const number = bareNumber(builder);
  const mode = said.fields.get('operation_mode') ?? said.fields.get('mode');
  if (mode !== undefined) setMode(builder, mode, modes, 'operation_mode');
  setpoints(builder, number);
  if (number !== undefined || said.word === '' || said.word.startsWith('set_')) {
    if (builder.publications.length === 0) throw builder.unknown(...modes);
    return;
  }
  if (modes.includes(said.word)) setMode(builder, said.word, modes, 'operation_mode');
  else if (said.word === 'on' || said.word === 'off')
    power(builder, said.word === 'on', modes, 'operation_mode');
  else throw builder.unknown('on', ...modes);
};

/** On or off, where that was said; a fan that gets a speed is switched on by it. */
function onOff(builder: CommandBuilder, isOn: boolean): void {
  const payload = builder.entity.textOr(isOn ? 'payload_on' : 'payload_off', isOn ? 'ON' : 'OFF');
  builder.send('command_topic', 'command_template', payload);
  builder.willBe(isOn);
}

const fan: Make = (builder) => {
  builder.known('percentage', 'preset_mode', 'oscillating', 'direction');
  const { entity, said } = builder;
  const number = bareNumber(builder);
  const isOn = number === undefined ? builder.isOn(said.word) : undefined;
  if (isOn !== undefined) onOff(builder, isOn);
  const percent = said.fields.get('percentage') ?? number;
  if (percent !== undefined) {
    const wanted = builder.number(percent, 'percentage', 0, 100);
    if (wanted === 0) {
      if (isOn === undefined) onOff(builder, false);
    } else {
      const [low, high] = [entity.numberOr('speed_range_min', 1), entity.numberOr('speed_range_max', 100)];
      const value = Math.ceil(low - 1 + (wanted / 100) * (high - low + 1));
      builder.send('percentage_command_topic', 'percentage_command_template', value);
      builder.willHave('percentage', wanted);
    }
  }
  presetMode(builder);
  if (said.fields.has('oscillating')) {
    const wanted = builder.flag(said.fields.get('oscillating'), 'oscillating');
    const payload = wanted
      ? entity.textOr('payload_oscillation_on', 'oscillate_on')
      : entity.textOr('payload_oscillation_off', 'oscillate_off');
    builder.send('oscillation_command_topic', 'oscillation_command_template', payload);
    builder.willHave('oscillating', wanted);
  }
  if (said.fields.has('direction')) {
    const direction = builder.option(said.fields.get('direction'), 'direction', ['forward', 'reverse']);
    builder.send('direction_command_topic', 'direction_command_template', direction);
    builder.willHave('direction', direction);
  }
  if (builder.publications.length === 0) throw builder.unknown('ON', 'OFF', 'toggle', '0…100');
};

const humidifier: Make = (builder) => {
  builder.known('humidity', 'mode');
  const { entity, said } = builder;
  const number = bareNumber(builder);
  const isOn = number === undefined ? builder.isOn(said.word) : undefined;
  if (isOn !== undefined) onOff(builder, isOn);
  const humidity = said.fields.get('humidity') ?? number;
  if (humidity !== undefined) {
    const wanted = builder.number(
      humidity,
      'humidity',
      entity.numberOr('min_humidity', 0),
      entity.numberOr('max_humidity', 100),
    );
    builder.send('target_humidity_command_topic', 'target_humidity_command_template', wanted);
    builder.willHave('humidity', wanted);
  }
  if (said.fields.has('mode')) {
    const mode = builder.option(said.fields.get('mode'), 'mode', entity.list('modes'));
    builder.send('mode_command_topic', 'mode_command_template', mode);
    builder.willHave('mode', mode);
  }
  if (builder.publications.length === 0) throw builder.unknown('ON', 'OFF', 'toggle');
};

export const CLIMATE_COMMANDS: Readonly<Record<string, Make>> = {
  climate,
  water_heater: waterHeater,
  fan,
  humidifier,
};
