import type { Range } from './whole-number';

/** Whole numbers that the fields of the nodes may hold, by the name of the field. */
export const FIELD_RANGES = {
  port: { min: 1, max: 65_535 },
  /** Seconds, two bytes (MQTT 5 §3.1.2.10). */
  keepalive: { min: 0, max: 0xffff },
  /** Seconds, four bytes (MQTT 5 §3.1.2.11.2). */
  sessionExpiry: { min: 0, max: 0xffff_ffff },
  /** Seconds, four bytes (MQTT 5 §3.3.2.3.3). */
  expiry: { min: 0, max: 0xffff_ffff },
  /** Seconds, four bytes (MQTT 5 §3.1.3.2.2). */
  willDelay: { min: 0, max: 0xffff_ffff },
  qos: { min: 0, max: 2 },
  /** RFC 6121 §4.7.2.3 */
  priority: { min: -128, max: 127 },
  queueMessages: { min: 0, max: 1_000_000 },
  queueBytes: { min: 0, max: 2 ** 40 },
  /** Items that a PubSub node keeps. */
  nodeMaxItems: { min: 1, max: 10_000 },
  /** Messages that wait for the flow's acknowledgement: as many as packets have identifiers (MQTT 5 §2.2.1). */
  ackLimit: { min: 1, max: 65_535 },
  /** Messages a minute to one receiver. */
  rate: { min: 1, max: 6_000 },
  /** Kilobytes of one text in a chat, and of data that is read for one. */
  maxText: { min: 1, max: 4_000 },
  maxParsed: { min: 1, max: 1_000 },
  /** Megabytes. */
  maxFile: { min: 1, max: 1_000 },
  /** Parts of a recorded span. */
  points: { min: 1, max: 10_000 },
  flapCount: { min: 0, max: 1_000 },
  /** Percent of a battery. */
  batteryBelow: { min: 1, max: 99 },
  /** Link quality, or percent. */
  signalBelow: { min: 1, max: 254 },
  /** Multiple of the usual interval. */
  silentFactor: { min: 2, max: 100 },
  maxKeys: { min: 1, max: 1_000_000 },
} as const satisfies Readonly<Record<string, Range>>;
