import { plain, REMOTE, secure } from './fake-network';
import { describeRows, EJABBERD, HERE } from './table-runner';

describeRows('resolve: SRV records', [
  {
    name: 'XMPP: direct TLS and STARTTLS taken together, the first priority that answers',
    network: {
      srv: {
        '_xmpp-client': ['c.example.org:5222 30 0', 'a.example.org:5222 10 0'],
        '_xmpps-client': ['b.example.org:443 20 0'],
      },
      xmpp: { 'xmpps://b.example.org:443': EJABBERD, 'xmpp://c.example.org:5222': EJABBERD },
      mqtt: { 'mqtts://example.org:8883': secure('ejabberd', 'example.org') },
    },
    plan: 'ejabberd account mqtts://example.org:8883 example.org',
    logins: 2,
  },
  {
    name: 'XMPP explicitly not offered',
    network: { srv: { '_xmpp-client': ['.'] } },
    fails: 'refused',
    says: /explicitly offers no XMPP/,
    logins: 0,
  },
  {
    name: 'DNS does not answer: the domain itself',
    network: {
      srv: { '_xmpp-client': ['fail'], '_xmpps-client': ['fail'] },
      xmpp: { [HERE]: EJABBERD },
      mqtt: { 'mqtts://example.org:8883': secure('ejabberd', 'example.org') },
    },
    plan: 'ejabberd account mqtts://example.org:8883 example.org',
  },
  {
    name: 'a typed XMPP service is asked, and DNS is not asked for another',
    ask: { xmppService: { host: 'xmpp.example.net', port: 5223, directTls: true } },
    network: {
      xmpp: { 'xmpps://xmpp.example.net:5223': EJABBERD },
      mqtt: { 'mqtts://xmpp.example.net:8883': secure('ejabberd', 'xmpp.example.net') },
    },
    plan: 'ejabberd account mqtts://xmpp.example.net:8883 xmpp.example.net',
    logins: 1,
    srvQuestions: 2,
  },
  {
    name: 'MQTT: what SRV names goes before the domain itself, whatever its type',
    network: {
      srv: { '_secure-mqtt': ['mqtt.example.org:8884'] },
      xmpp: { [HERE]: EJABBERD },
      mqtt: {
        'mqtts://mqtt.example.org:8884': secure('mosquitto', 'mqtt.example.org', REMOTE, false),
        'mqtts://example.org:8883': secure('ejabberd', 'example.org'),
      },
    },
    plan: 'mosquitto account mqtts://mqtt.example.org:8884 mqtt.example.org',
    says: /others that answered: mqtts:\/\/example\.org:8883 \(ejabberd\)/,
  },
  {
    name: 'MQTT: priorities, where the first does not answer',
    network: {
      srv: {
        '_secure-mqtt': ['b.example.org:8883 20 0', 'a.example.org:8883 10 0', 'c.example.org:8883 30 0'],
      },
      xmpp: { [HERE]: EJABBERD },
      mqtt: {
        'mqtts://b.example.org:8883': secure('ejabberd', 'example.org'),
        'mqtts://c.example.org:8883': secure('ejabberd', 'example.org'),
      },
    },
    plan: 'ejabberd account mqtts://b.example.org:8883 example.org',
  },
  {
    name: 'MQTT with TLS explicitly not offered: not looked for elsewhere',
    network: {
      srv: { '_secure-mqtt': ['.'], _mqtt: ['.'] },
      xmpp: { [HERE]: EJABBERD },
      mqtt: { 'mqtts://example.org:8883': secure('ejabberd', 'example.org') },
    },
    plan: 'ejabberd -',
    says: /MQTT is not offered/,
  },
  {
    name: '_mqtt, below the domain and local, where nothing answers with TLS',
    network: {
      srv: { _mqtt: ['mqtt.example.org:1884'] },
      xmpp: { [HERE]: EJABBERD },
      mqtt: { 'mqtt://mqtt.example.org:1884': plain('ejabberd') },
    },
    plan: 'ejabberd account mqtt://mqtt.example.org:1884 example.org',
    notices: 'tls-fallback',
  },
  {
    name: 'the XMPP target, below the domain, with the certificate of the domain',
    network: {
      srv: { '_xmpp-client': ['xmpp.example.org:5222'] },
      xmpp: { 'xmpp://xmpp.example.org:5222': EJABBERD },
      mqtt: { 'mqtts://xmpp.example.org:8883': secure('ejabberd', 'example.org') },
    },
    plan: 'ejabberd account mqtts://xmpp.example.org:8883 example.org',
  },
  {
    name: 'an address has none',
    ask: { jid: 'anna@192.168.1.5' },
    network: {},
    fails: 'network',
    srvQuestions: 0,
  },
  {
    name: 'localhost has none',
    ask: { jid: 'anna@localhost' },
    network: {},
    fails: 'network',
    srvQuestions: 0,
  },
]);
