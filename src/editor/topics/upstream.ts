/// <reference path="../red.d.ts" />

/** Sources of a node's values, by its wires. */
export interface Upstream {
  /** Topics that the wires lead back to. */
  sources: { broker: string; filter: string }[];
  /** True if a wire leads to the node. */
  wired: boolean;
  /** True if a node on the way may change values. */
  through: boolean;
}

/** Nodes that pass messages on unchanged. */
const PLAIN = ['junction', 'link in', 'link out', 'rbe', 'switch', 'delay', 'reroute'];
const MAX_NODES = 500;
const MAX_SOURCES = 50;
const MAX_JUNCTIONS = 10;

/** Follows the wires backwards, also over links, to the nodes that receive topics. */
export function upstreamOf(node: EditorNode): Upstream {
  const found: Upstream = { sources: [], wired: false, through: false };
  const seen = new Set([node.id]);
  const waiting = [node];
  for (let next = waiting.pop(); next && seen.size < MAX_NODES; next = waiting.pop()) {
    for (const source of before(next)) {
      found.wired = true;
      if (seen.has(source.id)) continue;
      seen.add(source.id);
      // The input of the node's subflow: its instances know what comes from outside.
      if (source.type === 'subflow') {
        found.through = true;
        continue;
      }
      if (source.type === 'dinox-mqtt-in') {
        const filter = String(source.topic ?? '');
        const isFixed = source.topicType !== 'dynamic' && Number(source.inputs ?? 0) === 0;
        if (isFixed && filter !== '' && found.sources.length < MAX_SOURCES)
          found.sources.push({ broker: String(source.broker ?? ''), filter });
        continue;
      }
      // A node without inputs is the sender.
      if (!PLAIN.includes(source.type)) found.through ||= before(source).length > 0;
      waiting.push(source);
    }
  }
  return found;
}

/** The one topic wired to a node, with only junctions between; empty if there is none, or several. */
export function topicBefore(node: EditorNode): string {
  let sources = before(node);
  for (let hops = 0; hops < MAX_JUNCTIONS && sources[0]?.type === 'junction'; hops++) {
    if (sources.length > 1) return '';
    sources = before(sources[0]);
  }
  const [only] = sources;
  if (sources.length !== 1 || only?.type !== 'dinox-mqtt-in' || only.topicType === 'dynamic') return '';
  return String(only.topic ?? '');
}

function before(node: EditorNode): EditorNode[] {
  const wired = RED.nodes.filterLinks({ target: { id: node.id } }).map(({ source }) => source);
  if (node.type !== 'link in' || !Array.isArray(node.links)) return wired;
  const linked = node.links.map((id: unknown) => RED.nodes.node(id));
  return [...wired, ...linked.filter((one): one is EditorNode => Boolean(one))];
}
