import type { Message } from './message-reader';

/**
 * The kind of a message. `echo`: an alert's answer (output 3), or an `xmpp-out`'s report about a sent message. Wired
 * back here, it would be answered, and the answer answered, without end. `answered`: `xmpp-in` has answered it itself.
 */
export type InputKind = 'command' | 'chat' | 'answered' | 'echo' | 'sample';

export function inputKind({ alert, xmpp, answered }: Message): InputKind {
  if (isObject(alert) && Object.hasOwn(alert, 'cmd')) {
    return typeof alert.ok === 'boolean' && typeof alert.cmd === 'string' ? 'echo' : 'command';
  }
  if (!isObject(xmpp)) return 'sample';
  // Reports have no sender, and receipts have a type that no message has.
  const isSaid = typeof xmpp.from === 'string' && xmpp.type !== 'received' && xmpp.type !== 'displayed';
  if (!isSaid) return 'echo';
  return answered === undefined ? 'chat' : 'answered';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
