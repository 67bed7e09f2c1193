/** Content of a PubSub service (XEP-0060). Behind a bridge without wildcards, its nodes are the topics. */

import type { Element } from '@xmpp/client';
import type { PayloadType } from '../servers/payload-types';
import { NS } from './namespaces';
import { itemsOf } from './pubsub/answers';
import type { Stanzas } from './stanzas';

const MAX_NODES = 500;
const MAX_NODE_LENGTH = 1_000;
const MAX_PAYLOAD_LENGTH = 8_192;
/** Number of last items that are asked for at a time, because packaged configurations slow clients down. */
const AT_ONCE = 4;

/** A node, and its last item where that could be read. */
export interface PubsubNode {
  node: string;
  item?: { type: PayloadType; payload: string };
}

/** The names of the service's nodes (§5.2), sorted. */
export function readNodes(answer: Element): string[] {
  const nodes = new Set<string>();
  for (const { attrs } of answer.getChild('query', NS.discoItems)?.getChildren('item') ?? []) {
    if (attrs.node && attrs.node.length <= MAX_NODE_LENGTH) nodes.add(attrs.node);
    if (nodes.size >= MAX_NODES) break;
  }
  return [...nodes].sort();
}

/** The payload of the last item (§6.5.7), in one of the forms that `mod_pubsub_mqtt` knows. */
export function readItem(answer: Element): PubsubNode['item'] {
  const content = itemsOf(answer).at(-1)?.content;
  if (!content || content.type === 'xml' || content.text.length > MAX_PAYLOAD_LENGTH) return undefined;
  return { type: content.type, payload: content.text };
}

/**
 * Lists the nodes and reads their last items. A node that cannot be read is listed without one.
 * @param known nodes read before, which are not asked for again.
 * @throws the errors of {@link Stanzas.ask} if the service cannot be asked.
 */
export async function askNodes(
  stanzas: Stanzas,
  service: string,
  known: ReadonlyMap<string, PubsubNode>,
  signal: AbortSignal,
): Promise<PubsubNode[]> {
  const xml = await stanzas.load();
  const list = await stanzas.ask(
    xml('iq', { type: 'get', to: service }, xml('query', { xmlns: NS.discoItems })),
    {
      signal,
    },
  );
  const names = readNodes(list);
  const nodes = new Map<string, PubsubNode>();
  const waiting = names.filter((node) => {
    const before = known.get(node);
    if (before) nodes.set(node, before);
    return before === undefined;
  });
  const read = async (): Promise<void> => {
    for (let node = waiting.shift(); node !== undefined; node = waiting.shift()) {
      const question = xml('items', { node, max_items: '1' });
      const iq = xml('iq', { type: 'get', to: service }, xml('pubsub', { xmlns: NS.pubsub }, question));
      const item = await stanzas.ask(iq, { signal }).then(readItem, () => undefined);
      nodes.set(node, { node, ...(item && { item }) });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, read));
  return names.map((node) => nodes.get(node) ?? { node });
}
