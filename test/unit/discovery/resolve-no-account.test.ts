import { faulty, LOCAL, plain, REMOTE, secure } from './fake-network';
import { describeRows } from './table-runner';

describeRows('resolve: no JID', [
  {
    name: 'host and port, no TLS: at once',
    ask: { jid: undefined, host: 'nas', port: 1883, usetls: false },
    secrets: {},
    network: {},
    plan: 'mosquitto none mqtt://nas:1883 nas',
    logins: 0,
    srvQuestions: 0,
  },
  {
    name: 'a typed user',
    ask: { jid: undefined, host: 'nas', usetls: false },
    secrets: { user: 'u' },
    network: {},
    plan: 'mosquitto typed mqtt://nas:1883 nas',
  },
  {
    name: 'a typed type',
    ask: { jid: undefined, host: 'nas', usetls: false, serverType: 'ejabberd' },
    secrets: { user: 'u' },
    network: {},
    plan: 'ejabberd typed mqtt://nas:1883 nas',
  },
  {
    name: 'Prosody typed: no login',
    ask: { jid: undefined, host: 'nas', usetls: false, serverType: 'prosody' },
    secrets: { user: 'u' },
    network: {},
    plan: 'prosody none mqtt://nas:1883 nas',
  },
  {
    name: 'a URL',
    ask: { jid: undefined, host: 'nas', scheme: 'wss', port: 443, path: '/mqtt' },
    secrets: {},
    network: {},
    plan: 'mosquitto none wss://nas:443/mqtt nas',
  },
  {
    name: 'TLS, a typed port: at once',
    ask: { jid: undefined, host: 'nas', port: 8883 },
    secrets: {},
    network: {},
    plan: 'mosquitto none mqtts://nas:8883 nas',
  },
  {
    name: 'TLS, no port, TLS answers',
    ask: { jid: undefined, host: 'nas' },
    secrets: {},
    network: {
      mqtt: { 'mqtts://nas:8883': secure('mosquitto', 'nas'), 'mqtt://nas:1883': plain('mosquitto') },
    },
    plan: 'mosquitto none mqtts://nas:8883 nas',
  },
  {
    name: 'TLS, no port, only local clear text',
    ask: { jid: undefined, host: 'nas' },
    secrets: { user: 'u' },
    network: { mqtt: { 'mqtt://nas:1883': plain('mosquitto') } },
    plan: 'mosquitto typed mqtt://nas:1883 nas',
    notices: 'tls-fallback',
  },
  {
    name: 'TLS, no port, clear text that is not local',
    ask: { jid: undefined, host: 'nas' },
    secrets: {},
    network: { mqtt: { 'mqtt://nas:1883': plain('mosquitto', REMOTE) } },
    plan: 'mosquitto none mqtts://nas:8883 nas',
  },
  {
    name: 'TLS, no port, nothing answers: the connection will say why',
    ask: { jid: undefined, host: 'nas' },
    secrets: {},
    network: {},
    plan: 'mosquitto none mqtts://nas:8883 nas',
  },
  {
    name: 'TLS, no port, a bad certificate: no way around',
    ask: { jid: undefined, host: 'nas' },
    secrets: {},
    network: {
      mqtt: { 'mqtts://nas:8883': faulty('expired', 'nas', LOCAL), 'mqtt://nas:1883': plain('mosquitto') },
    },
    plan: 'mosquitto none mqtts://nas:8883 nas',
  },
]);
