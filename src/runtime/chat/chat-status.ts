import type { NodeStatus } from 'node-red';
import { shown } from '../../xmpp/send-error';
import type { SessionState } from '../../xmpp/stanzas';
import type { Translate } from '../node-contract';

/** The one mapping from the state of the session to what stands under a node. */
export function chatStatus(state: SessionState, queued: number, say: Translate): NodeStatus {
  const waiting = queued > 0 ? ` (${say('status.queued', { count: queued })})` : '';
  const plain = (text: string): string =>
    queued > 0 ? say(`status.${text}`) + waiting : `node-red:common.status.${text}`;
  switch (state.phase) {
    case 'online':
      return { fill: 'green', shape: 'dot', text: plain('connected') };
    case 'idle':
      return { fill: 'red', shape: 'ring', text: plain('disconnected') };
    case 'stopped':
      return { fill: 'red', shape: 'dot', text: say(`reason.${state.reason.failure}`) + waiting };
    default:
      // The same text while it tries and while it waits for the next try: no flicker.
      return {
        fill: 'yellow',
        shape: 'ring',
        text: state.reason
          ? say('status.again', { reason: say(`reason.${state.reason.failure}`) }) + waiting
          : plain('connecting'),
      };
  }
}

/** What stands under a node that listens to rooms and is not in all of them; undefined: the state of the session does. */
export function roomStatus(
  { phase }: SessionState,
  missing: readonly { room: string; why: unknown }[],
  say: Translate,
): NodeStatus | undefined {
  if (phase !== 'online' || missing.length === 0) return undefined;
  const refused = missing.find(({ why }) => why !== undefined);
  if (!refused) return { fill: 'yellow', shape: 'ring', text: say('status.joining') };
  return { fill: 'red', shape: 'ring', text: say('status.room', { room: shown(refused.room, 60) }) };
}
