/** Types of the queue of messages, and of the client that sends them. */

import type { Publication } from '../messages';
import type { StoredMessage } from './journal';

/** Hands one message to the connection. `sent` is called once: written (QoS 0), acknowledged (1), completed (2). */
export interface OutboxSink {
  send(publication: Publication, sent: (error?: Error) => void): void;
  /** The same for one that is sent on its own: `sent` is called when the server has answered, at QoS 0 too. @default send */
  sendAlone?(publication: Publication, sent: (error?: Error) => void): void;
  /** False while the socket's buffer is full; then `resume` is called once it has room. */
  readonly writable: boolean;
  /** Most messages above QoS 0 that may be under way (the broker's receive maximum). */
  readonly window: number;
  /** Most messages at QoS 2 among them. @default window */
  readonly qos2Window?: number;
}

export type Done = (error?: Error) => void;

/** A message that has not reached the server, on its way to another outbox. */
export interface PendingPublication {
  publication: Publication;
  /** When it is too old to be sent, in milliseconds of the steady clock. */
  due: number;
  done: Done;
  /** For which server it waited, where that is known; see `serverOf`. */
  server?: string | undefined;
}

/** Storage of waiting messages beyond the end of the process. */
export interface OutboxStore {
  put(message: StoredMessage): void;
  remove(number: number): void;
}
