import type { KeyFacts, WatchedKey } from '../../../alert/key-facts';
import type { ToldFacts } from '../../../alert/states';
import type { Text } from '../../../base/text';
import type { TopicName } from '../../../topics/topic-name';
import type { TopicRow } from '../../../topics/topic-row';

/** A topic as the routes send it. */
export type Row = TopicRow;

/** What announcements say about a topic; an empty name removes it. */
export type { TopicName };

export interface ExploreState {
  phase: 'off' | 'on' | 'unable';
  reason?: 'wildcards' | Text;
  filters?: string[];
}

export interface TopicsAnswer {
  epoch: string;
  now: number;
  phase: string;
  explore: ExploreState;
  received: number;
  size: number;
  /** Under which devices announce themselves. */
  prefix: string;
  seq: number;
  rows: Row[];
  gone: string[];
  more: boolean;
  reset: boolean;
  /** Names that changed; pass `named` as `names` the next time. */
  names: TopicName[];
  named: number;
}

export interface SeriesAnswer {
  from: number;
  to: number;
  now: number;
  /** Time at which the recording began. */
  since: number;
  /** How far back values are kept, in milliseconds. */
  reach: number;
  /** Equal parts of the time between the two. */
  series: {
    min: (number | null)[];
    max: (number | null)[];
    last: (number | null)[];
    /** The mean of all samples. */
    mean?: number | null;
    states?: { at: number; state: string }[];
  }[];
}

export interface ConnectionView {
  id: string;
  name: string;
  phase: string;
  where?: string;
  server?: string;
  version?: number;
  client?: string;
  reason?: { code: string; text: Text };
  losses: { at: number; code: string; text: Text; times: number; broke: boolean }[];
  queued: number;
  /** Messages that wait for earlier servers of the connection. */
  held?: { name: string; server: string; count: number }[];
  received: number;
  published: number;
  topics: number;
  explore: ExploreState;
  watch: string[];
  can?: Record<string, number | boolean>;
  bot?: Bot;
}

/** An account's XMPP session, if something uses it. */
export interface Bot {
  account: string;
  phase: string;
  jid?: string;
  /** Time of its last change between online and offline, in milliseconds since the epoch. */
  since: number;
  reason?: Text;
  losses: ConnectionView['losses'];
  queued: number;
  nodes: { id: string; type: string; name: string }[];
}

/** An open alert, as the `dinox-alert` shows it. */
export interface Alert {
  /** The node that watches, and its name. */
  node: string;
  name: string;
  id?: string;
  key: string;
  state: string;
  severity?: string;
  value?: unknown;
  unit?: string;
  limit?: unknown;
  /** Milliseconds since the epoch. */
  since: number;
  startedAt?: number;
  acked?: { by?: string; at?: number; until?: number; note?: string };
  silencedUntil?: number;
  flapping?: boolean;
  /** Why nothing is sent about it; `until` is ISO 8601, or null. */
  quiet?: { by: string; until: string | null };
  /** The alert that holds its messages back. */
  heldBy?: { number: number; key: string };
  /** It is a check of a device. */
  subject?: AlertSubject;
  /** What a sentence about it needs. */
  facts?: Omit<KeyFacts, 'topic'>;
  place?: TopicPlace;
}

interface AlertSubject {
  check: string;
  device: { name: string; area: string };
}

/** Where the topic of an alert is shown; `field`: the number in its JSON. */
export interface TopicPlace {
  broker: string;
  topic: string;
  field?: string;
}

/** A key without an open alert; the nearest to an alert come first. */
export type Watched = Omit<WatchedKey, 'rank' | 'subject' | 'topic'> & {
  node: string;
  name: string;
  subject?: AlertSubject;
  place?: TopicPlace;
};

/** An alert that is over. Times are ISO 8601. */
export interface PastAlert {
  node: string;
  name: string;
  id: string;
  number: number;
  key: string;
  severity: string;
  since: string;
  until: string | null;
  acked: { by: string; until: string | null; note: string | null } | null;
  /** What people were told, in the runtime's language. */
  text: string;
  /** The same as data; absent where somebody's own words were sent, or an older version kept it. */
  facts?: ToldFacts;
  place?: TopicPlace;
}

/** Messages a minute at which a topic floods the broker. */
export const FLOOD = 600;

/** Milliseconds since the last message. */
export function ageOf(row: Row, now: number): number {
  return Math.max(0, now - row.at);
}

/** Messages a minute; it falls by itself when no more come. */
export function rateOf(row: Row, now: number): number {
  const silent = ageOf(row, now) / 60_000;
  return Math.round(row.rate * Math.max(0, 1 - silent));
}

/** True if it came regularly, but not for five times the usual pause (at least a minute). A door is silent for days. */
export function isStale(row: Row, now: number): boolean {
  if (row.at === 0 || row.count < 4 || row.every <= 0 || !row.steady) return false;
  return ageOf(row, now) > Math.max(60_000, 5 * row.every);
}

/** Longest pause that is no gap in its line, in milliseconds: a sensor that reports twice an hour is not broken. */
export function bridgeOf(row: Row | undefined): number {
  const usual = row && row.every > 0 ? 3 * row.every : 15 * 60_000;
  // Rounded to steps, so that small changes of the usual pause do not redraw a chart.
  return 2 ** Math.ceil(Math.log2(Math.max(2 * 60_000, usual)));
}

/** True if an empty payload removed the retained message. */
export function isGone(row: Row): boolean {
  return row.kind === 'empty' && !row.retained;
}
