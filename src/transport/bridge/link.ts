import { text } from '../../base/catalogue';
import type { Clock } from '../../base/clock';
import type { Text } from '../../base/text';
import type { TypedNodes } from '../../servers/bridge-profile';
import type { PayloadType } from '../../servers/payload-types';
import type { PubsubAddress } from '../../servers/profiles';
import { bridgeTopic, splitBridgeTopic } from '../../servers/profiles/prosody';
import { InputError, LinkError } from '../errors';
import type {
  BufferedMessage,
  Link,
  LinkHandover,
  LinkInbound,
  LinkListener,
  PauseReason,
  PublishFlags,
  SubscribeAnswer,
  WireSubscription,
} from '../link';
import type { PendingAck, Publication } from '../messages';
import type { AccountSession } from '../pubsub/account-session';
import { AskWindow } from '../pubsub/ask-window';
import { clearNode } from '../pubsub/clear-node';
import { EventInbound } from '../pubsub/inbound';
import { isLost } from '../pubsub/service';
import type { BridgeArrival } from './bridge-node';
import { BridgeNodes } from './bridge-nodes';
import { BridgeSession } from './bridge-session';
import { BridgeSubscriber } from './bridge-subscriber';

export interface BridgeLinkOptions {
  session: AccountSession;
  /** JID of the PubSub service whose nodes the bridge has as topics. */
  service: string;
  payloadType: PayloadType;
  typed: TypedNodes;
  /** Wait between two looks at the nodes for filters with wildcards, in milliseconds. */
  poll: number;
  clock: Clock;
  notice(code: string, note: Text, level?: 'info'): void;
}

/**
 * A connection to Prosody's MQTT bridge, helped by the account's XMPP session. Above it a topic is the name of a node.
 * All messages go over MQTT; wildcards, last values, and what the bridge leaves out come over XMPP.
 */
export class BridgeLink implements Link {
  readonly inbound: LinkInbound;
  private readonly mqtt: Link;
  private readonly read: EventInbound;
  private readonly nodes: BridgeNodes;
  private readonly session: BridgeSession;
  private readonly window: AskWindow;
  private isUp = false;

  /** @param open makes the connection to the bridge */
  constructor(
    open: (listener: LinkListener) => Link,
    private readonly options: BridgeLinkOptions,
    private readonly listener: LinkListener,
  ) {
    const { session, service, clock, notice } = options;
    this.window = new AskWindow(clock);
    this.session = new BridgeSession(session, service, clock, (ready, isNew) =>
      this.nodes.sessionReady(ready, isNew),
    );
    this.nodes = new BridgeNodes(
      this.session,
      new BridgeSubscriber(() => (this.isUp ? this.mqtt : undefined)),
      options,
      {
        notice,
        deliver: (node, item, arrival) => this.deliver(node, item, arrival),
        replayed: (filter) => this.isUp && listener.replayed?.(filter),
        granted: (filter) => this.isUp && listener.granted?.(filter),
      },
    );
    this.read = new EventInbound(listener, () => notice('pubsub-dropped', text('pubsub.eventsDropped')));
    this.mqtt = open(this.heard());
    this.inbound = new BridgeInbound(this.mqtt.inbound, this.read);
  }

  get where(): string {
    return this.mqtt.where;
  }

  get remoteAddress(): string | undefined {
    return this.mqtt.remoteAddress;
  }

  get sendsPassword(): boolean {
    return this.mqtt.sendsPassword;
  }

  get writable(): boolean {
    return this.mqtt.writable;
  }

  publish(wire: Publication, sent: (error?: Error) => void): void {
    const { service, payloadType } = this.options;
    const { type, node } = splitBridgeTopic(wire.topic, service) ?? { type: payloadType, node: wire.topic };
    if (wire.payload.length === 0 && wire.retain) {
      void this.clear(node).then(() => sent(), sent);
      return;
    }
    if (wire.payload.length === 0 && type === 'json') {
      sent(new InputError('payload-json', text('pubsub.emptyJson', { node })));
      return;
    }
    this.nodes.publishing(node);
    this.mqtt.publish({ ...wire, topic: bridgeTopic(service, type, node), retain: false }, sent);
  }

  subscribe(
    wanted: readonly WireSubscription[],
    id: number | undefined,
    answered: (error: Error | undefined, codes: SubscribeAnswer[]) => void,
  ): void {
    Promise.all(wanted.map((one) => this.nodes.subscribe(one, id))).then(
      (codes) => answered(undefined, codes),
      (error: Error) => answered(error, []),
    );
  }

  unsubscribe(filters: string[]): void {
    this.nodes.unsubscribe(filters);
  }

  ping(answered: () => void): void {
    this.mqtt.ping(answered);
  }

  async end(forever?: boolean): Promise<void> {
    this.isUp = false;
    await Promise.all([this.mqtt.end(forever), this.nodes.end()]);
  }

  release(): LinkHandover {
    const { inbound, ...others } = this.mqtt.release();
    return { ...others, inbound: [...inbound, ...this.read.empty()] };
  }

  private heard(): LinkListener {
    const { listener, options } = this;
    return {
      connected: (opening) => {
        this.isUp = true;
        this.nodes.up();
        listener.connected(opening);
      },
      forgotten: () => listener.forgotten?.(),
      down: (reason, again, uptime) => {
        this.isUp = false;
        this.nodes.down();
        listener.down(reason, again, uptime);
      },
      retrying: () => listener.retrying(),
      drained: () => listener.drained(),
      malformed: () => listener.malformed(),
      crowded: () => listener.crowded?.(),
      message: (topic, payload, packet) => {
        const address = splitBridgeTopic(topic, options.service);
        if (!address || this.nodes.takes(address.node, address.type, payload)) return;
        listener.message(address.node, payload, { ...flags(packet), pubsub: address });
      },
    };
  }

  /** The bridge has no word for it, the owner of a node has. */
  private async clear(node: string): Promise<void> {
    this.session.open();
    const service = this.session.service ?? (await this.session.whenReady(ANSWER_TIMEOUT));
    const away = (): LinkError =>
      new LinkError('network', text('bridge.notCleared', { node, text: this.session.reason }));
    if (!service) throw away();
    try {
      await clearNode(service, this.window, node);
    } catch (error) {
      throw isLost(error) ? away() : error;
    }
    this.nodes.cleared(node);
  }

  private deliver(
    node: string,
    item: Parameters<ConstructorParameters<typeof BridgeNodes>[3]['deliver']>[1],
    { retain, late, unread, filters }: BridgeArrival,
  ): void {
    const { service, payloadType } = this.options;
    if (filters.length === 0) return;
    const ids = filters.flatMap(({ id }) => id ?? []);
    const pubsub: PubsubAddress = {
      service,
      type: item?.content?.type ?? payloadType,
      node,
      ...(item?.id && { itemId: item.id }),
      ...(item?.publisher !== undefined && { publisher: item.publisher }),
      ...(late && { late }),
      ...(unread && { unread }),
    };
    this.read.take(node, Buffer.from(item?.content?.text ?? ''), {
      qos: 0,
      retain,
      dup: false,
      pubsub,
      ...(ids.length > 0 && { properties: { subscriptionIdentifier: ids } }),
    });
  }
}

/** Time, in milliseconds, in which the session has to come for a request of a flow. */
const ANSWER_TIMEOUT = 15_000;

function flags({ qos, retain, dup }: PublishFlags): PublishFlags {
  return { qos, retain, dup };
}

/** Messages of both ways; each keeps its own order. */
class BridgeInbound implements LinkInbound {
  constructor(
    private readonly mqtt: LinkInbound,
    private readonly read: EventInbound,
  ) {}

  gate(closed: boolean): void {
    this.read.gate(closed);
    this.mqtt.gate(closed);
  }

  pause(reason: PauseReason, on: boolean): void {
    this.mqtt.pause(reason, on);
  }

  deferAck(lost: () => void): PendingAck | undefined {
    return this.mqtt.deferAck(lost);
  }

  inherit(inbound: readonly BufferedMessage[]): void {
    this.read.inherit(inbound.filter(({ packet }) => packet.pubsub !== undefined));
    this.mqtt.inherit(inbound.filter(({ packet }) => packet.pubsub === undefined));
  }
}
