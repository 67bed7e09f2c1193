import type { SparkSvgOptions } from './charts/spark-svg';
import type { FigureWords } from './charts/sparkline';
import type { StateWords } from './charts/state-spans';
import type { History } from './history';
import { type HistoryFormat, type Question, usualPoints } from './question';
import type { Series, StateChange } from './types';

/** Options of pictures. */
export interface HistoryLooks extends Omit<SparkSvgOptions, 'title' | 'description'> {
  title?: string;
  description?: string;
  unit?: string | undefined;
  words?: (FigureWords & StateWords) | undefined;
  timeZone?: string | undefined;
  /** The value is a number; its states only say when there was an alert, which was then this one. @default none */
  alertState?: string | undefined;
}

/** A key of a history, and what it stands for. */
export interface RecordedKey {
  /** In the history. */
  key: string;
  topic: string;
  /** A number in the JSON of the topic. */
  field?: string | undefined;
  looks: HistoryLooks;
}

/** What was recorded of one key in a span: numbers, or changes of state. Times are milliseconds since the epoch. */
export interface Recorded extends RecordedKey {
  series: Series;
  /** Changes between the two, and the one in force at the beginning. */
  states: readonly StateChange[];
  /** There are states and no numbers. */
  isText: boolean;
  /** Parts of a picture or a line. */
  points: number;
  /** When the question was asked: until then the last state is known to have lasted. */
  now: number;
}

/** Topic and field, for people; the name of a series. */
export const seriesName = ({ topic, field }: Pick<RecordedKey, 'topic' | 'field'>): string =>
  field ? `${topic} ${field}` : topic;

/** Formats for the eye, as the sidebar draws; all others tell the times at which their parts begin. */
const LOOKED_AT: ReadonlySet<HistoryFormat> = new Set(['chart', 'line', 'svg', 'sparkline', 'png']);

/** What a key has in the span of a question. `most`: an upper limit for its points. */
export function recordedOf(
  history: History,
  about: RecordedKey,
  question: Question,
  now: number,
  most = Number.POSITIVE_INFINITY,
): Recorded {
  const { from, to, format } = question;
  const points = Math.max(1, Math.min(most, question.points ?? usualPoints(format), to - from));
  const series = LOOKED_AT.has(format)
    ? history.drawn(about.key, from, to, points)
    : history.series(about.key, from, to, points);
  const states = history.states(about.key, from, to);
  const isText =
    about.looks.alertState === undefined && states.length > 0 && !series.count.some((count) => count > 0);
  return { ...about, series, states, isText, points, now };
}
