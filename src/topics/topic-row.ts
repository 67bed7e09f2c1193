/** What a payload is, for people. `picture`, `binary` and `empty` have no text of their own. */
export type ValueKind = 'number' | 'boolean' | 'text' | 'json' | 'picture' | 'binary' | 'empty';

/** What is in a payload. */
export interface RecordedValue {
  kind: ValueKind;
  /** What a tile shows: at most 160 characters, without control characters. */
  text: string;
  /** For a chart; booleans are 0 and 1. */
  number?: number;
  unit?: string;
  /** Numbers inside a JSON object, by their path (`battery`, `power.phase1`). */
  fields?: Record<string, number>;
  /** Media type of a picture. */
  mime?: string;
}

/** A topic as it is shown. `topic` and `text` come from whoever may publish: people see them as text only. */
export interface TopicRow extends RecordedValue {
  topic: string;
  /** The server keeps a message of this topic for whoever subscribes. */
  retained: boolean;
  qos: number;
  /**
   * When the last message came, in milliseconds since the epoch; of one that the server had kept when it was measured, 0
   * where nobody knows.
   */
  at: number;
  /** Messages since the recorder began. */
  count: number;
  /** Messages in the last minute. */
  rate: number;
  /** Usual time between two messages, in milliseconds; 0: not known yet. */
  every: number;
  /** Length of the last payload. */
  bytes: number;
}
