import type { OutSettings } from '../../runtime/encode';
import { objectOf, text } from '../../runtime/fields';
import { publishProperties } from '../../runtime/properties';

/** Fields of `dinox-mqtt-out`, with the names of core's `mqtt out`, read once. */
export function outSettings(def: Readonly<Record<string, unknown>>): OutSettings {
  return {
    topic: typeof def.topic === 'string' ? def.topic : '',
    qos: text(def.qos),
    retain: def.retain,
    properties: publishProperties({
      responseTopic: text(def.respTopic),
      contentType: text(def.contentType),
      correlationData: text(def.correl),
      messageExpiryInterval: text(def.expiry) || undefined,
      userProperties: objectOf(def.userProps),
    }),
  };
}
