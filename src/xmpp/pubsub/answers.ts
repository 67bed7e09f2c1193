/** What a PubSub service says: its answers, and the events that it sends by itself (XEP-0060). */

import type { Element } from '@xmpp/client';
import { NS } from '../namespaces';
import { contentOf, type ItemContent } from './payload';

/** Longest name of a node that is taken, in UTF-16 units; a longer one is no topic of anybody. */
const MAX_NODE_LENGTH = 1_023;

/** An item of a node. */
export interface PubsubItem {
  id: string;
  /** JID of the publisher, where the service names it. */
  publisher?: string;
  /** Undefined: it came without its payload. */
  content?: ItemContent;
}

/** Something that happened to a node. */
export type PubsubEvent =
  /** `kept`: the service sends what it keeps, because of a subscription or a presence; nobody has just published it. */
  | { kind: 'items'; node: string; items: PubsubItem[]; kept: boolean }
  | { kind: 'retract'; node: string; ids: string[] }
  | { kind: 'purge' | 'delete'; node: string };

function itemOf(item: Element): PubsubItem {
  const { id = '', publisher } = item.attrs;
  const content = contentOf(item);
  return { id, ...(publisher && { publisher }), ...(content && { content }) };
}

/** The events in a message (§7.1.2.1); none where it is another message. */
export function eventsOf(message: Element): PubsubEvent[] {
  const event = message.getChild('event', NS.pubsubEvent);
  if (!event || message.attrs.type === 'error') return [];
  const found: PubsubEvent[] = [];
  for (const child of event.getChildElements()) {
    const { node } = child.attrs;
    if (!node || node.length > MAX_NODE_LENGTH || child.getNS() !== NS.pubsubEvent) continue;
    if (child.name === 'purge' || child.name === 'delete') found.push({ kind: child.name, node });
    if (child.name !== 'items') continue;
    const items = child.getChildren('item').map(itemOf);
    // It bears the time at which it was published, or goes to this resource alone; others go to the bare JID.
    const kept = message.getChild('delay', NS.delay) !== undefined || isForOneResource(message.attrs);
    if (items.length > 0) found.push({ kind: 'items', node, items, kept });
    const ids = child.getChildren('retract').flatMap(({ attrs }) => attrs.id ?? []);
    if (ids.length > 0) found.push({ kind: 'retract', node, ids });
  }
  return found;
}

/** Personal eventing (XEP-0163) sends to resources, whatever it sends. */
function isForOneResource({ from = '', to = '' }: Element['attrs']): boolean {
  return to.includes('/') && !from.includes('@');
}

/** Nodes of a service of which another session of the account says that it has ended the subscription. */
export function unsubscribedNodes(message: Element, service: string): string[] {
  const ended = message.getChild('unsubscribed', NS.unsubscribed);
  if (ended?.attrs.service !== service || message.attrs.type === 'error') return [];
  return ended.getChildren('node').map((node) => node.text());
}

/** The items of an answer (§6.5), as the service orders them. */
export function itemsOf(answer: Element): PubsubItem[] {
  const items = answer.getChild('pubsub', NS.pubsub)?.getChild('items');
  return (items?.getChildren('item') ?? []).map(itemOf);
}

/** Names of the nodes in an answer to `disco#items` (§5.2), at most `max`. */
export function nodesOf(answer: Element, max: number): Set<string> {
  return named(answer.getChild('query', NS.discoItems)?.getChildren('item') ?? [], max);
}

/** Names of the nodes to which the account has a relation that lets it read (§5.7), at most `max`. */
export function affiliatedNodes(answer: Element, max: number): Set<string> {
  const list = answer.getChild('pubsub', NS.pubsub)?.getChild('affiliations')?.getChildren('affiliation');
  return named(
    (list ?? []).filter(({ attrs }) => attrs.affiliation !== 'outcast' && attrs.affiliation !== 'none'),
    max,
  );
}

function named(elements: readonly Element[], max: number): Set<string> {
  const nodes = new Set<string>();
  for (const { attrs } of elements) {
    if (nodes.size >= max) break;
    if (attrs.node && attrs.node.length <= MAX_NODE_LENGTH) nodes.add(attrs.node);
  }
  return nodes;
}

/** Identities of a service (§5.1), as `pubsub/service`. */
export function identitiesOf(answer: Element): string[] {
  const query = answer.getChild('query', NS.discoInfo);
  return (query?.getChildren('identity') ?? []).map(({ attrs }) => `${attrs.category}/${attrs.type}`);
}

/** True if a node keeps its items, as its settings say (§8.2); undefined if they do not. */
export function keepsItems(answer: Element): boolean | undefined {
  const form = answer.getChild('pubsub', NS.pubsubOwner)?.getChild('configure')?.getChild('x', NS.dataForms);
  const field = form?.getChildren('field').find(({ attrs }) => attrs.var === 'pubsub#persist_items');
  const value = field?.getChildText('value');
  return value === null || value === undefined ? undefined : value === '1' || value === 'true';
}
