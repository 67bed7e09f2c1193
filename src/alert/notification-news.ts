/** What is new in an alert since people were last notified of it. */
import type { KeyEntry } from './keys';
import type { AlertEvent, Episode, Notification } from './states';

const NO_SUBJECT = {};

/** An acknowledgement has expired, and nothing has rung since. */
export function isExpiryNews({ expiredAt }: Episode, notified: Notification): boolean {
  return expiredAt !== undefined && expiredAt !== notified.expiredAt;
}

/** It holds back more than people know of. */
export function hasMore({ id, dependents }: Episode, notified: Notification): boolean {
  return id === notified.id && dependents !== undefined && dependents.count !== notified.dependents?.count;
}

/** What a check of a device adds to its events. */
export function subjectOf({ subject, noDataAfter }: KeyEntry): Pick<AlertEvent, 'subject' | 'noDataAfter'> {
  return subject ? { subject, noDataAfter } : NO_SUBJECT;
}

/** Both, in their order, without a new list where one is empty. */
export function joined(before: readonly AlertEvent[], after: readonly AlertEvent[]): readonly AlertEvent[] {
  return before.length === 0 ? after : after.length === 0 ? before : [...before, ...after];
}
