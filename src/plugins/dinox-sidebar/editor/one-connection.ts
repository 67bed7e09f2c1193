import type { Translate } from '../../../editor/format';
import { addressedTo, recipientOf } from './one-recipient';
import { red } from './red';

const TYPE = 'dinox-broker';
/**
 * What says nothing about the server: a connection that differs only in these is as it comes from the palette. How long
 * the house's own connection keeps values is for who set it up: the example says what it would show with seven days.
 */
const FREE = ['name', 'configVersion', 'history'];

/**
 * Examples bring a connection that is still empty. Where the flows have one already, imported nodes use that one, and
 * the empty one goes again: somebody who imports three examples types one account. Where there are several, a person has
 * to choose. The person of the examples becomes the one whom the flows talk with.
 */
export function joinImports(translate: Translate): void {
  red().events.on('nodes:add', (added) => {
    if (!isEmpty(added)) return;
    // The rest of the import, and the step that undoes it, come in this turn.
    setTimeout(() => join(added, translate));
  });
}

function join(empty: EditorNode, translate: Translate): void {
  const { nodes, history, view } = red();
  const step = history.peek();
  if (!step || nodes.node(empty.id) !== empty) return;
  const imported = addedBy(step);
  if (!imported.has(empty.id)) return;
  const chosen = connectionFor(imported);
  const users = usersOf(empty.id).filter(({ node }) => imported.has(node.id));
  if (!chosen || users.length === 0) return;
  const edits = users.map(({ node, property }) => {
    if (Array.isArray(chosen.users)) chosen.users.push(node);
    return edited(node, property, chosen.id);
  });
  const brought: EditorNode[] = [];
  const there: EditorNode[] = [];
  RED.nodes.eachNode((node) => (imported.has(node.id) ? brought : there).push(node));
  const person = recipientOf(there);
  const addressed = person === undefined ? [] : addressedTo(person, brought);
  edits.push(...addressed.map(({ node, property, value }) => edited(node, property, value)));
  empty.users = [];
  RED.nodes.remove(empty.id);
  // One step brings the nodes, so one step takes them away.
  history.replace({
    t: 'multi',
    dirty: step.dirty === true,
    events: [step, ...edits, { t: 'delete', nodes: [empty] }],
  });
  view.redraw(true);
  // Node-RED leaves an imported flow behind the one that is shown.
  const flow = users.find(({ node }) => node.z)?.node.z;
  if (flow) red().workspaces.show(String(flow));
  const name = RED.utils.getNodeLabel(chosen, chosen.id);
  const text =
    person !== undefined && addressed.length > 0
      ? translate('joinedFor', { name, person })
      : translate('joined', { name });
  red().notify($('<p>').text(text), { timeout: 8_000 });
}

/** Changes a property of a node; gives the event that undoes it. */
function edited(node: EditorNode, property: string, value: unknown): HistoryEvent {
  const edit = { t: 'edit', node, changes: { [property]: node[property] }, changed: node.changed };
  Object.assign(node, { [property]: value, changed: true, dirty: true });
  RED.editor.validateNode(node);
  return edit;
}

/** As it comes from the palette: no server, and no setting that an example needs. */
function isEmpty(node: EditorNode): boolean {
  if (node.type !== TYPE) return false;
  return Object.entries(node._def.defaults).every(([name, { value }]) => {
    const own = node[name];
    return FREE.includes(name) || own === undefined || JSON.stringify(own) === JSON.stringify(value);
  });
}

/** Ids of the nodes that a step of the history has added, if it is an import. */
function addedBy({ t, nodes = [], events = [] }: HistoryEvent): Set<string> {
  if (t === 'multi') return new Set(events.flatMap((event) => [...addedBy(event)]));
  return new Set(t === 'add' ? nodes.flatMap((node) => (typeof node === 'string' ? node : [])) : []);
}

/** The connection of the flows that the imported nodes can mean; undefined if there is none, or a choice. */
function connectionFor(imported: ReadonlySet<string>): EditorNode | undefined {
  const others: EditorNode[] = [];
  let brought = 0;
  RED.nodes.eachConfig((node) => {
    if (node.type !== TYPE) return;
    if (imported.has(node.id)) brought += 1;
    // One that is disabled, or belongs to a flow or subflow, is not for everybody.
    else if (node.d !== true && !node.z) others.push(node);
  });
  if (brought !== 1) return undefined;
  const configured = others.filter((node) => node.jid || node.host);
  return configured.length > 1 ? undefined : (configured[0] ?? others[0]);
}

interface User {
  node: EditorNode;
  property: string;
}

function usersOf(id: string): User[] {
  const found: User[] = [];
  const visit = (node: EditorNode): void => {
    for (const [property, { type }] of Object.entries(node._def?.defaults ?? {}))
      if (type === TYPE && node[property] === id) found.push({ node, property });
  };
  RED.nodes.eachNode(visit);
  RED.nodes.eachConfig(visit);
  return found;
}
