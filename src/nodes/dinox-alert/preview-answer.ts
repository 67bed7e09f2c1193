/**
 * What `POST dinox/alerts/:id/preview` answers: the last day of one key, and where it would have fired. Times in
 * milliseconds since the epoch.
 */
export interface PreviewAnswer {
  /** The node is deployed, and works. */
  running: boolean;
  /** Those to choose from, the newest first, and how many there are beside them. */
  keys: string[];
  more: number;
  key?: string;
  /** Why there is nothing to show. */
  empty?: 'nothing' | 'unreadable' | 'noBroker';
  /** Since when the connections record, where nothing was seen. */
  since?: number;
  /** Numbers in the messages that could be watched instead: `payload.humidity`. */
  fields?: string[];
  from: number;
  to: number;
  /** The first value in it. */
  first?: number;
  unit: string;
  /** Usual time between two values. */
  every?: number;
  series?: { min: (number | null)[]; max: (number | null)[]; last: (number | null)[] };
  states?: { at: number; state: string }[];
  /** The range of what the condition looks at: of `rate` the changes per minute. */
  seen?: { min: number; max: number } | undefined;
  /** `[from, to, criticalFrom or 0, silent 0 or 1]`, the newest ones; absent where it cannot be told. */
  spans?: number[][];
  /** Alerts in all. */
  alerts?: number;
  /** Why there are no spans: a field is not right yet, a limit comes from elsewhere, only changes are known. */
  why?: 'problem' | 'elsewhere' | 'changes';
  /** Where there are several keys: what would have happened to all of them. */
  total?: PreviewTotal;
}

/** One key stands for none of the others. */
export interface PreviewTotal {
  /** Keys that were counted over, and those that were not: there are too many, or nobody can tell. */
  keys: number;
  left: number;
  /** Alerts in all. */
  alerts: number;
  /** Keys that would have fired, those that fired most first: `[key, alerts]`. */
  fired: (readonly [key: string, alerts: number])[];
  /** How many would have fired, and how many would be firing now. */
  firedKeys: number;
  firing: number;
}
