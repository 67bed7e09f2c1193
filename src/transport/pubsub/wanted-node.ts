import { crc32 } from 'node:zlib';
import type { PubsubItem } from '../../xmpp/pubsub/answers';
import type { SubscribeAnswer } from '../link';

/** A filter that somebody subscribed to. */
export interface WantedFilter {
  readonly wire: string;
  readonly isWild: boolean;
  /** Subscription identifier, where several filters may match one node. */
  id: number | undefined;
  /** No Local: what this connection published itself is not wanted. */
  nl: boolean;
  /** Number of the session in which it was subscribed to last. */
  session: number;
  /** Number of times that its nodes are being read. */
  replays: number;
}

/** How an item came. */
export interface Arrival {
  retain: boolean;
  late: boolean;
  /** Filters for which it came. */
  filters: readonly WantedFilter[];
}

/** The newest item that was seen of a node. */
export interface LastItem {
  id: string;
  /** Checksum of its content: a publisher may use one id for all its items. */
  sum: number;
}

export interface WantedNode {
  readonly name: string;
  phase: 'off' | 'joining' | 'on' | 'missing' | 'refused';
  session: number;
  last: LastItem | undefined;
  /** True if our subscription made it. */
  autocreated: boolean;
  /** Events that came while the subscription is being confirmed. */
  held: { item: PubsubItem; kept: boolean }[];
  /** Filters that want the last item as a retained message. */
  joiners: Set<WantedFilter>;
  joined: Promise<SubscribeAnswer> | undefined;
}

export function wantedNode(name: string, session: number): WantedNode {
  return {
    name,
    phase: 'off',
    session,
    last: undefined,
    autocreated: false,
    held: [],
    joiners: new Set(),
    joined: undefined,
  };
}

function sumOf({ content }: PubsubItem): number {
  return content ? crc32(content.text) : 0;
}

export function lastOf(item: PubsubItem): LastItem {
  return { id: item.id, sum: sumOf(item) };
}

export function isSame(last: LastItem | undefined, item: PubsubItem): boolean {
  return last !== undefined && last.id === item.id && last.sum === sumOf(item);
}
