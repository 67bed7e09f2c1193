/** What messages mean for components with one value. */

import type { Entity } from '../entity';
import {
  addAttributes,
  type Draft,
  NONE,
  numberIn,
  objectIn,
  oneOf,
  type Read,
  type Source,
  wordState,
} from './draft';

/** Sensors of these classes hold no number, whatever else is announced. */
const NOT_NUMERIC = new Set(['date', 'enum', 'timestamp', 'uptime']);
const MAX_TEXT = 255;

/** True for a sensor that Home Assistant takes for a number: by its unit, its state class or its device class. */
function isNumeric({ unit, deviceClass, stateClass }: Entity): boolean {
  if (NOT_NUMERIC.has(deviceClass)) return false;
  return unit !== '' || stateClass !== '' || deviceClass !== '';
}

const sensor: Read = (text, draft, entity) => {
  if (text === NONE) draft.state = null;
  else if (isNumeric(entity)) {
    const value = numberIn(text);
    // An empty text keeps the value; what is no number is an error in Home Assistant, and the value stays, too.
    if (value !== undefined) draft.state = value;
  } else if (entity.deviceClass === 'timestamp' || entity.deviceClass === 'uptime')
    draft.state = moment(text);
  else if (entity.deviceClass === 'date') draft.state = /^\d{4}-\d\d-\d\d/.exec(text)?.[0] ?? null;
  else {
    const options = entity.list('options');
    if (options.length === 0 || options.includes(text)) draft.state = text;
  }
};

/** `2026-11-29T19:00:00+00:00`, as Home Assistant shows a moment; null where the text is none with a zone. */
function moment(text: string): string | null {
  if (!/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*(?:Z|[+-]\d\d:?\d\d)$/i.test(text)) return null;
  const date = new Date(text.replace(' ', 'T').replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
  return Number.isNaN(date.getTime()) ? null : `${date.toISOString().slice(0, 19)}+00:00`;
}

export function onOff(entity: Entity): (readonly [string, Draft['state']])[] {
  const on = entity.textOr('payload_on', 'ON');
  const off = entity.textOr('payload_off', 'OFF');
  return [
    [entity.text('state_on') || on, true],
    [entity.text('state_off') || off, false],
    [NONE, null],
  ];
}

const number: Read = (text, draft, entity) => {
  if (text === entity.textOr('payload_reset', NONE)) {
    draft.state = null;
    return;
  }
  const value = numberIn(text);
  const [low, high] = [entity.numberOr('min', 1), entity.numberOr('max', 100)];
  if (value !== undefined && value >= low && value <= high) draft.state = value;
};

const select: Read = (text, draft, entity) => {
  if (text.toLowerCase() === 'none') draft.state = null;
  else if (entity.list('options').includes(text)) draft.state = text;
};

const lock = wordState((entity) => [
  [entity.textOr('payload_reset', NONE), null],
  [entity.textOr('state_locked', 'LOCKED'), 'locked'],
  [entity.textOr('state_unlocked', 'UNLOCKED'), 'unlocked'],
  [entity.textOr('state_locking', 'LOCKING'), 'locking'],
  [entity.textOr('state_unlocking', 'UNLOCKING'), 'unlocking'],
  [entity.textOr('state_open', 'OPEN'), 'open'],
  [entity.textOr('state_opening', 'OPENING'), 'opening'],
  [entity.textOr('state_jammed', 'JAMMED'), 'jammed'],
]);

const ALARM_STATES = [
  'disarmed',
  'armed_home',
  'armed_away',
  'armed_night',
  'armed_vacation',
  'armed_custom_bypass',
  'pending',
  'arming',
  'disarming',
  'triggered',
];

const mower: Read = (text, draft) => {
  if (text.toLowerCase() === 'none') draft.state = null;
  else if (['mowing', 'paused', 'docked', 'error', 'returning'].includes(text)) draft.state = text;
};

const vacuum: Read = (text, draft) => {
  const { state, ...rest } = objectIn(text) ?? {};
  if (state === null) draft.state = null;
  else if (['idle', 'docked', 'error', 'paused', 'returning', 'cleaning'].includes(String(state)))
    draft.state = String(state);
  addAttributes(draft, rest);
};

const siren: Read = (text, draft, entity) => {
  const words = onOff(entity);
  const set = (word: unknown): void => {
    const found = words.find(([one]) => one === word);
    if (found) draft.state = found[1];
  };
  const object = words.some(([word]) => word === text) ? undefined : objectIn(text);
  set(object ? object.state : text);
  for (const name of ['tone', 'duration', 'volume_level'])
    if (object?.[name] !== undefined) draft.attributes.set(name, object[name]);
};

/** The event alone; who hears of it tells it, and a retained one is history. */
const event: Read = (text, draft, entity) => {
  const { event_type: type, ...rest } = objectIn(text) ?? {};
  if (typeof type !== 'string' || !entity.list('event_types').includes(type)) return;
  draft.state = type;
  draft.attributes.clear();
  addAttributes(draft, rest);
};

const VERSION_FIELDS = [
  'installed_version',
  'latest_version',
  'title',
  'release_summary',
  'release_url',
  'update_percentage',
  'in_progress',
];

const update: Read = (text, draft) => {
  if (text === '' || text === '{}') return;
  const object = objectIn(text) ?? { installed_version: text };
  for (const name of VERSION_FIELDS)
    if (Object.hasOwn(object, name)) draft.attributes.set(name, object[name]);
  setUpdate(draft);
};

const latestVersion: Read = (text, draft) => {
  if (text !== '') draft.attributes.set('latest_version', text);
  setUpdate(draft);
};

/** True where there is a newer version; both have to be known. */
function setUpdate(draft: Draft): void {
  const [installed, latest] = ['installed_version', 'latest_version'].map((name) =>
    draft.attributes.get(name),
  );
  if (installed === undefined || installed === null || latest === undefined || latest === null)
    draft.state = null;
  else draft.state = isNewer(String(latest), String(installed));
}

/** Versions of numbers are compared part by part; of any others a difference counts. */
function isNewer(latest: string, installed: string): boolean {
  if (latest === installed) return false;
  const parts = (version: string): number[] | undefined =>
    /^v?\d+(?:\.\d+)*$/.test(version) ? version.replace('v', '').split('.').map(Number) : undefined;
  const [a, b] = [parts(latest), parts(installed)];
  if (!a || !b) return true;
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const [one = 0, other = 0] = [a[index], b[index]];
    if (one !== other) return one > other;
  }
  return false;
}

const tracker: Read = (text, draft, entity) => {
  if (text === entity.textOr('payload_home', 'home')) draft.state = 'home';
  else if (text === entity.textOr('payload_not_home', 'not_home')) draft.state = 'not_home';
  else if (text === entity.textOr('payload_reset', NONE)) draft.state = null;
  else if (text !== '') draft.state = text;
};

const anyText: Read = (text, draft) => {
  if (text.length <= MAX_TEXT) draft.state = text;
};

/** One state on `state_topic`. */
function one(read: Read, ...templates: readonly string[]): readonly Source[] {
  return [
    {
      topic: 'state_topic',
      templates: templates.length > 0 ? templates : ['value_template'],
      read,
      isMain: true,
    },
  ];
}

export const SIMPLE: Readonly<Record<string, readonly Source[]>> = {
  sensor: one(sensor),
  binary_sensor: one(wordState(onOff)),
  switch: one(wordState(onOff)),
  number: one(number),
  select: one(select),
  text: one(anyText),
  date: one(anyText),
  time: one(anyText),
  datetime: one(anyText),
  lock: one(lock),
  alarm_control_panel: one(oneOf(ALARM_STATES)),
  lawn_mower: [
    { topic: 'activity_state_topic', templates: ['activity_value_template'], read: mower, isMain: true },
  ],
  vacuum: one(vacuum, 'nothing'),
  siren: one(siren, 'state_value_template'),
  event: one(event),
  update: [
    ...one(update),
    { topic: 'latest_version_topic', templates: ['latest_version_template'], read: latestVersion },
  ],
  device_tracker: one(tracker),
};
