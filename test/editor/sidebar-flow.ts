/** What the sidebar's browser tests look at: a house, an account that is away, and core's own nodes. */
import { type Flow, mqttIn, node, tab, withTypes } from '../support/flows';

const TYPES = { 'mqtt-broker': 'dinox-broker', 'mqtt in': 'dinox-mqtt-in' };
/** An account whose server does not answer. */
const BOT = {
  id: 'bot',
  jid: 'bot@localhost',
  xmppService: 'xmpp://127.0.0.1:1',
  host: '127.0.0.1',
  port: '1',
};

/** Core's own nodes, for the server that House is connected to, and for another one. */
export function coreNodes(port: number): Flow {
  const broker = (id: string, at: number) => ({
    id,
    type: 'mqtt-broker',
    broker: 'localhost',
    port: String(at),
    autoConnect: false,
  });
  return [
    broker('core-house', port),
    broker('core-other', 1),
    node('mqtt in', 'core-in', { topic: '', broker: 'core-house', y: 500 }),
    node('mqtt in', 'core-away', { topic: '', broker: 'core-other', y: 600 }),
  ];
}

export function house(port: number): Flow {
  return withTypes(
    [
      tab(),
      node('junction', 'nowhere', { wires: [[]] }),
      {
        id: 'house',
        type: 'mqtt-broker',
        name: 'House',
        broker: '127.0.0.1',
        port: String(port),
        protocolVersion: '5',
        watch: 'home/#\nevil/#',
      },
      mqttIn('in', 'home/+/temperature', 'nowhere', { broker: 'house', y: 300 }),
      { ...BOT, type: 'dinox-broker', name: 'Bot', configVersion: 1 },
      node('xmpp-out', 'say', { name: 'Say', broker: 'bot', to: 'anna@localhost', y: 400 }),
    ],
    TYPES,
  );
}
