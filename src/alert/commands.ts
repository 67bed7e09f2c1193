import { parseDuration } from '../time/duration';
import type { LimitField } from './rules';

/** What somebody may ask of a `dinox-alert`. */
export type Command =
  | { cmd: 'ack' | 'unack'; which?: Which }
  | { cmd: 'silence'; which?: Which; ms: number; filter?: string }
  | { cmd: 'unsilence'; which?: Which; filter?: string }
  | { cmd: 'enable' | 'disable' | 'help' }
  | { cmd: 'reset' | 'status'; filter?: string }
  | { cmd: 'chart'; filter?: string }
  | { cmd: 'set'; field: SetField; value: number | string };

export type SetField = LimitField;

/** An alert: by its id, its short number, or its key. */
export type Which = { id: string } | { number: number } | { key: string };

/** Commands that only look, or that another one takes back; the others change how the node works. */
export const HARMLESS: readonly Command['cmd'][] = [
  'ack',
  'unack',
  'silence',
  'unsilence',
  'status',
  'chart',
  'help',
];

/** What was not understood: a key of the texts, and the command that was probably meant. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  constructor(
    readonly key: 'unknown' | 'duration' | 'tooLong' | 'number' | 'field',
    readonly values: Record<string, string> = {},
    /** The word is near to this command. */
    readonly near?: string,
  ) {
    super(`${key} ${Object.values(values).join(' ')}`);
  }
}

export const DEFAULT_SILENCE = 3_600_000;
/** Nobody remembers a longer one. */
const LONGEST_SILENCE = 31 * 86_400_000;

const WORDS: Readonly<Record<Command['cmd'], readonly string[]>> = {
  ack: [
    'ack',
    'ok',
    'okay',
    'acknowledge',
    'acknowledged',
    'confirm',
    'bestaetigen',
    'bestaetigt',
    'bestaetige',
    'quittieren',
    'quittiert',
    'verstanden',
    'gesehen',
    'erledigt',
  ],
  unack: ['unack', 'undo', 'zuruecknehmen', 'rueckgaengig'],
  silence: [
    'silence',
    'mute',
    'snooze',
    'quiet',
    'stumm',
    'stummschalten',
    'ruhe',
    'still',
    'leise',
    'schweig',
  ],
  unsilence: ['unsilence', 'unmute', 'laut', 'lautschalten', 'stummende'],
  enable: ['enable', 'an', 'on', 'einschalten', 'aktivieren'],
  disable: ['disable', 'aus', 'off', 'ausschalten', 'deaktivieren', 'abschalten'],
  reset: ['reset', 'zuruecksetzen'],
  set: ['set', 'limit', 'setze', 'grenze', 'grenzwert'],
  status: ['status', 'state', 'list', 'alerts', 'stand', 'liste', 'zustand', 'alarme', 'meldungen'],
  chart: ['chart', 'graph', 'plot', 'spark', 'diagramm', 'verlauf', 'kurve'],
  help: ['help', 'hilfe', 'commands', 'befehle', '?'],
};

const FIELDS: Readonly<Record<string, SetField>> = {
  limit: 'limit',
  grenze: 'limit',
  grenzwert: 'limit',
  limit2: 'limit2',
  grenze2: 'limit2',
  critical: 'critical',
  kritisch: 'critical',
  critical2: 'critical2',
  kritisch2: 'critical2',
};

const UNITS: readonly [RegExp, string][] = [
  [/^(ms|millisekunden?|milliseconds?)$/, 'ms'],
  [/^(s|sek|sec|sekunden?|seconds?)$/, 's'],
  [/^(m|min|mins|minuten?|minutes?)$/, 'm'],
  [/^(h|std|stunden?|hours?|hrs?)$/, 'h'],
  [/^(d|t|tage?|tagen|days?)$/, 'd'],
];

/** 👍 and ✅ acknowledge, 👎 and 🔕 silence for an hour; undefined for any other. */
export function reactionCommand(reaction: string): 'ack' | 'silence' | undefined {
  // Skin tones and the sign that asks for the coloured form mean nothing.
  const plain = reaction.replace(/[\u{1f3fb}-\u{1f3ff}\ufe0e\ufe0f]/gu, '').trim();
  if (['👍', '✅', '✔', '☑', '👌'].includes(plain)) return 'ack';
  return ['👎', '🔕', '🔇'].includes(plain) ? 'silence' : undefined;
}

/** Small letters without umlauts, and without what stands around a word. */
function plainWord(word: string): string {
  return word
    .toLowerCase()
    .replace(/ä/g, 'ae')
    .replace(/ö/g, 'oe')
    .replace(/ü/g, 'ue')
    .replace(/ß/g, 'ss')
    .replace(/^[^\p{L}\p{N}?#-]+|(?<!^)[^\p{L}\p{N}%°)]+$/gu, '');
}

/**
 * Reads a line of text, English or German; capitals and punctuation do not matter.
 * @throws CommandError that says what to type instead
 */
export function parseText(text: string): Command {
  const line = text.trim().slice(0, 500);
  const reaction = reactionCommand(line);
  if (reaction === 'ack') return { cmd: 'ack' };
  if (reaction === 'silence') return { cmd: 'silence', ms: DEFAULT_SILENCE };
  const words = line.split(/\s+/).filter((word) => plainWord(word) !== '');
  const [first = '', ...rest] = words;
  const word = plainWord(first);
  const cmd = (Object.keys(WORDS) as Command['cmd'][]).find((name) => WORDS[name].includes(word));
  // Short words that also begin a sentence.
  const isSentence = (cmd === 'enable' || cmd === 'disable') && rest.length > 0;
  if (!cmd || isSentence) throw new CommandError('unknown', { text: line.slice(0, 60) }, nearest(word));
  return read(cmd, word, rest);
}

function read(cmd: Command['cmd'], word: string, rest: readonly string[]): Command {
  const filter = rest.join(' ');
  switch (cmd) {
    case 'ack':
    case 'unack': {
      // Who writes "ok, thank you" means no key.
      const which = /^ok/.test(word) && !/^#?\d/.test(filter) ? undefined : whichOf(filter);
      return which ? { cmd, which } : { cmd };
    }
    case 'silence':
      return readSilence(rest);
    case 'unsilence':
      return filter === '' ? { cmd } : { cmd, filter };
    case 'set':
      return readSet(FIELDS[word] ? [word, ...rest] : rest);
    case 'reset':
    case 'status':
    case 'chart':
      return filter === '' ? { cmd } : { cmd, filter };
    default:
      return { cmd };
  }
}

/** `7`, `#7`, or a key. */
function whichOf(text: string): Which | undefined {
  const number = /^#?(\d{1,6})[.!]?$/.exec(text)?.[1];
  if (number !== undefined) return { number: Number(number) };
  const isKey = text !== '' && /[/\w]/.test(text) && !/^[.!?]+$/.test(text);
  return isKey ? { key: text } : undefined;
}

/** `1h`, `1h freezer`, `freezer 1h`, `2 stunden freezer`, `#3 1h`; an hour where nothing is said. */
function readSilence(rest: readonly string[]): Command {
  const left: string[] = [];
  let ms: number | undefined;
  for (let at = 0; at < rest.length; at++) {
    const word = bare(rest[at]);
    const two = ms === undefined ? durationOf(word, bare(rest[at + 1])) : undefined;
    if (two !== undefined) {
      ms = two;
      at += 1;
    } else if (ms === undefined && durationOf(word) !== undefined) ms = durationOf(word);
    else if (/^(for|fuer|für|lang|on|of|auf|bei)$/.test(word)) continue;
    else left.push(rest[at] ?? '');
  }
  const filter = left.join(' ');
  if (ms === undefined && /^-?\d/.test(filter) && !/[/]/.test(filter)) {
    throw new CommandError('duration', { text: filter.slice(0, 40) });
  }
  const length = checkSilence(ms ?? DEFAULT_SILENCE);
  const number = /^#(\d{1,6})$/.exec(filter)?.[1];
  if (number !== undefined) return { cmd: 'silence', ms: length, which: { number: Number(number) } };
  return filter === '' ? { cmd: 'silence', ms: length } : { cmd: 'silence', ms: length, filter };
}

const bare = (word = ''): string => word.toLowerCase().replace(/[,;!.]+$/, '');

function durationOf(word: string, unit?: string): number | undefined {
  if (unit !== undefined) {
    const known = /^\d+([.,]\d+)?$/.test(word) && UNITS.find(([pattern]) => pattern.test(unit))?.[1];
    return known ? parseDuration(word.replace(',', '.') + known) : undefined;
  }
  const match = /^(\d+(?:[.,]\d+)?)([a-z]+)$/.exec(word);
  const known = match && UNITS.find(([pattern]) => pattern.test(match[2] ?? ''))?.[1];
  if (known) return parseDuration(`${match[1]?.replace(',', '.')}${known}`);
  return /[a-z]/.test(word) ? parseDuration(word) : undefined;
}

/** @throws CommandError for a silence of nothing, or of more than 31 days. */
function checkSilence(ms: number): number {
  if (!(ms > 0)) throw new CommandError('duration', { text: String(ms) });
  if (ms > LONGEST_SILENCE) throw new CommandError('tooLong', { days: String(LONGEST_SILENCE / 86_400_000) });
  return ms;
}

/** `limit 25`, `limit to 21,5`, `critical = 30`. */
function readSet(rest: readonly string[]): Command {
  const [name = '', ...values] = rest.filter((word) => !/^(=|:|to|auf|the|die|den)$/i.test(word));
  const field = FIELDS[plainWord(name)];
  if (!field) throw new CommandError('field', { text: name.slice(0, 40) });
  const text = values.join(' ').replace(/^[=:]\s*/, '');
  if (text === '') throw new CommandError('number', { text: '' });
  return { cmd: 'set', field, value: text };
}

/**
 * Reads `msg.alert = {cmd, …}`. `cmd` may also be a whole line of text; beside it: `id`, `number` or `key` for one
 * alert, `for` (a duration), `filter`, `limit`, `limit2`, `critical`, `critical2`.
 * @throws CommandError
 */
export function parseObject(source: Readonly<Record<string, unknown>>): Command {
  const { cmd, filter, value } = source;
  const command = parseText(String(cmd));
  const which = whichIn(source);
  const of = typeof filter === 'string' && filter !== '' ? { filter } : {};
  switch (command.cmd) {
    case 'ack':
    case 'unack':
      return which ? { ...command, which } : command;
    case 'silence': {
      const ms = durationIn(source.for ?? source.duration);
      return { ...command, ...of, ...(which ? { which } : {}), ...(ms === undefined ? {} : { ms }) };
    }
    case 'unsilence':
      return { ...command, ...of, ...(which ? { which } : {}) };
    case 'reset':
    case 'status':
    case 'chart': {
      const key = typeof source.key === 'string' ? { filter: source.key } : of;
      return { ...command, ...key };
    }
    default:
      return command.cmd === 'set' && value !== undefined ? { ...command, value: value as string } : command;
  }
}

/** `{cmd: 'set', limit: 25}`: which limit, and what it is to be; undefined where it says neither. */
export function setInObject(source: Readonly<Record<string, unknown>>): Command | undefined {
  if (plainWord(String(source.cmd)) !== 'set') return undefined;
  for (const field of ['limit', 'limit2', 'critical', 'critical2'] as const) {
    if (source[field] !== undefined) return { cmd: 'set', field, value: source[field] as number | string };
  }
  return undefined;
}

function whichIn({ id, number, key }: Readonly<Record<string, unknown>>): Which | undefined {
  if (typeof id === 'string' && id !== '') return { id };
  if (typeof number === 'number') return { number };
  return typeof key === 'string' && key !== '' ? { key } : undefined;
}

function durationIn(value: unknown): number | undefined {
  if (value === undefined || value === '') return undefined;
  const ms = typeof value === 'number' ? value * 1_000 : parseDuration(String(value));
  if (ms === undefined) throw new CommandError('duration', { text: String(value).slice(0, 40) });
  return checkSilence(ms);
}

/** The command whose word is at most two letters away. */
function nearest(word: string): string | undefined {
  if (word.length < 3 || word.length > 20) return undefined;
  let best: string | undefined;
  let least = 3;
  for (const [name, words] of Object.entries(WORDS)) {
    for (const known of words) {
      const away = known.length > 3 ? distance(word, known) : 3;
      if (away < least && away < known.length / 2) {
        least = away;
        best = name === 'set' ? 'set limit' : name;
      }
    }
  }
  return best;
}

/** Letters to change, to add or to leave out (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + cost));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
