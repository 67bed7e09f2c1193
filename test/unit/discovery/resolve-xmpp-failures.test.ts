import { words } from '../../../src/base/catalogue';
import { LOCAL, secure } from './fake-network';
import { describeRows, EJABBERD, HERE, PROSODY } from './table-runner';

describeRows('resolve: XMPP that fails', [
  {
    name: 'a refused password stops, and is not tried at the next target',
    network: {
      srv: { '_xmpp-client': ['a.example.org:5222 1 0', 'b.example.org:5222 2 0'] },
      xmpp: {
        'xmpp://a.example.org:5222': {
          ok: false,
          failure: 'login',
          text: words('the server refused the password (not-authorized)'),
        },
        'xmpp://b.example.org:5222': EJABBERD,
      },
      mqtt: { 'mqtts://example.org:8883': secure('ejabberd', 'example.org') },
    },
    fails: 'login',
    says: /anna@example\.org cannot log in at xmpp:\/\/a\.example\.org:5222.*Check the JID and the password/,
    logins: 1,
  },
  {
    name: 'out of reach, but MQTT is there and tells',
    network: { mqtt: { 'mqtts://example.org:8883': secure('ejabberd', 'example.org') } },
    plan: 'ejabberd account mqtts://example.org:8883 example.org',
    missed: 'network',
    logins: 1,
  },
  {
    name: "Prosody is the account's server, and the broker a Mosquitto: neither passes for the other",
    network: {
      xmpp: { [HERE]: PROSODY },
      mqtt: { 'mqtts://example.org:8883': secure('mosquitto', 'example.org') },
    },
    plan: 'mosquitto none mqtts://example.org:8883 example.org',
    software: [undefined, 'Prosody 13.0.1'],
  },
  {
    name: "out of reach, Prosody's bridge is there: its PubSub service is assumed",
    network: { mqtt: { 'mqtts://example.org:8883': secure('prosody', 'example.org', LOCAL) } },
    plan: 'prosody none mqtts://example.org:8883 example.org',
    notices: 'pubsub-assumed',
  },
  {
    name: 'out of reach, and no MQTT',
    network: {},
    fails: 'network',
    says: /nothing listens.*no MQTT broker answered at mqtts:\/\/example\.org:8883.*Check the JID/,
  },
  {
    name: 'banned (fail2ban)',
    network: {
      xmpp: {
        [HERE]: {
          ok: false,
          failure: 'policy',
          text: words('Too many (20) failed authentications until 12:00'),
        },
      },
    },
    fails: 'refused',
    says: /Too many.*Wait until/,
  },
  {
    name: 'host-unknown',
    network: { xmpp: { [HERE]: { ok: false, failure: 'host-unknown', text: words('x') } } },
    fails: 'wrong-domain',
    says: /Check the domain/,
  },
  {
    name: 'a domain that DNS does not have: somebody mistyped it',
    network: {
      xmpp: { [HERE]: { ok: false, failure: 'name', text: words('there is no host example.org in DNS') } },
    },
    fails: 'no-domain',
    says: /no host example\.org in DNS.*Check how the domain of the JID is written/,
  },
  {
    name: 'a target of SRV that DNS does not have says nothing about the domain',
    network: {
      srv: { '_xmpp-client': ['a.example.org:5222 1 0'] },
      xmpp: {
        'xmpp://a.example.org:5222': { ok: false, failure: 'name', text: words('there is no host a') },
      },
    },
    fails: 'network',
  },
  {
    name: 'a bad certificate',
    network: { xmpp: { [HERE]: { ok: false, failure: 'tls', text: words('the certificate is for b') } } },
    fails: 'tls',
    says: /certificate is for b.*Fix/,
  },
  {
    name: 'STARTTLS taken away',
    network: { xmpp: { [HERE]: { ok: false, failure: 'unencrypted', text: words('offers no TLS') } } },
    fails: 'unencrypted',
    says: /offers no TLS/,
  },
  {
    name: 'not encrypted, because it was allowed: a standing warning',
    ask: { allowUnencrypted: true },
    network: {
      xmpp: { [HERE]: { ...EJABBERD, encrypted: false } as never },
      mqtt: { 'mqtts://example.org:8883': secure('ejabberd', 'example.org') },
    },
    plan: 'ejabberd account mqtts://example.org:8883 example.org',
    notices: 'xmpp-unencrypted',
  },
  {
    name: 'not verified, because the tls-config says so',
    network: {
      verify: false,
      xmpp: { [HERE]: { ...EJABBERD, verified: false } as never },
      mqtt: { 'mqtts://example.org:8883': secure('ejabberd', 'example.org') },
    },
    plan: 'ejabberd account mqtts://example.org:8883 example.org',
    notices: 'xmpp-unverified mqtt-unverified',
  },
]);
