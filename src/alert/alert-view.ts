import type { HeldBy } from './dependents';
import type { CheckSubject } from './device-check';
import type { QuietView } from './quiet';
import type { Acknowledgement, Severity, State, Value } from './states';

/** A key as the sidebar and answers show it. */

export interface AlertView {
  key: string;
  state: State;
  /** Since when, in milliseconds since the epoch. */
  since: number;
  value: Value | undefined;
  unit: string;
  limit: Value | undefined;
  /** Id of the open alert. */
  id?: string;
  number?: number;
  severity?: Severity;
  startedAt?: number;
  acked?: Acknowledgement;
  /** Until when, in milliseconds since the epoch. */
  silencedUntil?: number;
  flapping: boolean;
  /** Why nothing is sent about its alert. */
  quiet?: QuietView;
  heldBy?: HeldBy;
  /** It is a check of a device. */
  subject?: CheckSubject;
}
