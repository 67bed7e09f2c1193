/** What an alert depends on, as its dialog stores it; read for the node and for its dialog. */
import { type NameIn, text } from '../../base/catalogue';
import { Fault } from '../../base/fault';
import type { Text } from '../../base/text';
import { filterFault } from '../../topics/filter';

/** Keys of a `dinox-alert`; `node` is its id, empty: this one. */
export interface OnKey {
  type: 'key';
  node: string;
  pattern: string;
}

/** A topic that says if something is there. Both texts empty: the usual words. `broker` empty: the node's connection. */
export interface OnTopic {
  type: 'topic';
  broker: string;
  filter: string;
  up: string;
  down: string;
}

/** The connection of a `dinox-broker`; empty: the node's. */
export interface OnConnection {
  type: 'connection';
  broker: string;
}

export type DependsOn = OnKey | OnTopic | OnConnection;

const MAX_DEPENDENCIES = 50;
/** Maximum characters of a pattern and of a word of availability. */
const MAX_LENGTH = 1_000;

/**
 * Reads the field; the faults are by line, from 1 on.
 * @param own the node's connection, for those that name none
 */
export function readDependsOn(raw: unknown, own: string): { list: DependsOn[]; faults: Text[] } {
  if (raw === undefined || raw === null || raw === '') return { list: [], faults: [] };
  const isList = Array.isArray(raw) && raw.length <= MAX_DEPENDENCIES;
  if (!isList) return { list: [], faults: [text('rule.dependsList', { most: MAX_DEPENDENCIES })] };
  const list: DependsOn[] = [];
  const faults: Text[] = [];
  for (const [index, one] of raw.entries()) {
    const read = readOne(one, own);
    if (read instanceof Fault) faults.push(text('rule.dependsLine', { line: index + 1, text: read.text }));
    else list.push(read);
  }
  return { list, faults };
}

function readOne(raw: unknown, own: string): DependsOn | Fault {
  const source = (typeof raw === 'object' && raw !== null ? raw : {}) as Record<string, unknown>;
  const field = (name: string): string => (typeof source[name] === 'string' ? source[name].trim() : '');
  const [node, broker, pattern, filter] = [
    field('node'),
    field('broker') || own,
    field('pattern'),
    field('filter'),
  ];
  const [up, down] = [field('up'), field('down')];
  switch (source.type) {
    case 'key':
      if (pattern === '' || pattern.length > MAX_LENGTH) return fault('dependsPattern');
      return { type: 'key', node, pattern };
    case 'topic': {
      if (broker === '') return fault('dependsBroker');
      const wrong = filterFault(filter);
      if (wrong) return new Fault(wrong.code, wrong.text);
      if (up.length > MAX_LENGTH || down.length > MAX_LENGTH || (up !== '' && up === down))
        return fault('dependsWords');
      return { type: 'topic', broker, filter, up, down };
    }
    case 'connection':
      return broker === '' ? fault('dependsBroker') : { type: 'connection', broker };
    default:
      return fault('dependsType');
  }
}

const fault = (name: NameIn<'rule'>): Fault => new Fault(name, text(`rule.${name}`));

/** The nodes whose keys hold others back, for the search for circles. */
export function nodesIn(raw: unknown): string[] {
  return readDependsOn(raw, '').list.flatMap((one) =>
    one.type === 'key' && one.node !== '' ? [one.node] : [],
  );
}

const UP = ['online', 'true', '1'];
const DOWN = ['offline', 'false', '0'];

/** True: up, false: down, undefined: a payload that says neither. An empty one ends a retained state, and holds nothing. */
export function availabilityIn(
  payload: string,
  { up, down }: Pick<OnTopic, 'up' | 'down'>,
): boolean | undefined {
  const said = payload.trim();
  if (said === '') return true;
  const word = said.startsWith('{') ? stateIn(said) : said;
  if (word === undefined) return undefined;
  if (down !== '' && word === down) return false;
  if (up !== '' && word === up) return true;
  if (down === '' && DOWN.includes(word.toLowerCase())) return false;
  return up === '' && UP.includes(word.toLowerCase()) ? true : undefined;
}

/** `{"state": "online"}`. */
function stateIn(json: string): string | undefined {
  try {
    const { state } = JSON.parse(json) as { state?: unknown };
    return typeof state === 'object' || state === undefined ? undefined : String(state);
  } catch {
    return undefined;
  }
}
