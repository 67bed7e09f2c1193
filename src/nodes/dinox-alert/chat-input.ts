import type { AlertCommands } from '../../alert/command-handler';
import { CommandError } from '../../alert/command-words';
import type { Asker } from '../../alert/commands';
import { aboutOf, type Command, HARMLESS, parseText, reactionCommand } from '../../alert/commands';
import { jointAnswers, type NodeAnswer } from '../../alert/joint-answers';
import { DEFAULT_SILENCE } from '../../alert/silence-parser';
import type { Message } from './message-reader';

/** Maximum characters of a command; longer than any that people type. */
const MAX_LENGTH = 300;
/** Maximum bytes of a JID (RFC 7622 §3.1); ids are cut where they come in. */
const MAX_JID_LENGTH = 3_071;
const MAX_ID_LENGTH = 512;
const MAX_LISTENERS = 100;
const MAX_HELP = 2_000;

/** What a person changed, and all that they show now. */
interface Reactions {
  added: string[];
  removed: string[];
  all: string[];
}

/** A text or a reaction, as `xmpp-in` passes it on. */
export interface ChatInput {
  /** Id that all copies of a message share, whatever wires they came over. */
  id: string;
  /** The sender: the bare JID of a person, or the JID with the nick of an occupant of a room. */
  person: string;
  isRoom: boolean;
  /** True if the sender says that it is a machine: it is neither obeyed nor answered. */
  isAutomatic: boolean;
  asker: Asker;
  /** Empty for a reaction. */
  text: string;
  reaction: Reactions | undefined;
  /** Ids of the `xmpp-in` nodes that pass it on. */
  listeners: string[];
  /** What those answer themselves, for the answer to `help`; empty: nothing. */
  help: string;
}

export function chatInputOf(msg: Message): ChatInput {
  const xmpp = msg.xmpp as Record<string, unknown>;
  const alertId = typeof msg.alertId === 'string' && msg.alertId !== '' ? msg.alertId : undefined;
  // The text is cut, because a thousand of them are remembered for a while.
  const text = typeof msg.payload === 'string' ? msg.payload.trim().slice(0, MAX_LENGTH + 1) : '';
  const reaction = xmpp.reaction === undefined ? undefined : reactionsOf(xmpp.reaction);
  const from = String(xmpp.from).slice(0, MAX_JID_LENGTH);
  // What comes from an archive, or was kept by a server or a phone, was said at a time when nobody was there.
  const isOld = xmpp.archived === true || xmpp.delayed === true;
  const at = isOld ? Math.min(Date.parse(String(xmpp.stamp)), Date.now()) : Number.NaN;
  // Messages without an id are told apart by their time.
  const id = String(xmpp.id ?? xmpp.stamp ?? msg._msgid).slice(0, MAX_ID_LENGTH);
  return {
    id: JSON.stringify([from, id, reaction ?? text]),
    person: xmpp.room === undefined ? from.replace(/\/.*$/s, '') : from,
    isRoom: msg.kind === 'groupchat',
    isAutomatic: typeof xmpp.automatic === 'number' || xmpp.type === 'headline',
    asker: {
      by: nameOf(xmpp),
      chat: true,
      ...(alertId === undefined ? {} : { alertId }),
      ...(at > 0 && { at }),
    },
    text: reaction ? '' : text,
    reaction,
    listeners: Array.isArray(xmpp.listeners) ? xmpp.listeners.slice(0, MAX_LISTENERS).map(String) : [],
    help: typeof xmpp.help === 'string' ? xmpp.help.slice(0, MAX_HELP) : '',
  };
}

export interface OtherAlerts {
  /** All alerts of this Node-RED. */
  all: readonly AlertCommands[];
  /** True if another flow gets it too. A text that we do not understand may be for that flow. */
  isElsewhere(): boolean;
}

/** The answers to a message that reached these alerts; none if it is not for them or needs no answer. */
export function answersTo(
  input: ChatInput,
  alerts: readonly AlertCommands[],
  company: OtherAlerts,
): NodeAnswer[] {
  const [first] = alerts;
  const { asker, reaction, text, isRoom } = input;
  if (!first) return [];
  const { alertId } = asker;
  const about = alertId === undefined ? alerts : alerts.filter((commands) => commands.knows(alertId));
  if (reaction)
    return alertId === undefined ? [] : react(reaction, about, { ...asker, reactor: input.person });
  if (text === '') return [];
  try {
    if (text.length > MAX_LENGTH) throw new CommandError('unknown', { text: text.slice(0, 60) });
    const command = parseText(text);
    if (about.length === 0) return aboutNone(command, alerts, input, company);
    const others = company.all.filter((commands) => !alerts.includes(commands));
    const answers = jointAnswers(about, command, asker, others);
    // In a room people say "ok" to each other.
    return isRoom && /^\W*ok/i.test(text) ? answers.filter(({ answer }) => answer.ok) : answers;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const isUnknown = error.code === 'unknown';
    // People in a room mostly talk to each other.
    const isTalk = isRoom && alertId === undefined && isUnknown && error.near === undefined;
    const [commands = first] = about;
    return isTalk || (isUnknown && company.isElsewhere())
      ? []
      : [{ commands, answer: commands.misunderstood(error) }];
  }
}

/**
 * The answer to a message about none of these alerts: its alert is over, or belongs to other nodes. A command that
 * needs an alert is not applied to another one.
 */
function aboutNone(
  command: Command,
  alerts: readonly AlertCommands[],
  { asker, isRoom }: ChatInput,
  { all, isElsewhere }: OtherAlerts,
): NodeAnswer[] {
  const [first] = alerts as [AlertCommands];
  const { alertId = '', ...plain } = asker;
  const isWide = ['help', 'status', 'chart', 'history'].includes(command.cmd);
  const { which, filter } = aboutOf(command);
  const isNamed = which !== undefined || filter !== undefined;
  if (isWide || isNamed) return jointAnswers(alerts, command, plain);
  const other = all.find((commands) => commands.knows(alertId));
  if (isRoom || (!other && isElsewhere())) return [];
  const number = other?.open().find(({ id }) => id === alertId)?.number;
  const text = other
    ? first.translate('answer.elsewhere', {
        which: number === undefined ? '…' : `#${number}`,
        name: other.name,
      })
    : first.translate('answer.over');
  return [{ commands: first, answer: { ok: false, cmd: command.cmd, text } }];
}

/** True if it is for every alert that receives it, and not for one of them. */
export function isForAll({ text, reaction, asker }: ChatInput): boolean {
  if (reaction || asker.alertId !== undefined) return false;
  try {
    const command = parseText(text);
    const isOne = aboutOf(command).which !== undefined;
    return ['silence', 'unsilence', 'enable', 'disable', 'reset'].includes(command.cmd) && !isOne;
  } catch (error) {
    if (error instanceof CommandError) return false;
    throw error;
  }
}

/** True if it only looks, or can be taken back: it makes sense however old it is. */
export function isHarmless({ text, reaction }: ChatInput): boolean {
  if (reaction) return true;
  try {
    return text.length <= MAX_LENGTH && HARMLESS.includes(parseText(text).cmd);
  } catch (error) {
    if (error instanceof CommandError) return false;
    throw error;
  }
}

/** True if a message asks for recorded values: `chart`, and `history` as an object. */
export function needsHistory({ alert, xmpp, payload }: Message): boolean {
  try {
    if (typeof alert === 'object' && alert !== null) {
      const { cmd } = alert as { cmd?: unknown };
      return cmd === 'history' || (typeof cmd === 'string' && parseText(cmd).cmd === 'chart');
    }
    return Boolean(xmpp) && typeof payload === 'string' && parseText(payload).cmd === 'chart';
  } catch (error) {
    // The command's fault is reported when it is obeyed.
    if (error instanceof CommandError) return false;
    throw error;
  }
}

/** 👍 acknowledges, 🔕 silences for an hour; removing it undoes what it did. Any other reaction is for people. */
function react(
  { added, removed, all }: Reactions,
  alerts: readonly AlertCommands[],
  asker: Asker,
): NodeAnswer[] {
  const still = all.map(reactionCommand);
  let answers: NodeAnswer[] = [];
  const obey = (command: Command): void => {
    answers = jointAnswers(alerts, command, asker);
  };
  for (const one of removed) {
    const command = reactionCommand(one);
    // Another one of the same person says the same.
    if (still.includes(command)) continue;
    if (command === 'ack') obey({ cmd: 'unack' });
    else if (command === 'silence') obey({ cmd: 'unsilence' });
  }
  for (const one of added) {
    const command = reactionCommand(one);
    if (command === 'ack') obey({ cmd: 'ack' });
    else if (command === 'silence') obey({ cmd: 'silence', ms: DEFAULT_SILENCE });
  }
  // The message that edits itself is the answer to an acknowledgement.
  const isSaid = ({ ok, cmd, text }: NodeAnswer['answer']): boolean =>
    text !== '' && !(ok && (cmd === 'ack' || cmd === 'unack'));
  return answers.filter(({ answer }) => isSaid(answer));
}

/** `{added, removed, all}` of `xmpp-in`, or plain reactions. */
function reactionsOf(value: unknown): Reactions {
  const list = (some: unknown): string[] =>
    (Array.isArray(some) ? some : [some])
      .filter((one): one is string => typeof one === 'string' && one.length <= MAX_LENGTH)
      .slice(0, 20);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { added: list(value), removed: [], all: list(value) };
  }
  const { added, removed, all = added } = value as Record<string, unknown>;
  return { added: list(added), removed: list(removed), all: list(all) };
}

/** The nick, else the part before the @. */
function nameOf({ nick, from }: Record<string, unknown>): string {
  if (typeof nick === 'string' && nick !== '') return nick.slice(0, 100);
  const bare = typeof from === 'string' ? from.replace(/\/.*$/s, '') : '';
  return (bare.split('@')[0] ?? '').slice(0, 100) || '?';
}
