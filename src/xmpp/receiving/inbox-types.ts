import type { Clock } from '../../base/clock';
import type { Text } from '../../base/text';
import type { ArchivePositions } from '../archive/positions';
import { NS } from '../namespaces';
import type { Rooms } from '../rooms/rooms';
import type { AllowList } from './allow-list';
import type { Lateness } from './lateness';
import type { ChatEvent, ChatMessage } from './stanza-reader';

/** A flow that listens. */
export interface InboxListener {
  /** Id of the node, which its successor after a deploy shares. */
  readonly id: string;
  readonly allow: AllowList;
  /** Bare JIDs of the rooms that it listens to. */
  readonly rooms: ReadonlySet<string>;
  /** The kind that it hears. @default any */
  readonly hears?: 'any' | 'chat' | 'groupchat';
  /** It wants to hear what archives hold (XEP-0313). */
  readonly archive?: boolean;
  /**
   * Called for messages from allowed senders. If the flow takes a message, it returns a function that gets the ids of
   * all flows that do, and passes the message on.
   */
  offer(message: ChatMessage): ((listeners: readonly string[]) => void) | Lateness | undefined;
  event(event: ChatEvent): void;
}

export interface InboxOptions {
  clock: Clock;
  /** How far archives are dealt with; undefined: they are not read. */
  positions?: ArchivePositions | undefined;
  /** A message from an archive came too late for these flows; `isHeard`: another one takes it. */
  late?(message: ChatMessage, listeners: readonly string[], lateness: Lateness, isHeard: boolean): void;
  /** Everything that an archive held has been handed over. */
  caughtUp?(): void;
  /** Something about archives, for the log. */
  notice?(level: 'info' | 'warn', said: Text): void;
  /** The answer to an encrypted message. */
  cannotRead: string;
  /** Strangers ask more than anybody can read, this one among them; told once an hour at most. */
  flooded(sender: string): void;
  /** Called once for each message that a flow takes. */
  heard?(): void;
  /** Called for an error in one stanza; the next ones are still read. */
  failed(error: Error): void;
}

export type InboxRooms = Pick<Rooms, 'isJoined' | 'isOwn' | 'realJid'>;
/** Features that are announced (XEP-0030, XEP-0115). Clients offer reactions only if they are. */
export const FEATURES: readonly string[] = [
  NS.receipts,
  NS.reactions,
  NS.reply,
  NS.correct,
  NS.chatMarkers,
  NS.conference,
  NS.stanzaId,
];
