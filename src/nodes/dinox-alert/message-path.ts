import { type NameIn, text } from '../../base/catalogue';
import { CodedError } from '../../base/coded-error';

/** A value's path in a message: `payload.sensors[0].value`. */
export type Path = readonly (string | number)[];

/** Names that lead out of the data and into JavaScript's own objects. */
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);
const MAX_STEPS = 20;
/** Most characters of a path that an error repeats. */
const SHOWN = 60;

export class PathError extends CodedError<NameIn<'path'>> {
  override readonly name = 'PathError';
  constructor(code: NameIn<'path'>, params: Readonly<Record<string, string | number>>) {
    super(code, text(`path.${code}`, params));
  }
}

/**
 * Reads a path: names separated by dots, `[0]` for an array index, `["a.b"]` for a name with other characters.
 * @throws PathError that names the place that cannot be read.
 */
export function parsePath(path: string): Path {
  const steps: (string | number)[] = [];
  const pattern = /([^.[\]'"\s]+)|\[(\d{1,9})\]|\[(?:"([^"]+)"|'([^']+)')\]/y;
  let at = 0;
  while (at < path.length) {
    if (steps.length > 0 && path[at] === '.') at += 1;
    else if (steps.length > 0 && path[at] !== '[') break;
    pattern.lastIndex = at;
    const match = pattern.exec(path);
    if (!match) break;
    const [whole, plain, index, double, single] = match;
    if (plain !== undefined && steps.length > 0 && path[at - 1] !== '.') break;
    steps.push(index === undefined ? (plain ?? double ?? single ?? '') : Number(index));
    at += whole.length;
  }
  if (at < path.length || steps.length === 0 || steps.length > MAX_STEPS || path.endsWith('.')) {
    throw new PathError('syntax', { path: path.slice(0, SHOWN), at: at + 1 });
  }
  const bad = steps.find((step) => FORBIDDEN.has(String(step)));
  if (bad !== undefined) throw new PathError('forbidden', { path: path.slice(0, SHOWN), step: bad });
  return steps;
}

/** The value at a path; undefined if there is none. Inherited properties do not count. */
export function valueAt(source: unknown, path: Path): unknown {
  let current = source;
  for (const step of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, step)) return undefined;
    current = (current as Record<string | number, unknown>)[step];
  }
  return current;
}
