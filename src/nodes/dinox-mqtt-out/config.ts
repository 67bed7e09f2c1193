import { parseDuration } from '../../base/duration';
import { publishProperties } from '../../runtime/config/mqtt5-properties';
import { flag, parsedObject, trimmed } from '../../runtime/config/raw-fields';
import type { OutSettings } from '../../runtime/mqtt/encode';

const RESPONSE_TIMEOUT = 10_000;

/** Fields of `dinox-mqtt-out`, with the names of core's `mqtt out`, read once. */
export interface NodeSettings extends OutSettings {
  /** Milliseconds to wait for the response; undefined: do not wait. */
  responseTimeout: number | undefined;
}

export function mqttOutSettings(def: Readonly<Record<string, unknown>>): NodeSettings {
  const waits = flag(def.waitResponse, false);
  return {
    // A request is not dropped while somebody waits for its answer.
    dropOffline: flag(def.dropOffline, false) && !waits,
    respond: flag(def.respond, false),
    padding: flag(def.padding, false),
    responseTimeout: waits
      ? (parseDuration(trimmed(def.responseTimeout) || '10s') ?? RESPONSE_TIMEOUT)
      : undefined,
    topic: typeof def.topic === 'string' ? def.topic : '',
    qos: trimmed(def.qos),
    retain: def.retain,
    properties: publishProperties({
      responseTopic: trimmed(def.respTopic),
      contentType: trimmed(def.contentType),
      correlationData: trimmed(def.correl),
      messageExpiryInterval: trimmed(def.expiry) || undefined,
      userProperties: parsedObject(def.userProps),
    }),
  };
}
