import type { ChatKind } from '../chat-kind';
import type { AttachmentSource } from '../upload/attachment';
import type { ChatState, Hint } from './message-stanza';
import type { QuickResponse } from './quick-responses';

/** What a notification says beside the text. */
export interface Notified {
  title?: string | undefined;
  severity?: string | undefined;
  topic?: string | undefined;
}

/** One message of a flow, checked, for one recipient or several. Texts are legal already. */
export interface SendRequest {
  /** Normalised JIDs, each once. */
  to: readonly string[];
  kind: ChatKind | 'auto';
  text?: string | undefined;
  files: readonly AttachmentSource[];
  subject?: string | undefined;
  thread?: string | undefined;
  /** An earlier message's id, or the alert whose message is corrected. */
  replaces?: string | { alertId: string } | undefined;
  alertId?: string | undefined;
  chatState?: ChatState | undefined;
  hints: readonly Hint[];
  receipt: boolean;
  /** A machine sends it by itself: the last of so many in a row. */
  automatic?: number | undefined;
  /** The bridge that sends it. */
  bridged?: string | undefined;
  /** What somebody can answer with one tap. */
  responses?: readonly QuickResponse[] | undefined;
  /** Set if persons are notified of it. */
  notified?: Notified | undefined;
}

/** A delivery to one recipient that the server has taken over. */
export interface Delivery {
  id: string;
  to: string;
  kind: ChatKind;
  /** Time of the handover to the server, ISO 8601. */
  stamp: string;
  /** Number of messages that went out as this one. */
  joined?: number;
  /** Addresses of the files. */
  files?: string[];
}

export interface SendReport {
  deliveries: Delivery[];
  failures: { to: string; error: Error }[];
}

/** A reader's word about a message of ours, or the server's that it could not be delivered. */
export type Feedback =
  | { type: 'received' | 'displayed'; id: string; from: string; alertId?: string; stamp: string }
  | { type: 'refused'; id: string; from: string; error: Error };
