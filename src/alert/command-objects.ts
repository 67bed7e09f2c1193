/**
 * Commands as `msg.alert = {cmd, …}`. Whatever narrows a command down and cannot be read is an error, never left out:
 * else `{cmd: "silence", nubmer: 3}` would silence all.
 */
import { parseDuration } from '../base/duration';
import { MAX_NOTE_LENGTH } from './ack-parser';
import { type About, alertNumberOf, CommandError, plainWord, shortly, type Which } from './command-words';
import { type Command, parseText, type SetField } from './commands';
import { checkLength, DEFAULT_SILENCE, type SilencePeriod } from './silence-parser';
import { readTime, type WallTime } from './wall-time';

type CommandObject = Readonly<Record<string, unknown>>;

const WHICH = ['id', 'number', 'key'] as const;
const PERIOD = ['for', 'duration', 'until'] as const;
const LIMITS: readonly SetField[] = ['limit', 'limit2', 'critical', 'critical2'];
/** Fields allowed beside `cmd` and `by`. */
const FIELDS: Readonly<Record<Command['cmd'], readonly string[]>> = {
  ack: [...WHICH, ...PERIOD, 'note'],
  unack: WHICH,
  silence: [...WHICH, 'filter', ...PERIOD],
  unsilence: [...WHICH, 'filter'],
  reset: [...WHICH, 'filter'],
  forget: WHICH,
  status: [...WHICH, 'filter'],
  chart: [...WHICH, 'filter'],
  // As a text: the object asks for values.
  history: [],
  set: [...LIMITS, 'value'],
  enable: [],
  disable: [],
  help: [],
};
/** Fields allowed beside `cmd: "history"`. */
export const HISTORY_FIELDS: readonly string[] = ['key', 'from', 'to', 'points', 'format'];
/** Maximum length of a key. */
const MAX_FILTER_LENGTH = 1_000;

/**
 * Reads `msg.alert`. `cmd` may also be a whole line of text; beside it: `id`, `number` or `key` for one alert, `for`
 * (a duration) or `until` (`"18:00"`, ISO 8601, milliseconds since the epoch), `filter`, and for `set` one of `limit`,
 * `limit2`, `critical`, `critical2`.
 * @throws CommandError
 */
export function parseObject(source: CommandObject): Command {
  const set = setInObject(source);
  if (set) return set;
  if (typeof source.cmd !== 'string')
    throw new CommandError('unreadable', { field: 'cmd', text: shown(source.cmd) });
  const command = parseText(source.cmd);
  checkFields(source, FIELDS[command.cmd]);
  switch (command.cmd) {
    case 'silence': {
      const { ms, until, ...rest } = command;
      const said = until === undefined ? { ms: ms ?? DEFAULT_SILENCE } : { until };
      const isSaid = until !== undefined || ms !== DEFAULT_SILENCE;
      return { ...rest, ...(periodIn(source, isSaid, 'tooLong') ?? said), ...aboutIn(source, rest) };
    }
    case 'ack': {
      const isSaid = command.until !== undefined || command.ms !== undefined;
      const { which } = command;
      const about = aboutIn(source, which ? { which } : {});
      return { ...command, ...periodIn(source, isSaid, 'ackTooLong'), ...noteIn(source, command), ...about };
    }
    case 'set':
      return Object.hasOwn(source, 'value') ? { ...command, value: limitIn('value', source.value) } : command;
    case 'enable':
    case 'disable':
    case 'history':
    case 'help':
      return command;
    default:
      return { ...command, ...aboutIn(source, command) };
  }
}

/** @throws CommandError that names the first field that is not among those that are known. */
export function checkFields(source: CommandObject, known: readonly string[]): void {
  const field = Object.keys(source).find((name) => !['cmd', 'by', ...known].includes(name));
  if (field === undefined) return;
  throw new CommandError('unknownField', {
    field: shortly(field, 40),
    known: ['cmd', ...known, 'by'].join(', '),
  });
}

/** The limit and its new value from `{cmd: 'set', limit: 25}`; undefined for another command. */
function setInObject(source: CommandObject): Command | undefined {
  if (plainWord(String(source.cmd)) !== 'set') return undefined;
  const given = LIMITS.filter((field) => Object.hasOwn(source, field));
  const [field] = given;
  if (field === undefined) return undefined;
  checkFields(source, LIMITS);
  if (given.length > 1) throw new CommandError('both', { fields: given.join(', ') });
  return { cmd: 'set', field, value: limitIn(field, source[field]) };
}

function limitIn(field: string, value: unknown): number | string {
  if (typeof value === 'number' || typeof value === 'string') return value;
  throw new CommandError('unreadable', { field, text: shown(value) });
}

/**
 * The alert that is meant, in addition to the text of the command. An empty field is an error, because it was meant to
 * say something.
 */
function aboutIn(source: CommandObject, said: About): About {
  const which: Which = {};
  if (Object.hasOwn(source, 'id')) which.id = textIn('id', source.id);
  if (Object.hasOwn(source, 'number')) {
    const number =
      typeof source.number === 'number' || typeof source.number === 'string'
        ? alertNumberOf(String(source.number).trim())
        : undefined;
    if (number === undefined)
      throw new CommandError('unreadable', { field: 'number', text: shown(source.number) });
    which.number = number;
  }
  if (Object.hasOwn(source, 'key')) which.key = textIn('key', source.key);
  const isOne = Object.keys(which).length > 0;
  const isSaid = said.which !== undefined || said.filter !== undefined;
  if (isSaid && (isOne || Object.hasOwn(source, 'filter'))) {
    throw new CommandError('both', { fields: ['cmd', ...Object.keys(which)].join(', ') });
  }
  if (!Object.hasOwn(source, 'filter')) return isOne ? { which } : {};
  if (isOne) throw new CommandError('both', { fields: `filter, ${Object.keys(which).join(', ')}` });
  return { filter: textIn('filter', source.filter) };
}

/** Keys that came as numbers or booleans are text. */
function textIn(field: string, value: unknown): string {
  const isText = typeof value === 'string' && value.trim() !== '' && value.length <= MAX_FILTER_LENGTH;
  if (isText) return value;
  if (field !== 'id' && (typeof value === 'number' || typeof value === 'boolean')) return String(value);
  throw new CommandError('unreadable', { field, text: shown(value) });
}

/** The period in the fields; undefined: there is none. `isSaid`: the text of the command has one. */
function periodIn(
  source: CommandObject,
  isSaid: boolean,
  tooLong: 'tooLong' | 'ackTooLong',
): SilencePeriod | undefined {
  const given = PERIOD.filter((field) => Object.hasOwn(source, field));
  const [field] = given;
  if (field === undefined) return undefined;
  if (given.length > 1 || isSaid)
    throw new CommandError('both', { fields: ['cmd', ...given].slice(isSaid ? 0 : 1).join(', ') });
  const value = source[field];
  return field === 'until' ? { until: untilOf(value) } : { ms: durationOf(value, tooLong) };
}

function noteIn(source: CommandObject, said: { note?: string }): { note?: string } {
  if (!Object.hasOwn(source, 'note')) return {};
  if (said.note !== undefined) throw new CommandError('both', { fields: ['cmd', 'note'].join(', ') });
  const { note } = source;
  if (typeof note !== 'string' || note.length > MAX_NOTE_LENGTH)
    throw new CommandError('unreadable', { field: 'note', text: shown(note) });
  return note.trim() === '' ? {} : { note: note.trim() };
}

/** A number is seconds. */
function durationOf(value: unknown, tooLong: 'tooLong' | 'ackTooLong'): number {
  const ms =
    typeof value === 'number' ? value * 1_000 : typeof value === 'string' ? parseDuration(value) : undefined;
  if (ms === undefined) throw new CommandError('duration', { text: shown(value) });
  return checkLength(ms, tooLong);
}

function untilOf(value: unknown): WallTime | number {
  if (value instanceof Date || typeof value === 'number') {
    const at = Number(value);
    if (Number.isFinite(at)) return at;
  }
  if (typeof value === 'string') {
    const time = readTime(value);
    if (time) return time;
    const at = /^\d{4}-\d\d-\d\d/.test(value.trim()) ? Date.parse(value) : Number.NaN;
    if (Number.isFinite(at)) return at;
  }
  throw new CommandError('until', { text: shown(value) });
}

function shown(value: unknown): string {
  const text =
    typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value) : String(value);
  return shortly(text ?? '', 40);
}
