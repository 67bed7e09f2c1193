import { distance } from '../base/edit-distance';
import { type AckDetails, parseAck, whichOf } from './ack-parser';
import { type About, alertNumberOf, CommandError, plainWord, shortly, type Which } from './command-words';
import type { LimitField } from './rules';
import { DEFAULT_SILENCE, parseSilence, type SilencePeriod } from './silence-parser';

/** A command to a `dinox-alert`. */
export type Command =
  | ({ cmd: 'ack' } & AckDetails)
  /** `isUndo`: only what the same person did just now. */
  | { cmd: 'unack'; which?: Which; isUndo?: true }
  | ({ cmd: 'silence'; which?: Which; filter?: string } & SilencePeriod)
  | { cmd: 'unsilence'; which?: Which; filter?: string }
  | { cmd: 'enable' | 'disable' | 'help' }
  | { cmd: 'reset' | 'status' | 'chart'; which?: Which; filter?: string }
  | { cmd: 'history'; filter?: string }
  | { cmd: 'forget'; which?: Which }
  | { cmd: 'set'; field: SetField; value: number | string };

export type SetField = LimitField;

export function aboutOf(command: Command): About {
  const { which, filter } = command as About;
  return { ...(which && { which }), ...(filter !== undefined && { filter }) };
}

/** Commands that only look, or that another one takes back; the others change how the node works. */
export const HARMLESS: readonly Command['cmd'][] = [
  'ack',
  'unack',
  'silence',
  'unsilence',
  'status',
  'chart',
  'history',
  'help',
];

/** Longer than a command with the longest key. */
const MAX_LINE_LENGTH = 1_200;

/** Words for the newest that somebody did, whatever it was: an order to a device as well. */
export const UNDO = ['undo', 'zuruecknehmen', 'rueckgaengig'] as const;
const UNDO_WORDS: readonly string[] = UNDO;

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
  unack: ['unack', ...UNDO],
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
  forget: ['forget', 'vergiss', 'vergesse', 'vergessen'],
  set: ['set', 'limit', 'setze', 'grenze', 'grenzwert'],
  status: ['status', 'state', 'list', 'alerts', 'stand', 'liste', 'zustand', 'alarme', 'meldungen'],
  chart: ['chart', 'graph', 'plot', 'spark', 'diagramm', 'verlauf', 'kurve'],
  history: ['history', 'historie'],
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

/** 👍 and ✅ acknowledge, 👎 and 🔕 silence for an hour; undefined for any other. */
export function reactionCommand(reaction: string): 'ack' | 'silence' | undefined {
  // Skin tones and the sign that asks for the coloured form mean nothing.
  const plain = reaction.replace(/[\u{1f3fb}-\u{1f3ff}\ufe0e\ufe0f]/gu, '').trim();
  if (['👍', '✅', '✔', '☑', '👌'].includes(plain)) return 'ack';
  return ['👎', '🔕', '🔇'].includes(plain) ? 'silence' : undefined;
}

/**
 * Reads a line of text, English or German; capitals and punctuation do not matter.
 * @throws CommandError that says what to type instead
 */
export function parseText(text: string): Command {
  const line = text.trim();
  // The part that is cut off could narrow the command down.
  if (line.length > MAX_LINE_LENGTH) throw new CommandError('unknown', { text: shortly(line) });
  const reaction = reactionCommand(line);
  if (reaction === 'ack') return { cmd: 'ack' };
  if (reaction === 'silence') return { cmd: 'silence', ms: DEFAULT_SILENCE };
  const words = line.split(/\s+/).filter((word) => plainWord(word) !== '');
  const [first = '', ...rest] = words;
  const word = plainWord(first);
  const cmd = (Object.keys(WORDS) as Command['cmd'][]).find((name) => WORDS[name].includes(word));
  // Short words that also begin a sentence.
  const isSentence = (cmd === 'enable' || cmd === 'disable') && rest.length > 0;
  if (!cmd || isSentence) throw new CommandError('unknown', { text: shortly(line) }, nearest(word));
  // A note keeps its smileys.
  if (cmd === 'ack') return { cmd, ...parseAck(wordsBehind(line, first), /^ok/.test(word)) };
  return read(cmd, word, rest);
}

/** All words of a line behind the first that says something. */
function wordsBehind(line: string, first: string): string[] {
  const words = line.split(/\s+/);
  return words.slice(words.indexOf(first) + 1);
}

function read(cmd: Command['cmd'], word: string, rest: readonly string[]): Command {
  const filter = rest.join(' ');
  switch (cmd) {
    case 'unack': {
      const which = whichOf(filter);
      if (which) return { cmd, which };
      return UNDO_WORDS.includes(word) ? { cmd, isUndo: true } : { cmd };
    }
    case 'silence':
      return { cmd, ...parseSilence(rest) };
    case 'history':
      return filter === '' ? { cmd } : { cmd, filter };
    case 'forget': {
      const number = alertNumberOf(filter);
      if (number !== undefined) return { cmd, which: { number } };
      return filter === '' ? { cmd } : { cmd, which: { key: filter } };
    }
    case 'set':
      return readSet(FIELDS[word] ? [word, ...rest] : rest);
    case 'unsilence':
    case 'reset':
    case 'status':
    case 'chart': {
      const number = alertNumberOf(filter);
      return number !== undefined ? { cmd, which: { number } } : filter === '' ? { cmd } : { cmd, filter };
    }
    default:
      return { cmd };
  }
}

/** `limit 25`, `limit to 21,5`, `critical = 30`. */
function readSet(rest: readonly string[]): Command {
  const [name = '', ...values] = rest.filter((word) => !/^(=|:|to|auf|the|die|den)$/i.test(word));
  const field = FIELDS[plainWord(name)];
  if (!field) throw new CommandError('field', { text: shortly(name, 40) });
  const text = values.join(' ').replace(/^[=:]\s*/, '');
  if (text === '') throw new CommandError('number', { text: '' });
  return { cmd: 'set', field, value: text };
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

/** The person or flow that gives a command, and how. */
export interface Asker {
  /** A name for people. */
  by: string;
  /** True over a chat: only harmless commands, unless the node allows more. */
  chat?: boolean;
  /** The alert (or group) whose message was answered. */
  alertId?: string;
  /** JID of the person who reacted: taking a reaction back takes back only what it did. */
  reactor?: string;
  /**
   * When it was said, in milliseconds since the epoch, if nobody was there to hear it. Times count from then, and only
   * alerts of then are meant.
   */
  at?: number;
}
