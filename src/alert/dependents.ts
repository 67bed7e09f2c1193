/** A thing whose end of service is an alert of its own: a topic of availability, or a connection. */
export type ParentKind = 'topic' | 'connection';

/** Alerts that another one holds back. */
export interface Dependents {
  /** Number of keys that began to alert meanwhile. */
  count: number;
  /** The first of them. */
  keys: string[];
}

/** The alert that holds others back, as messages name it. */
export interface HeldBy {
  id: string;
  number: number;
  key: string;
}
