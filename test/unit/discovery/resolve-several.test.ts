import { LOCAL, plain, secure } from './fake-network';
import { describeRows, EJABBERD, HERE } from './table-runner';

describeRows('resolve: several brokers', [
  {
    name: 'the type of the account’s server goes first among the guessed',
    network: {
      srv: { '_xmpp-client': ['xmpp.example.org:5222'] },
      xmpp: { 'xmpp://xmpp.example.org:5222': EJABBERD },
      mqtt: {
        'mqtts://xmpp.example.org:8883': secure('mosquitto', 'example.org', '203.0.113.1'),
        'mqtts://example.org:8883': secure('ejabberd', 'example.org'),
      },
    },
    plan: 'ejabberd account mqtts://example.org:8883 example.org',
    says: /others that answered: mqtts:\/\/xmpp\.example\.org:8883 \(mosquitto\)/,
  },
  {
    name: 'a typed type goes first among all',
    ask: { serverType: 'mosquitto' },
    network: {
      srv: { '_secure-mqtt': ['a.example.org:1', 'b.example.org:2 5 0'] },
      xmpp: { [HERE]: EJABBERD },
      mqtt: {
        'mqtts://a.example.org:1': secure('ejabberd', 'example.org'),
        'mqtts://b.example.org:2': secure('mosquitto', 'example.org'),
      },
    },
    plan: 'mosquitto none mqtts://b.example.org:2 example.org',
  },
  {
    name: 'TLS goes before clear text, whatever the type',
    network: {
      xmpp: { [HERE]: EJABBERD },
      mqtt: {
        'mqtts://example.org:8883': secure('mosquitto', 'example.org', LOCAL),
        'mqtt://example.org:1883': plain('ejabberd'),
      },
    },
    plan: 'mosquitto none mqtts://example.org:8883 example.org',
  },
  {
    name: 'one broker under two names is one',
    network: {
      srv: { '_xmpp-client': ['xmpp.example.org:5222'] },
      xmpp: { 'xmpp://xmpp.example.org:5222': EJABBERD },
      mqtt: {
        'mqtts://xmpp.example.org:8883': secure('ejabberd', 'example.org'),
        'mqtts://example.org:8883': secure('ejabberd', 'example.org'),
      },
    },
    plan: 'ejabberd account mqtts://xmpp.example.org:8883 example.org',
    says: /found at the account's server ->/,
  },
]);
