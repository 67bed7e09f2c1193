import type { Duplex, Writable } from 'node:stream';
import type { IClientOptions, MqttClient } from 'mqtt';
import type { MqttVersion } from '../../servers/types';
import type { Publication } from '../messages';
import { readFairly } from './fair-reads';
import { MessageIds } from './message-ids';
import { openSocket, type SocketOptions, webSocketTls } from './socket';

export type MqttModule = typeof import('mqtt');

/** Most messages at QoS 1 that may wait for their acknowledgement; on MQTT 5 the server keeps to it (§3.1.2.11.3). */
export const RECEIVE_MAXIMUM = 1_000;

export interface LinkOptions extends SocketOptions {
  version: MqttVersion;
  clientId: string;
  username?: string | undefined;
  password?: string | undefined;
  /** Seconds; 0 switches it off. */
  keepalive: number;
  clean: boolean;
  /** Seconds; MQTT 5 only. */
  sessionExpiry?: number | undefined;
  userProperties?: Record<string, string> | undefined;
  will?: Publication & { willDelayInterval?: number };
  /** Packet identifiers of messages at QoS 2 that came over an earlier link of this session and were passed on. */
  unreleased?: Set<number> | undefined;
  /** Milliseconds until CONNACK must be there. */
  connectTimeout: number;
  /** Milliseconds to wait before the next try. */
  nextDelay(heldFor: number): number;
  /** Milliseconds that only go on; only their differences mean anything. */
  steady(): number;
}

/**
 * A client that has not connected yet. Every option that keeps MQTT.js from doing what is done here is set in this
 * place. Over TCP and TLS, `splitter` stands between the socket and MQTT.js.
 */
export function createClient(
  mqtt: MqttModule,
  options: LinkOptions,
  splitter: (stream: Duplex, mqttjs: Writable) => void,
): MqttClient {
  const { endpoint, version } = options;
  const clientOptions: IClientOptions = {
    manualConnect: true,
    protocolVersion: version,
    ...(version === 3 ? { protocolId: 'MQIsdp' } : {}),
    clientId: options.clientId,
    keepalive: options.keepalive,
    clean: options.clean,
    connectTimeout: options.connectTimeout,
    // Our own SubscriptionSet and Outbox do both, in batches and bounded.
    resubscribe: false,
    queueQoSZero: false,
    // It writes several lines for each packet, and to make them unread costs as much as a node of a flow.
    ...(process.env.DEBUG ? {} : { log: () => {} }),
    reconnectPeriod: 1_000,
    reschedulePings: true,
    messageIdProvider: new MessageIds(),
    // Towards a server that allows them: the second message to a topic carries a number instead (MQTT 5 §3.3.2.3.4).
    autoAssignTopicAlias: version === 5,
    ...(options.username === undefined ? {} : { username: options.username }),
    ...(options.password === undefined ? {} : { password: options.password }),
    ...(options.will ? { will: willOf(options.will, version) } : {}),
    ...(version === 5 ? { properties: connectProperties(options) } : {}),
  };
  if (endpoint.protocol === 'mqtt' || endpoint.protocol === 'mqtts') {
    const build = (): Duplex => {
      const stream = openSocket(options);
      readFairly(stream);
      stream.pipe = (mqttjs) => {
        splitter(stream, mqttjs as unknown as Writable);
        return mqttjs;
      };
      return stream;
    };
    return new mqtt.MqttClient(build as never, clientOptions);
  }
  const tls = endpoint.protocol === 'wss' ? webSocketTls(options) : {};
  return mqtt.connect({
    ...clientOptions,
    protocol: endpoint.protocol,
    host: endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host,
    port: endpoint.port,
    path: endpoint.path ?? '/mqtt',
    wsOptions: { ...tls, lookup: options.lookup, handshakeTimeout: options.connectTimeout } as never,
  });
}

function connectProperties(options: LinkOptions): NonNullable<IClientOptions['properties']> {
  return {
    requestResponseInformation: true,
    requestProblemInformation: true,
    receiveMaximum: RECEIVE_MAXIMUM,
    ...(options.sessionExpiry ? { sessionExpiryInterval: options.sessionExpiry } : {}),
    ...(options.userProperties ? { userProperties: options.userProperties } : {}),
  };
}

function willOf(
  will: NonNullable<LinkOptions['will']>,
  version: MqttVersion,
): NonNullable<IClientOptions['will']> {
  const { topic, payload, qos, retain, properties, willDelayInterval } = will;
  const base = { topic, payload: Buffer.from(payload), qos, retain };
  if (version !== 5) return base;
  const all = { ...properties, ...(willDelayInterval === undefined ? {} : { willDelayInterval }) };
  return { ...base, properties: all } as NonNullable<IClientOptions['will']>;
}
