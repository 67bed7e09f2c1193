import type { MessageSample } from './message-sample';

/** A part of a message that somebody may want in a text. */
export interface Placeholder {
  /** `contact`, `power.phase1`, `topic`. */
  name: string;
  /** What a template has for it: `{{ payload.contact }}`. */
  insert: string;
}

const MAX_PLACEHOLDERS = 12;
/** A longer name is none that somebody wants in a text; others could end the text that they stand in. */
const NAME = /^[^'"\\{}%#\p{C}]{1,40}$/u;
const PLAIN = /^[A-Za-z_]\w*$/;
/** Names that a dict has already: `payload.items` is a function. */
const METHODS = /^(get|keys|values|items|copy|update|pop|clear|setdefault|popitem|fromkeys)$/;

/** What a message has to offer, its payload first. */
export function placeholdersOf({ payload, topic, unit, more = {} }: MessageSample): Placeholder[] {
  const found: Placeholder[] = [];
  collect(payload, 'payload', '', found);
  const others = { topic, unit, ...more };
  for (const [name, value] of Object.entries(others))
    if (value !== undefined && PLAIN.test(name)) found.push({ name, insert: written(name, value) });
  return found.slice(0, MAX_PLACEHOLDERS);
}

function collect(value: unknown, path: string, name: string, found: Placeholder[]): void {
  if (found.length >= MAX_PLACEHOLDERS) return;
  if (value === null || value === undefined) return;
  if (typeof value !== 'object') {
    found.push({ name: name || path, insert: written(path, value) });
    return;
  }
  // Deeper levels are for those who write a template themselves.
  if (Array.isArray(value) || value instanceof Uint8Array || name.includes('.')) return;
  for (const [key, one] of Object.entries(value)) {
    if (!NAME.test(key)) continue;
    const member = PLAIN.test(key) && !METHODS.test(key) ? `${path}.${key}` : `${path}['${key}']`;
    collect(one, member, name === '' ? key : `${name}.${key}`, found);
  }
}

/** A boolean is a choice between two words, because nobody wants to read True. */
function written(path: string, value: unknown): string {
  return typeof value === 'boolean' ? `{{ 'on' if ${path} else 'off' }}` : `{{ ${path} }}`;
}
