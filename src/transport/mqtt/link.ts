import { isIP, type LookupFunction } from 'node:net';
import type { Duplex } from 'node:stream';
import type { IConnackPacket, IPublishPacket, MqttClient } from 'mqtt';
import { LinkError, SubackError } from '../errors';
import type { Hold, Publication, SubscribeOptions } from '../messages';
import { createClient, type LinkOptions, MOST_HELD, type MqttModule, showEndpoint } from './client';
import { ExactlyOnce } from './exactly-once';
import { HeldPackets } from './held-packets';
import { isTopicName, tidyProperties } from './inbound';
import { Intake } from './intake';
import { watchSession } from './lost-session';
import { Opening } from './opening';
import { type PublishFlags, PublishReader } from './publish-reader';
import { connackError, disconnectError, networkError, protocolError, takenOver } from './reasons';
import { TopicNames } from './topic-names';
import { type Arrival, WaitingRoom } from './waiting-room';
import { GatheredWrites } from './writes';

/** What a link tells its owner. */
export interface LinkListener {
  connected(connack: IConnackPacket): void;
  /** The server has no session of ours: what was under way will not be sent again by itself. Before `connected`. */
  forgotten?(): void;
  /** Lost or not come about; `again` says whether the link tries once more by itself. */
  down(reason: LinkError, again: { inMs: number } | undefined): void;
  retrying(): void;
  message(topic: string, payload: Buffer, packet: PublishFlags): void;
  drained(): void;
  /** A message was left out because its topic cannot be one. */
  malformed(): void;
  /** More wait for the flow's acknowledgement than is good: reading pauses. */
  crowded?(): void;
}

export interface WireSubscription extends SubscribeOptions {
  filter: string;
}

/** A connection that the server ended this soon, without a word, several times over, was taken over by a twin. */
const TWIN_LIFETIME = 5_000;
const TWIN_LOSSES = 3;

/** What a link leaves to the next one. */
export interface Legacy {
  /** {@link MqttLink.where}; messages and packets are of that server. */
  where: string;
  /** What has come, was not brought to anybody, and will not come again. */
  arrivals: Arrival[];
  /** {@link ExactlyOnce.ids} */
  unreleased: Set<number>;
}

/** Why nothing is read for a while. */
export type PauseReason = 'congested' | 'full' | 'held';

/**
 * One MQTT.js client: a connection that comes back by itself after a loss, and stops after a refusal.
 * What is said of MQTT.js's ways stands in this folder.
 */
export class MqttLink {
  private readonly client: MqttClient;
  private readonly options: LinkOptions;
  /** What DNS gave last. */
  private lookedUp: string | undefined;
  private lastError: Error | undefined;
  private farewell: LinkError | undefined;
  private refused = false;
  private ended = false;
  private connectedAt = 0;
  private shortLives = 0;
  private delay = 0;
  /** The QoS 1 packet that is being brought to the flow. */
  private delivering: PublishFlags | undefined;
  private readonly pauses = new Set<PauseReason>();
  /** While reading pauses: what goes on with the packet that was the last. */
  private readonly pausedPackets: (() => void)[] = [];
  private readonly held: HeldPackets;
  private readonly exactlyOnce: ExactlyOnce;
  private readonly waitingRoom: WaitingRoom;
  private gateClosed = false;
  private waitsForDrain = false;
  private readonly writes = new GatheredWrites();
  private readonly opening: Opening;

  constructor(
    mqtt: MqttModule,
    options: LinkOptions,
    private readonly listener: LinkListener,
  ) {
    this.options = { ...options, lookup: this.watch(options.lookup) };
    const reader = new PublishReader(options.version === 5, new TopicNames(), (topic, payload, flags) =>
      listener.message(topic, payload, flags),
    );
    this.client = createClient(mqtt, this.options, (stream, mqttjs) => {
      new Intake(stream, mqttjs, reader, () => this.flows(stream));
    });
    this.client.setMaxListeners(0);
    this.held = new HeldPackets(
      (packet) => this.acknowledge(packet),
      (packet, bring) => {
        this.delivering = packet;
        bring();
        this.delivering = undefined;
      },
    );
    this.waitingRoom = new WaitingRoom(this.held);
    this.exactlyOnce = new ExactlyOnce(this.client, options.unreleased ?? new Set(), (...message) =>
      this.received(...message),
    );
    watchSession(mqtt, this.client, options, () => {
      this.exactlyOnce.forget();
      listener.forgotten?.();
    });
    this.opening = new Opening(this.client, options.keepalive, options.connectTimeout, {
      broken: (error) => this.break(protocolError(error, this.where)),
      stuck: () => this.giveUp(stuck(this.where)),
    });
    this.opening.begin();
    this.listen();
    this.client.connect();
  }

  get where(): string {
    return showEndpoint(this.options.endpoint);
  }

  /** The address that is connected to; undefined while there is none. */
  get remoteAddress(): string | undefined {
    const { host } = this.options.endpoint;
    const { remoteAddress } = (this.client.stream ?? {}) as { remoteAddress?: string };
    // Over WebSocket the socket is out of sight: what was typed, or what DNS gave, counts.
    return remoteAddress ?? (isIP(host) === 0 ? this.lookedUp : host);
  }

  get sendsPassword(): boolean {
    return this.options.password !== undefined;
  }

  /** The server keeps what it could not deliver, and brings it again. */
  private get hasSession(): boolean {
    const { clean, version, sessionExpiry } = this.options;
    return !clean && (version < 5 || Boolean(sessionExpiry));
  }

  /** False while the socket's buffer is full; `drained` is told when there is room. */
  get writable(): boolean {
    if (!this.client.connected) return false;
    if (!this.client.stream.writableNeedDrain) return true;
    this.writes.flush();
    if (!this.waitsForDrain) {
      this.waitsForDrain = true;
      this.client.stream.once('drain', () => {
        this.waitsForDrain = false;
        this.listener.drained();
      });
    }
    return false;
  }

  publish(wire: Publication, sent: (error?: Error) => void): void {
    const { topic, payload, qos, retain } = wire;
    const options = {
      qos,
      retain,
      ...(this.options.version === 5 && wire.properties ? { properties: wire.properties } : {}),
    };
    this.client.publish(topic, payload, options as Parameters<MqttClient['publish']>[2], (error) => {
      sent(
        error
          ? new LinkError('refused', `${this.where} did not take the message: ${error.message}.`)
          : undefined,
      );
    });
  }

  /**
   * Sends one SUBSCRIBE packet. `answered` gets one reason code for each filter (below 128: granted QoS), or an
   * error where the connection went away first.
   */
  subscribe(
    wanted: readonly WireSubscription[],
    id: number | undefined,
    answered: (error: Error | undefined, codes: number[]) => void,
  ): void {
    const map = Object.create(null) as Record<string, SubscribeOptions>;
    for (const { filter, ...options } of wanted) map[filter] = options;
    const options = id === undefined ? {} : { properties: { subscriptionIdentifier: id } };
    this.client.subscribe(
      map,
      options as Parameters<MqttClient['subscribe']>[1],
      (error, _granted, packet) => {
        // A refused filter comes as an error whose packet names every code.
        const codes = packet?.granted as number[] | undefined;
        if (!codes) answered(error ?? undefined, []);
        else if (codes.length === wanted.length) answered(undefined, codes);
        else this.break(miscounted(this.where, wanted.length, codes.length));
      },
    );
  }

  unsubscribe(filters: string[]): void {
    if (this.client.connected) this.client.unsubscribe(filters, () => {});
  }

  /**
   * While a message is being delivered: keeps its PUBACK back. `lost` tells where the connection is lost meanwhile.
   * Undefined where there is none to keep back (QoS 0 and 2).
   */
  hold(lost: () => void): Hold | undefined {
    const hold = this.delivering && this.held.hold(this.delivering, lost);
    // Only a server without a receive maximum gets here (3.1.1): it is bounded by what the sockets hold.
    if (this.held.size > MOST_HELD) {
      this.pause('held', true);
      this.listener.crowded?.();
    }
    return hold;
  }

  private acknowledge({ messageId }: PublishFlags): void {
    if (!this.client.connected) return;
    this.client['_sendPacket']({ cmd: 'puback', messageId: messageId as number, reasonCode: 0 });
    if (this.pauses.has('held') && this.held.size <= MOST_HELD) this.pause('held', false);
  }

  /**
   * Stops taking packets, or goes on: what the server sends meanwhile waits in the sockets' buffers, and with it, in
   * the end, the server. Only for seconds, or an answer to a ping comes too late: then what is not acknowledged comes again.
   */
  pause(reason: PauseReason, on: boolean): void {
    if (on) this.pauses.add(reason);
    else this.pauses.delete(reason);
    if (this.pauses.size === 0) for (const next of this.pausedPackets.splice(0)) next();
  }

  /** Closed: what comes waits, at QoS 1 unacknowledged, until it is open again. */
  gate(closed: boolean): void {
    this.gateClosed = closed;
    if (!closed) this.bringWaiting();
  }

  /** Takes what came over the link before this one. */
  inherit(arrivals: readonly Arrival[]): void {
    for (const arrival of arrivals) this.waitingRoom.add(arrival);
    this.bringWaiting();
  }

  /** What the next link to this server has to know. Of a link that has ended. */
  legacy(): Legacy {
    this.waitingRoom.age(this.hasSession);
    return { where: this.where, arrivals: this.waitingRoom.empty(), unreleased: this.exactlyOnce.ids };
  }

  /** Whether there is somebody to bring a message to. */
  private get brings(): boolean {
    return this.connectedAt > 0 && !this.gateClosed;
  }

  /** Whether plain messages come to the flow at once. */
  private flows(stream: Duplex): boolean {
    return this.brings && this.pauses.size === 0 && !stream.destroyed;
  }

  /** Breaks the connection; it comes back by itself. */
  break(reason: LinkError): void {
    this.farewell = reason;
    this.client.stream.destroy();
  }

  /** Says goodbye (DISCONNECT) where it can, and ends for good. Resolves within about a second. */
  async end(): Promise<void> {
    if (this.ended) return;
    this.ended = true;
    this.opening.end();
    this.client.options.reconnectPeriod = 0;
    const { stream } = this.client;
    if (this.client.connected) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1_000);
        stream?.once('close', () => {
          clearTimeout(timer);
          resolve();
        });
        // Not `end(false)`: it waits for acknowledgements that may never come.
        this.client['_sendPacket']({ cmd: 'disconnect' }, () => stream?.end());
      });
    }
    await new Promise<void>((resolve) => {
      this.client.end(true, () => resolve());
    });
  }

  private watch(lookup: LookupFunction): LookupFunction {
    return (host, options, callback) => {
      lookup(host, options, (error, found, family) => {
        if (!error) this.lookedUp = typeof found === 'string' ? found : found[0]?.address;
        callback(error, found, family);
      });
    };
  }

  private listen(): void {
    const { client, listener } = this;
    client.on('connect', (connack) => {
      this.connectedAt = this.options.now();
      this.lastError = undefined;
      this.waitsForDrain = false;
      this.opening.end();
      listener.connected(connack);
      this.bringWaiting();
    });
    client.on('packetsend', () => this.writes.add(client.stream));
    client.on('message', (topic, payload, packet) => {
      if (packet.qos < 2) this.received(topic, payload, packet);
    });
    // An error here withholds PUBACK, frees the packet pump and emits nothing; a late callback would stop the pump.
    client.handleMessage = (packet, callback) => {
      const next = (): void => (this.held.took(packet) ? callback(new Error('held')) : callback());
      if (this.pauses.size > 0) this.pausedPackets.push(next);
      else next();
    };
    client.on('error', (error) => this.failed(error));
    client.on('disconnect', (packet) => {
      this.farewell = disconnectError(
        packet.reasonCode ?? 0,
        packet.properties?.reasonString,
        this.where,
        this.options.clientId,
        packet.properties?.serverReference,
      );
      // MQTT.js leaves it to the server to close the line; nothing more will come over it.
      client.stream.destroy();
    });
    client.on('reconnect', () => {
      // Acknowledgements that came too late for the last connection; in a new session they would mean other messages.
      client.queue.length = 0;
      this.waitingRoom.age(this.hasSession);
      listener.retrying();
    });
    // Before MQTT.js's own listener, which starts its timer with the period that stands there.
    client.prependListener('close', () => {
      this.held.lost();
      this.pauses.clear();
      this.pause('congested', false);
      if (this.ended || this.refused) return;
      const held = this.connectedAt ? this.options.now() - this.connectedAt : 0;
      this.delay = this.options.nextDelay(held);
      client.options.reconnectPeriod = this.delay;
      // Where MQTT.js breaks the line itself, it has started its timer already, with the period of the loss before.
      client['_clearReconnect']();
      const reason = this.whyClosed(held);
      this.connectedAt = 0;
      this.lastError = undefined;
      this.farewell = undefined;
      this.opening.begin();
      // After MQTT.js has dealt with it, so that what is asked of the client then sees it disconnected.
      queueMicrotask(() => {
        if (!this.ended) listener.down(reason, { inMs: this.delay });
      });
    });
  }

  private failed(error: Error & { code?: unknown }): void {
    if (this.ended || this.refused) return;
    if (
      typeof error.code === 'number' &&
      !this.client.connected &&
      error.message.startsWith('Connection refused')
    ) {
      const login =
        this.options.username === undefined ? 'without a user name' : `as ${this.options.username}`;
      this.giveUp(connackError(error.code, this.where, login));
      return;
    }
    this.lastError = error;
    // After what it cannot parse, MQTT.js has lost its place in the stream, and stays connected and deaf.
    if (typeof error.code !== 'string') this.break(networkError(error, this.where));
  }

  /** This client is of no more use. */
  private giveUp(reason: LinkError): void {
    this.refused = true;
    this.opening.end();
    queueMicrotask(() => {
      if (!this.ended) this.listener.down(reason, undefined);
    });
  }

  private received(topic: string, payload: Buffer, packet: IPublishPacket): void {
    tidyProperties(packet);
    if (!isTopicName(topic)) this.listener.malformed();
    else if (this.brings) this.bring(topic, payload, packet);
    else this.keep(topic, payload, packet);
  }

  private bring(topic: string, payload: Buffer, packet: PublishFlags): void {
    this.delivering = packet.qos === 1 ? packet : undefined;
    this.listener.message(topic, payload, packet);
    this.delivering = undefined;
  }

  /** Until there is somebody to bring it to. */
  private keep(topic: string, payload: Buffer, packet: PublishFlags): void {
    const { waitingRoom } = this;
    // Before the connection is there reading cannot pause: the answers to what MQTT.js sends come the same way.
    if (waitingRoom.isFull && !this.connectedAt && packet.qos === 0) return;
    waitingRoom.keep(topic, payload, packet);
    if (waitingRoom.isFull && this.connectedAt) this.pause('full', true);
  }

  private bringWaiting(): void {
    if (!this.brings) return;
    for (const { topic, payload, packet, release } of this.waitingRoom.empty()) {
      this.bring(topic, payload, packet);
      release?.();
    }
    this.pause('full', false);
  }

  private whyClosed(held: number): LinkError {
    if (this.farewell) return this.farewell;
    if (this.lastError) return networkError(this.lastError, this.where);
    if (!this.connectedAt) {
      return new LinkError(
        'closed',
        `${this.where} closed the connection before MQTT began. Is it an MQTT port, and is TLS set as there?`,
      );
    }
    this.shortLives = held < TWIN_LIFETIME ? this.shortLives + 1 : 0;
    if (this.shortLives >= TWIN_LOSSES) return takenOver(this.where, this.options.clientId, true);
    return new LinkError('closed', `${this.where} closed the connection without saying why.`);
  }
}

function stuck(where: string): LinkError {
  return new LinkError(
    'timeout',
    `${where} accepted the connection, but does not confirm a message that was sent again after the last one was lost.`,
  );
}

function miscounted(where: string, filters: number, codes: number): SubackError {
  return new SubackError(
    'protocol',
    `${where} broke the MQTT protocol: it answered a SUBSCRIBE of ${filters} filter(s) with ${codes} code(s).`,
  );
}
