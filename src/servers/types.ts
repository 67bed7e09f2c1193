/** Terms that the layers share about servers: questions, findings, conclusions. */
export type ServerType = 'ejabberd' | 'prosody' | 'mosquitto';
/** MQTT protocol levels as in the CONNECT packet: 3 = 3.1, 4 = 3.1.1, 5 = 5.0. */
export type MqttVersion = 3 | 4 | 5;
export type QoS = 0 | 1 | 2;

/** Where a broker listens. `host` is a name or an address without brackets. */
export interface Endpoint {
  protocol: 'mqtt' | 'mqtts' | 'ws' | 'wss';
  host: string;
  port: number;
  /** Only for `ws` and `wss`; begins with a slash. */
  path?: string;
}
