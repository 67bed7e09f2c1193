/** Words of answers about topics. */
import { showValue } from '../alert/message-texts';
import { list, text, words } from '../base/catalogue';
import { openingName, opennessOf } from '../base/opening';
import type { Text } from '../base/text';
import { DAY, HOUR, MINUTE, SECOND } from '../base/time-units';
import type { TopicName } from '../topics/topic-name';
import type { TopicRow } from '../topics/topic-row';
import type { Scalar } from './json-values';
import type { Subject } from './topic-index';
import { meaningsOf, wordsOf } from './words';

/** What is known of a topic when it is asked for. */
export interface KnownValue {
  row: TopicRow | undefined;
  /** Values in its JSON. */
  values: ReadonlyMap<string, Scalar>;
  name: TopicName | undefined;
  alias: string | undefined;
}

/** Values of a JSON object in one line. */
const MAX_PARTS = 6;
const MAX_VALUE = 160;
const MAX_TOPIC = 100;

/** `kitchen: 21.3 °C (2 min ago)`. */
export function valueText(subject: Subject, known: KnownValue, now: number): Text {
  const name = nameOf(subject, known);
  const { row } = known;
  if (!row || row.kind === 'empty') return text('answers.none', { name });
  return text('answers.value', { name, value: shown(subject, known), age: ageText(row.at, now) });
}

/** The same in a few words: for a button. */
export function shortNameOf({ topic, field }: Subject, { name, alias }: KnownValue): string {
  const called = alias ?? name?.name ?? topic.split('/').slice(-2).join('/');
  return field === undefined ? called : `${called} ${field}`;
}

/** How an answer calls a subject; a name that somebody gave it stands before its topic. */
export function nameOf({ topic, field }: Subject, { name, alias }: KnownValue): string {
  const whole = (alias === undefined ? name?.name : `${alias} (${topic})`) ?? topic;
  const shortened = whole.length > MAX_TOPIC ? `…${whole.slice(-MAX_TOPIC)}` : whole;
  if (field === undefined) return shortened;
  const own = name?.fields && Object.hasOwn(name.fields, field) ? name.fields[field]?.name : undefined;
  if (own?.startsWith(shortened)) return own;
  return `${shortened} ${own ?? field}`;
}

export function unitOf({ field }: Subject, { name, row }: KnownValue): string {
  if (field === undefined) return name?.unit ?? row?.unit ?? '';
  const fields = name?.fields;
  return (fields && Object.hasOwn(fields, field) ? fields[field]?.unit : undefined) ?? '';
}

/** `12 min ago`; 0: nobody knows. */
function ageText(at: number, now: number): Text {
  if (at <= 0) return text('answers.ageUnknown');
  const age = Math.max(0, now - at);
  return age < 10 * SECOND ? text('answers.justNow') : text('answers.ago', { time: lengthText(age) });
}

/** `24 h`. */
export function lengthText(ms: number): Text {
  if (ms < MINUTE) return text('answers.seconds', { count: Math.round(ms / SECOND) });
  if (ms < 2 * HOUR) return text('answers.minutes', { count: Math.round(ms / MINUTE) });
  return ms <= 2 * DAY
    ? text('answers.hours', { count: Math.round(ms / HOUR) })
    : text('answers.days', { count: Math.round(ms / DAY) });
}

function shown(subject: Subject, known: KnownValue): Text {
  const { row, values } = known;
  const { field } = subject;
  if (field !== undefined) {
    const value = values.get(field);
    if (value === undefined) return text('answers.missing');
    return scalarText({ ...subject, field }, value, unitOf(subject, known));
  }
  if (row?.number !== undefined && row.kind === 'number')
    return words(showValue(row.number, unitOf(subject, known)));
  if (row?.kind === 'binary' || row?.kind === 'picture') return text('answers.bytes', { count: row.bytes });
  if (values.size > 0) return partsText(subject.topic, known);
  return scalarText(subject, row?.text ?? '', '');
}

/** The values of an object, those that have a meaning for people first. */
function partsText(topic: string, known: KnownValue): Text {
  const all = [...known.values];
  const isKnown = ([field]: [string, Scalar]): boolean => {
    const said = wordsOf(field);
    return meaningsOf(said).join() !== said.join() || said.some((word) => USUAL.has(word));
  };
  const chosen = [...all.filter(isKnown), ...all.filter((one) => !isKnown(one))].slice(0, MAX_PARTS);
  return list(
    chosen.map(([field, value]) =>
      text('answers.part', {
        name: field,
        value: scalarText({ topic, field }, value, unitOf({ topic, field }, known)),
      }),
    ),
  );
}

const USUAL: ReadonlySet<string> = new Set(['value', 'state', 'temperature', 'humidity', 'battery', 'power']);

function scalarText({ topic, field }: Subject, value: Scalar, unit: string): Text {
  if (typeof value === 'number') return words(showValue(value, unit));
  const is = opennessOf(openingName(topic, field), value);
  if (is) return text(`answers.${is}`);
  if (typeof value === 'string') return words(value.slice(0, MAX_VALUE));
  return text(value ? 'answers.yes' : 'answers.no');
}
