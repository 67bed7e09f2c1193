import type { NodeStatus } from 'node-red';
import { plain } from '../../base/printable';
import type { Translate } from '../../base/translate';

import type { SessionState } from '../../xmpp/stanzas';

/** The only mapping from the state of the session to a node's status. */
export function chatStatus(state: SessionState, queued: number, translate: Translate): NodeStatus {
  const waiting = queued > 0 ? ` (${translate('status.queued', { count: queued })})` : '';
  const plain = (text: string): string =>
    queued > 0 ? translate(`status.${text}`) + waiting : `node-red:common.status.${text}`;
  switch (state.phase) {
    case 'online':
      return { fill: 'green', shape: 'dot', text: plain('connected') };
    case 'idle':
      return { fill: 'red', shape: 'ring', text: plain('disconnected') };
    case 'stopped':
      return { fill: 'red', shape: 'dot', text: translate(`reason.${state.reason.code}`) + waiting };
    default:
      // The same text while it tries and while it waits for the next try: no flicker.
      return {
        fill: 'yellow',
        shape: 'ring',
        text: state.reason
          ? translate('status.again', { reason: translate(`reason.${state.reason.code}`) }) + waiting
          : plain('connecting'),
      };
  }
}

/** Status of a node that is not in all of its rooms; undefined: the state of the session is shown. */
export function roomStatus(
  { phase }: SessionState,
  missing: readonly { room: string; why: unknown }[],
  translate: Translate,
): NodeStatus | undefined {
  if (phase !== 'online' || missing.length === 0) return undefined;
  const refused = missing.find(({ why }) => why !== undefined);
  if (!refused) return { fill: 'yellow', shape: 'ring', text: translate('status.joining') };
  return { fill: 'red', shape: 'ring', text: translate('status.room', { room: plain(refused.room, 60) }) };
}
