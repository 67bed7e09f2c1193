import type { Openness } from '../base/opening';
import type { AlertText } from './alert-text';
import type { Dependents, ParentKind } from './dependents';
import type { Check, CheckSubject } from './device-check';
import type { Condition } from './rules';

/** State of a key. `pending` and `recovering` are waits; people are only notified of the other three. */
export type State = 'normal' | 'pending' | 'firing' | 'recovering' | 'nodata';

export type Severity = 'warning' | 'critical';

/** State of a key in a message. */
export type NotifiedState = 'normal' | 'firing' | 'nodata';

/** Name of the person who acknowledged, and when (milliseconds since the epoch). */
export interface Acknowledgement {
  by: string;
  at: number;
  /** When it expires; undefined: it holds until the alert ends. */
  until?: number | undefined;
  note?: string | undefined;
  /** JID of the person whose reaction made it: only that one, taken back, takes it back. */
  reactor?: string | undefined;
}

/** True if people see no difference between two acknowledgements. */
export function isSameAck(a: Acknowledgement | undefined, b: Acknowledgement | undefined): boolean {
  return a?.at === b?.at && a?.until === b?.until && a?.note === b?.note;
}

/** One alert, from its raising to its end. A key has at most one that is open. */
export interface Episode {
  /** Unique among all nodes and restarts. */
  id: string;
  /** Short, for people: unique among the open alerts of the Node-RED. */
  number: number;
  startedAt: number;
  /** The condition has held in it; false while it is only about missing data. */
  fired: boolean;
  /** The value with which the condition last began to hold. */
  value?: Value | undefined;
  severity: Severity;
  /** It became critical by time, and not by its value. */
  escalated?: boolean | undefined;
  acked?: Acknowledgement | undefined;
  /** When its last acknowledgement expired, unless it was acknowledged again. */
  expiredAt?: number | undefined;
  /** Alerts that it holds back. */
  dependents?: Dependents | undefined;
  /** The worst value so far. */
  peak?: number | undefined;
}

/** The last notification about a key's alert, until people were notified of its end. */
export interface Notification {
  id: string;
  number: number;
  startedAt: number;
  state: 'firing' | 'nodata';
  severity: Severity;
  acked?: Acknowledgement | undefined;
  /** `expiredAt` of the alert as of the last message that rang. */
  expiredAt?: number | undefined;
  /** When the last message that rings went out. */
  at: number;
  /** Its text, to which updates add their line. */
  text: AlertText;
  /** What it said last about what is wrong; absent in old files, and where the words are somebody's own. */
  facts?: ToldFacts | undefined;
  /** The message was one for several alerts. */
  group?: string | undefined;
  flapping?: boolean | undefined;
  /** It became critical by time. */
  escalated?: boolean | undefined;
  /** Number of alerts that it holds back, as people know it, and when they were told. */
  dependents?: { count: number; at: number } | undefined;
  /** The alert is over, and nobody was notified yet. */
  ended?: Ended | undefined;
}

/** What people were told of an alert, as data: whoever reads of it later has other words for it. Times in milliseconds. */
export interface ToldFacts {
  state: 'firing' | 'nodata';
  condition: Condition;
  /** What people call the key; absent: the key itself. */
  title?: string | undefined;
  value?: Value | undefined;
  unit?: string | undefined;
  limit?: Value | undefined;
  /** The upper one of two. */
  limit2?: number | undefined;
  /** For how long there was no data. */
  noDataAfter?: number | undefined;
  /** What the value means: it is of a door, a window or a contact. */
  is?: Openness | undefined;
  parent?: ParentKind | undefined;
  /** It was a check of a device. */
  subject?: { check: Check; device: { name: string; area: string } } | undefined;
}

/** The way an alert ended. */
export interface Ended {
  at: number;
  value: Value | undefined;
  reason: EndReason;
  /** The worst value of the alert. */
  peak?: number | undefined;
}

export type Value = number | string | boolean;

/** Why an alert ended. */
export type EndReason = 'cleared' | 'data' | 'silent' | 'disabled' | 'reset' | 'forgotten';

/** Why there is a message. */
export type Reason =
  | 'raised'
  | 'nodata'
  | 'data'
  | 'critical'
  | 'escalated'
  | 'reminder'
  | 'expired'
  | 'flapping'
  | 'calm'
  | 'acknowledged'
  | 'unacknowledged'
  | 'dependents'
  | 'connection'
  | EndReason;

/** A notification: a message on output 1. */
export interface AlertEvent {
  reason: Reason;
  id: string;
  number: number;
  key: string;
  state: NotifiedState;
  previous: NotifiedState;
  severity: Severity;
  value: Value | undefined;
  unit: string;
  limit: Value | undefined;
  /** When the alert began. */
  since: number;
  at: number;
  acked: Acknowledgement | undefined;
  text: AlertText;
  /** Alerts that it holds back. */
  dependents?: Dependents | undefined;
  /** Nobody acknowledged its alert in time, so it is for others as well. */
  escalated?: boolean | undefined;
  /** It is about a topic or a connection on which others depend. */
  parent?: ParentKind | undefined;
  /** It is a check of a device, which is silent after so many milliseconds. */
  subject?: CheckSubject | undefined;
  noDataAfter?: number | undefined;
  /** Replaces the message that stands for this alert (or group). */
  replaces: string | undefined;
  /** The message is about several alerts; `id` is the group's. */
  alerts?: AlertEvent[];
}
