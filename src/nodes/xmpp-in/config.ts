import { readActuators } from '../../answers/actuators';
import { words } from '../../base/catalogue';
import { textOf } from '../../base/coded-error';
import { parseDuration } from '../../base/duration';
import { Fault } from '../../base/fault';
import type { ListenSettings } from '../../runtime/chat/chat-receiver';
import { flag, type Problem, trimmed } from '../../runtime/config/raw-fields';
import { filterFault, parseShared } from '../../topics/filter';
import { resourceFault } from '../../xmpp/jid-grammar';
import type { PatternType } from '../../xmpp/receiving/pattern-syntax';
import { compilePattern, type Pattern } from '../../xmpp/receiving/text-pattern';
import { ENTRY_SEPARATOR, entriesOf, readAllowed, readRoom } from '../../xmpp/typed-addresses';

/** Maximum age of a message in milliseconds, for a flow that does not set it. */
const MAX_AGE = 5 * 60_000;
const SHOWN = 60;
/** Filters of topics that may be asked for. */
const MAX_TOPICS = 100;

/** Fields of `xmpp-in`, read once. `problems` lists the faults; with one the node does not listen. */
export function listenSettings(def: Readonly<Record<string, unknown>>): Omit<
  ListenSettings,
  'password' | 'heard' | 'answers'
> & {
  answerTopics: string[];
  actuators: ReturnType<typeof readActuators>;
  /** The people who may publish what is saved by name, as an allow list. */
  publishAllow: string;
  links: boolean;
  problems: Problem[];
} {
  const problems: Problem[] = [];
  const kind = trimmed(def.kind);
  return {
    allow: trimmed(def.allow),
    rooms: roomsOf(trimmed(def.rooms), problems),
    nick: nickOf(trimmed(def.nick), problems),
    kind: kind === 'chat' || kind === 'groupchat' ? kind : 'any',
    pattern: patternOf(def, problems),
    addressed: flag(def.addressed, false),
    maxAge: maxAgeOf(def.maxAge, problems),
    archive: flag(def.archive, true),
    answerTopics: topicsOf(def.answerTopics, problems),
    actuators: readActuators(def.actuators),
    links: flag(def.links, false),
    publishAllow: publishersOf(trimmed(def.publishAllow), problems),
    problems,
  };
}

function publishersOf(field: string, problems: Problem[]): string {
  const stranger = entriesOf(field, ENTRY_SEPARATOR).find((entry) => readAllowed(entry) instanceof Fault);
  if (stranger !== undefined) problems.push({ field: 'publishAllow', text: words(stranger.slice(0, SHOWN)) });
  return field;
}

function roomsOf(field: string, problems: Problem[]): string[] {
  const rooms = new Set<string>();
  for (const entry of entriesOf(field, ENTRY_SEPARATOR)) {
    const room = readRoom(entry);
    if (room instanceof Fault) problems.push({ field: 'rooms', text: words(entry.slice(0, SHOWN)) });
    else rooms.add(room.bare);
  }
  return [...rooms];
}

/** Filters, one a line. A shared subscription would take messages away from the others of its group. */
function topicsOf(value: unknown, problems: Problem[]): string[] {
  const filters = new Set(entriesOf(typeof value === 'string' ? value : '', /[\r\n]+/));
  for (const filter of filters) {
    const fault = filterFault(filter);
    if (fault || parseShared(filter) !== undefined)
      problems.push({ field: 'answerTopics', text: fault?.text ?? words(filter.slice(0, SHOWN)) });
  }
  if (filters.size > MAX_TOPICS)
    problems.push({ field: 'answerTopics', text: words(`${filters.size} > ${MAX_TOPICS}`) });
  return [...filters];
}

/** Empty: the name of the account. */
function nickOf(nick: string, problems: Problem[]): string {
  if (nick === '' || !resourceFault(nick, 'jid.nick')) return nick;
  problems.push({ field: 'nick', text: words(nick.slice(0, SHOWN)) });
  return '';
}

function patternOf(def: Readonly<Record<string, unknown>>, problems: Problem[]): Pattern | undefined {
  const pattern = typeof def.pattern === 'string' ? def.pattern : '';
  if (pattern.trim() === '') return undefined;
  const type: PatternType =
    def.patternType === 'wildcard' || def.patternType === 'regex' ? def.patternType : 'text';
  try {
    return compilePattern(pattern, type);
  } catch (error) {
    problems.push({ field: 'pattern', text: textOf(error) });
    return undefined;
  }
}

/** An empty field means any age; a flow that has no such field has the default. */
function maxAgeOf(value: unknown, problems: Problem[]): number | undefined {
  if (value === undefined) return MAX_AGE;
  const typed = trimmed(value);
  if (typed === '') return undefined;
  const ms = parseDuration(typed);
  if (ms === undefined) problems.push({ field: 'maxAge', text: words(typed.slice(0, SHOWN)) });
  return ms ?? MAX_AGE;
}
