/**
 * Devices that people can control from the chat: a table of names, each with the topic and the payload of its order, and
 * the people who may give it. What is not in the table cannot be reached.
 */
import { text } from '../base/catalogue';
import { Fault } from '../base/fault';
import { oneLine, plain } from '../base/printable';
import type { Text } from '../base/text';
import { takesCommands } from '../homeassistant/commands/commanded';
import { topicFault } from '../topics/filter';
import { ENTRY_SEPARATOR, entriesOf, readAllowed } from '../xmpp/typed-addresses';
import { tokensIn } from './words';

/** What stands for the value in a payload. */
const VALUE = '{{value}}';
const MAX_ACTUATORS = 100;
const MAX_NAME = 60;
const MAX_PAYLOAD = 4_096;
const MAX_VALUE = 64;
/** Component and `unique_id` of an entity, in characters. */
const MAX_ENTITY = 300;

interface Named {
  /** Position in the dialog, from 1; 0: it does not stand there. */
  number: number;
  name: string;
  /** The words of the name, in the form in which they are compared. */
  words: readonly string[];
  /** The people who may, as an allow list; empty: nobody. */
  allow: string;
}

interface Publishing extends Named {
  topic: string;
  payload: string;
  qos: 0 | 1 | 2;
  retain: boolean;
}

/** It is told something on its topic. */
export interface TopicActuator extends Publishing {
  kind: 'topic';
  /** With `{{value}}` where the value goes; without it, the order takes none. */
  payload: string;
}

/** An entity of Home Assistant: the device that announces it says how it is told something. */
export interface EntityActuator extends Named {
  kind: 'entity';
  /** `<component>.<unique_id>` */
  entity: string;
}

/** A publication that somebody saved by name. Its payload is sent as it stands. */
export interface SavedActuator extends Publishing {
  kind: 'saved';
}

export type Actuator = TopicActuator | EntityActuator | SavedActuator;

export interface ActuatorProblem {
  number: number;
  field: 'number' | 'name' | 'entity' | 'topic' | 'payload' | 'qos' | 'allow';
  text: Text;
}

/** Reads the table of a flow file. A row with a problem is left out, and the others work. */
export function readActuators(value: unknown): { actuators: Actuator[]; problems: ActuatorProblem[] } {
  const actuators: Actuator[] = [];
  const problems: ActuatorProblem[] = [];
  const rows: readonly unknown[] = Array.isArray(value) ? value : [];
  if (rows.length > MAX_ACTUATORS)
    problems.push({
      number: MAX_ACTUATORS + 1,
      field: 'number',
      text: text('actuator.many', { most: MAX_ACTUATORS }),
    });
  for (const [index, raw] of rows.slice(0, MAX_ACTUATORS).entries()) {
    const number = index + 1;
    const before = problems.length;
    const actuator = readActuator(raw, number, (field, why) => problems.push({ number, field, text: why }));
    const twin = actuators.find((one) => isSameName(one.words, actuator.words));
    if (twin) problems.push({ number, field: 'name', text: text('actuator.twin', { number: twin.number }) });
    if (problems.length === before) actuators.push(actuator);
  }
  return { actuators, problems };
}

function readActuator(
  raw: unknown,
  number: number,
  problem: (field: ActuatorProblem['field'], why: Text) => void,
): Actuator {
  const fields = new Map<string, unknown>(Object.entries(typeof raw === 'object' && raw !== null ? raw : {}));
  const typed = (field: string): string => {
    const given = fields.get(field);
    return typeof given === 'string' || typeof given === 'number' ? String(given) : '';
  };
  const name = typed('name').trim();
  const words = tokensIn(name);
  if (words.length === 0 || name.length > MAX_NAME)
    problem('name', text('actuator.name', { most: MAX_NAME }));
  const allow = typed('allow');
  const stranger = entriesOf(allow, ENTRY_SEPARATOR).find((entry) => readAllowed(entry) instanceof Fault);
  if (stranger !== undefined) problem('allow', text('actuator.allow', { given: plain(stranger, 60) }));
  const entity = typed('entity').trim();
  if (entity !== '') {
    if (!isTold(entity)) problem('entity', text('actuator.entity', { given: plain(entity, 60) }));
    return { kind: 'entity', number, name, words, entity, allow };
  }
  const topic = typed('topic').trim();
  const wrong = topicFault(topic);
  if (wrong) problem('topic', wrong.text);
  const payload = typed('payload');
  const fault = templateFault(payload);
  if (fault) problem('payload', fault);
  const qos = typed('qos') === '' ? 1 : Number(typed('qos'));
  if (qos !== 0 && qos !== 1 && qos !== 2)
    problem('qos', text('actuator.qos', { given: plain(typed('qos'), 20) }));
  const retain = String(fields.get('retain')) === 'true';
  return { kind: 'topic', number, name, words, topic, payload, qos: qos as 0 | 1 | 2, retain, allow };
}

/** True for `light.0x00158d`: an entity that takes commands. */
export function isTold(entity: string): boolean {
  const [, component = ''] = /^([a-z_]+)\..+$/s.exec(entity) ?? [];
  return entity.length <= MAX_ENTITY && takesCommands(component);
}

/** True if both have the same words, in whatever order. */
export function isSameName(one: readonly string[], two: readonly string[]): boolean {
  return one.length === two.length && [...one].sort().join(' ') === [...two].sort().join(' ');
}

/** True if an order needs a value: `heating 21`. */
export function takesValue(actuator: Actuator): boolean {
  if (actuator.kind === 'entity') return !/^(?:button|scene|update)\./.test(actuator.entity);
  return actuator.kind === 'topic' && actuator.payload.includes(VALUE);
}

function templateFault(payload: string): Text | undefined {
  if (payload.trim() === '') return text('actuator.empty');
  if (payload.length > MAX_PAYLOAD) return text('actuator.long', { most: MAX_PAYLOAD });
  if (payload.split(VALUE).join('').includes('{{')) return text('actuator.template');
  const isJson = isObject(payload);
  const tries = [0, 'x'].map((value) => (isJson ? filled(payload, value) : ''));
  return isJson && tries.every((one) => one === undefined) ? text('actuator.json') : undefined;
}

/** What somebody says a device is to be: a number, on or off, or a word. */
export type ActValue = string | number | boolean;

const SWITCHES: ReadonlyMap<string, ActValue> = new Map<string, ActValue>([
  ...['on', 'an', 'ein', 'yes', 'ja', 'true'].map((word) => [word, true] as const),
  ...['off', 'aus', 'no', 'nein', 'false'].map((word) => [word, false] as const),
  ...['open', 'auf', 'hoch', 'up'].map((word) => [word, 'OPEN'] as const),
  ...['close', 'closed', 'zu', 'runter', 'down'].map((word) => [word, 'CLOSE'] as const),
  ...['stop', 'stopp', 'halt'].map((word) => [word, 'STOP'] as const),
]);

/** The value of a word such as `on` or `aus`; undefined if it is none. */
export const switchOf = (word: string): ActValue | undefined => SWITCHES.get(word.toLowerCase());

/** The value that a text says; undefined if it says none. */
export function readValue(said: string): ActValue | undefined {
  const trimmed = said.trim().replace(/[.!]+$/, '');
  const known = switchOf(trimmed);
  if (known !== undefined) return known;
  const [, number] =
    /^([-+]?\d{1,12}(?:[.,]\d{1,9})?)\s?(?:°\s?[CF]?|%|grad|degrees?|prozent|percent)?$/iu.exec(trimmed) ??
    [];
  if (number !== undefined) return Number(number.replace(',', '.'));
  return isWord(trimmed) ? trimmed : undefined;
}

const isWord = (said: string): boolean =>
  said.length <= MAX_VALUE && /^[\p{L}\p{N}][\p{L}\p{M}\p{N}_.,:+#-]*$/u.test(said);

/** The payload of an order; undefined if this value cannot stand where the template has it. */
export function payloadFor(
  { payload }: Pick<Publishing, 'payload'>,
  value: ActValue | undefined,
): string | undefined {
  if (!payload.includes(VALUE)) return payload;
  return value === undefined ? undefined : filled(payload, value);
}

/**
 * What somebody would have to say for this payload, in words for people; undefined if no order to this device has it.
 * @param payload may come from anybody
 */
export function wordsFor(
  actuator: Pick<TopicActuator, 'name' | 'payload'>,
  payload: string,
): string | undefined {
  const [first = '', ...others] = actuator.payload.split(VALUE);
  if (others.length === 0) return payload === first ? actuator.name : undefined;
  const fixed = others.reduce((sum, { length }) => sum + length, first.length);
  const length = (payload.length - fixed) / others.length;
  if (!(length >= 1 && length <= MAX_VALUE)) return undefined;
  const said = payload.slice(first.length, first.length + length);
  const values = [readValue(said), isWord(said) ? said : undefined];
  const value = values.find((one) => one !== undefined && filled(actuator.payload, one) === payload);
  return value === undefined ? undefined : shownValue(value);
}

/** For people: `on`, `21`. */
export const shownValue = (value: ActValue): string =>
  typeof value === 'boolean' ? wordOf(value) : oneLine(String(value));

const wordOf = (value: ActValue): string => (value === true ? 'ON' : value === false ? 'OFF' : String(value));
const isObject = (payload: string): boolean =>
  /^\s*[{[]/.test(payload) && !payload.trimStart().startsWith(VALUE);

/** Within JSON a value is a value: no text can end the string that it stands in. */
function filled(payload: string, value: ActValue): string | undefined {
  if (!isObject(payload)) return payload.split(VALUE).join(wordOf(value));
  const parts = payload.split(VALUE);
  let made = parts[0] ?? '';
  let quotes = quotesIn(made);
  for (const part of parts.slice(1)) {
    const isWithin = quotes % 2 === 1;
    if (isWithin) made += JSON.stringify(wordOf(value)).slice(1, -1);
    else if (typeof value !== 'string') made += String(value);
    else return undefined;
    made += part;
    quotes += quotesIn(part);
  }
  try {
    JSON.parse(made);
    return made;
  } catch {
    return undefined;
  }
}

/** Quotation marks that begin or end a string. */
function quotesIn(json: string): number {
  let count = 0;
  for (let at = 0; at < json.length; at++) {
    if (json[at] === '\\') at += 1;
    else if (json[at] === '"') count += 1;
  }
  return count;
}
