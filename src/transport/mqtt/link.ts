import { isIP, type LookupFunction } from 'node:net';
import type { MqttClient, Packet } from 'mqtt';
import { text } from '../../base/catalogue';
import { endpointText } from '../../servers/endpoint';
import { LinkError, SubackError } from '../errors';
import type { Link, LinkHandover, LinkListener, WireSubscription } from '../link';
import type { Publication, SubscribeOptions } from '../messages';
import { createClient, type LinkOptions, type MqttModule } from './client';
import { HandshakeGuard } from './handshake-guard';
import { InboundMessages } from './inbound/inbound-messages';
import { PacketSplitter } from './inbound/packet-splitter';
import { PublishReader } from './inbound/publish-reader';
import { TopicCache } from './inbound/topic-cache';
import { broken, connackError, disconnectError, networkError, takenOver } from './reasons';
import { ResendExpiry } from './resend-expiry';
import { detectSessionReset } from './session-reset';
import { WriteBatcher } from './write-batcher';

/** A connection that the server ended this soon, without a word, several times over, was taken over by a twin. */
const TWIN_LIFETIME = 5_000;
const TWIN_LOSSES = 3;

/** Some servers answer no ping as long as messages come, in milliseconds. */
const PING_TIMEOUT = 5_000;

/**
 * One MQTT.js client: a connection that comes back after a loss, and stops after a refusal. Everything that relies on
 * MQTT.js internals lives in this folder.
 */
export class MqttLink implements Link {
  private readonly client: MqttClient;
  private readonly options: LinkOptions;
  /** The last address from DNS. */
  private lookedUp: string | undefined;
  private lastError: Error | undefined;
  private farewell: LinkError | undefined;
  private refused = false;
  private ended = false;
  private connectedAt = 0;
  private shortLives = 0;
  private delay = 0;
  /** Incoming messages: to whom each is delivered, and when it is acknowledged. */
  readonly inbound: InboundMessages;
  private readonly lifetimes: ResendExpiry;
  private waitsForDrain = false;
  private isClosed = false;
  private readonly writes = new WriteBatcher();
  private readonly handshake: HandshakeGuard;

  constructor(
    mqtt: MqttModule,
    options: LinkOptions,
    private readonly listener: LinkListener,
  ) {
    this.options = { ...options, lookup: this.watch(options.lookup) };
    const reader = new PublishReader(options.version === 5, new TopicCache(), (topic, payload, flags) =>
      listener.message(topic, payload, flags),
    );
    this.client = createClient(mqtt, this.options, (stream, mqttjs) => {
      new PacketSplitter(stream, mqttjs, reader, () => this.inbound.isFlowing && !stream.destroyed);
    });
    this.client.setMaxListeners(0);
    this.inbound = new InboundMessages(this.client, options, listener);
    this.lifetimes = new ResendExpiry(this.client);
    detectSessionReset(mqtt, this.client, options, () => {
      this.inbound.forget();
      this.lifetimes.forget();
      listener.forgotten?.();
    });
    this.handshake = new HandshakeGuard(this.client, options, {
      broken: (how) => this.break(broken(how, this.where)),
      stuck: () => this.giveUp(stuck(this.where)),
    });
    this.handshake.begin();
    this.listen();
    this.client.connect();
  }

  get where(): string {
    return endpointText(this.options.endpoint);
  }

  /** The address that is connected to; undefined while there is none. */
  get remoteAddress(): string | undefined {
    const { host } = this.options.endpoint;
    const { remoteAddress } = (this.client.stream ?? {}) as { remoteAddress?: string };
    // Over WebSocket the socket is out of sight, so the typed address or the one from DNS counts.
    return remoteAddress ?? (isIP(host) === 0 ? this.lookedUp : host);
  }

  get sendsPassword(): boolean {
    return this.options.password !== undefined;
  }

  /** State for the next link to this server. To be called when this one has ended. */
  release(): LinkHandover {
    return { where: this.where, ...this.inbound.release() };
  }

  /** False while the socket's buffer is full; `drained` is called when there is room. */
  get writable(): boolean {
    // MQTT.js calls itself connected until a line that it has broken is closed.
    if (!this.client.connected || this.client.stream.destroyed) return false;
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
    const { topic, payload, qos, retain, expires } = wire;
    let confirmed: (() => void) | undefined;
    const options = {
      qos,
      retain,
      ...(this.options.version === 5 && wire.properties ? { properties: wire.properties } : {}),
    };
    this.client.publish(topic, payload, options as Parameters<MqttClient['publish']>[2], (error) => {
      confirmed?.();
      sent(error ? notTaken(error, this.where) : undefined);
    });
    if (expires !== undefined && qos > 0) confirmed = this.lifetimes.add(expires);
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

  /** Asks for a sign of life behind everything that was sent; `answered` is called on it, or where it lets us wait. */
  ping(answered: () => void): void {
    const { client } = this;
    const look = (packet: Packet): void => {
      if (packet.cmd === 'pingresp') end(answered);
    };
    const lost = (): void => end();
    const timer = setTimeout(() => end(answered), PING_TIMEOUT).unref();
    const end = (then?: () => void): void => {
      clearTimeout(timer);
      client.off('packetreceive', look).off('close', lost);
      then?.();
    };
    client.on('packetreceive', look).on('close', lost);
    client.sendPing();
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
    this.handshake.end();
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
      this.connectedAt = this.options.steady();
      this.lastError = undefined;
      this.waitsForDrain = false;
      this.handshake.end();
      listener.connected(connack);
      this.inbound.begin();
    });
    client.on('packetsend', () => this.writes.add(client.stream));
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
    // MQTT.js starts its timer when it breaks a line, and where the process stood still, that runs out before the line is
    // closed: MQTT.js then ends itself, connects, and never takes itself for connected again. The close starts it.
    const setUpReconnect = client['_setupReconnect'].bind(client);
    client['_setupReconnect'] = () => {
      if (this.isClosed) setUpReconnect();
    };
    client.on('reconnect', () => {
      this.isClosed = false;
      // Acknowledgements that came too late for the last connection; in a new session they would mean other messages.
      client.queue.length = 0;
      this.inbound.age();
      this.lifetimes.age(this.options.steady());
      listener.retrying();
    });
    // Runs before MQTT.js's own listener, which starts its timer with the period set here.
    client.prependListener('close', () => {
      this.isClosed = true;
      this.inbound.end();
      if (this.ended || this.refused) return;
      const uptime = this.connectedAt ? this.options.steady() - this.connectedAt : 0;
      this.delay = this.options.nextDelay(uptime);
      client.options.reconnectPeriod = this.delay;
      const reason = this.whyClosed(uptime);
      const { accepted } = this;
      this.connectedAt = 0;
      this.lastError = undefined;
      this.farewell = undefined;
      this.handshake.begin();
      // Runs after MQTT.js has handled it, so that questions to the client then find it disconnected.
      queueMicrotask(() => {
        if (!this.ended) listener.down(reason, { inMs: this.delay }, accepted);
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
      this.giveUp(connackError(error.code, this.where, this.options.username));
      return;
    }
    this.lastError = error;
    // After bytes that it cannot parse, MQTT.js has lost its place in the stream, and stays connected and deaf.
    if (typeof error.code !== 'string') this.break(networkError(error, this.where));
  }

  /** This client is of no more use. */
  private giveUp(reason: LinkError): void {
    this.refused = true;
    this.handshake.end();
    const { accepted } = this;
    queueMicrotask(() => {
      if (!this.ended) this.listener.down(reason, undefined, accepted);
    });
  }

  /** Since the server said yes, in milliseconds; what MQTT.js sends again comes between that and its `connect`. */
  private get accepted(): number | undefined {
    const { acceptedAt } = this.handshake;
    return acceptedAt === undefined ? undefined : this.options.steady() - acceptedAt;
  }

  private whyClosed(uptime: number): LinkError {
    if (this.farewell) return this.farewell;
    if (this.lastError) return networkError(this.lastError, this.where);
    if (!this.connectedAt) {
      return new LinkError('closed', text('mqtt.closedEarly', { where: this.where }));
    }
    this.shortLives = uptime < TWIN_LIFETIME ? this.shortLives + 1 : 0;
    if (this.shortLives >= TWIN_LOSSES) return takenOver(this.where, this.options.clientId, true);
    return new LinkError('closed', text('mqtt.closedMute', { where: this.where }));
  }
}

function notTaken({ message }: Error, where: string): LinkError {
  if (message !== 'Message removed')
    return new LinkError('refused', text('mqtt.notTaken', { where, said: message }));
  return new LinkError('timeout', text('mqtt.expiredUnconfirmed'));
}

function stuck(where: string): LinkError {
  return new LinkError('timeout', text('mqtt.stuck', { where }));
}

function miscounted(where: string, filters: number, codes: number): SubackError {
  return new SubackError('protocol', text('mqtt.miscounted', { where, filters, codes }));
}
