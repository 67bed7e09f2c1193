import type { Entity } from '../entity';

/** What an entity is, as its messages come in. */
export interface Draft {
  /** Null: not known. */
  state: string | number | boolean | null;
  /** By Home Assistant's names: `brightness`, `current_temperature`. */
  readonly attributes: Map<string, unknown>;
  /** Those that came as JSON by themselves; the next ones take their place, as in Home Assistant. */
  extra: ReadonlyMap<string, unknown>;
}

/** What a message means. `text`: what the template gave, without one the payload. */
export type Read = (text: string, draft: Draft, entity: Entity) => void;

/** A topic of a component, and what its messages mean. */
export interface Source {
  /** Property of the config that names the topic. */
  readonly topic: string;
  /** Properties that may hold the template; the first one that is there counts. */
  readonly templates: readonly string[];
  readonly read: Read;
  /** True where the state itself comes this way, so that its text is `raw`. */
  readonly isMain?: true;
}

/** Home Assistant's word for nothing known, in what a template gives. */
export const NONE = 'None';

const MAX_ATTRIBUTES = 200;
const MAX_DEPTH = 100;

/** True for what is nested so deep that what passes it on may fail. */
function isDeep(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth >= MAX_DEPTH || Object.values(value).some((one) => isDeep(one, depth + 1));
}

/** Attributes of an entity's own JSON topic, in place of those before. */
export function setExtra(draft: Draft, object: Readonly<Record<string, unknown>>): void {
  draft.extra = new Map(Object.entries(object).slice(0, MAX_ATTRIBUTES));
}

/** Adds attributes to those that are there; new names only as long as there is room. */
export function addAttributes({ attributes }: Draft, object: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(object))
    if (attributes.size < MAX_ATTRIBUTES || attributes.has(name)) attributes.set(name, value);
}

/** A JSON object in a payload; undefined where it is none, or nested too deep. */
export function objectIn(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value) && !isDeep(value))
      return value as Readonly<Record<string, unknown>>;
  } catch {
    // No JSON.
  }
  return undefined;
}

/** A number as Python's `float()` takes it; undefined for anything else, and for what is not finite. */
export function numberIn(text: string): number | undefined {
  const written = text.trim();
  if (!/^[+-]?(?:\d+(?:_\d+)*\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(written)) return undefined;
  const value = Number(written.replaceAll('_', ''));
  return Number.isFinite(value) ? value : undefined;
}

/** Sets the state where the text is one of these, by word. */
export function wordState(wordsOf: (entity: Entity) => readonly (readonly [string, Draft['state']])[]): Read {
  return (text, draft, entity) => {
    const found = wordsOf(entity).find(([word]) => word === text);
    if (found) draft.state = found[1];
  };
}

/** Sets the state where the text is one of these words itself; `None` is not known. */
export function oneOf(allowed: readonly string[]): Read {
  return (text, draft) => {
    if (allowed.includes(text)) draft.state = text;
    else if (text === NONE) draft.state = null;
  };
}

/** Sets an attribute to a number; `None` is null, anything else is left out. */
export function numberAttribute(name: string): Read {
  return (text, { attributes }) => {
    const value = numberIn(text);
    if (value !== undefined) attributes.set(name, value);
    else if (text === NONE) attributes.set(name, null);
  };
}

/** Sets an attribute to a word, where that is one of the list that the config names. */
export function listedAttribute(name: string, list: string, otherwise: readonly string[] = []): Read {
  return (text, { attributes }, entity) => {
    const allowed = entity.config[list] === undefined ? otherwise : entity.list(list);
    if (text === NONE) attributes.set(name, null);
    else if (allowed.includes(text)) attributes.set(name, text);
  };
}

/** Sets an attribute to what the text says. */
export function textAttribute(name: string): Read {
  return (text, { attributes }) => {
    if (text !== '') attributes.set(name, text === NONE ? null : text);
  };
}

/**
 * Percents of a range, as Home Assistant counts them.
 * @param low the number below the first one of the range
 */
export function percentage(low: number, high: number, value: number): number {
  return Math.floor(((value - low) * 100) / (high - low || 1));
}
