import { ENTRY_SEPARATOR, entriesOf, RECIPIENT_SEPARATOR } from '../../../xmpp/typed-addresses';

/** The person whom examples write to and listen to, until somebody types another one. */
const EXAMPLE_PERSON = 'anna@example.org';
/** Services of rooms are called so; a room is nobody. */
const IS_ROOM = /@(conference|rooms?|muc|chat|groups?)\./;

/** A property of an imported node that names the person of the examples, and what it becomes. */
export interface Addressed {
  node: EditorNode;
  property: string;
  value: unknown;
}

/**
 * The one person whom the flows write to and listen to; undefined if there is none, or a choice. Somebody who is only
 * written to may not be meant to give orders.
 */
export function recipientOf(nodes: readonly EditorNode[]): string | undefined {
  const told = new Set<string>();
  const heard = new Set<string>();
  const rooms = new Set<string>();
  for (const { type, d, to, kind, allow, rooms: joined } of nodes) {
    if (d === true) continue;
    if (type === 'xmpp-out')
      for (const one of entriesOf(String(to ?? ''), RECIPIENT_SEPARATOR)) {
        if (kind === 'groupchat') rooms.add(one);
        else told.add(one);
      }
    if (type !== 'xmpp-in') continue;
    for (const one of entriesOf(String(allow ?? ''), ENTRY_SEPARATOR)) heard.add(one);
    for (const one of entriesOf(String(joined ?? ''), ENTRY_SEPARATOR)) rooms.add(one);
  }
  const people = [...told].filter(
    (one) => heard.has(one) && !rooms.has(one) && !IS_ROOM.test(one) && one !== EXAMPLE_PERSON,
  );
  return people.length === 1 && /^[^@/\s]+@[^@/\s]+$/.test(people[0] ?? '') ? people[0] : undefined;
}

/** What addresses the person of the examples among imported nodes, with somebody else in that place. */
export function addressedTo(person: string, nodes: readonly EditorNode[]): Addressed[] {
  const found: Addressed[] = [];
  for (const node of nodes)
    for (const property of ['to', 'allow', 'actuators', 'rules']) {
      const value = replaced(node[property], person);
      if (value !== undefined) found.push({ node, property, value });
    }
  return found;
}

/** A copy with the person in place of the examples' one; undefined if nothing changes. Rows of a table have fields. */
function replaced(value: unknown, person: string): unknown {
  if (value === EXAMPLE_PERSON) return person;
  if (!Array.isArray(value)) return undefined;
  let isOther = false;
  const rows = value.map((row: unknown) => {
    if (typeof row !== 'object' || row === null) return row;
    const fields = Object.entries(row).map(([name, one]) => {
      if (one !== EXAMPLE_PERSON) return [name, one];
      isOther = true;
      return [name, person];
    });
    return Object.fromEntries(fields);
  });
  return isOther ? rows : undefined;
}
