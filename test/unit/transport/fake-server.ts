/** A broker on paper: takes SUBSCRIBE and PUBLISH one after the other, and answers when it is told to. */

import { words } from '../../../src/base/catalogue';
import type { Notice } from '../../../src/discovery/types';
import { profileOf } from '../../../src/servers/profiles';
import type { ServerType } from '../../../src/servers/types';
import { capabilitiesOf } from '../../../src/transport/capabilities';
import { LinkError } from '../../../src/transport/errors';
import type { ReceivedPublication, SubscribeOptions } from '../../../src/transport/messages';
import type { LinkLoss } from '../../../src/transport/poison/loss-counter';
import type {
  SubscriptionContext,
  SubscriptionLink,
} from '../../../src/transport/subscriptions/subscription-context';
import { type Subscription, SubscriptionSet } from '../../../src/transport/subscriptions/subscription-set';
import { naiveMatch } from '../topics/reference-router';
import { FakeClock } from './fake-clock';

type Wanted = SubscribeOptions & { filter: string };

/** How a message comes that matches several filters of one client. */
export type Copies = 'each' | 'once' | 'merged';

export interface ServerOptions {
  v5: boolean;
  /** Own messages stay away where they are not wanted. @default v5 */
  noLocal?: boolean;
  copies: Copies;
  type?: ServerType;
  /** MQTT 5: the CONNACK's properties. */
  connack?: Record<string, unknown>;
}

export class FakeServer implements SubscriptionLink {
  /** SUBSCRIBE packets, as they came. */
  readonly packets: { wanted: readonly Wanted[]; id: number | undefined }[] = [];
  readonly unsubscribed: string[][] = [];
  readonly standing = new Map<string, Wanted & { id: number | undefined }>();
  readonly retained = new Map<string, string>();
  /** Reason codes for filters that are refused. */
  readonly refuses = new Map<string, number>();
  /** Takes SUBSCRIBE and never answers. */
  silent = false;
  private readonly toServer: (() => void)[] = [];
  private readonly toClient: (() => void)[] = [];
  receive: (
    topic: string,
    payload: Buffer,
    packet: { qos: 0; retain: boolean; dup: boolean; properties?: object },
  ) => void = () => {};

  constructor(private readonly options: ServerOptions) {}

  subscribe(
    wanted: readonly Wanted[],
    id: number | undefined,
    answered: (error: Error | undefined, codes: number[]) => void,
  ): void {
    this.packets.push({ wanted, id });
    this.toServer.push(() => {
      if (this.silent) return;
      const codes = wanted.map(({ filter, qos }) => this.refuses.get(filter) ?? qos);
      this.toClient.push(() => answered(undefined, codes));
      for (const entry of wanted) if (!this.refuses.has(entry.filter)) this.stand(entry, id);
    });
  }

  unsubscribe(filters: string[]): void {
    this.unsubscribed.push(filters);
    this.toServer.push(() => {
      for (const filter of filters) this.standing.delete(filter);
    });
  }

  /** What the client publishes itself: the overlap probe's message. */
  publish(wire: { topic: string; payload: string }, sent: (error?: Error) => void): void {
    this.toServer.push(() => this.arrive(wire.topic, wire.payload, false));
    sent();
  }

  /** A message of another client reaches the server. */
  arrive(topic: string, payload: string, retain: boolean): void {
    if (retain) this.retained.set(topic, payload);
    const hit = [...this.standing.values()].filter(({ filter }) => naiveMatch(filter, topic));
    if (hit.length === 0) return;
    if (this.options.copies === 'each')
      for (const one of hit) this.push(topic, payload, retain && one.rap, one.id);
    else {
      const ids = hit.map(({ id }) => id).filter((id) => id !== undefined);
      this.push(topic, payload, retain && hit.some(({ rap }) => rap), ids.length > 1 ? ids : ids[0]);
    }
  }

  /** The server deals with one packet; false: there was none. */
  serve(): boolean {
    const action = this.toServer.shift();
    action?.();
    return action !== undefined;
  }

  /** One packet reaches the client. */
  bring(): boolean {
    const action = this.toClient.shift();
    action?.();
    return action !== undefined;
  }

  /** Everything that is under way arrives. */
  settle(): void {
    while (this.serve() || this.bring()) {
      // Until nothing moves any more.
    }
  }

  /** The filters of each SUBSCRIBE packet. */
  get asked(): string[][] {
    return this.packets.map(({ wanted }) => wanted.map(({ filter }) => filter));
  }

  private stand(entry: Wanted, id: number | undefined): void {
    const isNew = !this.standing.has(entry.filter);
    this.standing.set(entry.filter, { ...entry, id });
    if (entry.rh === 2 || (entry.rh === 1 && !isNew)) return;
    for (const [topic, payload] of this.retained)
      if (naiveMatch(entry.filter, topic)) this.push(topic, payload, true, id);
  }

  private push(topic: string, payload: string, retain: boolean, ids: number | number[] | undefined): void {
    const properties = this.options.v5
      ? { properties: ids === undefined ? {} : { subscriptionIdentifier: ids } }
      : {};
    this.toClient.push(() =>
      this.receive(topic, Buffer.from(payload), { qos: 0, retain, dup: false, ...properties }),
    );
  }
}

/** A node that receives. */
export class Receiver {
  readonly got: ReceivedPublication[] = [];
  readonly errors: string[] = [];
  granted = 0;

  constructor(readonly owner: string) {}

  subscription(filter: string, options: Partial<SubscribeOptions> = {}): Subscription {
    return {
      owner: this.owner,
      filter,
      options: { qos: 0, nl: false, rap: false, rh: 0, ...options },
      deliver: (message) => this.got.push(message),
      refused: (reason) => this.errors.push(reason.message),
      granted: () => {
        this.granted += 1;
      },
    };
  }

  /** `topic=payload`, with an `r` behind it where it is a retained one. */
  get seen(): string[] {
    return this.got.map(({ topic, payload, retain }) => `${topic}=${payload}${retain ? ' r' : ''}`);
  }

  /** What came since the last look. */
  take(): string[] {
    const { seen } = this;
    this.got.length = 0;
    return seen;
  }
}

function contextOf(
  server: FakeServer,
  options: ServerOptions,
  pubsubService = 'pubsub.example.org',
): SubscriptionContext {
  const profile = profileOf(options.type ?? 'mosquitto');
  const capabilities = capabilitiesOf(profile.capabilities, { properties: options.connack } as never);
  return {
    link: server,
    profile,
    capabilities,
    mapping: profile.mapping({ pubsubService, payloadType: 'utf8' }),
    v5: options.v5,
    noLocal: options.noLocal ?? options.v5,
    sessionPresent: false,
  };
}

export interface Stage {
  clock: FakeClock;
  set: SubscriptionSet;
  /** The present connection's. */
  server: FakeServer;
  options: ServerOptions;
  /** Connects anew; a session that lasted keeps what stood. `hold`: the server is told after `proceed`. */
  connect(keepSession?: boolean, hold?: boolean): FakeServer;
  /** Adds a subscription of `receiver`, without telling the server yet. */
  add(receiver: Receiver, filter: string, options?: Partial<SubscribeOptions>): Subscription;
  /** Tells the server what has changed, and lets everything arrive. */
  settle(): void;
}

export function setTheStage(options: ServerOptions, report?: (notice: Notice) => void): Stage {
  const clock = new FakeClock();
  const set = new SubscriptionSet(clock, () => 0.123456789, report);
  const stage: Stage = {
    clock,
    set,
    server: new FakeServer(options),
    options,
    connect(keepSession = false, hold = false) {
      const next = new FakeServer(options);
      for (const [topic, payload] of stage.server.retained) next.retained.set(topic, payload);
      if (keepSession) for (const [filter, entry] of stage.server.standing) next.standing.set(filter, entry);
      stage.server = next;
      next.receive = (topic, payload, packet) => void set.handle(topic, payload, packet);
      set.connected({ ...contextOf(next, options), sessionPresent: keepSession }, hold);
      return next;
    },
    add(receiver, filter, wanted) {
      const subscription = receiver.subscription(filter, wanted);
      set.add(subscription);
      return subscription;
    },
    settle() {
      set.flush();
      stage.server.settle();
    },
  };
  return stage;
}

/** The server closed the connection so many milliseconds after it had said yes. */
export const lossAfter = (uptime: number): LinkLoss => ({
  reason: new LinkError('closed', words('closed')),
  uptime,
});

/** What the server was told since the last look: `filter q<qos> rh<rh>` and so on, packet by packet. */
export function told(stage: Stage): string[][] {
  return stage.server.packets
    .splice(0)
    .map(({ wanted, id }) =>
      wanted.map(
        ({ filter, qos, nl, rap, rh }) =>
          `${filter} q${qos}${nl ? ' nl' : ''}${rap ? ' rap' : ''} rh${rh}${id === undefined ? '' : ' id'}`,
      ),
    );
}
