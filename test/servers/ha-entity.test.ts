/**
 * `dinox-ha-entity` beside a real Home Assistant. In the long form with its oldest and its newest version, and with
 * restarts in every order.
 */
import { HASS_VERSIONS, REQUIRED } from '../support/homeassistant/install';
import { type Ejabberd, startEjabberd, startMosquitto } from '../support/servers';
import { haEntitySuite, ORDERS, type SharedBroker } from './ha-entity-suite';
import { TLS } from './nodes-support';

const LONG = process.env.DINOX_LONG !== undefined;
const PASSWORD = 'secret';
const ACCOUNTS = ['hass', 'bot', 'device', 'guest'] as const;

/**
 * Only the house may read and write announcements and states. Once a topic is named, ejabberd lets nobody publish to those
 * that are not: our status and what we show there have to be named, too.
 */
const RULES = `  mod_mqtt:
    access_publish:
      "homeassistant/#": house
      "k/#": house
      "dinox/#": house
      "dinox-nr/#": house
    access_subscribe:
      "homeassistant/#": house
      "k/#": house
      "dinox/#": house
      "dinox-nr/#": house
`;

async function mosquitto(): Promise<SharedBroker> {
  // The last of two settings holds: what is retained survives a restart, as with Debian's own configuration.
  const server = await startMosquitto({ extraConfig: 'persistence true' });
  return { ...server, login: () => undefined, properties: { serverType: 'mosquitto' } };
}

async function ejabberd(): Promise<SharedBroker> {
  const server: Ejabberd = await startEjabberd({
    generation: 'debian13',
    users: Object.fromEntries(ACCOUNTS.map((user) => [user, PASSWORD])),
    edit: (config) =>
      config
        .replace('  mod_mqtt: {}\n', RULES)
        .replace('access_rules:\n', 'access_rules:\n  house:\n    allow: house\n')
        .replace(
          'acl:\n',
          'acl:\n  house:\n    user: ["hass@localhost", "bot@localhost", "device@localhost"]\n',
        ),
  });
  return {
    ...server,
    port: server.mqttPort,
    chatPort: server.c2sTlsPort,
    login: (user) => ({ username: `${user}@localhost`, password: PASSWORD }),
    properties: {
      ...{ serverType: 'ejabberd', jid: 'bot@localhost', allowUnencrypted: true },
      ...{ xmppService: `xmpp://127.0.0.1:${server.c2sPort}`, tls: TLS },
    },
  };
}

for (const hass of LONG ? HASS_VERSIONS : [REQUIRED]) {
  haEntitySuite({
    ...{
      name: 'Mosquitto',
      start: mosquitto,
      hass,
      nodeRed: '4',
      hasGuest: false,
      hasChat: false,
      hasNeighbour: true,
    },
    orders: LONG ? ORDERS : ORDERS.slice(0, 1),
  });
  haEntitySuite({
    ...{
      name: 'ejabberd',
      start: ejabberd,
      hass,
      nodeRed: '5',
      hasGuest: true,
      hasChat: true,
      hasNeighbour: false,
    },
    orders: LONG ? ORDERS : ORDERS.slice(-2, -1),
  });
}
