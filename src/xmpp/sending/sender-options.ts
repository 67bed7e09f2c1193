import type { Clock } from '../../base/clock';
import type { QuickDevices } from '../contacts/quick-devices';
import type { RecipientKinds } from '../rooms/recipient-kinds';
import type { Rooms } from '../rooms/rooms';
import type { SentMessages } from '../sent-messages';
import type { Stanzas } from '../stanzas';
import type { Uploads } from '../upload/upload';
import type { Feedback, Notified } from './send-request';

export interface SenderOptions {
  stanzas: Stanzas;
  rooms: Rooms;
  kinds: RecipientKinds;
  uploads: Uploads;
  memory: SentMessages;
  clock: Clock;
  newId(): string;
  /** Id of the node, for the receipts. */
  node: string;
  nick: string;
  roomPassword?: string | undefined;
  /** Messages a minute to one recipient. */
  rate: number;
  /** Milliseconds that a message waits for a connection. */
  offlineMs: number;
  /** The line above joined messages. */
  head(count: number): string;
  feedback(feedback: Feedback): void;
  /** Devices that show quick responses; without them, none does. */
  devices?: Pick<QuickDevices, 'has' | 'want'> | undefined;
  /** Links take the place of quick responses where no device shows them. */
  links?: boolean | undefined;
  /** Gets a new message to a person right before it is sent; `to` is the bare JID. */
  notify?: ((message: Notified & { id: string; to: string; text: string }) => void) | undefined;
}
