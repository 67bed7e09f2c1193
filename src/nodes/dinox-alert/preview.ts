import type { PreviewAnswer, PreviewTotal } from '../../alert/preview-answer';
import { type AlertSpan, rateRange, replay } from '../../alert/replay';
import { TEXT_CONDITIONS } from '../../alert/rules';
import type { Value } from '../../alert/states';
import { DAY, MINUTE } from '../../base/time-units';
import type { Translate } from '../../base/translate';
import type { History } from '../../history/history';
import type { Recorder } from '../../recorder/recorder';
import type { UpstreamNode } from '../../recorder/upstream-topics';
import { isTopic } from '../../topics/filter';
import type { AlertEngine } from './alert-engine';
import { type AlertConfig, alertConfig } from './config';
import { type DaySource, keysOfNode, type PreviewKey, recordedKeys } from './preview-keys';
import { previewMessage } from './preview-message';
import { FieldNames, type NamingBroker } from './topic-names';

/** A dialog's question: its fields as typed, and the sources that its wires lead to. */
export interface PreviewQuestion {
  rule: Readonly<Record<string, unknown>>;
  /** The chosen key. */
  key: string | undefined;
  sources: readonly UpstreamNode[];
  /** The message template, and the node's name. */
  message: string;
  name: string;
  /** Number of parts of the curve; 0: only the alerts are wanted. */
  points: number;
}

export interface PreviewTools {
  /** Engine of the deployed node, if it runs. */
  engine: AlertEngine | undefined;
  recorder(broker: string): Recorder | undefined;
  names(broker: string): NamingBroker['names'] | undefined;
  translate: Translate;
  now(): number;
  /** Yields to other work: the flows of a large house must not wait for a dialog. */
  pause(): Promise<void>;
}

/** Shortest time that the chart shows, in milliseconds. */
const SHORTEST = 2 * 60_000;
/** Difference in milliseconds up to which two histories count as equally long: the node's own is used then. */
const NEARLY = 10 * 60_000;
/** Shortest silence that a history shows for certain, in milliseconds: of a minute it may keep one value. */
const KNOWN_SILENCE = 2 * MINUTE;
const MAX_KEYS = 200;
const MAX_SPANS = 500;
const MAX_STATES = 500;
const MAX_SHOWN_LENGTH = 40;
/** Maximum values evaluated for keys that are not shown, and the number at a time. */
const MAX_COUNTED = 200_000;
const AT_ONCE = 10_000;
const MAX_FIRED = 20;

/** Answers a dialog, at bounded cost: one key in full, the others only counted, some at a time. */
export async function preview(question: PreviewQuestion, tools: PreviewTools): Promise<PreviewAnswer> {
  const config = alertConfig({ ...question.rule, message: question.message });
  const { engine } = tools;
  const own = engine && reads(engine.config) === reads(config) ? keysOfNode(engine) : [];
  const recorded = recordedKeys(config, question.sources, tools.recorder);
  const all = merged(own, recorded.keys);
  const to = tools.now();
  const answer: PreviewAnswer = {
    running: engine !== undefined,
    keys: all.slice(0, MAX_KEYS).map(({ key }) => key),
    more: Math.max(0, all.length - MAX_KEYS),
    from: to - DAY,
    to,
    unit: config.unit,
  };
  if (recorded.fields.length > 0) answer.fields = recorded.fields;
  if (all.length === 0 && recorded.onOff.length > 0) answer.onOff = recorded.onOff;
  const chosen = all.find(({ key }) => key === question.key) ?? all[0];
  const day = chosen && dayOf(chosen, config, to);
  if (!chosen || !day) {
    answer.empty = recorded.unreadable ? 'unreadable' : recorded.missing ? 'noBroker' : 'nothing';
    if (recorded.since !== undefined) answer.since = recorded.since;
    say(
      answer,
      question,
      config,
      undefined,
      tools,
      config.keyBy.from === 'topic' ? recorded.example : undefined,
    );
    return answer;
  }
  answer.key = chosen.key;
  answer.unit = config.unit || chosen.unit;
  answer.from = Math.max(to - DAY, Math.min(to - SHORTEST, day.first));
  answer.first = Math.round(day.first);
  if (day.every > 0) answer.every = day.every;
  if (question.points > 0) show(answer, day, question.points);
  judge(answer, config, day);
  say(answer, question, config, day.samples.at(-1)?.[1], tools);
  if (all.length > 1 && answer.why !== 'problem' && answer.why !== 'elsewhere') {
    answer.total = await countOver(all, config, to, tools.pause);
  }
  return answer;
}

/** The message, and the unit that Home Assistant knows. */
function say(
  answer: PreviewAnswer,
  { name, sources }: PreviewQuestion,
  config: AlertConfig,
  value: Value | undefined,
  { names: namesOf, now, translate }: PreviewTools,
  example?: string,
): void {
  const known = sources.map(({ broker }) => namesOf(broker)).find(Boolean);
  const names = new FieldNames(config, () => known);
  const key = answer.key ?? onlyKey(config, sources);
  if (key !== undefined) {
    answer.unit ||= names.unitOf(key);
    const called = names.titleOf(key);
    if (called !== '') answer.called = called;
  }
  answer.message = previewMessage({
    ...{ config, key: key ?? example, value, names, translate, unit: answer.unit, now: now() },
    name: name || translate('text.name'),
  });
}

/** The key that is known before its first value: the only topic. */
function onlyKey({ keyBy }: AlertConfig, sources: readonly UpstreamNode[]): string | undefined {
  const [first, ...others] = sources;
  if (!first || others.length > 0 || keyBy.from !== 'topic' || !isTopic(first.filter)) return undefined;
  return first.filter;
}

/** Counts the alerts of all keys. */
async function countOver(
  all: readonly PreviewKey[],
  config: AlertConfig,
  to: number,
  pause: () => Promise<void>,
): Promise<PreviewTotal> {
  const total: PreviewTotal = { keys: 0, left: 0, alerts: 0, fired: [], firedKeys: 0, firing: 0 };
  let samples = 0;
  let sincePause = 0;
  for (const one of all) {
    const day = samples < MAX_COUNTED ? dayOf(one, config, to) : undefined;
    const spans = day && spansOf(config, day, to);
    if (!day || !spans) {
      total.left += 1;
      continue;
    }
    samples += day.samples.length;
    sincePause += day.samples.length;
    total.keys += 1;
    total.alerts += spans.length;
    if (spans.length > 0) total.fired.push([one.key, spans.length]);
    if (spans.some((span) => span.to >= to)) total.firing += 1;
    if (sincePause < AT_ONCE) continue;
    sincePause = 0;
    await pause();
  }
  total.firedKeys = total.fired.length;
  total.fired.sort((a, b) => b[1] - a[1]);
  total.fired.length = Math.min(total.fired.length, MAX_FIRED);
  return total;
}

/** Times at which it would have fired; undefined if only changes are known. */
function spansOf({ rules, limits }: AlertConfig, day: Day, to: number): AlertSpan[] | undefined {
  if (!limits || (day.changes && rules.condition === 'nodata')) return undefined;
  if (day.changes) return replay({ ...rules, noDataAfter: 0 }, limits, day.samples, to);
  return replay(rules, limits, day.samples, to).filter(
    (span) => !span.noData || span.open || span.to - span.from + rules.noDataAfter >= KNOWN_SILENCE,
  );
}

/** The part of a configuration that decides the contents of its history. */
function reads({ property, keyBy, decimalComma, rules }: AlertConfig): string {
  return JSON.stringify([property, keyBy, decimalComma, TEXT_CONDITIONS.includes(rules.condition)]);
}

function merged(own: readonly PreviewKey[], recorded: readonly PreviewKey[]): PreviewKey[] {
  const known = new Map(own.map((one) => [one.key, one]));
  for (const one of recorded) {
    const other = known.get(one.key);
    if (!other) known.set(one.key, one);
    else
      known.set(one.key, {
        ...other,
        at: Math.max(one.at, other.at),
        unit: other.unit || one.unit,
        found: [...other.found, ...one.found],
      });
  }
  return [...known.values()].sort((a, b) => b.at - a.at);
}

interface Day {
  history: History;
  historyKey: string;
  /** Values that the condition checks. */
  samples: (readonly [at: number, value: Value])[];
  /** True for texts: there are no numbers to draw. */
  isText: boolean;
  /** True if only changes are known, not repeated values. */
  changes: boolean;
  first: number;
  every: number;
}

/** The source of a key that goes back furthest. */
function dayOf({ found }: PreviewKey, config: AlertConfig, to: number): Day | undefined {
  let best: Day | undefined;
  for (const one of found) {
    const day = read(one, config, to);
    if (day && (!best || day.first < best.first - NEARLY)) best = day;
  }
  return best;
}

function read({ history, historyKey, text }: DaySource, { rules }: AlertConfig, to: number): Day | undefined {
  const from = to - DAY;
  const isText = TEXT_CONDITIONS.includes(rules.condition);
  const any = isText || rules.condition === 'nodata';
  const numbers = history.samples(historyKey, from, to);
  const states = any ? history.states(historyKey, from, to) : [];
  const samples = [
    ...numbers.map(([at, value]) => [at, text && any ? text(value) : value] as const),
    ...states.map(({ at, state }) => [Math.max(from, at), state] as const),
  ];
  if (states.length > 0) samples.sort(([a], [b]) => a - b);
  const [first] = samples;
  if (!first) return undefined;
  return {
    history,
    historyKey,
    samples,
    isText: any && (text !== undefined || numbers.length === 0),
    // A sensor's numbers are enough, even if it sends `unavailable` now and then.
    changes: states.length >= numbers.length,
    first: first[0],
    every: usualPause(numbers),
  };
}

function usualPause(numbers: readonly (readonly [number, number])[]): number {
  const pauses = numbers.slice(1).map(([at], place) => at - (numbers[place]?.[0] ?? at));
  pauses.sort((a, b) => a - b);
  return Math.round(pauses[pauses.length >> 1] ?? 0);
}

function show(answer: PreviewAnswer, { history, historyKey, isText, samples }: Day, points: number): void {
  if (!isText) {
    const { min, max, last } = history.drawn(historyKey, answer.from, answer.to, points);
    answer.series = { min, max, last };
    return;
  }
  const changes: { at: number; state: string }[] = [];
  for (const [at, value] of samples) {
    const state = String(value).slice(0, MAX_SHOWN_LENGTH);
    if (changes.at(-1)?.state !== state) changes.push({ at: Math.round(at), state });
  }
  answer.states = changes.slice(-MAX_STATES);
}

function judge(answer: PreviewAnswer, config: AlertConfig, day: Day): void {
  const { rules, limits, problems, lookups } = config;
  const numbers = day.samples.filter((one): one is [number, number] => typeof one[1] === 'number');
  if (rules.condition === 'rate') answer.seen = rateRange(rules, limits, numbers);
  else if (!day.isText) answer.seen = rangeOf(numbers);
  if (!limits || problems.length > 0) {
    answer.why = problems.length === 0 && lookups.length > 0 ? 'elsewhere' : 'problem';
    return;
  }
  const spans = spansOf(config, day, answer.to);
  if (!spans) {
    answer.why = 'changes';
    return;
  }
  answer.alerts = spans.length;
  answer.spans = spans.slice(-MAX_SPANS).map(asNumbers);
}

const asNumbers = ({ from, to, criticalFrom, noData }: AlertSpan): number[] => [
  Math.round(from),
  Math.round(to),
  Math.round(criticalFrom ?? 0),
  Number(noData),
];

function rangeOf(numbers: readonly (readonly [number, number])[]): PreviewAnswer['seen'] {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const [, value] of numbers) {
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  return min <= max ? { min, max } : undefined;
}
