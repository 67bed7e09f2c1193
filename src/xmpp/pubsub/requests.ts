/** Questions to a PubSub service (XEP-0060), without their sending. */

import type { Element } from '@xmpp/client';
import type { PayloadType } from '../../servers/payload-types';
import { NS } from '../namespaces';
import type { Xml } from '../stanzas';
import { type ItemContent, payloadElement } from './payload';

/** Settings of a node that its first publication makes. */
export interface NodeConfig {
  /** True if items are kept. */
  persist: boolean;
  maxItems: number;
  /** `whitelist`, `open`, …: who may subscribe and read (§4.5). */
  access: string;
  /** `publishers`, `subscribers`, `open`: who may publish (§4.5). */
  publish: string;
}

/** Builds the questions to one service. */
export class PubsubRequests {
  constructor(
    private readonly xml: Xml,
    readonly service: string,
    /** Bare JID of the account, which subscribes. */
    private readonly account: string,
  ) {}

  /** Publishes an item under an id of ours (§7.1). */
  publish(node: string, id: string, content: ItemContent & { type: PayloadType }): Element {
    const item = this.xml('item', { id }, payloadElement(this.xml, content));
    return this.pubsub('set', this.xml('publish', { node }, item));
  }

  /** Subscribes the bare JID, so that a subscription outlives the resource (§6.1). */
  subscribe(node: string): Element {
    return this.pubsub('set', this.xml('subscribe', { node, jid: this.account }));
  }

  unsubscribe(node: string): Element {
    return this.pubsub('set', this.xml('unsubscribe', { node, jid: this.account }));
  }

  /** Tells the account's other sessions which subscriptions this one has ended: they are the account's. */
  unsubscribed(nodes: readonly string[], type: 'headline' | 'normal'): Element {
    const { xml, service, account: to } = this;
    const names = nodes.map((node) => xml('node', {}, node));
    return xml(
      'message',
      { type, to },
      xml('unsubscribed', { xmlns: NS.unsubscribed, service }, ...names),
      xml('no-store', { xmlns: NS.hints }),
    );
  }

  /** The newest items (§6.5.7). */
  lastItems(node: string, max: number): Element {
    return this.pubsub('get', this.xml('items', { node, max_items: String(max) }));
  }

  /** One item, of which only the id is known (§6.5.8). */
  item(node: string, id: string): Element {
    return this.pubsub('get', this.xml('items', { node }, this.xml('item', { id })));
  }

  retract(node: string, id: string): Element {
    return this.pubsub('set', this.xml('retract', { node, notify: 'true' }, this.xml('item', { id })));
  }

  /** Removes all items; for owners only (§8.5). */
  purge(node: string): Element {
    return this.owner('set', this.xml('purge', { node }));
  }

  /** Deletes a node with its items; for owners only (§8.4). */
  remove(node: string): Element {
    return this.owner('set', this.xml('delete', { node }));
  }

  /** Creates a node with its settings (§8.1.3). */
  create(node: string, config: NodeConfig): Element {
    const { xml } = this;
    return this.pubsub('set', xml('create', { node }), xml('configure', {}, this.form(config)));
  }

  /** Changes the settings of a node; for owners only (§8.2). */
  configure(node: string, config: NodeConfig): Element {
    return this.owner('set', this.xml('configure', { node }, this.form(config)));
  }

  /** Asks for the settings of a node; for owners only (§8.2). */
  settings(node: string): Element {
    return this.owner('get', this.xml('configure', { node }));
  }

  /** The account's own affiliations: all nodes that it owns, publishes to or may read (§5.7). */
  affiliations(): Element {
    return this.pubsub('get', this.xml('affiliations'));
  }

  nodes(): Element {
    return this.get(this.xml('query', { xmlns: NS.discoItems }));
  }

  /** What the service, or one of its nodes, is (§5.1, §5.3). */
  info(node?: string): Element {
    return this.get(this.xml('query', { xmlns: NS.discoInfo, ...(node !== undefined && { node }) }));
  }

  private form({ persist, maxItems, access, publish }: NodeConfig): Element {
    const { xml } = this;
    const field = (name: string, value: string, type?: string): Element =>
      xml('field', { var: name, ...(type !== undefined && { type }) }, xml('value', {}, value));
    return xml(
      'x',
      { xmlns: NS.dataForms, type: 'submit' },
      field('FORM_TYPE', NS.pubsubNodeConfig, 'hidden'),
      field('pubsub#persist_items', persist ? '1' : '0'),
      field('pubsub#max_items', String(maxItems)),
      field('pubsub#access_model', access),
      field('pubsub#publish_model', publish),
      // ejabberd keeps one item for those who subscribe, whatever the first field says, unless it is to send none.
      ...(persist ? [] : [field('pubsub#send_last_published_item', 'never')]),
    );
  }

  private pubsub(type: 'get' | 'set', ...children: Element[]): Element {
    const { xml, service: to } = this;
    return xml('iq', { type, to }, xml('pubsub', { xmlns: NS.pubsub }, ...children));
  }

  private owner(type: 'get' | 'set', child: Element): Element {
    const { xml, service: to } = this;
    return xml('iq', { type, to }, xml('pubsub', { xmlns: NS.pubsubOwner }, child));
  }

  private get(query: Element): Element {
    return this.xml('iq', { type: 'get', to: this.service }, query);
  }
}
