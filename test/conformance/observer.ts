/** An MQTT client beside Node-RED: publishes what the flow should receive, and sees what the flow publishes. */
import mqtt, { type IClientPublishOptions, type IPublishPacket, type MqttClient } from 'mqtt';
import { Watched } from '../support/runtime';

/** A PUBLISH as the broker delivered it. */
export interface Seen {
  topic: string;
  payload: Buffer;
  qos: number;
  retain: boolean;
  /** MQTT 5 properties, without the subscription identifier. */
  properties: Record<string, unknown>;
}

export class Observer extends Watched {
  readonly seen: Seen[] = [];
  private readonly client: MqttClient;

  private constructor(client: MqttClient) {
    super();
    this.client = client;
    client.on('message', (_topic, _payload, packet) => this.onPacket(packet));
  }

  /** Subscribes with QoS 2 and "retain as published", so that nothing is lowered on the way here. */
  static async connect(port: number, filter: string): Promise<Observer> {
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, {
      protocolVersion: 5,
      reconnectPeriod: 0,
    });
    const observer = new Observer(client);
    await client.subscribeAsync(filter, { qos: 2, rap: true, rh: 2 });
    return observer;
  }

  async publish(topic: string, payload: string | Buffer, options: IClientPublishOptions = {}): Promise<void> {
    await this.client.publishAsync(topic, payload, { qos: 1, ...options });
  }

  /** Resolves with all that was seen as soon as there are `count`. */
  packets(count: number, ms?: number): Promise<Seen[]> {
    return this.until(`${count} packets seen`, () => this.seen.length >= count && [...this.seen], ms);
  }

  async end(): Promise<void> {
    await this.client.endAsync(true);
  }

  private onPacket(packet: IPublishPacket): void {
    const { subscriptionIdentifier: _, ...properties } = packet.properties ?? {};
    const userProperties = properties.userProperties && { userProperties: { ...properties.userProperties } };
    this.seen.push({
      topic: packet.topic,
      payload: packet.payload as Buffer,
      qos: packet.qos,
      retain: packet.retain,
      properties: { ...properties, ...userProperties },
    });
    this.changed();
  }
}
