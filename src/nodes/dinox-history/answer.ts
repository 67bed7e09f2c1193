import type { AlertRow } from '../../alert/past-alerts';
import { plain } from '../../base/printable';
import { answerOf, type HistoryAnswer, mostKeys } from '../../history/formats/answer';
import { csvTable } from '../../history/formats/csv';
import { isoTime } from '../../history/formats/rows';
import {
  HISTORY_FORMATS,
  HistoryError,
  isMissing,
  type Question,
  readQuestion,
  showGiven,
} from '../../history/question';
import { type Recorded, type RecordedKey, recordedOf } from '../../history/recorded';
import { InputError } from '../../topics/errors';
import { hasWildcard } from '../../topics/filter';
import type { HistorySettings } from './config';
import { type GaugeUpdate, gaugeUpdate } from './gauge';
import { type HistorySource, keyFilter, type NamedSource } from './sources';

/** Topics in one answer, and the parts of all of them together. */
const MAX_TOPICS = 50;
const MAX_PARTS = 20_000;
/** Topics that are read before something else gets its turn: a few milliseconds. */
const AT_ONCE = 8;
/** A format of this node only. */
const GAUGE = 'gauge';
const FORMATS: readonly string[] = [...HISTORY_FORMATS, GAUGE];
const ALERT_FORMATS: readonly string[] = ['array', 'table', 'csv'];
const ALERT_COLUMNS = [
  'id',
  'number',
  'key',
  'state',
  'severity',
  'since',
  'until',
  'ackedBy',
  'ackedAt',
  'text',
  'ackedUntil',
  'note',
];

/** `msg.history` of an answer. Times are ISO 8601. */
export interface AnsweredHistory {
  topic: string;
  from: string;
  to: string;
  /** Parts of the span for each topic; the number of rows for alerts. */
  points: number;
  /** Empty if there is none, or the topics have different ones. */
  unit: string;
  /** Since when values are kept; absent if the question begins no earlier. */
  keptSince?: string;
  /** Topics that are not in the answer, because there are too many; absent if there are none. */
  leftOut?: number;
}

export interface FullAnswer {
  /** A number for a gauge; null: its last value is none, or not known. */
  payload: HistoryAnswer | AlertRow[] | number | null;
  history: AnsweredHistory;
  /** Only for a gauge. */
  ui_update?: GaugeUpdate;
}

/** What a message says about the question. `msg.to` and `msg.from` are people elsewhere, hence the object. */
export interface AskingMessage {
  readonly topic?: unknown;
  readonly history?: unknown;
}

/** Fields of `msg.history` in a question. */
const ASKED = [
  'field',
  'what',
  'from',
  'to',
  'points',
  'format',
] as const satisfies readonly (keyof HistorySettings)[];

/**
 * Answers a message.
 * @param pause lets others have their turn, between topics
 * @throws HistoryError, InputError
 */
export async function answer(
  settings: HistorySettings,
  msg: AskingMessage,
  source: HistorySource,
  now: () => number,
  pause: () => Promise<void>,
): Promise<FullAnswer> {
  const asked = askedIn(msg.history);
  const of = (field: (typeof ASKED)[number]): unknown => settings[field] || asked[field];
  const wanted = settings.topic || textOf(msg.topic);
  const what = isMissing(of('what')) ? 'values' : of('what');
  if (what !== 'values' && what !== 'alerts') throw new HistoryError('what', { given: showGiven(what) });
  const raw = { from: of('from'), to: of('to'), points: of('points'), format: of('format') };
  if (source.loading) await source.loading;
  const at = now();
  const field = textOf(of('field'));
  /** Nothing came yet of a topic that is recorded from now on: a dashboard begins empty. */
  const isAwaited = (error: unknown): boolean => settings.topic !== '' && isUnknown(error);
  const isKnown = isMissing(raw.format) || FORMATS.some((known) => known === raw.format);
  if (!isKnown)
    throw new HistoryError('format', { given: showGiven(raw.format), formats: FORMATS.join(', ') });
  if (what === 'values' && raw.format === GAUGE) return gaugeAnswer(source, wanted, field, at, isAwaited);
  if (what === 'alerts') {
    // Alerts are kept for longer than values.
    const question = readQuestion({ ...raw, from: isMissing(raw.from) ? 0 : raw.from }, 0, at);
    return alertAnswer(source, wanted, question);
  }
  const question = readQuestion(raw, source.history.span, at);
  const { topic, found } = await findIn(source, wanted, field).catch((error: unknown) => {
    if (question.format === 'chart' && isAwaited(error)) return { topic: wanted, found: [] };
    throw error;
  });
  const shown = found.slice(0, mostKeys(question.format, MAX_TOPICS));
  const all: Recorded[] = [];
  for (const [place, key] of shown.entries()) {
    if (place % AT_ONCE === AT_ONCE - 1) await pause();
    all.push(recordedOf(source.history, key, question, at, Math.floor(MAX_PARTS / shown.length)));
  }
  const { payload, leftOut } = answerOf(all, question.format, source.isMany(topic, found));
  const missing = found.length - shown.length + leftOut;
  const units = new Set(all.map(({ looks }) => looks.unit ?? ''));
  return {
    payload,
    history: {
      topic: topic === '' && found.length === 1 ? (found[0]?.topic ?? '') : topic,
      ...timesOf(question),
      points: Math.max(0, ...all.map(({ series }) => series.t.length)),
      unit: units.size === 1 ? ([...units][0] ?? '') : '',
      ...(at - question.from > source.history.span && { keptSince: isoTime(at - source.history.span) }),
      ...(missing > 0 && { leftOut: missing }),
    },
  };
}

/** The keys of a topic, or of the entity that goes by this name. @throws HistoryError, InputError */
async function findIn(
  source: HistorySource,
  topic: string,
  field: string,
): Promise<{ topic: string; found: RecordedKey[] }> {
  try {
    return { topic, found: source.find(topic, field) };
  } catch (error) {
    const isName = error instanceof InputError || (isUnknown(error) && !hasWildcard(topic));
    const named = isName ? await source.named(topic) : undefined;
    if (!named) throw error;
    return { topic: named.topic, found: keysOfEntity(source, named, field) };
  }
}

const isUnknown = (error: unknown): boolean =>
  error instanceof HistoryError && error.code === 'unknown-topic';

function keysOfEntity(source: HistorySource, named: NamedSource, asked: string): RecordedKey[] {
  const { name, topic, field, isRecorded } = named;
  try {
    return source.find(topic, asked || field);
  } catch (error) {
    if (!(error instanceof HistoryError) || error.code !== 'unknown-topic') throw error;
    throw new HistoryError(isRecorded ? 'recording-entity' : 'unrecorded-entity', {
      name: plain(name),
      topic: plain(topic),
    });
  }
}

/** The last value of the first number that is meant, and what alerts think of it. @throws HistoryError, InputError */
async function gaugeAnswer(
  source: HistorySource,
  wanted: string,
  field: string,
  at: number,
  isAwaited: (error: unknown) => boolean,
): Promise<FullAnswer> {
  const { topic, found } = await findIn(source, wanted, field).catch((error: unknown) => {
    // A message that the server had kept is a value, though not a recorded one.
    const heard = isUnknown(error) ? source.heard(wanted, field) : undefined;
    if (heard || isAwaited(error)) return { topic: wanted, found: heard ? [heard] : [] };
    throw error;
  });
  const about = found.find((one) => one.field === undefined) ?? found[0];
  const unit = about?.looks.unit ?? '';
  const from = isoTime(at - source.history.span);
  const zones = about ? await source.zones(about) : [];
  return {
    payload: (about && source.current(about)) ?? null,
    history: {
      ...{ topic: about?.topic ?? topic, from, to: isoTime(at), points: about ? 1 : 0, unit },
      ...(found.length > 1 && { leftOut: found.length - 1 }),
    },
    ui_update: gaugeUpdate(zones, unit),
  };
}

function alertAnswer(source: HistorySource, topic: string, question: Question): FullAnswer {
  const { from, to, points, format } = question;
  if (!ALERT_FORMATS.includes(format))
    throw new HistoryError('alerts-format', { given: format, formats: ALERT_FORMATS.join(', ') });
  const all = source.alerts(from, to);
  const isWanted = keyFilter(topic, [...new Set(all.map(({ key }) => key))]);
  const rows = all.filter(({ key }) => isWanted(key));
  const shown = rows.slice(0, points);
  return {
    payload: format === 'csv' ? csvTable(ALERT_COLUMNS, shown.map(csvRow)) : shown,
    history: { topic, ...timesOf(question), points: shown.length, unit: '' },
  };
}

const csvRow = ({ acked, ...row }: AlertRow) => ({
  ...row,
  ackedBy: acked?.by,
  ackedAt: acked?.at,
  ackedUntil: acked?.until,
  note: acked?.note,
});

const timesOf = ({ from, to }: Question) => ({ from: isoTime(from), to: isoTime(to) });

/** The question in a message. That of another history node is its answer, and asks for nothing. */
function askedIn(history: unknown): Readonly<Partial<Record<(typeof ASKED)[number], unknown>>> {
  if (isMissing(history)) return {};
  const fields = ASKED.join(', ');
  if (typeof history !== 'object') throw new HistoryError('asked', { given: showGiven(history), fields });
  const names = Object.keys(history);
  if (names.includes('topic') && names.includes('unit')) return {};
  const unknown = names.find((name) => !ASKED.some((field) => field === name));
  if (unknown !== undefined) throw new HistoryError('asked', { given: showGiven(unknown), fields });
  return history;
}

/** A topic or a field. @throws HistoryError if it is something else than a text */
function textOf(value: unknown): string {
  if (isMissing(value)) return '';
  if (typeof value !== 'string') throw new HistoryError('topic', { given: showGiven(value) });
  return value;
}
