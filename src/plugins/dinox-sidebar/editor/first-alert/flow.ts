import { visible } from '../format';
import { red } from '../red';
import { addNodes, nodeOf } from './deploy';
import type { GuideState } from './state';
import { propertyOf } from './suggest';

/** Distances of Node-RED's grid, in pixels. */
const LEFT = 160;
const COLUMN = 260;
const ROW = 80;

/** Why nothing can be placed: a key below `guide.place`. */
export type PlaceFault = 'locked' | 'missing';

const TYPES = ['dinox-mqtt-in', 'dinox-alert', 'xmpp-out', 'xmpp-in'];

/**
 * Places the whole of it below what stands in the open flow: topic → alert → receiver, and what the receiver says →
 * alert, so that one tap acknowledges. One undo step.
 */
export function placeFlow(state: GuideState, name: string): PlaceFault | undefined {
  const z = red().workspaces.active();
  if (red().workspaces.isLocked(z)) return 'locked';
  if (TYPES.some((type) => !red().nodes.getType(type))) return 'missing';
  const { broker, topic, receiver, condition } = state;
  const { jid, isRoom } = receiver;
  const top = freeRow(z);
  const at = (column: number, row: number) => ({ z, x: LEFT + column * COLUMN, y: top + row * ROW });
  const out = nodeOf('xmpp-out', {
    ...at(2, 0),
    name: '',
    broker,
    to: jid,
    kind: isRoom ? 'groupchat' : 'chat',
    wires: [[], []],
  });
  const alert = nodeOf('dinox-alert', {
    ...at(1, 0),
    name,
    broker,
    condition,
    ...(condition === 'nodata'
      ? { noDataAfter: state.noDataAfter }
      : { limit: state.limit.trim().replace(',', '.'), limitType: 'num' }),
    property: propertyOf(state.field),
    propertyType: 'msg',
    // What happens, and what people asked, go to the same chat; samples are for flows that want them.
    wires: [[out.id], [], [out.id]],
  });
  const source = nodeOf('dinox-mqtt-in', {
    ...at(0, 0),
    name: '',
    topic: topic.topic,
    qos: '1',
    broker,
    inputs: 0,
    wires: [[alert.id]],
  });
  const listener = nodeOf('xmpp-in', {
    ...at(0, 1),
    name: visible(jid, 60),
    broker,
    allow: jid,
    rooms: isRoom ? jid : '',
    wires: [[alert.id], []],
  });
  addNodes([source, listener, alert, out]);
  return undefined;
}

/** The first row below everything in this flow. */
function freeRow(z: string): number {
  let lowest = 0;
  red().nodes.eachNode((node) => {
    if (node.z === z && typeof node.y === 'number') lowest = Math.max(lowest, node.y);
  });
  return lowest === 0 ? 100 : Math.ceil(lowest / 20) * 20 + ROW;
}
