import { trimmed } from '../../runtime/config/raw-fields';

/** Fields of `dinox-history`, read once. An empty one is taken from `msg.topic`, or from `msg.history`. */
export interface HistorySettings {
  /** Id of the `dinox-alert` that is read instead of the connection; empty: none. */
  alert: string;
  /** A topic, a filter with wildcards, or the key of an alert. */
  topic: string;
  /** A number in the JSON of the topic; empty: all of them. */
  field: string;
  what: string;
  from: string;
  to: string;
  points: string;
  format: string;
}

export function historySettings(def: Readonly<Record<string, unknown>>): HistorySettings {
  return {
    alert: trimmed(def.alert),
    topic: trimmed(def.topic),
    field: trimmed(def.field),
    what: trimmed(def.what),
    from: trimmed(def.from),
    to: trimmed(def.to),
    points: trimmed(def.points),
    format: trimmed(def.format),
  };
}
