import { parseDuration } from '../../base/duration';
import { flag, trimmed, whole } from '../../runtime/config/raw-fields';
import type { Datatype } from '../../runtime/mqtt/decode';
import type { DynamicSettings } from '../../runtime/mqtt/dynamic-subscriptions';
import type { SubscribeOptions } from '../../transport/messages';

/** Fields of `dinox-mqtt-in`, with the names of core's `mqtt in`, read once. */
export interface InSettings extends DynamicSettings {
  topic: string;
  options: SubscribeOptions;
  /** Set if the flow acknowledges by hand; undefined: the node acknowledges at once. */
  manualAck: ManualAck | undefined;
}

export interface ManualAck {
  /** Maximum messages that wait for the flow. @default 20 */
  limit: number;
  /** Milliseconds after which the node acknowledges by itself; undefined: never. */
  timeout: number | undefined;
}

const DATATYPES: readonly string[] = ['auto-detect', 'auto', 'utf8', 'json', 'base64', 'buffer'];

export function inSettings(def: Readonly<Record<string, unknown>>): InSettings {
  const datatype = datatypeOf(def.datatype, 'utf8');
  return {
    topic: typeof def.topic === 'string' ? def.topic : '',
    options: subscribeOptions(def, { qos: 2, nl: false, rap: false, rh: 0 }),
    // With manual acknowledgement the input takes the acknowledgements.
    isDynamic: Number(def.inputs) === 1 && !(flag(def.manualAck, false) && trimmed(def.topic) !== ''),
    datatype,
    manualAck: flag(def.manualAck, false)
      ? {
          limit: whole(def.ackLimit, 'ackLimit', 20, []),
          timeout: parseDuration(trimmed(def.ackTimeout)) || undefined,
        }
      : undefined,
    // Core's defaults for a dynamic subscription differ from those of the node.
    optionsOf: (source) => {
      const options = subscribeOptions(source, { qos: 2, nl: false, rap: true, rh: 0 });
      // Core treats an invalid QoS as 0.
      return isSmall(source.qos ?? 2) ? options : { ...options, qos: 0 };
    },
    datatypeOf: (value) => datatypeOf(value, datatype),
  };
}

/** QoS and the MQTT 5 options of a node or of a dynamic subscription. */
function subscribeOptions(
  source: Readonly<Record<string, unknown>>,
  fallback: SubscribeOptions,
): SubscribeOptions {
  return {
    qos: small(source.qos, fallback.qos),
    nl: boolean(source.nl, fallback.nl),
    rap: boolean(source.rap, fallback.rap),
    rh: small(source.rh, fallback.rh),
  };
}

function datatypeOf(value: unknown, fallback: Datatype): Datatype {
  return DATATYPES.includes(value as string)
    ? (value as Datatype)
    : value === undefined || value === ''
      ? fallback
      : 'auto';
}

function small(value: unknown, fallback: 0 | 1 | 2): 0 | 1 | 2 {
  const number = Number.parseInt(String(value), 10);
  return number === 0 || number === 1 || number === 2 ? number : fallback;
}

function isSmall(value: unknown): boolean {
  const number = Number.parseInt(String(value), 10);
  return number === 0 || number === 1 || number === 2;
}

function boolean(value: unknown, fallback: boolean): boolean {
  if (value === true || value === 'true') return true;
  return value === false || value === 'false' ? false : fallback;
}
