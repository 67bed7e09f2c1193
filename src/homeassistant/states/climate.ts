/** What messages mean for climates, water heaters, fans and humidifiers. */

import {
  listedAttribute,
  NONE,
  numberAttribute,
  numberIn,
  percentage,
  type Read,
  type Source,
  textAttribute,
  wordState,
} from './draft';
import { onOff } from './simple';

/** Modes of a climate that names none. */
export const CLIMATE_MODES = ['auto', 'off', 'cool', 'heat', 'dry', 'fan_only'];
export const WATER_HEATER_MODES = [
  'off',
  'eco',
  'electric',
  'gas',
  'heat_pump',
  'high_demand',
  'performance',
];
export const FAN_MODES = ['auto', 'low', 'medium', 'high'];
export const SWING_MODES = ['on', 'off'];

function modeState(otherwise: readonly string[]): Read {
  return (text, draft, entity) => {
    const allowed = entity.config.modes === undefined ? otherwise : entity.list('modes');
    if (text === NONE) draft.state = null;
    else if (allowed.includes(text)) draft.state = text;
  };
}

const preset: Read = (text, { attributes }, entity) => {
  if (text === 'none' || text === NONE) attributes.set('preset_mode', 'none');
  else if (entity.list('preset_modes').includes(text)) attributes.set('preset_mode', text);
};

/** A source whose template is its own, else the one for all. */
function source(topic: string, read: Read, ...templates: readonly string[]): Source {
  return { topic, templates: [...templates, 'value_template'], read };
}

const temperatures: readonly Source[] = [
  source('current_temperature_topic', numberAttribute('current_temperature'), 'current_temperature_template'),
  source('temperature_state_topic', numberAttribute('temperature'), 'temperature_state_template'),
  source('temperature_low_state_topic', numberAttribute('target_temp_low'), 'temperature_low_state_template'),
  source(
    'temperature_high_state_topic',
    numberAttribute('target_temp_high'),
    'temperature_high_state_template',
  ),
];

const main = (one: Source): Source => ({ ...one, isMain: true });

const fanPercentage: Read = (text, { attributes }, entity) => {
  if (text === entity.textOr('payload_reset_percentage', NONE)) {
    attributes.set('percentage', null);
    return;
  }
  const value = /^[+-]?\d+$/.test(text.trim()) ? Number(text) : undefined;
  if (value === undefined) return;
  const [low, high] = [entity.numberOr('speed_range_min', 1), entity.numberOr('speed_range_max', 100)];
  const percent = percentage(low - 1, high, value);
  if (percent >= 0 && percent <= 100) attributes.set('percentage', percent);
};

const fanPreset: Read = (text, { attributes }, entity) => {
  if (text === entity.textOr('payload_reset_preset_mode', NONE)) attributes.set('preset_mode', null);
  else if (entity.list('preset_modes').includes(text)) attributes.set('preset_mode', text);
};

const oscillation: Read = (text, { attributes }, entity) => {
  if (text === entity.textOr('payload_oscillation_on', 'oscillate_on')) attributes.set('oscillating', true);
  else if (text === entity.textOr('payload_oscillation_off', 'oscillate_off'))
    attributes.set('oscillating', false);
};

const targetHumidity: Read = (text, { attributes }, entity) => {
  if (text === entity.textOr('payload_reset_humidity', NONE)) {
    attributes.set('humidity', null);
    return;
  }
  const value = numberIn(text);
  const [low, high] = [entity.numberOr('min_humidity', 0), entity.numberOr('max_humidity', 100)];
  if (value !== undefined && value >= low && value <= high) attributes.set('humidity', Math.round(value));
};

const humidifierMode: Read = (text, { attributes }, entity) => {
  if (text === entity.textOr('payload_reset_mode', NONE)) attributes.set('mode', null);
  else if (entity.list('modes').includes(text)) attributes.set('mode', text);
};

/** A source with one template. */
function only(topic: string, template: string, read: Read): Source {
  return { topic, templates: [template], read };
}

export const CLIMATE: Readonly<Record<string, readonly Source[]>> = {
  climate: [
    main(source('mode_state_topic', modeState(CLIMATE_MODES), 'mode_state_template')),
    ...temperatures,
    source('action_topic', textAttribute('hvac_action'), 'action_template'),
    source('current_humidity_topic', numberAttribute('current_humidity'), 'current_humidity_template'),
    source('target_humidity_state_topic', numberAttribute('humidity'), 'target_humidity_state_template'),
    source(
      'fan_mode_state_topic',
      listedAttribute('fan_mode', 'fan_modes', FAN_MODES),
      'fan_mode_state_template',
    ),
    source(
      'swing_mode_state_topic',
      listedAttribute('swing_mode', 'swing_modes', SWING_MODES),
      'swing_mode_state_template',
    ),
    source(
      'swing_horizontal_mode_state_topic',
      listedAttribute('swing_horizontal_mode', 'swing_horizontal_modes', SWING_MODES),
      'swing_horizontal_mode_state_template',
    ),
    source('preset_mode_state_topic', preset, 'preset_mode_value_template'),
  ],
  water_heater: [
    main(source('mode_state_topic', modeState(WATER_HEATER_MODES), 'mode_state_template')),
    ...temperatures,
  ],
  fan: [
    main(only('state_topic', 'state_value_template', wordState(onOff))),
    only('percentage_state_topic', 'percentage_value_template', fanPercentage),
    only('preset_mode_state_topic', 'preset_mode_value_template', fanPreset),
    only('oscillation_state_topic', 'oscillation_value_template', oscillation),
    only('direction_state_topic', 'direction_value_template', textAttribute('direction')),
  ],
  humidifier: [
    main(only('state_topic', 'state_value_template', wordState(onOff))),
    only('target_humidity_state_topic', 'target_humidity_state_template', targetHumidity),
    only('mode_state_topic', 'mode_state_template', humidifierMode),
    only('current_humidity_topic', 'current_humidity_template', numberAttribute('current_humidity')),
    only('action_topic', 'action_template', textAttribute('action')),
  ],
};
