import type { Node } from 'node-red';
import { text } from '../../base/catalogue';
import { plain } from '../../base/printable';
import type { ReadText } from '../../base/translate';
import { type HeardType, heardEntity, notifyEntity } from '../../homeassistant/announcing/chat-entities';
import type { Announcer } from './announcer';

/** Topic of messages that come from there, for formats that show one. */
const SENDER = 'Home Assistant';
const MAX_HEARD = 4_000;

/**
 * Shows a node that sends as an entity to write to; what comes takes the way of a message of the flow.
 * @param to its recipients, as typed
 */
export function showNotify(node: Node, to: string, announcer: Announcer, read: ReadText): () => void {
  if (to === '') node.warn(read(text('shown.noRecipient')));
  if (to === '') return () => {};
  const name = node.name || to;
  const shown = announcer.open(node.id, (_key, part, payload) => {
    if (part === 'notify') node.receive({ topic: SENDER, payload } as never);
  });
  shown.show([notifyEntity({ name, read })]);
  return () => shown.close();
}

/** Something that was said, as an event. */
export interface Heard {
  from: string;
  kind: string;
  nick: string | undefined;
  isReaction: boolean;
  said: string;
}

/** @param withText the words themselves are shown, too */
export function showHeard(
  node: Node,
  { name, withText }: { name: string; withText: boolean },
  announcer: Announcer,
  read: ReadText,
): { heard(what: Heard): void; close(): void } {
  const shown = announcer.open(node.id, () => {});
  shown.show([heardEntity({ name, read })]);
  return {
    heard({ from, kind, nick, isReaction, said }) {
      const type: HeardType = isReaction ? 'reaction' : 'message';
      const words = withText ? { text: plain(said, MAX_HEARD) } : {};
      shown.event('', 'heard', { event_type: type, from, kind, nick: nick ?? null, ...words });
    },
    close: () => shown.close(),
  };
}
