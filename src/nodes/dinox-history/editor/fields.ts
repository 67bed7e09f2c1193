import { readMoment } from '../../../base/moment';
import { filter, optional, ownReason, type Rule } from '../../../editor/validation';

/** Formats of a list of alerts. */
export const ALERT_FORMATS: readonly string[] = ['array', 'table', 'csv'];

/** A duration ago, ISO 8601, or milliseconds since 1970; empty: the default. */
export const moment = optional((typed) => readMoment(typed, Date.now()));

/** A topic, or a filter that is no shared subscription; empty: it comes with the message. */
export const recordedFilter: Rule = (typed) => {
  if (typed === '') return undefined;
  return typed.startsWith('$share/') ? ownReason('filterShare') : filter(typed);
};
