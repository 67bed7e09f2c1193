/** A value's path in a message: `payload.sensors[0].value`. */
export type Path = readonly (string | number)[];

/** Names that lead out of the data and into JavaScript's own objects. */
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);
const MAX_STEPS = 20;

export class PathError extends Error {
  override readonly name = 'PathError';
}

/**
 * Reads a path: names separated by dots, `[0]` for an array index, `["a.b"]` for a name with other characters.
 * @throws PathError that names the place that cannot be read.
 */
export function parsePath(text: string): Path {
  const steps: (string | number)[] = [];
  const pattern = /([^.[\]'"\s]+)|\[(\d{1,9})\]|\[(?:"([^"]+)"|'([^']+)')\]/y;
  let at = 0;
  while (at < text.length) {
    if (steps.length > 0 && text[at] === '.') at += 1;
    else if (steps.length > 0 && text[at] !== '[') break;
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (!match) break;
    const [whole, plain, index, double, single] = match;
    if (plain !== undefined && steps.length > 0 && text[at - 1] !== '.') break;
    steps.push(index === undefined ? (plain ?? double ?? single ?? '') : Number(index));
    at += whole.length;
  }
  if (at < text.length || steps.length === 0 || steps.length > MAX_STEPS || text.endsWith('.')) {
    throw new PathError(
      `"${text.slice(0, 60)}" is not a path such as payload.sensors[0].value (at character ${at + 1}).`,
    );
  }
  const bad = steps.find((step) => FORBIDDEN.has(String(step)));
  if (bad !== undefined) throw new PathError(`"${text.slice(0, 60)}": ${bad} cannot be part of a path.`);
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
