import { words } from '../../../src/base/catalogue';
import { faulty, LOCAL, plain, REMOTE, secure, silent } from './fake-network';
import { describeRows, EJABBERD, HERE, PASSWORD, PROSODY } from './table-runner';

describeRows('resolve: a JID and a host', [
  {
    name: 'Mosquitto beside an XMPP server, open: no password for who does not ask',
    ask: { host: 'nas.lan' },
    network: { xmpp: { [HERE]: EJABBERD }, mqtt: { 'mqtt://nas.lan:1883': plain('mosquitto') } },
    plan: 'mosquitto none mqtt://nas.lan:1883 nas.lan',
    notices: 'tls-fallback',
    logins: 0,
    srvQuestions: 0,
  },
  {
    name: 'Mosquitto with a login gets the account’s',
    ask: { host: 'nas.lan' },
    network: { mqtt: { 'mqtts://nas.lan:8883': secure('mosquitto', 'nas.lan', LOCAL, false) } },
    plan: 'mosquitto account mqtts://nas.lan:8883 nas.lan',
    logins: 0,
  },
  {
    name: 'Mosquitto with a typed user gets that',
    ask: { host: 'nas.lan' },
    secrets: { password: PASSWORD, user: 'u', mqttPassword: 'p' },
    network: { mqtt: { 'mqtts://nas.lan:8883': secure('mosquitto', 'nas.lan', LOCAL, false) } },
    plan: 'mosquitto typed mqtts://nas.lan:8883 nas.lan',
  },
  {
    name: 'Mosquitto without the XMPP credentials gets none',
    ask: { host: 'nas.lan', useXmppCredentials: false },
    network: { mqtt: { 'mqtts://nas.lan:8883': secure('mosquitto', 'nas.lan', LOCAL, false) } },
    plan: 'mosquitto none mqtts://nas.lan:8883 nas.lan',
  },
  {
    name: 'an XMPP failure is only a reason',
    ask: { host: 'mqtt.example.org' },
    network: { mqtt: { 'mqtts://mqtt.example.org:8883': secure('ejabberd', 'mqtt.example.org') } },
    plan: 'ejabberd account mqtts://mqtt.example.org:8883 mqtt.example.org',
    says: /nothing listens on xmpp:\/\/example\.org:5222/,
    logins: 1,
  },
  {
    name: 'a refused password is a stop',
    ask: { host: 'mqtt.example.org' },
    network: {
      xmpp: { [HERE]: { ok: false, failure: 'login', text: words('no') } },
      mqtt: { 'mqtts://mqtt.example.org:8883': secure('ejabberd', 'mqtt.example.org') },
    },
    fails: 'login',
  },
  {
    name: 'a refused password stops no MQTT that has a login of its own',
    ask: { host: 'mqtt.example.org', useXmppCredentials: false },
    network: {
      xmpp: { [HERE]: { ok: false, failure: 'login', text: words('no') } },
      mqtt: { 'mqtts://mqtt.example.org:8883': secure('ejabberd', 'mqtt.example.org') },
    },
    plan: 'ejabberd none mqtts://mqtt.example.org:8883 mqtt.example.org',
    missed: 'login',
    says: /: no -> go on without XMPP/,
    logins: 1,
  },
  {
    name: 'the server type typed: no XMPP',
    ask: { host: 'mqtt.example.org', serverType: 'ejabberd' },
    network: {
      mqtt: { 'mqtts://mqtt.example.org:8883': secure('mosquitto', 'mqtt.example.org', REMOTE, false) },
    },
    plan: 'ejabberd account mqtts://mqtt.example.org:8883 mqtt.example.org',
    logins: 0,
  },
  {
    name: 'Prosody typed: XMPP for the PubSub service',
    ask: { host: 'mqtt.example.org', serverType: 'prosody' },
    network: {
      xmpp: { [HERE]: PROSODY },
      mqtt: { 'mqtts://mqtt.example.org:8883': secure('prosody', 'mqtt.example.org', LOCAL) },
    },
    plan: 'prosody none mqtts://mqtt.example.org:8883 mqtt.example.org',
    notices: '',
    logins: 1,
  },
  {
    name: 'Prosody and its PubSub service typed: no XMPP',
    ask: { host: 'mqtt.example.org', serverType: 'prosody', pubsubService: 'p.example.org' },
    network: { mqtt: { 'mqtts://mqtt.example.org:8883': secure('prosody', 'mqtt.example.org', LOCAL) } },
    plan: 'prosody none mqtts://mqtt.example.org:8883 mqtt.example.org',
    logins: 0,
  },
  {
    name: 'an address with the certificate of the domain',
    ask: { host: '192.168.1.5' },
    network: {
      xmpp: { [HERE]: EJABBERD },
      mqtt: { 'mqtts://192.168.1.5:8883': secure('ejabberd', 'example.org', LOCAL) },
    },
    plan: 'ejabberd account mqtts://192.168.1.5:8883 example.org',
  },
  {
    name: 'the name of the tls-config wins',
    ask: { host: '192.168.1.5', serverType: 'ejabberd' },
    network: {
      servername: 'mqtt.internal',
      mqtt: { 'mqtts://192.168.1.5:8883': secure('ejabberd', 'mqtt.internal', LOCAL) },
    },
    plan: 'ejabberd account mqtts://192.168.1.5:8883 mqtt.internal',
  },
  {
    name: 'a typed port has no way around TLS',
    ask: { host: 'nas.lan', port: 8883 },
    network: {
      mqtt: { 'mqtt://nas.lan:1883': plain('mosquitto'), 'mqtt://nas.lan:8883': plain('mosquitto') },
    },
    fails: 'network',
    says: /No broker answered at mqtts:\/\/nas\.lan:8883: connection refused.*Check host and port, and whether that port has TLS/,
  },
  {
    name: 'a port that swallows',
    ask: { host: 'nas.lan', port: 8883 },
    network: { mqtt: { 'mqtts://nas.lan:8883': silent } },
    fails: 'network',
    says: /no answer/,
  },
  {
    name: 'a wrong name',
    ask: { host: 'nas.lan' },
    network: { mqtt: { 'mqtts://nas.lan:8883': faulty('wrong-name', 'nas.lan') } },
    fails: 'tls',
    says: /Give the server a certificate for nas\.lan/,
  },
  {
    name: 'a URL with a path: over WebSocket MQTT is not spoken, XMPP says the type',
    ask: { host: 'example.org', scheme: 'wss', port: 5443, path: '/mqtt' },
    network: {
      xmpp: { [HERE]: EJABBERD },
      mqtt: {
        'mqtts://example.org:5443': { ok: true, address: REMOTE, tls: { servername: 'example.org' } },
      },
    },
    plan: 'ejabberd account wss://example.org:5443/mqtt example.org',
    logins: 1,
  },
  {
    name: 'no password: XMPP is not tried, ejabberd asks for it',
    ask: { host: 'example.org' },
    secrets: {},
    network: { mqtt: { 'mqtts://example.org:8883': secure('ejabberd', 'example.org') } },
    fails: 'password-missing',
    logins: 0,
  },
  {
    name: "no password: Prosody's bridge needs none",
    ask: { host: 'example.org' },
    secrets: {},
    network: { mqtt: { 'mqtts://example.org:8883': secure('prosody', 'example.org', LOCAL) } },
    plan: 'prosody none mqtts://example.org:8883 example.org',
    notices: 'pubsub-assumed',
  },
  {
    name: 'clear text typed, not local, with a login',
    ask: { host: 'mqtt.example.org', usetls: false },
    network: { mqtt: { 'mqtt://mqtt.example.org:1883': plain('mosquitto', REMOTE, false) } },
    fails: 'unencrypted',
  },
  {
    name: 'clear text typed, not local, open: a warning',
    ask: { host: 'mqtt.example.org', usetls: false },
    network: { mqtt: { 'mqtt://mqtt.example.org:1883': plain('mosquitto', REMOTE) } },
    plan: 'mosquitto none mqtt://mqtt.example.org:1883 mqtt.example.org',
    notices: 'tls-off',
  },
]);
