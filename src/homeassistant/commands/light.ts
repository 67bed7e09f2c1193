/** Commands of lights, in their three schemas. */

import { COLOR_LETTERS, inverse, schemaOf } from '../states/light';
import type { CommandBuilder } from './builder';
import { hsToRgb, type Rgb, rgbToHs, rgbToXy, xyToRgb } from './color';

const FIELDS = [
  'brightness',
  'brightness_pct',
  'color',
  'rgb_color',
  'rgbw_color',
  'rgbww_color',
  'hs_color',
  'xy_color',
  'color_temp_kelvin',
  'kelvin',
  'color_temp',
  'effect',
  'transition',
  'flash',
  'white',
];

type Mode = 'rgb' | 'rgbw' | 'rgbww' | 'hs' | 'xy';
const MODES: readonly Mode[] = ['rgb', 'rgbw', 'rgbww', 'hs', 'xy'];
/** Most numbers of a colour, and how large each may be. */
const PARTS: Readonly<Record<Mode, readonly number[]>> = {
  rgb: [255, 255, 255],
  rgbw: [255, 255, 255, 255],
  rgbww: [255, 255, 255, 255, 255],
  hs: [360, 100],
  xy: [1, 1],
};

/** What is wanted of a light that goes on. */
interface Wanted {
  readonly brightness: number | undefined;
  readonly color: { readonly mode: Mode; readonly parts: readonly number[] } | undefined;
  readonly kelvin: number | undefined;
  readonly effect: string | undefined;
  readonly transition: number | undefined;
  readonly flash: string | undefined;
  readonly white: number | undefined;
}

export function light(builder: CommandBuilder): void {
  builder.known(...FIELDS);
  const { said } = builder;
  const bare = typeof said.value === 'number' || /^\d/.test(said.word);
  // 50: percents, or 50 of 255? Nobody can tell.
  if (bare)
    throw builder.unknown('ON', 'OFF', 'toggle', '{"brightness": 0…255}', '{"brightness_pct": 0…100}');
  const isOn = said.word === '' && said.fields.size > 0 ? true : builder.isOn(said.word);
  if (isOn === undefined) throw builder.unknown('ON', 'OFF', 'toggle', '{"brightness": 120}');
  const wanted = wantedOf(builder);
  const goesOff = !isOn || wanted.brightness === 0;
  const schema = schemaOf(builder.entity);
  if (schema === 'json') jsonCommand(builder, !goesOff, wanted);
  else if (schema === 'template') templateCommand(builder, !goesOff, wanted);
  else if (goesOff) builder.publish('command_topic', builder.entity.textOr('payload_off', 'OFF'));
  else defaultCommand(builder, wanted);
  builder.willBe(!goesOff);
  if (!goesOff && wanted.brightness !== undefined)
    builder.willHave('brightness', Math.round(wanted.brightness));
  if (!goesOff && wanted.effect !== undefined) builder.willHave('effect', wanted.effect);
}

function wantedOf(builder: CommandBuilder): Wanted {
  const { fields } = builder.said;
  const number = (name: string, low: number, high: number): number | undefined =>
    fields.has(name) ? builder.number(fields.get(name), name, low, high) : undefined;
  const percent = number('brightness_pct', 0, 100);
  const mireds = number('color_temp', 50, 1_000);
  const effects = builder.entity.list('effect_list');
  return {
    brightness: number('brightness', 0, 255) ?? (percent === undefined ? undefined : (percent / 100) * 255),
    color: colorOf(builder),
    kelvin:
      number('color_temp_kelvin', 1_000, 20_000) ??
      number('kelvin', 1_000, 20_000) ??
      (mireds === undefined ? undefined : inverse(mireds)),
    effect: fields.has('effect') ? builder.option(fields.get('effect'), 'effect', effects) : undefined,
    transition: number('transition', 0, 6_553),
    flash: fields.has('flash') ? builder.option(fields.get('flash'), 'flash', ['short', 'long']) : undefined,
    white: number('white', 0, 255),
  };
}

function colorOf(builder: CommandBuilder): Wanted['color'] {
  const { fields } = builder.said;
  for (const mode of MODES) {
    const given = fields.get(`${mode}_color`);
    if (given !== undefined) return { mode, parts: partsOf(builder, given, mode, `${mode}_color`) };
  }
  const given = fields.get('color');
  if (given === undefined) return undefined;
  if (typeof given === 'string') {
    const [, hex = ''] = /^#?([0-9a-f]{6})$/i.exec(given.trim()) ?? [];
    if (hex === '') throw builder.unreadable(given, 'color');
    return { mode: 'rgb', parts: [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) };
  }
  if (Array.isArray(given)) return { mode: 'rgb', parts: partsOf(builder, given, 'rgb', 'color') };
  if (typeof given === 'object' && given !== null) {
    // The longest form that fits is meant: {r, g, b, w} is no {r, g, b}.
    const mode =
      [...MODES]
        .reverse()
        .find(
          (one) => [...(COLOR_LETTERS.get(one) ?? '?')].every((letter) => letter in given) && one !== 'rgb',
        ) ?? ([...'rgb'].every((letter) => letter in given) ? 'rgb' : undefined);
    if (mode) {
      const letters = [...(COLOR_LETTERS.get(mode) ?? '')];
      const parts = letters.map((letter) => (given as Readonly<Record<string, unknown>>)[letter]);
      return { mode, parts: partsOf(builder, parts, mode, 'color') };
    }
  }
  throw builder.unreadable(given, 'color');
}

function partsOf(builder: CommandBuilder, given: unknown, mode: Mode, name: string): number[] {
  const most = PARTS[mode];
  if (!Array.isArray(given) || given.length !== most.length) throw builder.unreadable(given, name);
  return given.map((one, index) => builder.number(one, name, 0, most[index] ?? 0));
}

/** The colour in a form that the light takes; undefined where it takes none. */
function fitting(color: NonNullable<Wanted['color']>, modes: readonly string[]): Wanted['color'] {
  if (modes.includes(color.mode)) return color;
  const rgb = toRgb(color);
  const mode = MODES.find((one) => modes.includes(one));
  if (mode === undefined) return undefined;
  if (mode === 'hs') return { mode, parts: rgbToHs(rgb) };
  if (mode === 'xy') return { mode, parts: rgbToXy(rgb) };
  return { mode, parts: [...rgb, 0, 0].slice(0, PARTS[mode].length) };
}

function toRgb({ mode, parts }: NonNullable<Wanted['color']>): Rgb {
  const [a = 0, b = 0, c = 0] = parts;
  if (mode === 'hs') return hsToRgb(a, b);
  return mode === 'xy' ? xyToRgb(a, b) : [a, b, c];
}

/** Brightness in the scale of the device, and never rounded down to off. */
function scaled(brightness: number, scale: number): number {
  return Math.max(1, Math.min(scale, Math.round((brightness / 255) * scale)));
}

const TOPIC_MODES = ['rgb', 'rgbw', 'rgbww', 'hs', 'xy'] as const;
const VARIABLES: Readonly<Record<Mode, readonly string[]>> = {
  rgb: ['red', 'green', 'blue'],
  rgbw: ['red', 'green', 'blue', 'white'],
  rgbww: ['red', 'green', 'blue', 'cold_white', 'warm_white'],
  hs: ['hue', 'sat'],
  xy: ['x', 'y'],
};

function defaultCommand(builder: CommandBuilder, wanted: Wanted): void {
  const { entity } = builder;
  const type = entity.textOr('on_command_type', 'last');
  const on = entity.textOr('payload_on', 'ON');
  if (type === 'first') builder.publish('command_topic', on);
  const hasBrightness = builder.has('brightness_command_topic');
  const known = Number(builder.current.attributes.brightness) || 255;
  const brightness =
    wanted.brightness ?? (type === 'brightness' && wanted.white === undefined ? known : undefined);
  if (wanted.color) sendColor(builder, wanted.color, hasBrightness ? 255 : (brightness ?? known));
  if (brightness !== undefined) {
    if (hasBrightness)
      builder.send(
        'brightness_command_topic',
        'brightness_command_template',
        scaled(brightness, entity.numberOr('brightness_scale', 255)),
      );
    else if (!wanted.color && builder.has('rgb_command_topic')) {
      const now = builder.current.attributes.rgb_color;
      sendColor(
        builder,
        { mode: 'rgb', parts: Array.isArray(now) ? now.map(Number) : [255, 255, 255] },
        brightness,
      );
    } else if (!wanted.color) throw builder.unknown('ON', 'OFF');
  }
  if (wanted.kelvin !== undefined) {
    const value = entity.flag('color_temp_kelvin') ? wanted.kelvin : inverse(wanted.kelvin);
    builder.send('color_temp_command_topic', 'color_temp_command_template', Math.round(value));
  }
  if (wanted.effect !== undefined)
    builder.send('effect_command_topic', 'effect_command_template', wanted.effect);
  if (wanted.white !== undefined)
    builder.publish('white_command_topic', String(scaled(wanted.white, entity.numberOr('white_scale', 255))));
  if (type === 'last' || builder.publications.length === 0) builder.publish('command_topic', on);
}

function sendColor(builder: CommandBuilder, wanted: NonNullable<Wanted['color']>, brightness: number): void {
  const modes = TOPIC_MODES.filter((mode) => builder.has(`${mode}_command_topic`));
  const color = fitting(wanted, modes);
  if (!color) throw builder.unknown('ON', 'OFF');
  const { mode } = color;
  const isChannels = mode !== 'hs' && mode !== 'xy';
  const parts = isChannels ? color.parts.map((one) => Math.trunc((one * brightness) / 255)) : color.parts;
  const variables = Object.fromEntries(VARIABLES[mode].map((name, index) => [name, parts[index]]));
  builder.send(`${mode}_command_topic`, `${mode}_command_template`, parts.join(','), variables);
}

function jsonCommand(builder: CommandBuilder, isOn: boolean, wanted: Wanted): void {
  const { entity } = builder;
  const message: Record<string, unknown> = { state: isOn ? 'ON' : 'OFF' };
  const modes = entity.list('supported_color_modes');
  if (isOn && wanted.color) {
    const color = fitting(wanted.color, modes);
    if (!color) throw builder.unknown('ON', 'OFF');
    const letters = [...(COLOR_LETTERS.get(color.mode) ?? '')];
    message.color = Object.fromEntries(letters.map((letter, index) => [letter, color.parts[index]]));
  }
  if (wanted.transition !== undefined) message.transition = wanted.transition;
  if (wanted.flash === 'long') message.flash = entity.numberOr('flash_time_long', 10);
  else if (wanted.flash === 'short') message.flash = entity.numberOr('flash_time_short', 2);
  if (isOn) {
    if (wanted.brightness !== undefined)
      message.brightness = scaled(wanted.brightness, entity.numberOr('brightness_scale', 255));
    if (wanted.kelvin !== undefined)
      message.color_temp = Math.round(
        entity.flag('color_temp_kelvin') ? wanted.kelvin : inverse(wanted.kelvin),
      );
    if (wanted.effect !== undefined) message.effect = wanted.effect;
    if (wanted.white !== undefined) message.white = scaled(wanted.white, entity.numberOr('white_scale', 255));
  }
  builder.publish('command_topic', JSON.stringify(message));
}

function templateCommand(builder: CommandBuilder, isOn: boolean, wanted: Wanted): void {
  const { entity } = builder;
  const variables: Record<string, unknown> = { state: isOn };
  if (isOn) {
    if (wanted.brightness !== undefined) variables.brightness = Math.trunc(wanted.brightness);
    if (wanted.kelvin !== undefined)
      variables.color_temp = Math.round(
        entity.flag('color_temp_kelvin') ? wanted.kelvin : inverse(wanted.kelvin),
      );
    if (wanted.color) {
      const rgb = toRgb(wanted.color);
      const [hue, sat] = rgbToHs(rgb);
      const brightness = entity.text('brightness_template') === undefined ? (wanted.brightness ?? 255) : 255;
      const [red, green, blue] = rgb.map((one) => Math.round((one * brightness) / 255));
      Object.assign(variables, { red, green, blue, hue, sat });
    }
    if (wanted.effect !== undefined) variables.effect = wanted.effect;
    if (wanted.flash !== undefined) variables.flash = wanted.flash;
  }
  if (wanted.transition !== undefined) variables.transition = wanted.transition;
  builder.send('command_topic', isOn ? 'command_on_template' : 'command_off_template', undefined, variables);
}
