import { propertyOf } from '../../../../editor/suggest';
import { GAP, widthOf } from '../node-width';
import { red } from '../red';

/** A new alert, whose label tells its limit. */
const ALERT_WIDTH = 320;

/** Lets new nodes hang on the pointer, until a click places them. */
function place(nodes: object[]): void {
  red().view.focus();
  red().view.importNodes(nodes, { generateIds: true, touchImport: false, notify: false });
}

function mqttIn(id: string, broker: string, topic: string, x: number, y: number, wires: string[][]): object {
  return {
    id,
    type: 'dinox-mqtt-in',
    z: red().workspaces.active(),
    name: '',
    topic,
    topicType: '',
    qos: '2',
    datatype: 'auto-detect',
    broker,
    nl: false,
    rap: true,
    rh: 0,
    manualAck: false,
    ackTimeout: '',
    ackLimit: '20',
    inputs: 0,
    x,
    y,
    wires,
  };
}

/** Places a `dinox-mqtt-in` that receives the topic. */
export function placeMqttIn(broker: string, topic: string): void {
  place([mqttIn(red().nodes.id(), broker, topic, 100, 100, [[]])]);
}

/**
 * Filter by which a node of the flows receives this PubSub node, if it is not `filter`: Prosody's bridge keeps one
 * payload type for each node and connection.
 */
export function otherMqttIn(broker: string, node: string, filter: string): string | undefined {
  // `<service>/<type>/<node>`.
  const [service = ''] = filter.split('/', 1);
  const isNode = (topic: string): boolean =>
    topic === node || (topic.startsWith(`${service}/`) && topic.split('/').slice(2).join('/') === node);
  const topics = red()
    .nodes.filterNodes({ type: 'dinox-mqtt-in' })
    .filter((one) => one.broker === broker)
    .map(({ topic }) => String(topic ?? ''));
  return topics.find((topic) => topic !== filter && isNode(topic));
}

export function canAlert(): boolean {
  return Boolean(red().nodes.getType('dinox-alert'));
}

export interface AlertWish {
  /** Alerts above this; undefined: alerts when no values come any more. */
  limit: number | undefined;
  condition: 'above' | 'below' | 'nodata';
  /** `30m`, for `nodata`. */
  noDataAfter?: string;
  hysteresis?: string;
  holdFor?: string;
  /** The number in a JSON payload. */
  field: string | undefined;
}

/** Places a `dinox-mqtt-in` for the topic, wired to a `dinox-alert` with this limit. */
export function placeAlert(broker: string, topic: string, wish: AlertWish): void {
  const alert = red().nodes.id();
  const { defaults = {} } = red().nodes.getType('dinox-alert') ?? {};
  const values = Object.fromEntries(Object.entries(defaults).map(([name, { value }]) => [name, value]));
  place([
    mqttIn(red().nodes.id(), broker, topic, 100, 100, [[alert]]),
    {
      ...values,
      id: alert,
      type: 'dinox-alert',
      z: red().workspaces.active(),
      condition: wish.condition,
      ...(wish.limit === undefined ? {} : { limit: String(wish.limit), limitType: 'num' }),
      ...(wish.noDataAfter ? { noDataAfter: wish.noDataAfter } : {}),
      ...(wish.hysteresis ? { hysteresis: wish.hysteresis } : {}),
      ...(wish.holdFor ? { holdFor: wish.holdFor } : {}),
      ...(wish.field ? { property: propertyOf(wish.field), propertyType: 'msg' } : {}),
      broker,
      x: 100 + widthOf(topic) / 2 + GAP + ALERT_WIDTH / 2,
      y: 100,
      wires: [[], [], []],
    },
  ]);
}
