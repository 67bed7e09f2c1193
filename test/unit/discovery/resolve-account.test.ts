import type { ProbeAnswer } from '../../../src/discovery/lookups';
import { faulty, handshakeFails, LOCAL, online, plain, REMOTE, secure, silent } from './fake-network';
import { describeRows, EJABBERD, HERE, PASSWORD, PROSODY } from './table-runner';

const bridge = plain('prosody') as Extract<ProbeAnswer, { ok: true }>;
/** The bridge that Debian 12 ships. */
const unconfirmed: ProbeAnswer = {
  ...bridge,
  ...(bridge.mqtt && { mqtt: { ...bridge.mqtt, subscribes: false } }),
};

describeRows('resolve: a JID and a password', [
  {
    name: 'ejabberd on the domain itself, TLS before clear text',
    network: {
      xmpp: { [HERE]: EJABBERD },
      mqtt: {
        'mqtts://example.org:8883': secure('ejabberd', 'example.org'),
        'mqtt://example.org:1883': plain('ejabberd', REMOTE),
      },
    },
    plan: 'ejabberd account mqtts://example.org:8883 example.org',
    notices: '',
    logins: 1,
  },
  {
    name: 'Prosody with the bridge gets no password',
    network: {
      xmpp: { [HERE]: PROSODY },
      mqtt: { 'mqtts://example.org:8883': secure('prosody', 'example.org', LOCAL) },
    },
    plan: 'prosody none mqtts://example.org:8883 example.org',
    notices: '',
  },
  {
    name: 'Prosody with the bridge, not local: everybody can read',
    network: {
      xmpp: { [HERE]: PROSODY },
      mqtt: { 'mqtts://example.org:8883': secure('prosody', 'example.org') },
    },
    plan: 'prosody pubsub pubsub.example.org',
    notices: '',
    says: /bridge at mqtts:\/\/example\.org:8883 \(203\.0\.113\.10\) is not in your own network/,
  },
  {
    name: 'Prosody with the bridge, not local, and MQTT asked for',
    ask: { transport: 'mqtt' },
    network: {
      xmpp: { [HERE]: PROSODY },
      mqtt: { 'mqtts://example.org:8883': secure('prosody', 'example.org') },
    },
    plan: 'prosody none mqtts://example.org:8883 example.org',
    notices: 'bridge-open',
  },
  {
    name: 'Prosody with the bridge, not local, and no PubSub service listed',
    network: {
      xmpp: { [HERE]: online('Prosody 13.0.1') },
      mqtt: { 'mqtts://example.org:8883': secure('prosody', 'example.org') },
    },
    plan: 'prosody none mqtts://example.org:8883 example.org',
    notices: 'bridge-open pubsub-assumed',
  },
  {
    name: 'Prosody with a bridge that confirms no SUBSCRIBE',
    network: { xmpp: { [HERE]: PROSODY }, mqtt: { 'mqtt://example.org:1883': unconfirmed } },
    plan: 'prosody pubsub pubsub.example.org',
    says: /mqtt:\/\/example\.org:1883 does not confirm subscriptions.*older than January 2024/,
  },
  {
    name: 'Prosody with a local bridge whose certificate does not hold (said, not passed over in silence)',
    network: {
      xmpp: { [HERE]: PROSODY },
      mqtt: { 'mqtts://example.org:8883': faulty('self-signed', 'example.org', LOCAL) },
    },
    plan: 'prosody pubsub pubsub.example.org',
    notices: 'bridge-untrusted',
    says: /answers at mqtts:\/\/example\.org:8883 \(.*\) with a certificate that is not valid.*type it to use/,
  },
  {
    name: 'Prosody with a local bridge beside one that is not',
    network: {
      srv: { '_secure-mqtt': ['mqtt.example.org:8883'] },
      xmpp: { [HERE]: PROSODY },
      mqtt: {
        'mqtts://mqtt.example.org:8883': secure('prosody', 'mqtt.example.org'),
        'mqtts://example.org:8883': secure('prosody', 'example.org', LOCAL),
      },
    },
    plan: 'prosody none mqtts://example.org:8883 example.org',
  },
  {
    name: 'a Mosquitto beside Prosody is no bridge',
    network: {
      xmpp: { [HERE]: PROSODY },
      mqtt: { 'mqtts://example.org:8883': secure('mosquitto', 'example.org', REMOTE, false) },
    },
    plan: 'mosquitto account mqtts://example.org:8883 example.org',
  },
  {
    name: 'a broker that DNS names is not replaced by PubSub while it is away',
    network: { srv: { '_secure-mqtt': ['mqtt.example.org:8883'] }, xmpp: { [HERE]: PROSODY } },
    plan: 'prosody -',
  },
  {
    name: 'ejabberd without MQTT never goes over PubSub by itself',
    network: { xmpp: { [HERE]: EJABBERD } },
    plan: 'ejabberd -',
  },
  {
    name: 'a typed host is MQTT, on Prosody too',
    ask: { host: 'example.org' },
    network: {
      xmpp: { [HERE]: PROSODY },
      mqtt: { 'mqtts://example.org:8883': secure('prosody', 'example.org') },
    },
    plan: 'prosody none mqtts://example.org:8883 example.org',
    notices: 'bridge-open',
  },
  {
    name: 'a PubSub service that was typed, and Prosody lists none',
    ask: { pubsubService: 'p.example.org' },
    network: { xmpp: { [HERE]: online('Prosody 13.0.1') } },
    plan: 'prosody pubsub p.example.org',
  },
  {
    name: 'Prosody with the bridge gets no password either where a user is typed',
    secrets: { password: PASSWORD, user: 'u', mqttPassword: 'p' },
    network: {
      xmpp: { [HERE]: PROSODY },
      mqtt: { 'mqtts://example.org:8883': secure('prosody', 'example.org', LOCAL) },
    },
    plan: 'prosody none mqtts://example.org:8883 example.org',
  },
  {
    name: 'Prosody with PubSub and no bridge',
    network: { xmpp: { [HERE]: PROSODY } },
    plan: 'prosody pubsub pubsub.example.org',
    says: /Prosody offers no MQTT bridge here -> carry messages over the account's XMPP session/,
  },
  {
    name: 'Prosody with PubSub and no bridge, and MQTT asked for',
    ask: { transport: 'mqtt' },
    network: { xmpp: { [HERE]: PROSODY } },
    plan: 'prosody -',
    says: /Choose the transport PubSub, or enable the bridge[\s\S]*Component "pubsub\.example\.org" "pubsub"[\s\S]*pubsub_mqtt/,
  },
  {
    name: 'Prosody with neither',
    network: { xmpp: { [HERE]: online('Prosody 0.12.3') } },
    plan: 'prosody -',
    says: /PubSub is enough[\s\S]*Component "pubsub\.example\.org" "pubsub"\n {4}admins = \{ "[^"]+@example\.org" \}/,
  },
  {
    name: 'ejabberd without mod_mqtt',
    network: { xmpp: { [HERE]: EJABBERD } },
    plan: 'ejabberd -',
    says: /mod_mqtt in ejabberd\.yml/,
  },
  {
    name: 'a server that is neither, without MQTT',
    network: { xmpp: { [HERE]: online('Openfire 5') } },
    plan: 'mosquitto -',
    says: /Type the host of the broker/,
  },
  {
    name: "Debian's ejabberd: clear text only, local",
    network: { xmpp: { [HERE]: EJABBERD }, mqtt: { 'mqtt://example.org:1883': plain('ejabberd') } },
    plan: 'ejabberd account mqtt://example.org:1883 example.org',
    notices: 'tls-fallback',
  },
  {
    name: 'clear text only, not local: refused',
    network: { xmpp: { [HERE]: EJABBERD }, mqtt: { 'mqtt://example.org:1883': plain('ejabberd', REMOTE) } },
    fails: 'unencrypted',
    says: /203\.0\.113\.10 is not a local address\. Enable TLS on the server/,
  },
  {
    name: 'a broken TLS handshake beside local clear text: no password goes there',
    network: {
      xmpp: { [HERE]: EJABBERD },
      mqtt: { 'mqtts://example.org:8883': handshakeFails, 'mqtt://example.org:1883': plain('ejabberd') },
    },
    fails: 'tls',
    says: /accepts connections but no TLS/,
  },
  {
    name: "a broken TLS handshake beside Prosody's local bridge: there is no password to lose",
    network: {
      xmpp: { [HERE]: PROSODY },
      mqtt: { 'mqtts://example.org:8883': handshakeFails, 'mqtt://example.org:1883': plain('prosody') },
    },
    plan: 'prosody none mqtt://example.org:1883 example.org',
    notices: 'tls-fallback',
  },
  {
    name: 'a port that swallows TLS beside local clear text',
    network: {
      xmpp: { [HERE]: EJABBERD },
      mqtt: { 'mqtts://example.org:8883': silent, 'mqtt://example.org:1883': plain('ejabberd') },
    },
    plan: 'ejabberd account mqtt://example.org:1883 example.org',
    notices: 'tls-fallback',
  },
  {
    name: 'an expired certificate does not lead to clear text',
    network: {
      xmpp: { [HERE]: EJABBERD },
      mqtt: {
        'mqtts://example.org:8883': faulty('expired', 'example.org', LOCAL),
        'mqtt://example.org:1883': plain('ejabberd'),
      },
    },
    fails: 'tls',
    says: /faulty \(expired\)\. Renew/,
  },
  {
    name: 'a self-signed certificate',
    network: {
      xmpp: { [HERE]: EJABBERD },
      mqtt: { 'mqtts://example.org:8883': faulty('self-signed', 'example.org') },
    },
    fails: 'tls',
    says: /TLS configuration/,
  },
  {
    name: 'a self-signed certificate and a tls-config that does not verify',
    network: {
      verify: false,
      xmpp: { [HERE]: EJABBERD },
      mqtt: {
        'mqtts://example.org:8883': {
          ...secure('ejabberd', 'example.org'),
          ...faulty('self-signed', 'example.org'),
        } as never,
      },
    },
    plan: 'ejabberd account mqtts://example.org:8883 example.org',
    notices: 'mqtt-unverified',
  },
  {
    name: 'the port is typed and the host is not: that port everywhere, TLS only',
    ask: { port: 9000 },
    network: {
      xmpp: { [HERE]: EJABBERD },
      mqtt: {
        'mqtts://example.org:9000': secure('ejabberd', 'example.org'),
        'mqtts://example.org:8883': secure('ejabberd', 'example.org'),
      },
    },
    plan: 'ejabberd account mqtts://example.org:9000 example.org',
  },
  {
    name: 'TLS switched off, local',
    ask: { usetls: false },
    network: {
      xmpp: { [HERE]: EJABBERD },
      mqtt: {
        'mqtt://example.org:1883': plain('ejabberd'),
        'mqtts://example.org:8883': secure('ejabberd', 'example.org'),
      },
    },
    plan: 'ejabberd account mqtt://example.org:1883 example.org',
    notices: 'tls-off-local',
  },
  {
    name: 'TLS switched off, not local',
    ask: { usetls: false },
    network: { xmpp: { [HERE]: EJABBERD }, mqtt: { 'mqtt://example.org:1883': plain('ejabberd', REMOTE) } },
    fails: 'unencrypted',
    says: /password would go unencrypted/,
  },
  {
    name: 'TLS switched off, not local, allowed',
    ask: { usetls: false, allowUnencrypted: true },
    network: { xmpp: { [HERE]: EJABBERD }, mqtt: { 'mqtt://example.org:1883': plain('ejabberd', REMOTE) } },
    plan: 'ejabberd account mqtt://example.org:1883 example.org',
    notices: 'tls-off',
  },
  {
    name: "TLS switched off towards Prosody's bridge, not local: two warnings, no refusal",
    ask: { usetls: false, transport: 'mqtt' },
    network: { xmpp: { [HERE]: PROSODY }, mqtt: { 'mqtt://example.org:1883': plain('prosody', REMOTE) } },
    plan: 'prosody none mqtt://example.org:1883 example.org',
    notices: 'tls-off bridge-open',
  },
  {
    name: 'an admin hid the name, MQTT tells',
    network: {
      xmpp: { [HERE]: online(undefined) },
      mqtt: { 'mqtts://example.org:8883': secure('ejabberd', 'example.org') },
    },
    plan: 'ejabberd account mqtts://example.org:8883 example.org',
  },
  {
    name: 'MQTT does not tell, XMPP does',
    network: {
      xmpp: { [HERE]: EJABBERD },
      mqtt: { 'mqtts://example.org:8883': secure('unknown', 'example.org') },
    },
    plan: 'ejabberd account mqtts://example.org:8883 example.org',
  },
  {
    name: 'without the XMPP credentials, the typed user',
    ask: { useXmppCredentials: false },
    secrets: { password: PASSWORD, user: 'u', mqttPassword: 'p' },
    network: {
      xmpp: { [HERE]: EJABBERD },
      mqtt: { 'mqtts://example.org:8883': secure('ejabberd', 'example.org') },
    },
    plan: 'ejabberd typed mqtts://example.org:8883 example.org',
  },
  {
    name: 'no password',
    secrets: {},
    network: {},
    fails: 'password-missing',
    says: /Type the password of anna@example\.org/,
    logins: 0,
  },
  {
    name: 'a server instead of an account',
    ask: { jid: 'example.org' },
    network: {},
    fails: 'config',
    says: /not an account/,
  },
  {
    name: 'transport pubsub: the service that the server lists, and no MQTT asked',
    ask: { transport: 'pubsub' },
    network: { xmpp: { [HERE]: PROSODY } },
    plan: 'prosody pubsub pubsub.example.org',
    says: /PubSub for anna@example\.org: pubsub\.example\.org/,
    logins: 1,
  },
  {
    name: 'transport pubsub, and the server lists no service',
    ask: { transport: 'pubsub' },
    network: { xmpp: { [HERE]: online('Prosody 0.12.3') } },
    fails: 'transport-pubsub',
    says: /lists no PubSub service.*Component "pubsub\.example\.org"/,
    logins: 1,
  },
  {
    name: 'transport pubsub, and nobody answers',
    ask: { transport: 'pubsub' },
    network: {},
    fails: 'network',
    says: /login at xmpp:\/\/example\.org:5222 failed/,
    logins: 1,
  },
  {
    name: 'nothing typed at all',
    ask: { jid: undefined },
    secrets: {},
    network: {},
    fails: 'config',
    says: /Type a JID/,
  },
]);
