import { plainMapping, type ServerProfile } from './profile';

/** Mosquitto, and every other broker that follows the standard: the CONNACK says what it can do. */
export const mosquitto: ServerProfile = {
  type: 'mosquitto',
  label: 'Mosquitto',
  versions: [5, 4],
  login: 'configured',
  capabilities: {
    maxQos: 2,
    retain: true,
    will: true,
    wildcards: true,
    shared: true,
    subscriptionIds: true,
    persistentSessions: true,
    maxTopicBytes: 65_535,
    confirmsUnsubscribe: true,
  },
  // Mosquitto 2.0 sends one copy, 2.1 and others one for each filter.
  overlapping: 'unknown',
  subackTimeout: 10_000,
  subackHint: 'mqtt.seeBrokerLog',
  mapping: () => plainMapping,
};
