import { crc32 } from 'node:zlib';
import { BoundedSet } from '../../base/bounded-map';
import type { PayloadType } from '../../servers/payload-types';
import type { PubsubItem } from '../../xmpp/pubsub/answers';
import type { ItemContent } from '../../xmpp/pubsub/payload';
import type { SubscribeAnswer } from '../link';
import type { Arrival, WantedFilter, WantedNode } from '../pubsub/wanted-node';

/** Contents that are remembered of a node with items of several types. */
const MAX_WHOLE = 100;

/** How an item came; `unread`: the bridge left its content out, and it could not be read. */
export interface BridgeArrival extends Arrival {
  unread?: boolean;
}

/** A node that is subscribed to at the bridge. */
export interface BridgeNode {
  readonly name: string;
  /** Type in which the bridge brings its items: it has one for each node and connection. */
  type: PayloadType;
  /** Type of the last item that the bridge brought empty. */
  otherType: PayloadType | undefined;
  /** False if it is not subscribed to: the node is not there, or the bridge refused it. */
  isThere: boolean;
  /** True once the service has listed it. */
  isListed: boolean;
  /** The MQTT connection in which it was subscribed to. */
  connection: number;
  subscribed: Promise<SubscribeAnswer>;
  /** Number of the last message that came over MQTT, among those of all nodes. */
  heardAt: number;
  /** Checksum of the content that was delivered last; undefined: none, or an empty one. */
  sum: number | undefined;
  /** Id of the newest item that was read and delivered. */
  lastId: string | undefined;
  /** Nobody was subscribed for a while: an item that is new comes late. */
  isMissed: boolean;
  /** Filters that want the last item as a retained message, unless a message has come since the number beside them. */
  joiners: Map<WantedFilter, number>;
  reading: Promise<void> | undefined;
  /** Messages in their order, from the first that came without its content. */
  held: WantedNode['held'];
  /** Types in which those without their content came, in their order. */
  emptyTypes: PayloadType[];
  /** Contents that the bridge brought whole, since it brought one empty. */
  whole: BoundedSet<string>;
}

export function bridgeNode(name: string, type: PayloadType): BridgeNode {
  return {
    name,
    type,
    otherType: undefined,
    isThere: false,
    isListed: false,
    connection: 0,
    subscribed: Promise.resolve(0),
    heardAt: 0,
    sum: undefined,
    lastId: undefined,
    isMissed: false,
    joiners: new Map(),
    reading: undefined,
    held: [],
    emptyTypes: [],
    whole: new BoundedSet(MAX_WHOLE),
  };
}

export function sumOf(content: Buffer | string): number {
  return crc32(content);
}

export function keyOf({ type, text }: ItemContent): string {
  return `${type} ${sumOf(text)}`;
}

/**
 * The items of an answer for messages that came empty, in their order; undefined where the node keeps it no more.
 * @param types types in which these messages came: the bridge had their items in another one
 */
export function leftOut(
  node: Pick<BridgeNode, 'lastId' | 'whole'>,
  items: readonly PubsubItem[],
  types: readonly PayloadType[],
): (PubsubItem | undefined)[] {
  const known = items.findIndex(({ id }) => id === node.lastId);
  const isOther = ({ content }: PubsubItem, type: PayloadType | undefined): boolean =>
    content !== undefined && (content.type !== type || content.text === '');
  let rest = items.slice(known + 1).filter(({ content }) => content && !node.whole.has(keyOf(content)));
  // Nobody knows where the ones before end, so the newest count.
  if (node.lastId === undefined) rest = rest.filter((item) => isOther(item, types[0])).slice(-types.length);
  return types.map((type) => {
    const at = rest.findIndex((item) => isOther(item, type));
    return at < 0 ? undefined : rest.splice(0, at + 1).at(-1);
  });
}
