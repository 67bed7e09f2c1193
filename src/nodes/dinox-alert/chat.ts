import { CommandError } from '../../alert/command-words';
import { parseText, reactionCommand } from '../../alert/commands';
import type { AlertDesk, Answer, Asker } from '../../alert/desk';
import { DEFAULT_SILENCE } from '../../alert/silence-words';
import type { Message } from './evaluate';

/** Longer than any command. */
const LONGEST = 300;

/**
 * What somebody wrote or how somebody reacted, as `xmpp-in` passes it on (`msg.xmpp`, `msg.alertId`).
 * Undefined: it is not for this node, or nothing to be answered.
 */
export function chatAnswer(msg: Message, desk: AlertDesk): Answer | undefined {
  const xmpp = msg.xmpp as Record<string, unknown>;
  const alertId = typeof msg.alertId === 'string' && msg.alertId !== '' ? msg.alertId : undefined;
  // The message of another dinox-alert, which gets this too.
  if (alertId !== undefined && !desk.knows(alertId)) return undefined;
  const asker: Asker = { by: nameOf(xmpp), chat: true, ...(alertId === undefined ? {} : { alertId }) };
  const { added, removed } = reactionsOf(xmpp.reaction);
  if (added.length + removed.length > 0 || xmpp.reaction !== undefined) {
    return alertId === undefined ? undefined : react(added, removed, desk, asker);
  }
  const text = typeof msg.payload === 'string' ? msg.payload.trim() : '';
  if (text === '') return undefined;
  const isRoom = msg.kind === 'groupchat';
  try {
    if (text.length > LONGEST) throw new CommandError('unknown', { text: text.slice(0, 60) });
    const answer = desk.command(parseText(text), asker);
    // In a room people say "ok" to each other.
    return isRoom && !answer.ok && /^\W*ok/i.test(text) ? undefined : answer;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    // People in a room mostly talk to each other.
    const isTalk = isRoom && alertId === undefined && error.key === 'unknown' && error.near === undefined;
    return isTalk ? undefined : desk.misunderstood(error);
  }
}

/** Whether a message asks for what was recorded: `chart` and `history`. */
export function looksBack({ alert, xmpp, payload }: Message): boolean {
  try {
    if (typeof alert === 'object' && alert !== null) {
      const { cmd } = alert as { cmd?: unknown };
      return cmd === 'history' || (typeof cmd === 'string' && parseText(cmd).cmd === 'chart');
    }
    return Boolean(xmpp) && typeof payload === 'string' && parseText(payload).cmd === 'chart';
  } catch (error) {
    // What is wrong with it is said where it is obeyed.
    if (error instanceof CommandError) return false;
    throw error;
  }
}

/** 👍 acknowledges, 🔕 silences for an hour; taking it back undoes it. Any other reaction is for people. */
function react(
  added: readonly string[],
  removed: readonly string[],
  desk: AlertDesk,
  asker: Asker,
): Answer | undefined {
  let answer: Answer | undefined;
  for (const one of removed) {
    const command = reactionCommand(one);
    if (command === 'ack') answer = desk.command({ cmd: 'unack' }, asker);
    else if (command === 'silence') answer = desk.command({ cmd: 'unsilence' }, asker);
  }
  for (const one of added) {
    const command = reactionCommand(one);
    if (command === 'ack') answer = desk.command({ cmd: 'ack' }, asker);
    else if (command === 'silence') answer = desk.command({ cmd: 'silence', ms: DEFAULT_SILENCE }, asker);
  }
  // The message that edits itself is the answer to an acknowledgement.
  return answer?.ok && (answer.cmd === 'ack' || answer.cmd === 'unack') ? undefined : answer;
}

/** `{added, removed}` of `xmpp-in`, or plain reactions. */
function reactionsOf(value: unknown): { added: string[]; removed: string[] } {
  const list = (some: unknown): string[] =>
    (Array.isArray(some) ? some : [some])
      .filter((one): one is string => typeof one === 'string')
      .slice(0, 20);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { added: list(value), removed: [] };
  }
  const { added, removed } = value as Record<string, unknown>;
  return { added: list(added), removed: list(removed) };
}

/** A nick, else what stands before the @. */
function nameOf({ nick, from }: Record<string, unknown>): string {
  if (typeof nick === 'string' && nick !== '') return nick.slice(0, 100);
  const bare = typeof from === 'string' ? from.replace(/\/.*$/s, '') : '';
  return (bare.split('@')[0] ?? '').slice(0, 100) || '?';
}
