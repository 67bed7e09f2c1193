import { duration, filter, type Rule } from '../../../editor/validation';

/** Formats of a list of alerts. */
export const ALERT_FORMATS: readonly string[] = ['array', 'table', 'csv'];

/** A duration ago, ISO 8601, or milliseconds since 1970; empty: the default. */
export const moment: Rule = (text) => {
  const trimmed = text.trim();
  if (duration(trimmed) === undefined || /^\d{11,15}$/.test(trimmed)) return undefined;
  return Number.isNaN(Date.parse(trimmed)) ? { key: 'moment' } : undefined;
};

/** A topic, or a filter that is no shared subscription; empty: it comes with the message. */
export const recordedFilter: Rule = (text) => {
  if (text === '') return undefined;
  return text.startsWith('$share/') ? { key: 'filterShare' } : filter(text);
};
