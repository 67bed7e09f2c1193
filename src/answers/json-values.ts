/** Values in the JSON of a topic: `temperature`, `contact`, `power.phase1`. */
export type Scalar = string | number | boolean;

/** Values of one topic. */
const MAX_VALUES = 40;
const MAX_NAME = 64;
/** A longer text is no measured value, in characters. */
const MAX_TEXT = 200;
/** A longer payload is not read, in bytes. */
const MAX_READ = 8_192;
const BRACE = 0x7b;

/** Numbers, texts and truths in a JSON object and in the objects right below it, by their path; none in anything else. */
export function valuesIn(payload: Buffer): ReadonlyMap<string, Scalar> {
  const found = new Map<string, Scalar>();
  const object = payload[0] === BRACE && payload.length <= MAX_READ ? parsed(payload) : undefined;
  if (!object) return found;
  const add = (name: string, value: unknown): void => {
    const isShort = typeof value !== 'string' || (value !== '' && value.length <= MAX_TEXT);
    if (found.size >= MAX_VALUES || name.length > MAX_NAME || name.includes('\0') || !isShort) return;
    if (typeof value === 'string' || typeof value === 'boolean') found.set(name, value);
    else if (typeof value === 'number' && Number.isFinite(value)) found.set(name, value);
  };
  const entries = Object.entries(object).slice(0, 100);
  for (const [name, value] of entries) add(name, value);
  for (const [name, value] of entries) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) continue;
    for (const [inner, one] of Object.entries(value).slice(0, 100)) add(`${name}.${inner}`, one);
  }
  return found;
}

function parsed(payload: Buffer): object | undefined {
  try {
    const value = JSON.parse(payload.toString('utf8')) as unknown;
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
