/** Reads the raw values of a flow file, where a number may be text and a boolean may be `"true"`. */
import { text } from '../../base/catalogue';
import { parseDuration } from '../../base/duration';
import type { Text } from '../../base/text';

/** One error in a node's configuration: the field, and the remedy. */
export interface Problem {
  field: string;
  /** Continues the name of the field: `must be …`. */
  text: Text;
}

/** Trimmed text; empty if there is none. */
export function trimmed(value: unknown): string {
  return typeof value === 'string' ? value.trim() : typeof value === 'number' ? String(value) : '';
}

export function flag(value: unknown, fallback: boolean): boolean {
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  return fallback;
}

/** A whole number in a range; `fallback` for an empty field. A problem is noted for anything else. */
export function whole<T>(
  value: unknown,
  field: string,
  min: number,
  max: number,
  fallback: T,
  problems: Problem[],
): number | T {
  const raw = trimmed(value);
  if (raw === '') return fallback;
  const number = Number(raw);
  if (Number.isInteger(number) && number >= min && number <= max) return number;
  problems.push({
    field,
    text: text('config.whole', { min, max, given: raw.slice(0, 40) }),
  });
  return fallback;
}

/** A value of a list; `fallback` for an empty field. A problem is noted for anything else. */
export function oneOf<T extends string>(
  value: unknown,
  field: string,
  allowed: readonly T[],
  fallback: T,
  problems: Problem[],
): T {
  const raw = trimmed(value);
  if (raw === '') return fallback;
  const found = allowed.find((one) => one === raw);
  if (found !== undefined) return found;
  problems.push({
    field,
    text: text('config.choice', { allowed: allowed.join(', '), given: raw.slice(0, 40) }),
  });
  return fallback;
}

/** A duration field in milliseconds. */
export function duration(value: unknown, field: string, fallback: number, problems: Problem[]): number {
  const raw = trimmed(value);
  if (raw === '') return fallback;
  const ms = parseDuration(raw);
  if (ms !== undefined) return ms;
  problems.push({
    field,
    text: text('config.duration', { given: raw.slice(0, 40) }),
  });
  return fallback;
}

/** An object, or JSON text that begins with a brace; undefined for anything else, as core's nodes do. */
export function parsedObject(value: unknown): Record<string, unknown> | undefined {
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  if (typeof value !== 'string' || !/^ *\{/.test(value)) return undefined;
  try {
    return JSON.parse(value) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
