/**
 * Builders of flow JSON, in the words of Node-RED's own MQTT nodes. What they build runs on core's nodes as it is,
 * and on ours after `withTypes`, which exchanges the three types and nothing else.
 */

/** A node as it stands in a flow file. */
export interface FlowNode {
  id: string;
  type: string;
  [property: string]: unknown;
}

export type Flow = FlowNode[];
/** Node id → its credentials, as the editor sends them with a deploy. */
export type Credentials = Record<string, Record<string, string>>;

const TAB = 'tab';
export const BROKER = 'broker';

/** A node on the tab: one without a place (`x`, `y`) would be taken for a config node. */
export function node(type: string, id: string, properties: object = {}): FlowNode {
  return { id, type, z: TAB, x: 100, y: 100, wires: [], ...properties };
}

export function tab(properties: object = {}): FlowNode {
  return { id: TAB, type: 'tab', label: 'Test', ...properties };
}

/** The broker config as core's editor saves it. */
export function broker(port: number | string, version: 4 | 5, properties: object = {}): FlowNode {
  return {
    id: BROKER,
    type: 'mqtt-broker',
    name: '',
    broker: '127.0.0.1',
    port: String(port),
    clientid: '',
    autoConnect: true,
    usetls: false,
    protocolVersion: String(version),
    keepalive: '60',
    cleansession: true,
    autoUnsubscribe: true,
    birthTopic: '',
    birthQos: '0',
    birthRetain: 'false',
    birthPayload: '',
    birthMsg: {},
    closeTopic: '',
    closeQos: '0',
    closeRetain: 'false',
    closePayload: '',
    closeMsg: {},
    willTopic: '',
    willQos: '0',
    willRetain: 'false',
    willPayload: '',
    willMsg: {},
    userProps: '',
    sessionExpiry: '',
    ...properties,
  };
}

/** Receives a topic; what arrives goes to the `helper` node that `to` names. */
export function mqttIn(id: string, topic: string, to: string, properties: object = {}): FlowNode {
  return node('mqtt in', id, {
    topic,
    qos: '2',
    datatype: 'auto-detect',
    broker: BROKER,
    nl: false,
    rap: true,
    rh: 0,
    inputs: 0,
    wires: [[to]],
    ...properties,
  });
}

/** An `mqtt in` with an input, controlled by messages. */
export function dynamicIn(id: string, to: string, properties: object = {}): FlowNode {
  return mqttIn(id, '', to, { topicType: 'dynamic', inputs: 1, ...properties });
}

/** Publishes; what the message should decide is left blank. */
export function mqttOut(id: string, properties: object = {}): FlowNode {
  return node('mqtt out', id, {
    topic: '',
    qos: '',
    retain: '',
    respTopic: '',
    contentType: '',
    userProps: '',
    correl: '',
    expiry: '',
    broker: BROKER,
    ...properties,
  });
}

/** Where messages end, for the test to look at. */
export function sink(id: string): FlowNode {
  return node('helper', id);
}

/** All errors of the tab go to the `helper` node `to`. */
export function catchAll(to: string): FlowNode {
  return node('catch', `catch-${to}`, { scope: null, uncaught: false, wires: [[to]] });
}

/** What the nodes of `scope` have completed goes to the `helper` node `to`. */
export function completed(scope: string[], to: string): FlowNode {
  return node('complete', `complete-${to}`, { scope, uncaught: false, wires: [[to]] });
}

/** The same flow with types exchanged, and nothing else. */
export function withTypes(flow: Flow, types: Readonly<Record<string, string>>): Flow {
  return flow.map((entry) => ({ ...entry, type: types[entry.type] ?? entry.type }));
}
