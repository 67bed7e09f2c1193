import { crc32 } from 'node:zlib';
import { text } from '../../base/catalogue';
import { textOf } from '../../base/coded-error';
import type { Text } from '../../base/text';
import type { PubsubItem } from '../../xmpp/pubsub/answers';
import { LinkError } from '../errors';
import type { SubscribeAnswer } from '../link';
import type { SubscribingProgress } from './progress';
import { conditionOf } from './service';

/** A filter that somebody subscribed to. */
export interface WantedFilter {
  readonly wire: string;
  readonly isWild: boolean;
  /** Subscription identifier, where several filters may match one node. */
  id: number | undefined;
  /** No Local: what this connection published itself is not wanted. */
  nl: boolean;
  /** Number of the connection in which it was subscribed to last. */
  connection: number;
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
  /** True once it was subscribed to: what is new after an absence came late. */
  wasOn: boolean;
  last: LastItem | undefined;
  /** True if our subscription made it. */
  autocreated: boolean;
  /** Events that came while the subscription is being confirmed. */
  held: { item: PubsubItem; kept: boolean }[];
  /** Filters that want the last item as a retained message. */
  joiners: Set<WantedFilter>;
  joined: Promise<SubscribeAnswer> | undefined;
}

export interface NodeSubscriptionsTools {
  notice(code: string, note: Text, level?: 'info'): void;
  /** An item; `undefined`: the node keeps nothing any more. */
  deliver(node: string, item: PubsubItem | undefined, arrival: Arrival): void;
  /** The last items for a filter have all come. */
  replayed(filter: string): void;
  progress(progress: SubscribingProgress | undefined): void;
}

export function wantedNode(name: string, session: number): WantedNode {
  return {
    name,
    phase: 'off',
    session,
    wasOn: false,
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

/** Error for a node that the service does not let the account subscribe to. */
export function subscribeRefusal(reason: unknown, params: { node: string; service: string }): LinkError {
  const isDenied = ['forbidden', 'not-authorized', 'not-allowed'].includes(conditionOf(reason) ?? '');
  const why = isDenied
    ? text('pubsub.readDenied', params)
    : text('pubsub.subscribeRefused', { ...params, text: textOf(reason) });
  return new LinkError('refused', why, false, { cause: reason });
}
