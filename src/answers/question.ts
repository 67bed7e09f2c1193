/** What somebody asks: `kitchen`, `temperature?`, `freezer 24h`, `how warm is it in the kitchen`, `2`. */
import { UNDO } from '../alert/commands';
import { DAY, HOUR, MINUTE } from '../base/time-units';
import { meaningsOf, SMALL_WORDS, wordsOf } from './words';

/** How an answer looks: the last value, a line of bars, or a picture. */
export type AnswerForm = 'value' | 'line' | 'chart';

/** What is asked about something; `span` in milliseconds, undefined: a day. */
export interface Wanted {
  form: AnswerForm;
  span: number | undefined;
}

export type Question =
  | ({ kind: 'about'; words: string[] } & Wanted)
  /** A number of the list before. */
  | ({ kind: 'pick'; number: number } & Wanted)
  /** Gives a topic a name: topic and name are still one text. */
  | { kind: 'call'; said: string }
  | { kind: 'help' | 'list' | 'undo' };

/** A longer text is no question. */
const MAX_LENGTH = 160;
const MAX_WORDS = 12;

const ALONE: ReadonlyMap<string, 'help' | 'list' | 'undo'> = new Map([
  ...(['help', 'hilfe', 'commands', 'befehle'] as const).map((word) => [word, 'help'] as const),
  ...(['list', 'liste', 'topics', 'themen', 'alles', 'everything', 'all'] as const).map(
    (word) => [word, 'list'] as const,
  ),
  ...UNDO.map((word) => [word, 'undo'] as const),
]);
const setOf = (words: readonly string[]): ReadonlySet<string> => new Set(words);
/** They begin a question. */
const ASKING = setOf([
  'what',
  'whats',
  'how',
  'which',
  'show',
  'give',
  'tell',
  'is',
  'are',
  'was',
  'wie',
  'welche',
  'welcher',
  'welches',
  'zeig',
  'zeige',
  'gib',
  'ist',
  'sind',
  'sag',
]);
/** They stand in a sentence, which is a question only if it begins or ends as one. */
const SENTENCE = setOf([
  'it',
  'there',
  'me',
  'us',
  'you',
  'do',
  'does',
  'much',
  'many',
  'high',
  'low',
  'es',
  'gibt',
  'mir',
  'uns',
  'viel',
  'viele',
  'hoch',
  'gerade',
  'noch',
  'denn',
  'am',
  'are',
  'is',
  'ist',
  'sind',
]);
/** They stand anywhere. */
const SMALL = setOf([
  ...SMALL_WORDS,
  'from',
  'on',
  'now',
  'value',
  'values',
  'jetzt',
  'aktuell',
  'wert',
  'werte',
  'my',
  'mein',
  'meine',
  'last',
  'letzte',
  'letzten',
  'letzter',
]);
/** States: `is the door open?` asks about the door. */
const STATES = setOf(['on', 'off', 'open', 'closed', 'an', 'aus', 'offen', 'zu', 'geschlossen', 'auf']);
const CHARTS = setOf([
  'chart',
  'graph',
  'plot',
  'picture',
  'image',
  'png',
  'diagram',
  'diagramm',
  'bild',
  'kurve',
  'verlauf',
  'grafik',
]);
const LINES = setOf(['line', 'trend', 'spark', 'sparkline', 'linie']);
const UNITS: ReadonlyMap<string, number> = new Map([
  ...['m', 'min', 'minutes', 'minuten'].map((word) => [word, MINUTE] as const),
  ...['h', 'std', 'hour', 'hours', 'stunde', 'stunden'].map((word) => [word, HOUR] as const),
  ...['d', 'day', 'days', 'tag', 'tage', 'tagen'].map((word) => [word, DAY] as const),
]);

/** Reads a text; undefined if it is none of them. A word that no topic has makes it no question, too: see `Answerer`. */
export function readQuestion(text: string): Question | undefined {
  const line = text.trim();
  if (line === '' || line.length > MAX_LENGTH || /[\n\r]/.test(line)) return undefined;
  const call = /^(?:call|nenne?)\s+(\S.*)$/iu.exec(line)?.[1];
  if (call !== undefined) return { kind: 'call', said: call };
  const words = wordsOf(line);
  if (words.length === 0 || words.length > MAX_WORDS) return undefined;
  const alone = words.length === 1 ? ALONE.get(words[0] ?? '') : undefined;
  if (alone) return { kind: alone };
  const { rest, form, span } = wantedIn(words);
  const wanted = { form: form ?? (span === undefined ? ('value' as const) : ('line' as const)), span };
  const isPick = rest.length === 1 && /^\d{1,2}$/.test(rest[0] ?? '');
  if (isPick) return { kind: 'pick', number: Number(rest[0]), ...wanted };
  const about = namesIn(rest, line.endsWith('?'));
  return about && about.length > 0 ? { kind: 'about', words: meaningsOf(about), ...wanted } : undefined;
}

/** Takes the span and the form out of the words. */
function wantedIn(words: readonly string[]): {
  rest: string[];
  form: 'line' | 'chart' | undefined;
  span: number | undefined;
} {
  const rest: string[] = [];
  let form: 'line' | 'chart' | undefined;
  let span: number | undefined;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    const [, digits = '', unit = ''] = /^(\d{1,3})(\p{L}*)$/u.exec(word) ?? [];
    const behind = unit === '' ? words[at + 1] : unit;
    const length = digits === '' || behind === undefined ? undefined : UNITS.get(behind);
    if (length !== undefined && Number(digits) > 0) {
      span = Number(digits) * length;
      if (unit === '') at += 1;
    } else if (word === 'today' || word === 'heute') span = DAY;
    else if (CHARTS.has(word)) form = 'chart';
    else if (LINES.has(word)) form ??= 'line';
    else rest.push(word);
  }
  return { rest, form, span };
}

/** The words that name something; undefined if it is a sentence that asks nothing. */
function namesIn(words: readonly string[], isAsked: boolean): string[] | undefined {
  const isQuestion = isAsked || ASKING.has(words[0] ?? '');
  const names: string[] = [];
  for (const [at, word] of words.entries()) {
    if (SMALL.has(word)) {
      // `light on` is an order, and `on` a state at the end.
      if (STATES.has(word) && at === words.length - 1 && !isQuestion) return undefined;
      continue;
    }
    if (isQuestion && ((at === 0 && ASKING.has(word)) || SENTENCE.has(word) || STATES.has(word))) continue;
    names.push(word);
  }
  return names;
}
