import { plainMapping, type ServerProfile } from './profile';

/** ejabberd with `mod_mqtt`: a whole broker whose accounts are the XMPP accounts. */
export const ejabberd: ServerProfile = {
  type: 'ejabberd',
  label: 'ejabberd',
  versions: [5, 4],
  login: 'account',
  capabilities: {
    maxQos: 2,
    retain: true,
    will: true,
    wildcards: true,
    shared: false,
    subscriptionIds: true,
    persistentSessions: true,
    maxTopicBytes: 65_535,
    // A deeper one gets 0x8F, on 3.1.1 too, where no client expects it.
    maxFilterLevels: 8,
    confirmsUnsubscribe: true,
  },
  overlapping: 'perFilter',
  subackTimeout: 10_000,
  subackHint: 'mqtt.seeServerLog',
  sessionLimit: 300,
  mapping: () => plainMapping,
};
