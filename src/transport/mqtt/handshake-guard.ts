import type { MqttClient, Packet } from 'mqtt';
import { text } from '../../base/catalogue';
import type { Text } from '../../base/text';
import type { LinkOptions } from './client';

export interface HandshakeListener {
  /** The server broke the protocol before the connection was there. */
  broken(how: Text): void;
  /** The server said yes, and does not confirm what MQTT.js sends again of an earlier connection. */
  stuck(): void;
}

/**
 * Checks the packets between a CONNECT and the moment in which MQTT.js calls itself connected, because MQTT.js trusts
 * the server there: it waits forever for a CONNACK that has no code, and for the acknowledgement of each message sent
 * again.
 */
export class HandshakeGuard {
  /** When the server said yes, by the steady clock; undefined: it has not. */
  acceptedAt: number | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly client: MqttClient,
    private readonly options: Pick<LinkOptions, 'keepalive' | 'connectTimeout' | 'steady'>,
    private readonly listener: HandshakeListener,
  ) {}

  begin(): void {
    this.end();
    this.acceptedAt = undefined;
    this.client.on('packetreceive', this.look);
  }

  end(): void {
    this.client.off('packetreceive', this.look);
    clearTimeout(this.timer);
  }

  private readonly look = (packet: Packet): void => {
    if (packet.cmd === 'connack') {
      const { properties } = packet;
      if ((packet.reasonCode ?? packet.returnCode) === undefined) {
        this.listener.broken(text('mqtt.connackShort'));
        return;
      }
      // To ask more often than the server wants is allowed (MQTT 5 §3.1.2.10); it may name 18 hours.
      const { keepalive } = this.options;
      if (keepalive > 0 && (properties?.serverKeepAlive ?? 0) > keepalive && properties) {
        properties.serverKeepAlive = keepalive;
      }
      if ((packet.reasonCode ?? packet.returnCode) === 0) this.acceptedAt = this.options.steady();
      this.wait();
    } else if (this.acceptedAt !== undefined) {
      if (packet.cmd === 'puback' || packet.cmd === 'pubrec' || packet.cmd === 'pubcomp') this.wait();
    } else if (packet.cmd !== 'auth' && packet.cmd !== 'disconnect') {
      this.listener.broken(text('mqtt.beforeConnack', { packet: packet.cmd.toUpperCase() }));
    }
  };

  private wait(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.listener.stuck(), this.options.connectTimeout);
    this.timer.unref();
  }
}
