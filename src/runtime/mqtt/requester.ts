import { randomBytes } from 'node:crypto';
import { text } from '../../base/catalogue';
import type { Clock } from '../../base/clock';
import { InputError } from '../../topics/errors';
import { needsMqtt5 } from '../../transport/connection/adapt-publication';
import { LinkError } from '../../transport/errors';
import type { Publication, ReceivedPublication } from '../../transport/messages';
import type { Subscription } from '../../transport/subscriptions/subscription-set';
import type { Broker } from '../broker/broker';
import { decode, mqttMessage } from './decode';

/** The parts of the connection that a requester needs. */
export interface RequestBroker {
  readonly clientId: string;
  /** 5, or undefined while nobody knows. */
  readonly version: number | undefined;
  publish(publication: Publication, done: (error?: Error) => void): void;
  subscribe(subscription: Subscription): void;
  unsubscribe(subscription: Subscription, keep: boolean): void;
}

interface PendingRequest {
  answered(answer: Record<string, unknown>): void;
  failed(error: Error): void;
  stop(): void;
}

/** Most requests that wait at the same time. */
const MAX_WAITING = 1_000;

/**
 * Request and response of one node (MQTT 5 §4.10): each request carries the node's own response topic and correlation
 * data; the answer with the same data belongs to it.
 */
export class Requester {
  private readonly waiting = new Map<string, PendingRequest>();
  private readonly subscription: Subscription;
  private count = 0;

  constructor(
    private readonly broker: RequestBroker,
    /** A name unique to this node, for its response topic. */
    name: string,
    private readonly timeout: number,
    private readonly clock: Clock,
    refused: (reason: Error) => void,
  ) {
    this.subscription = {
      owner: `response ${name}`,
      filter: `dinox-nr/response/${broker.clientId.replace(/[+#/]/g, '-')}/${name}`,
      // Qos 1, and no retained answers: they would belong to nobody.
      options: { qos: 1, nl: false, rap: false, rh: 2 },
      deliver: (delivery) => this.deliver(delivery),
      refused,
    };
    broker.subscribe(this.subscription);
  }

  /** Sends a request. One of the two is called, once: with the answer's message properties, or with the error. */
  request(
    publication: Publication,
    answered: (answer: Record<string, unknown>) => void,
    failed: (error: Error) => void,
  ): void {
    // If nobody knows the version yet, the sender finds out.
    if (this.broker.version !== undefined && this.broker.version !== 5) throw needsMqtt5();
    if (this.waiting.size >= MAX_WAITING) {
      throw new InputError('request-many', text('input.requestMany', { count: MAX_WAITING }));
    }
    const correlationData = Buffer.concat([randomBytes(8), Buffer.from(String(++this.count))]);
    const key = correlationData.toString('hex');
    const topic = publication.topic;
    const take = (): void => {
      this.waiting.get(key)?.stop();
      this.waiting.delete(key);
    };
    this.waiting.set(key, {
      answered: (answer) => {
        take();
        answered(answer);
      },
      failed: (error) => {
        take();
        failed(error);
      },
      stop: this.clock.after(this.timeout, () => {
        const error = new LinkError(
          'timeout',
          text('mqtt.noResponse', { topic: topic.slice(0, 100), seconds: this.timeout / 1000 }),
        );
        this.waiting.get(key)?.failed(error);
      }),
    });
    const properties = {
      ...publication.properties,
      responseTopic: this.subscription.filter,
      correlationData,
    };
    // A request that was given up must not be obeyed hours later.
    const obsolete = (): boolean => !this.waiting.has(key);
    this.broker.publish({ ...publication, properties, obsolete, needsMqtt5: true }, (error) => {
      if (error) this.waiting.get(key)?.failed(error);
    });
  }

  close(): void {
    this.broker.unsubscribe(this.subscription, false);
    const error = new LinkError('closed', text('mqtt.closedBeforeResponse'));
    for (const request of [...this.waiting.values()]) request.failed(error);
  }

  private deliver(delivery: ReceivedPublication): void {
    const key = delivery.properties?.correlationData?.toString('hex');
    const request = key === undefined ? undefined : this.waiting.get(key);
    // Nobody waits for an answer that is late, doubled or somebody else's.
    request?.answered({ ...mqttMessage(delivery), payload: decode(delivery, 'auto-detect') });
  }
}

/** The connection of a `dinox-broker` as a requester sees it. The response topic carries the client id: no twin hears it. */
export function requestsOver(broker: Broker): RequestBroker {
  return {
    clientId: broker.client.configuration.clientId,
    get version() {
      return broker.client.version;
    },
    publish: (publication, done) => broker.publish(publication, done),
    subscribe: (subscription) => broker.subscribe(subscription),
    unsubscribe: (subscription, keep) => broker.unsubscribe(subscription, keep),
  };
}
