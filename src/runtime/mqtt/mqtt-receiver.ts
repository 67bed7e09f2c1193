import type { Node } from 'node-red';
import { BoundedSet } from '../../base/bounded-map';
import { text } from '../../base/catalogue';
import { textOf } from '../../base/coded-error';
import { plain } from '../../base/printable';
import { textId } from '../../base/text';
import type { ReadText, Translate } from '../../base/translate';
import { checkFilter } from '../../topics/check';
import { InputError } from '../../topics/errors';
import { wildcardLevels } from '../../topics/levels';
import type { PendingAck, ReceivedPublication, SubscribeOptions } from '../../transport/messages';
import type { Subscription } from '../../transport/subscriptions/subscription-set';
import type { Broker } from '../broker/broker';
import type { SubscriptionFault } from '../broker/subscription-faults';
import { addProperties, type Datatype, DecodeError, decode, type IncomingMessage } from './decode';
import type { ManualAcks } from './manual-acks';

/** Most characters of a topic, and of an error that quotes a message, in the log. */
const MAX_SHOWN = 200;

/** The subscriptions of one `dinox-mqtt-in`, and the way from a delivery to its output. */
export class MqttReceiver {
  private readonly subscriptions = new Map<string, Subscription>();
  private readonly said = new BoundedSet<string>(100);
  /** True if some filter has a fault; messages are checked only then. */
  private isFaulty = false;
  /** Faults from before the deploy that made this node. */
  private readonly inherited: ReadonlyMap<string, SubscriptionFault>;

  constructor(
    private readonly node: Node,
    private readonly broker: Broker,
    private readonly translate: Translate,
    private readonly read: ReadText,
    /** Set if the flow acknowledges by hand. */
    private readonly acknowledger?: ManualAcks | undefined,
  ) {
    this.inherited = broker.faults.take(node.id);
  }

  /** Subscribes; false, after an error, if the filter is invalid. */
  subscribe(filter: string, options: SubscribeOptions, datatype: Datatype): boolean {
    try {
      checkFilter(filter);
    } catch (error) {
      this.node.error(this.read(textOf(error)));
      this.node.status({ fill: 'red', shape: 'ring', text: this.translate('status.filter') });
      return false;
    }
    this.unsubscribe(filter);
    const before = this.inherited.get(filter);
    if (before) this.setFault(filter, before);
    const levels = wildcardLevels(filter);
    const subscription: Subscription = {
      owner: this.node.id,
      filter,
      options,
      manual: this.acknowledger !== undefined,
      deliver: (delivery) => {
        if (this.isFaulty) this.hears(filter);
        this.deliver(delivery, datatype, filter, levels(delivery.topic));
      },
      failed: (topic, reason) => this.node.error(this.read(text('log.notPassedOn', { topic, reason }))),
      refused: (reason) => this.refused(filter, reason),
      granted: () => this.granted(filter),
    };
    this.subscriptions.set(filter, subscription);
    this.broker.subscribe(subscription);
    return true;
  }

  get v5(): boolean {
    const { version } = this.broker.client;
    return version === undefined || version === 5;
  }

  /** Tells the server at once: the flow's next publication must find the subscription there. */
  flush(): void {
    this.broker.client.subscriptions.flush();
  }

  unsubscribe(filter: string): void {
    const subscription = this.subscriptions.get(filter);
    if (!subscription) return;
    this.subscriptions.delete(filter);
    this.broker.unsubscribe(subscription, false);
    if (this.isFaulty && this.broker.faults.clear(this.node.id, filter)) this.looked();
  }

  /** Closes the node; if core's `autoUnsubscribe` is off, the server keeps the subscriptions of a node that comes back. */
  close(removed: boolean): void {
    const keep = !removed && !this.broker.config.autoUnsubscribe;
    if (removed) this.acknowledger?.end();
    else this.acknowledger?.leave();
    for (const subscription of this.subscriptions.values()) this.broker.unsubscribe(subscription, keep);
    this.subscriptions.clear();
    // Else the node that comes back under this id inherits them.
    if (removed) this.broker.faults.take(this.node.id);
    else this.broker.faults.leave(this.node.id);
  }

  private deliver(delivery: ReceivedPublication, datatype: Datatype, filter: string, levels: string[]): void {
    const { topic, qos, retain } = delivery;
    let payload: unknown;
    try {
      payload = decode(delivery, datatype);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      const why = text('input.messageNotJson', { topic: plain(topic, MAX_SHOWN), text: error.text });
      this.node.error(this.read(why), {
        payload: Buffer.from(delivery.payload),
        topic,
        qos,
        retain,
      } as never);
      return;
    }
    // The message is made in one piece: properties added one by one make an object larger and slower. Node-RED adds an id
    // if there is none, which takes it as long as reading a small payload.
    const message: IncomingMessage = {
      _msgid: this.broker.messageId(),
      topic,
      payload,
      qos,
      retain,
      filter,
      levels,
      receivedAt: Date.now(),
    };
    addProperties(message, delivery);
    if (retain) message.replayed = delivery.replayed === true;
    if (this.broker.config.isThisMachine) message._topic = topic;
    if (!this.acknowledger) {
      this.node.send(message as never);
      return;
    }
    const { client } = this.broker;
    this.acknowledger.take(
      (lost) => client.deferAck(lost),
      (ackId) => this.node.send((ackId === undefined ? message : { ...message, ackId }) as never),
      (pendingAck) => this.leave(filter, delivery, pendingAck),
    );
  }

  /** Leaves a message to the node that comes back. */
  private leave(filter: string, message: ReceivedPublication, pendingAck: PendingAck): void {
    const subscription = this.subscriptions.get(filter);
    if (subscription) this.broker.unackedHandover.leave({ subscription, message, pendingAck });
  }

  private refused(filter: string, reason: Error): void {
    const said = textOf(reason);
    const isPayload = reason instanceof InputError && reason.code === 'payload-type';
    this.setFault(filter, {
      kind: isPayload ? 'payload' : 'refused',
      status: this.translate(isPayload ? 'status.payload' : 'status.refused'),
      text: said,
    });
    this.broker.show(this.node);
    if (this.said.add(textId(said))) this.node.error(this.read(said), { topic: '' } as never);
  }

  private setFault(filter: string, fault: SubscriptionFault): void {
    this.broker.faults.set(this.node.id, filter, fault);
    this.isFaulty = true;
  }

  /** Handles a granted filter. It does not mean that messages will come through it. */
  private granted(filter: string): void {
    this.broker.faults.clear(this.node.id, filter, 'refused');
    this.looked();
  }

  /** Clears the fault of a filter through which a value came. */
  private hears(filter: string): void {
    if (this.broker.faults.clear(this.node.id, filter)) this.looked();
  }

  private looked(): void {
    this.isFaulty = this.broker.faults.of(this.node.id) !== undefined;
    this.broker.show(this.node);
  }
}
