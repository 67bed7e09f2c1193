import type { PublishProperties } from '../../transport/messages';

/** Text pairs for MQTT 5 user properties; other values as JSON, as core's nodes send them. */
export function userProperties(source: unknown): Record<string, string> | undefined {
  if (typeof source !== 'object' || source === null) return undefined;
  const pairs: [string, string][] = [];
  for (const [key, value] of Object.entries(source)) {
    if (typeof value === 'string') pairs.push([key, value]);
    else if (value !== undefined && value !== null) {
      const json = safeJson(value);
      if (json !== undefined) pairs.push([key, json]);
    }
  }
  return pairs.length > 0 ? Object.fromEntries(pairs) : undefined;
}

function safeJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

/** The MQTT 5 properties of a message or a form; those of a wrong type are left out. */
export function publishProperties(source: Readonly<Record<string, unknown>>): PublishProperties | undefined {
  const properties: PublishProperties = {};
  const { responseTopic, contentType, correlationData } = source;
  if (typeof responseTopic === 'string' && responseTopic) properties.responseTopic = responseTopic;
  if (typeof contentType === 'string' && contentType) properties.contentType = contentType;
  const correlation = bytesOf(correlationData);
  if (correlation) properties.correlationData = correlation;
  const expiry = integer(source.messageExpiryInterval);
  if (expiry !== undefined && expiry >= 0 && expiry <= 0xffff_ffff) properties.messageExpiryInterval = expiry;
  const alias = integer(source.topicAlias);
  if (alias !== undefined) properties.topicAlias = alias;
  const indicator = source.payloadFormatIndicator;
  if (indicator === true || indicator === 'true') properties.payloadFormatIndicator = true;
  else if (indicator === false || indicator === 'false') properties.payloadFormatIndicator = false;
  const pairs = userProperties(source.userProperties);
  if (pairs) properties.userProperties = pairs;
  return Object.keys(properties).length > 0 ? properties : undefined;
}

/** Text, bytes, or a Buffer that went through JSON; undefined for anything else. */
function bytesOf(value: unknown): Buffer | undefined {
  if (typeof value === 'string') return value === '' ? undefined : Buffer.from(value);
  if (value instanceof Uint8Array) return Buffer.from(value);
  const data = Array.isArray(value) ? value : (value as { data?: unknown } | null | undefined)?.data;
  try {
    return Array.isArray(data) ? Buffer.from(data) : undefined;
  } catch {
    // An element that is no number and cannot be made one.
    return undefined;
  }
}

function integer(value: unknown): number | undefined {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined;
  const number = Number.parseInt(String(value), 10);
  return Number.isNaN(number) ? undefined : number;
}
