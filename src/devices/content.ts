/** Fields of a JSON object of a stranger: only own ones are read, by name. */
export type Fields = Readonly<Record<string, unknown>>;

/** Longer payloads say nothing about a device; a list of all devices of a bridge is longer. */
const MAX_LENGTH = 262_144;
const MAX_LIST_LENGTH = 8 * 1_048_576;
/** No number and no word is longer. */
const MAX_WORD = 40;
const MAX_NAME = 100;

/** A payload as a flow has it: text, bytes, or what somebody has parsed. Nothing in it is trusted. */
export class Content {
  private read: { json: unknown } | undefined;

  constructor(private readonly payload: unknown) {}

  /** Empty: what was kept was cleared. */
  get isEmpty(): boolean {
    const { payload } = this;
    return payload === '' || payload === null || (Buffer.isBuffer(payload) && payload.length === 0);
  }

  /** Text that is not too long; undefined for what is no text. */
  get text(): string | undefined {
    return this.textUpTo(MAX_LENGTH);
  }

  /** A word or a number, without blanks around it; undefined for anything longer. */
  get word(): string | undefined {
    const text = this.textUpTo(MAX_WORD);
    return text?.trim();
  }

  get number(): number | undefined {
    return numberIn(this.word);
  }

  /** A JSON object. */
  get object(): Fields | undefined {
    return fieldsIn(this.jsonUpTo(MAX_LENGTH));
  }

  /** A JSON array, of any length that a bridge writes. */
  get list(): readonly unknown[] | undefined {
    const json = this.jsonUpTo(MAX_LIST_LENGTH);
    return Array.isArray(json) ? json : undefined;
  }

  /** False: it is no object with one of these fields. That costs less than to parse it. */
  mayHave(names: readonly string[]): boolean {
    const { payload } = this;
    if (typeof payload === 'object' && payload !== null && !Buffer.isBuffer(payload))
      return names.some((name) => Object.hasOwn(payload, name));
    const { text } = this;
    return text?.startsWith('{') === true && names.some((name) => text.includes(`"${name}"`));
  }

  private textUpTo(most: number): string | undefined {
    const { payload } = this;
    if (typeof payload === 'string') return payload.length <= most ? payload : undefined;
    if (Buffer.isBuffer(payload)) return payload.length <= most ? payload.toString('utf8') : undefined;
    return typeof payload === 'number' || typeof payload === 'boolean' ? String(payload) : undefined;
  }

  private jsonUpTo(most: number): unknown {
    const { payload } = this;
    if (typeof payload === 'object' && payload !== null && !Buffer.isBuffer(payload)) return payload;
    this.read ??= { json: parsed(this.textUpTo(most)) };
    return this.read.json;
  }
}

function parsed(text: string | undefined): unknown {
  const first = text?.trimStart().charAt(0);
  if (text === undefined || (first !== '{' && first !== '[')) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function fieldsIn(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

/** A field of its own; undefined where there is none. */
export function fieldOf(fields: Fields | undefined, name: string): unknown {
  return fields && Object.hasOwn(fields, name) ? fields[name] : undefined;
}

/** The object in a field. */
export function within(fields: Fields | undefined, name: string): Fields | undefined {
  return fieldsIn(fieldOf(fields, name));
}

/** A number, also one that was written as text. */
export function numberIn(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string' || value.length > MAX_WORD || value.trim() === '') return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

export function numberOf(fields: Fields | undefined, ...names: readonly string[]): number | undefined {
  for (const name of names) {
    const number = numberIn(fieldOf(fields, name));
    if (number !== undefined) return number;
  }
  return undefined;
}

export function flagOf(fields: Fields | undefined, name: string): boolean | undefined {
  const value = fieldOf(fields, name);
  return typeof value === 'boolean' ? value : undefined;
}

/** A text that names something; undefined where there is none. */
export function nameOf(fields: Fields | undefined, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = fieldOf(fields, name);
    if (typeof value === 'string' && value.trim() !== '') return value.trim().slice(0, MAX_NAME);
  }
  return undefined;
}

const UP = ['online', 'connected'];
const DOWN = ['offline', 'disconnected'];

/** The availability that a payload states: a word, or `{"state": …}`. `0` may be the state of a switch, and states none. */
export function availabilityOf(content: Content): boolean | undefined {
  const { word, object } = content;
  const said = (object ? nameOf(object, 'state') : word)?.toLowerCase();
  if (said === undefined) return undefined;
  return UP.includes(said) ? true : DOWN.includes(said) ? false : undefined;
}
