import { visible } from '../../../../editor/format';
import { GAP, widthOf } from '../node-width';
import { red } from '../red';
import { addNodes, nodeOf, type Wire } from './deploy';
import { flowNodes } from './reuse';
import { alertFields } from './rule';
import type { GuideState, Placed } from './state';

/** Pixels on Node-RED's grid: left edge of the first node, distance of rows. */
const LEFT = 20;
const ROW = 80;
const GRID = 20;

/** Why nothing can be placed: a key below `guide.place`. `topic`: the filter that a node already receives. */
export interface PlaceFault {
  fault: 'locked' | 'missing' | 'otherType';
  topic?: string;
}

const TYPES = ['dinox-mqtt-in', 'dinox-alert', 'xmpp-out', 'xmpp-in'];

/**
 * Places the nodes below those of the open flow: topic → alert → recipient, and the recipient's answers → alert, so that
 * one tap acknowledges. Suitable nodes that exist already are used again, because a second one would send everything
 * twice. One undo step.
 */
export function placeFlow(state: GuideState, name: string): Placed | PlaceFault {
  const z = red().workspaces.active();
  if (red().workspaces.isLocked(z)) return { fault: 'locked' };
  if (TYPES.some((type) => !red().nodes.getType(type))) return { fault: 'missing' };
  const { broker, topic, recipient } = state;
  const { jid, isRoom } = recipient;
  const filter = topic.filter ?? topic.topic;
  const known = flowNodes({ z, broker, topic: topic.topic, filter, jid, isRoom });
  if (known.otherType !== undefined) return { fault: 'otherType', topic: known.otherType };
  const top = freeRow(z);
  const source = shortTopic(topic.topic);
  const widths = [
    Math.max(widthOf(source || topic.topic), widthOf(jid)),
    widthOf(name),
    widthOf(jid),
  ] as const;
  // A node's position is its middle.
  const middles = [
    LEFT + widths[0] / 2,
    LEFT + widths[0] + GAP + widths[1] / 2,
    LEFT + widths[0] + GAP + widths[1] + GAP + widths[2] / 2,
  ] as const;
  const at = (column: 0 | 1 | 2, row: number) => ({ z, x: middles[column], y: top + row * ROW });
  const alert = red().nodes.id();
  const made: Record<string, unknown>[] = [];
  const wires: Wire[] = [];
  const make = (type: string, properties: object): string => {
    const node = nodeOf(type, properties);
    made.push(node);
    return String(node.id);
  };
  const out =
    known.out ??
    make('xmpp-out', {
      ...at(2, 0),
      name: '',
      broker,
      to: jid,
      kind: isRoom ? 'groupchat' : 'chat',
      wires: [[], []],
    });
  make('dinox-alert', {
    ...at(1, 0),
    id: alert,
    name,
    broker,
    ...alertFields(state),
    wires: [[], [], []],
  });
  // Alerts and answers go to the same chat; samples are for flows that want them.
  wires.push({ from: alert, port: 0, to: out }, { from: alert, port: 2, to: out });
  const mqttIn =
    known.mqttIn ??
    make('dinox-mqtt-in', {
      ...at(0, 0),
      name: source,
      topic: filter,
      qos: '1',
      broker,
      inputs: 0,
      wires: [[]],
    });
  const listener =
    known.listener ??
    make('xmpp-in', {
      ...at(0, 1),
      x: LEFT + widthOf(jid) / 2,
      name: visible(jid, 60),
      broker,
      allow: jid,
      rooms: isRoom ? jid : '',
      wires: [[], []],
    });
  wires.push({ from: mqttIn, port: 0, to: alert }, { from: listener, port: 0, to: alert });
  addNodes(made, wires);
  red().view.reveal(alert, false);
  return { mqttIn, alert };
}

/** The topic's last two levels, if the whole topic would make a wide node; else empty. */
function shortTopic(topic: string): string {
  return topic.length <= 24 ? '' : visible(topic.split('/').filter(Boolean).slice(-2).join('/'), 40);
}

/** The first row below everything in this flow. */
export function freeRow(z: string): number {
  let lowest = 0;
  red().nodes.eachNode((node) => {
    if (node.z === z && typeof node.y === 'number') lowest = Math.max(lowest, node.y);
  });
  return lowest === 0 ? 100 : Math.ceil(lowest / GRID) * GRID + ROW;
}
