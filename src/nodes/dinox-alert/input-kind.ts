import type { Message } from './message-reader';

/**
 * The kind of a message. `echo`: an alert's answer (output 3), or an `xmpp-out`'s report about a sent message. Wired
 * back here, it would be answered, and the answer answered, without end. A question that `xmpp-in` has answered itself
 * is none of ours, too.
 */
export type InputKind = 'command' | 'chat' | 'echo' | 'sample';

export function inputKind({ alert, xmpp, answered }: Message): InputKind {
  if (isObject(alert) && Object.hasOwn(alert, 'cmd')) {
    return typeof alert.ok === 'boolean' && typeof alert.cmd === 'string' ? 'echo' : 'command';
  }
  if (!isObject(xmpp)) return 'sample';
  // Reports have no sender, and receipts have a type that no message has.
  const isSaid = typeof xmpp.from === 'string' && xmpp.type !== 'received' && xmpp.type !== 'displayed';
  return isSaid && answered === undefined ? 'chat' : 'echo';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
