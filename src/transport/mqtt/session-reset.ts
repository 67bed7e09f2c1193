import type { MqttClient } from 'mqtt';

/**
 * If the server has no session of ours, MQTT.js would go on with the old one: it sends PUBREL for a message that the
 * server has forgotten, and takes the PUBCOMP for a delivery (MQTT 5 §4.1 asks to discard the state). Here the state
 * is dropped and `gone` is called, so that messages under way are sent again.
 */
export function detectSessionReset(
  mqtt: Pick<typeof import('mqtt'), 'Store'>,
  client: MqttClient,
  { version, clean }: { version: number; clean: boolean },
  gone: () => void,
): void {
  client.on('packetreceive', (packet) => {
    if (packet.cmd !== 'connack' || (packet.reasonCode ?? packet.returnCode ?? 0) !== 0) return;
    // MQTT 3.1 has no such flag.
    if (version === 3 ? !clean : packet.sessionPresent) return;
    client['outgoing'] = {};
    client.outgoingStore = new mqtt.Store();
    gone();
  });
}
