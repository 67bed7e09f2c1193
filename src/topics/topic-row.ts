import type { Openness } from '../base/opening';

/** Kind of a payload, for people. `picture`, `binary` and `empty` have no text of their own. */
export type ValueKind = 'number' | 'boolean' | 'text' | 'json' | 'picture' | 'binary' | 'empty';

/** Description of a payload. */
export interface RecordedValue {
  kind: ValueKind;
  /** Text on a tile: at most 160 characters, without control characters. */
  text: string;
  /** For a chart; booleans are 0 and 1. */
  number?: number;
  unit?: string;
  /** What a JSON object with numbers says of itself in a word: its `state` or `status`. */
  state?: string;
  /** What it says of the door or the window that it is about; of a JSON object, absent beside a `state`. */
  opening?: Openness;
  /** Numbers inside a JSON object, by their path (`battery`, `power.phase1`). */
  fields?: Record<string, number>;
  /** Media type of a picture. */
  mime?: string;
}

/** A topic as shown to people. Anyone who may publish writes `topic` and `text`, so they are shown as text only. */
export interface TopicRow extends RecordedValue {
  topic: string;
  /** The server keeps a message of this topic for later subscribers. */
  retained: boolean;
  qos: number;
  /**
   * Time of the last message, in milliseconds since the epoch. For a kept message, the time of measurement, or 0 if
   * unknown.
   */
  at: number;
  /** Messages since the recorder began. */
  count: number;
  /** Messages in the last minute. */
  rate: number;
  /** Usual time between two messages, in milliseconds; 0: not known yet. */
  every: number;
  /** True if it comes at about equal times. */
  steady: boolean;
  /** Length of the last payload. */
  bytes: number;
}
