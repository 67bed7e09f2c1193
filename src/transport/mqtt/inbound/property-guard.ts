import type { IPublishPacket } from 'mqtt';

/** Characters that no topic name may hold (MQTT 5 §4.7.1, §4.7.3). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: U+0000 is what is looked for.
const NO_TOPIC = /[+#\u0000]/;

/** True if a message can have this topic. An invalid one would match filters in unintended ways. */
export function isTopicName(topic: string): boolean {
  return topic !== '' && !NO_TOPIC.test(topic);
}

/** Properties that a PUBLISH may hold only once (MQTT 5 §3.3.2.3). */
const SINGLE = [
  'payloadFormatIndicator',
  'messageExpiryInterval',
  'topicAlias',
  'responseTopic',
  'correlationData',
  'contentType',
  'reasonString',
] as const;

/**
 * Repairs properties: MQTT.js makes a list of a property that comes twice, and null of a text that is cut off. Takes
 * the first of the list and leaves out the null, so that readers find the type that it should have.
 */
export function tidyProperties({ properties }: IPublishPacket): void {
  if (!properties) return;
  const values = properties as Record<string, unknown>;
  for (const name of SINGLE) {
    const value = values[name];
    if (value === undefined) continue;
    const first: unknown = Array.isArray(value) ? value[0] : value;
    if (first === null || first === undefined) delete values[name];
    else values[name] = first;
  }
}
