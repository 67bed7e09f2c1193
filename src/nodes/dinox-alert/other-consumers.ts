import type { NodeAPI } from 'node-red';

interface WiredNode {
  type: string;
  wires?: string[][];
}

/** True for nodes that only show messages, and nodes with unknown contents. */
const isNeutral = (type: string): boolean =>
  type === 'debug' || type === 'comment' || type.startsWith('subflow');

/**
 * True if these `xmpp-in` nodes also lead to something other than alerts (and nodes that only show messages). A text
 * that we do not understand may be for that.
 */
export function reachesOthers(RED: NodeAPI, listeners: readonly string[]): boolean {
  const find = (id: string) => RED.nodes.getNode(id) as unknown as WiredNode | null | undefined;
  const seen = new Set<string>();
  const waiting = listeners.flatMap((id) => find(id)?.wires?.[0] ?? []);
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    const node = seen.has(id) ? undefined : find(id);
    seen.add(id);
    if (!node || node.type === 'dinox-alert') continue;
    const next = node.type === 'link out' ? linksOf(RED, id) : (node.wires ?? []).flat();
    if (next.length === 0 && !isNeutral(node.type)) return true;
    waiting.push(...next);
  }
  return false;
}

/**
 * True if one of these `xmpp-in` nodes answers questions, takes orders or publishes what is saved by itself, and leads to
 * no alert: a text that an alert does not understand was for that one.
 */
export function answersBesides(RED: NodeAPI, listeners: readonly string[]): boolean {
  const answering: string[] = [];
  RED.nodes.eachNode((definition) => {
    const { answerTopics, actuators, publishAllow } = definition as {
      answerTopics?: unknown;
      actuators?: unknown;
      publishAllow?: unknown;
    };
    const hasTable = Array.isArray(actuators) && actuators.length > 0;
    const isFilled = [answerTopics, publishAllow].some((field) => String(field ?? '').trim() !== '');
    if (listeners.includes(definition.id) && (hasTable || isFilled)) answering.push(definition.id);
  });
  return answering.some((id) => alertsBehind(RED, [id]).size === 0);
}

/** Ids of the alerts to which these `xmpp-in`s are wired directly, at most over links and junctions. */
export function alertsBehind(RED: NodeAPI, listeners: readonly string[]): Set<string> {
  const alerts = new Set<string>();
  const seen = new Set<string>();
  const find = (id: string) => RED.nodes.getNode(id) as unknown as WiredNode | null | undefined;
  const waiting = listeners.flatMap((id) => find(id)?.wires?.[0] ?? []);
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    const node = seen.has(id) ? undefined : find(id);
    seen.add(id);
    if (node?.type === 'dinox-alert') alerts.add(id);
    else if (node?.type === 'link out') waiting.push(...linksOf(RED, id));
    else if (node?.type === 'link in' || node?.type === 'junction')
      waiting.push(...(node.wires ?? []).flat());
  }
  return alerts;
}

/** Targets of a link node, which only its definition names. */
function linksOf(RED: NodeAPI, id: string): string[] {
  const links: string[] = [];
  RED.nodes.eachNode((definition) => {
    const { links: of } = definition as { links?: unknown };
    if (definition.id === id && Array.isArray(of)) links.push(...of.map(String));
  });
  return links;
}
