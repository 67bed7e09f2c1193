import type { Text } from '../base/text';

/**
 * Answer of `POST dinox/alerts/:id/preview`: the last day of one key, and when it would have fired. Times are in
 * milliseconds since the epoch.
 */
export interface PreviewAnswer {
  /** True if the node is deployed and works. */
  running: boolean;
  /** Keys to choose from, newest first, and the number of further ones. */
  keys: string[];
  more: number;
  key?: string;
  /** Why there is nothing to show. */
  empty?: 'nothing' | 'unreadable' | 'noBroker';
  /** Time at which the connections began to record, if nothing was seen. */
  since?: number;
  /** Values in the messages that could be watched instead: `humidity`, `power.phase1`. */
  fields?: string[];
  /** Those of them that are on or off, open or closed. */
  onOff?: OnOffField[];
  from: number;
  to: number;
  /** The first value in it. */
  first?: number;
  unit: string;
  /** What its device calls the value. */
  called?: string;
  /** Usual milliseconds between two values. */
  every?: number;
  series?: { min: (number | null)[]; max: (number | null)[]; last: (number | null)[] };
  states?: { at: number; state: string }[];
  /** What people would be told. */
  message?: PreviewMessage;
  /** The range of the values that the condition checks; for `rate` the changes per minute. */
  seen?: { min: number; max: number } | undefined;
  /** `[from, to, criticalFrom or 0, noData 0 or 1]`, the newest ones; absent if they cannot be calculated. */
  spans?: number[][];
  /** Alerts in all. */
  alerts?: number;
  /** Why there are no spans: a field is not valid yet, a limit comes from elsewhere, or only changes are known. */
  why?: 'problem' | 'elsewhere' | 'changes';
  /** The alerts of all keys, if there are several. */
  total?: PreviewTotal;
}

/** A value of JSON that is on or off; nothing is recorded of it. */
export interface OnOffField {
  /** Its path in the payload: `contact`. */
  field: string;
  /** A topic that has it. */
  topic: string;
  /** Its last word there, and the other one. */
  words: readonly [string, string];
}

/** Alerts of all keys together, because one key stands for none of the others. */
export interface PreviewTotal {
  /** Keys that were counted, and keys that were not: there are too many, or nothing can be said. */
  keys: number;
  left: number;
  /** Alerts in all. */
  alerts: number;
  /** Keys that would have fired, those that fired most first: `[key, alerts]`. */
  fired: (readonly [key: string, alerts: number])[];
  /** Number of keys that would have fired, and of those that would be firing now. */
  firedKeys: number;
  firing: number;
}

/** What people would be told, and why it is in plain words although there is a template. */
export interface PreviewMessage {
  text: string;
  fault?: Text;
}
