/** Settings of a session. */
import type { QueueLimits } from '../../base/bounded-queue';
import type { Clock } from '../../base/clock';
import type { Text } from '../../base/text';
import type { Account, ConnectTools } from '../stream/connector';
import type { Software } from './iq-responses';

export interface SessionSettings extends Account {
  /** `none`: no presence at all; the server then keeps messages for other clients. */
  presence: 'available' | 'away' | 'dnd' | 'none';
  /** -128 to 127 (RFC 6121 §4.7.2.3). */
  priority: number;
  limits: QueueLimits;
  software: Software;
  /** Shortest wait before a new try, in milliseconds. @default 1000 */
  reconnectMin?: number | undefined;
}

export interface SessionTools extends ConnectTools {
  clock: Clock;
  /** Something odd that did not end the session: for the log. */
  notice(said: Text): void;
  /** The number of waiting stanzas changed. */
  queued?(count: number): void;
}
