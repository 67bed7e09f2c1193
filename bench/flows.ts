/** The flows that are measured, each the same for Node-RED's own nodes (`core`) and ours. */

export type Variant = 'mqttjs' | 'floor' | 'floor-many' | 'core' | 'ours';
/** Ours of another checkout is measured as `other`. */
export type FlowVariant = Variant | 'other';

export interface Place {
  readonly port: number;
  readonly version: number;
}

type FlowNode = Record<string, unknown> & { readonly id: string; readonly type: string };

const TYPES = {
  core: { broker: 'mqtt-broker', in: 'mqtt in', out: 'mqtt out' },
  ours: { broker: 'dinox-broker', in: 'dinox-mqtt-in', out: 'dinox-mqtt-out' },
};

function typesOf(variant: FlowVariant): (typeof TYPES)['core'] {
  return variant === 'core' ? TYPES.core : TYPES.ours;
}

const TAB: FlowNode = { id: 'tab', type: 'tab', label: 'bench' };

function onTab(node: FlowNode, wires: string[] = []): FlowNode {
  return { ...node, z: 'tab', x: 1, y: 1, wires: wires.length > 0 ? [wires] : [] };
}

export function brokerNode(variant: FlowVariant, { port, version }: Place): FlowNode {
  return {
    id: 'broker',
    type: typesOf(variant).broker,
    broker: '127.0.0.1',
    port: String(port),
    protocolVersion: String(version),
    usetls: false,
    clientid: '',
    keepalive: '60',
    cleansession: true,
    autoConnect: true,
  };
}

/** One receiving node for each of `filters`, all wired to one `bench-sink`. */
export function receivers(variant: FlowVariant, place: Place, filters: readonly string[]): FlowNode[] {
  const common = { qos: '0', datatype: 'json', broker: 'broker', nl: false, rap: true, rh: 0, inputs: 0 };
  const { in: type } = typesOf(variant);
  return [
    TAB,
    onTab({ id: 'sink', type: 'bench-sink' }),
    brokerNode(variant, place),
    ...filters.map((topic, index) => onTab({ id: `in${index}`, type, topic, ...common }, ['sink'])),
  ];
}

/** The platform's floor of receiving: one node, which sends `copies` for one that arrives, or one for each of `topics`. */
export function floor(
  place: Place,
  topic: string,
  copies: number,
  topics: readonly string[] = [],
): FlowNode[] {
  return [
    ...topics.map((one, index) => onTab({ id: `in${index}`, type: 'bench-floor-one', topic: one }, ['sink'])),
    TAB,
    onTab({ id: 'sink', type: 'bench-sink' }),
    onTab({ id: 'floor', type: 'bench-floor', topic, copies, ...place }, ['sink']),
  ];
}

/** A node that takes all entities announced below `prefix`; without one, only what is around it. */
export function entityFlow(port: number, states: string, prefix: string | undefined): FlowNode[] {
  const broker = brokerNode('ours', { port, version: 5 });
  const around = [TAB, onTab({ id: 'sink', type: 'bench-sink' }), broker];
  // So that the connection stands before, and the history of these topics: they are not what is measured.
  const other = { topic: states, qos: '0', datatype: 'json', broker: 'broker', inputs: 0 };
  const all = [...around, onTab({ id: 'other', type: 'dinox-mqtt-in', ...other })];
  if (prefix === undefined) return all;
  const entity = { broker: 'broker', mode: 'filter', pattern: '*', prefix };
  return [...all, onTab({ id: 'entity', type: 'dinox-ha-entity', ...entity }, ['sink'])];
}

/** A source that is wired to one publishing node. */
export function publisher(variant: FlowVariant, place: Place, qos: number): FlowNode[] {
  const source = onTab({ id: 'source', type: 'bench-source' }, ['out']);
  if (variant === 'floor') return [TAB, source, onTab({ id: 'out', type: 'bench-floor-out', qos, ...place })];
  const out = {
    id: 'out',
    type: typesOf(variant).out,
    topic: '',
    qos: String(qos),
    retain: 'false',
    broker: 'broker',
  };
  return [TAB, source, brokerNode(variant, place), onTab(out)];
}
