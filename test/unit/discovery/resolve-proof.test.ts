import { words } from '../../../src/base/catalogue';
import { faulty, plain, secure } from './fake-network';
import { describeRows, EJABBERD, HERE } from './table-runner';

describeRows('resolve: hosts that only DNS named', [
  {
    name: 'with a certificate for the account’s domain: proven',
    network: {
      srv: { '_secure-mqtt': ['mqtt.hoster.example:8883'] },
      xmpp: { [HERE]: EJABBERD },
      mqtt: { 'mqtts://mqtt.hoster.example:8883': secure('ejabberd', 'example.org') },
    },
    plan: 'ejabberd account mqtts://mqtt.hoster.example:8883 example.org',
    says: /certificate proves that it belongs to example\.org/,
  },
  {
    name: 'with a valid certificate of its own: not used, type it',
    network: {
      srv: { '_secure-mqtt': ['mqtt.evil.example:8883'] },
      xmpp: { [HERE]: EJABBERD },
      mqtt: { 'mqtts://mqtt.evil.example:8883': faulty('wrong-name', 'example.org') },
    },
    fails: 'host-unconfirmed',
    says: /type mqtt\.evil\.example as the host to confirm it/,
  },
  {
    name: 'with a valid certificate of its own, and the domain itself has a broker: that one',
    network: {
      srv: { '_secure-mqtt': ['mqtt.evil.example:8883'] },
      xmpp: { [HERE]: EJABBERD },
      mqtt: {
        'mqtts://mqtt.evil.example:8883': faulty('wrong-name', 'example.org'),
        'mqtts://example.org:8883': secure('ejabberd', 'example.org'),
      },
    },
    plan: 'ejabberd account mqtts://example.org:8883 example.org',
    says: /type mqtt\.evil\.example as the host to confirm it/,
  },
  {
    name: 'without TLS, even on a local address: it cannot prove anything',
    network: {
      srv: { _mqtt: ['nas.evil.example:1883'] },
      xmpp: { [HERE]: EJABBERD },
      mqtt: { 'mqtt://nas.evil.example:1883': plain('ejabberd') },
    },
    fails: 'host-unconfirmed',
    says: /without TLS it cannot prove itself/,
  },
  {
    name: 'a name that merely ends like the domain is not below it',
    network: {
      srv: { '_secure-mqtt': ['evilexample.org:8883'] },
      xmpp: { [HERE]: EJABBERD },
      mqtt: { 'mqtts://evilexample.org:8883': faulty('wrong-name', 'example.org') },
    },
    fails: 'host-unconfirmed',
  },
  {
    name: 'a tls-config that does not verify is no proof',
    network: {
      verify: false,
      srv: { '_secure-mqtt': ['mqtt.evil.example:8883'] },
      xmpp: { [HERE]: EJABBERD },
      mqtt: { 'mqtts://mqtt.evil.example:8883': faulty('wrong-name', 'example.org') },
    },
    fails: 'host-unconfirmed',
  },
  {
    name: 'over XMPP: the target has no certificate for the account’s domain',
    network: {
      srv: { '_xmpp-client': ['xmpp.evil.example:5222'] },
      xmpp: {
        'xmpp://xmpp.evil.example:5222': {
          ok: false,
          failure: 'tls',
          text: words('the certificate is for xmpp.evil.example, not for example.org'),
        },
      },
    },
    fails: 'tls',
    says: /certificate is for xmpp\.evil\.example, not for example\.org/,
  },
  {
    name: 'typed: confirmed, with its own certificate',
    ask: { host: 'mqtt.hoster.example' },
    network: {
      xmpp: { [HERE]: EJABBERD },
      mqtt: { 'mqtts://mqtt.hoster.example:8883': secure('ejabberd', 'mqtt.hoster.example') },
    },
    plan: 'ejabberd account mqtts://mqtt.hoster.example:8883 mqtt.hoster.example',
  },
]);
