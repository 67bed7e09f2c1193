/** What a person, a flow or a service call of Home Assistant says to an entity. */

/** `ON`, `50`, `{state: "ON", brightness: 120}`, `{service: "light.turn_on", data: {…}}` in one form. */
export interface Said {
  /** `on`, `off`, `open`, … in small letters, without the domain; empty where nothing is said but fields. */
  readonly word: string;
  /** What was said bare: a number, a text; undefined where it was an object without `value`. */
  readonly value: unknown;
  /** By name; without `state`, `value`, `command`, `action` and `service`. */
  readonly fields: ReadonlyMap<string, unknown>;
}

/** The name of a service says more than what goes with it. */
const WORD_FIELDS = ['service', 'action', 'state', 'command'];
const MAX_FIELDS = 50;
const SAME: ReadonlyMap<string, string> = new Map([
  ['true', 'on'],
  ['turn_on', 'on'],
  ['false', 'off'],
  ['turn_off', 'off'],
]);

/** Reads what was said; what it means is for the component to decide. */
export function readSaid(said: unknown): Said {
  if (typeof said !== 'object' || said === null || Array.isArray(said))
    return { word: wordOf(said), value: said ?? undefined, fields: new Map() };
  const given = new Map(Object.entries(said).slice(0, MAX_FIELDS));
  // The shape of an action in Home Assistant: {action: "light.turn_on", data: {brightness: 120}}.
  for (const inner of ['data', 'service_data']) {
    const data = given.get(inner);
    if (typeof data === 'object' && data !== null && !Array.isArray(data)) {
      given.delete(inner);
      for (const [name, value] of Object.entries(data).slice(0, MAX_FIELDS)) given.set(name, value);
    }
  }
  const named = WORD_FIELDS.find((name) => isScalar(given.get(name)));
  const word = named === undefined ? '' : wordOf(given.get(named));
  const value = given.get('value') ?? (named === undefined ? undefined : given.get(named));
  for (const name of [...WORD_FIELDS, 'value', 'entity_id', 'target'])
    if (name !== 'command' || named === name) given.delete(name);
  return { word, value, fields: given };
}

function isScalar(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function wordOf(value: unknown): string {
  if (!isScalar(value)) return '';
  const word = String(value).trim().toLowerCase().slice(0, 100);
  const bare = /^[a-z_]+\.([a-z_]+)$/.exec(word)?.[1] ?? word;
  return SAME.get(bare) ?? bare;
}
