import { addNodes, nodeOf } from '../first-alert/deploy';
import { freeRow } from '../first-alert/flow';
import { red } from '../red';

/** What `dinox-bridge` brings to the page: opens the dialog of a bridge with one more rule, which counts with *Done*. */
type OpenWithRule = (bridge: EditorNode, rule: Readonly<Record<string, string>>) => void;

const MAX_RULES = 50;

export const canForward = (): boolean => forwardType()?.openWithRule !== undefined;

const forwardType = (): { openWithRule?: OpenWithRule } | undefined =>
  red().nodes.getType('dinox-bridge') as { openWithRule?: OpenWithRule } | undefined;

/**
 * Begins a rule that says a topic in a chat: in a bridge of this connection, on the open flow where it has one there, or
 * in a new one below the open flow's nodes. @returns why not: the open flow is locked, or a dialog is open
 */
export function forwardToChat(broker: string, filter: string): 'locked' | 'busy' | undefined {
  // A second dialog of the same node would share its fields with the first one.
  if (document.querySelector('.red-ui-tray')) return 'busy';
  const { nodes, workspaces, view } = red();
  const open = workspaces.active();
  const [known] = nodes
    .filterNodes({ type: 'dinox-bridge' })
    .filter((one) => one.broker === broker && one.d !== true && !workspaces.isLocked(String(one.z)))
    .filter(({ rules }) => !Array.isArray(rules) || rules.length < MAX_RULES)
    .sort((one, other) => Number(other.z === open) - Number(one.z === open));
  if (!known && workspaces.isLocked(open)) return 'locked';
  const bridge = known ?? placed(broker, open);
  if (!bridge) return 'locked';
  view.reveal(bridge.id, false);
  forwardType()?.openWithRule?.(bridge, { filter, direction: 'toChat' });
  return undefined;
}

/** A new bridge, in one undo step. */
function placed(broker: string, z: string): EditorNode | undefined {
  const node = nodeOf('dinox-bridge', { z, broker, rules: [], x: 200, y: freeRow(z), wires: [] });
  addNodes([node]);
  return red().nodes.node(String(node.id)) ?? undefined;
}
