/** What messages mean for lights, in their three schemas. */

import type { Entity } from '../entity';
import { type Draft, NONE, numberIn, objectIn, type Read, type Source, wordState } from './draft';
import { onOff } from './simple';

export type LightSchema = 'default' | 'json' | 'template';

export function schemaOf(entity: Entity): LightSchema {
  const schema = entity.text('schema');
  return schema === 'json' || schema === 'template' ? schema : 'default';
}

/** Mireds and Kelvin are each other's inverse. */
export function inverse(value: number): number {
  return Math.floor(1_000_000 / value);
}

/** Home Assistant counts brightness from 1 to 255. */
const brightness: Read = (text, draft, entity) => {
  const value = numberIn(text);
  if (value) setBrightness(draft, (value / entity.numberOr('brightness_scale', 255)) * 255);
};

function setBrightness({ attributes }: Draft, value: number): void {
  attributes.set('brightness', Math.min(255, Math.max(1, Math.round(value))));
}

const colorTemperature: Read = (text, draft, entity) => {
  const value = numberIn(text);
  if (!value) return;
  draft.attributes.set('color_temp_kelvin', entity.flag('color_temp_kelvin') ? value : inverse(value));
  if (entity.text('color_mode_state_topic') === undefined) draft.attributes.set('color_mode', 'color_temp');
};

/** `255,0,10`: numbers with commas. */
function color(name: string, mode: string, count: number): Read {
  return (text, { attributes }, entity) => {
    const parts = text.split(',').map((part) => numberIn(part));
    if (parts.length !== count || parts.includes(undefined)) return;
    attributes.set(name, parts);
    if (entity.text('color_mode_state_topic') === undefined) attributes.set('color_mode', mode);
  };
}

function word(name: string): Read {
  return (text, { attributes }) => {
    if (text !== '') attributes.set(name, text);
  };
}

function source(topic: string, template: string, read: Read): Source {
  return { topic, templates: [template, 'value_template'], read };
}

const DEFAULT: readonly Source[] = [
  { ...source('state_topic', 'state_value_template', wordState(onOff)), isMain: true },
  source('brightness_state_topic', 'brightness_value_template', brightness),
  source('color_mode_state_topic', 'color_mode_value_template', word('color_mode')),
  source('color_temp_state_topic', 'color_temp_value_template', colorTemperature),
  source('effect_state_topic', 'effect_value_template', word('effect')),
  source('hs_state_topic', 'hs_value_template', color('hs_color', 'hs', 2)),
  source('rgb_state_topic', 'rgb_value_template', color('rgb_color', 'rgb', 3)),
  source('rgbw_state_topic', 'rgbw_value_template', color('rgbw_color', 'rgbw', 4)),
  source('rgbww_state_topic', 'rgbww_value_template', color('rgbww_color', 'rgbww', 5)),
  source('xy_state_topic', 'xy_value_template', color('xy_color', 'xy', 2)),
];

/** By colour mode: the letters of a colour in JSON. */
export const COLOR_LETTERS: ReadonlyMap<string, string> = new Map([
  ['hs', 'hs'],
  ['rgb', 'rgb'],
  ['rgbw', 'rgbw'],
  ['rgbww', 'rgbcw'],
  ['xy', 'xy'],
]);

const json: Read = (text, draft, entity) => {
  const values = objectIn(text);
  if (!values || !('state' in values)) return;
  if (values.state === 'ON') draft.state = true;
  else if (values.state === 'OFF') draft.state = false;
  else if (values.state === null) draft.state = null;
  const { attributes } = draft;
  const mode = typeof values.color_mode === 'string' ? values.color_mode : undefined;
  if (mode !== undefined && entity.list('supported_color_modes').includes(mode)) {
    const { color: parts } = values;
    const letters = COLOR_LETTERS.get(mode);
    if (letters && typeof parts === 'object' && parts !== null) {
      const numbers = [...letters].map((letter) =>
        Number((parts as Readonly<Record<string, unknown>>)[letter]),
      );
      if (numbers.every(Number.isFinite)) attributes.set(`${mode}_color`, numbers);
    }
    const temperature = Number(values.color_temp);
    if (mode === 'color_temp' && temperature > 0)
      attributes.set(
        'color_temp_kelvin',
        entity.flag('color_temp_kelvin') ? temperature : inverse(temperature),
      );
    attributes.set('color_mode', mode);
  }
  const bright = Number(values.brightness);
  if (bright > 0) setBrightness(draft, (bright / entity.numberOr('brightness_scale', 255)) * 255);
  if (typeof values.effect === 'string') attributes.set('effect', values.effect);
};

/** Each template of the schema `template` reads the same payload. */
function part(template: string, read: Read): Source {
  return { topic: 'state_topic', templates: [template], read };
}

const channel =
  (name: 'red' | 'green' | 'blue'): Read =>
  (text, draft) => {
    const value = numberIn(text);
    if (value === undefined) return;
    const known = draft.attributes.get('rgb_color');
    const rgb = Array.isArray(known) ? [...known] : [0, 0, 0];
    rgb[{ red: 0, green: 1, blue: 2 }[name]] = value;
    draft.attributes.set('rgb_color', rgb);
  };

const TEMPLATE: readonly Source[] = [
  {
    ...part(
      'state_template',
      wordState(() => [
        ['on', true],
        ['off', false],
        [NONE, null],
      ]),
    ),
    isMain: true,
  },
  part('brightness_template', brightness),
  part('color_temp_template', colorTemperature),
  part('red_template', channel('red')),
  part('green_template', channel('green')),
  part('blue_template', channel('blue')),
  part('effect_template', word('effect')),
];

export function lightSources(entity: Entity): readonly Source[] {
  const schema = schemaOf(entity);
  if (schema === 'json') return [{ topic: 'state_topic', templates: [], read: json, isMain: true }];
  // Without a template a part of this schema says nothing.
  if (schema === 'template')
    return TEMPLATE.filter(({ templates: [name = ''] }) => entity.text(name) !== undefined);
  return DEFAULT;
}
