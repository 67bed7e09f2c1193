/** JSON as lines of a tree: bounded, and without a recursion that somebody else's nesting could exhaust. */

export interface JsonLine {
  depth: number;
  /** The key or the index; empty for the whole. */
  key: string;
  /** The value as JSON; for an object or a list, its beginning. */
  text: string;
  kind: 'number' | 'string' | 'boolean' | 'null' | 'object' | 'list' | 'more';
  /** As a flow writes it: `payload.power["phase 1"]`. */
  path: string;
  /** Name of the number in the history (`power.phase1`); undefined if it has none. */
  field?: string;
}

const MAX_LINES = 400;
const MAX_DEPTH = 12;
const MAX_TEXT = 400;

/** The lines of a payload; undefined if it is no JSON object or list. */
export function jsonLines(payload: string): JsonLine[] | undefined {
  if (!/^\s*[{[]/.test(payload)) return undefined;
  let whole: unknown;
  try {
    whole = JSON.parse(payload);
  } catch {
    return undefined;
  }
  const lines: JsonLine[] = [];
  const waiting: { key: string; value: unknown; depth: number; path: string; levels: string[] }[] = [];
  const open = (value: object, depth: number, path: string, levels: string[]): void => {
    const isList = Array.isArray(value);
    const inner = Object.entries(value).slice(0, MAX_LINES);
    for (const [key, one] of inner.reverse())
      waiting.push({ key, value: one, depth, path: path + step(key, isList), levels: [...levels, key] });
  };
  open(whole as object, 0, 'payload', []);
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { key, value, depth, path, levels } = next;
    if (lines.length >= MAX_LINES) {
      lines.push({ depth: 0, key: '', text: '…', kind: 'more', path: 'payload' });
      break;
    }
    const kind = kindOf(value);
    const isOpen = kind === 'object' || kind === 'list';
    const text = isOpen
      ? kind === 'list'
        ? `[${(value as unknown[]).length}]`
        : ''
      : String(JSON.stringify(value)).slice(0, MAX_TEXT);
    const field = kind === 'number' && levels.length <= 2 ? levels.join('.') : undefined;
    lines.push({ depth, key, text, kind, path, ...(field !== undefined && { field }) });
    if (isOpen && depth < MAX_DEPTH) open(value as object, depth + 1, path, levels);
  }
  return lines;
}

function step(key: string, isList: boolean): string {
  if (isList) return `[${key}]`;
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

function kindOf(value: unknown): JsonLine['kind'] {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  const type = typeof value;
  return type === 'number' || type === 'string' || type === 'boolean' ? type : 'object';
}
