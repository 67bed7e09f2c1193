import type { Text } from '../../../base/text';
import type { TopicRow } from '../../../topics/topic-row';

/** A topic as the routes send it. */
export type Row = TopicRow;

/** What Home Assistant calls a topic, and the numbers in its JSON; an empty name takes it away. */
export interface TopicName {
  topic: string;
  name: string;
  unit?: string;
  fields?: Record<string, { name: string; unit?: string }>;
}

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
  /** Since when something is recorded. */
  since: number;
  /** Equal parts of the time between the two. */
  series: {
    min: (number | null)[];
    max: (number | null)[];
    last: (number | null)[];
    states?: { at: number; state: string }[];
  }[];
}

export interface Connection {
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
  /** What waits for servers that the connection named before. */
  held?: { name: string; server: string; count: number }[];
  received: number;
  published: number;
  topics: number;
  explore: ExploreState;
  watch: string[];
  can?: Record<string, number | boolean>;
  bot?: Bot;
}

/** The XMPP session of an account, where something chats over it. */
export interface Bot {
  account: string;
  phase: string;
  jid?: string;
  /** Since when it is online, or not, in milliseconds since the epoch. */
  since: number;
  reason?: Text;
  losses: Connection['losses'];
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
  acked?: { by?: string; at?: number };
  silencedUntil?: number;
  flapping?: boolean;
}

/** Messages a minute from which on a topic floods the broker. */
export const FLOOD = 600;

/** Milliseconds since the last message. */
export function ageOf(row: Row, now: number): number {
  return Math.max(0, now - row.at);
}

/** The rate falls by itself when nothing comes any more. */
export function rateOf(row: Row, now: number): number {
  const silent = ageOf(row, now) / 60_000;
  return Math.round(row.rate * Math.max(0, 1 - silent));
}

/** It used to come regularly, and has not for five times as long (and a minute at least). */
export function isStale(row: Row, now: number): boolean {
  if (row.at === 0 || row.count < 4 || row.every <= 0) return false;
  return ageOf(row, now) > Math.max(60_000, 5 * row.every);
}

/** So long a pause, in milliseconds, is no gap in its line: a sensor that reports twice an hour is not broken. */
export function bridgeOf(row: Row | undefined): number {
  const usual = row && row.every > 0 ? 3 * row.every : 15 * 60_000;
  // In steps, so that a chart is not made anew whenever the usual pause changes a little.
  return 2 ** Math.ceil(Math.log2(Math.max(2 * 60_000, usual)));
}

/** Nothing is there any more: an empty payload took the retained message away. */
export function isGone(row: Row): boolean {
  return row.kind === 'empty' && !row.retained;
}
