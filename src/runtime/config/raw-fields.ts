/** Reads the raw values of a flow file, where a number may be text and a boolean may be `"true"`. */
import { text } from '../../base/catalogue';
import { readDuration } from '../../base/duration';
import { Fault } from '../../base/fault';
import { FIELD_RANGES } from '../../base/field-ranges';
import { jsonObject } from '../../base/json-object';
import type { Text } from '../../base/text';
import { readWhole } from '../../base/whole-number';

/** One error in a node's configuration: the field, and the remedy. */
export interface Problem {
  field: string;
  /** A sentence about the field's value. */
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

/** A reading of a field; `fallback` for an empty one. A problem is noted for anything else that cannot be read. */
export function readField<T, F>(
  value: unknown,
  field: string,
  fallback: F,
  problems: Problem[],
  read: (typed: string) => T | Fault,
): T | F {
  const typed = trimmed(value);
  if (typed === '') return fallback;
  const found = read(typed);
  if (!(found instanceof Fault)) return found;
  problems.push({ field, text: found.text });
  return fallback;
}

/** A whole number in the range of its field. */
export function whole<F>(
  value: unknown,
  field: keyof typeof FIELD_RANGES,
  fallback: F,
  problems: Problem[],
): number | F {
  return readField(value, field, fallback, problems, (typed) => readWhole(typed, FIELD_RANGES[field]));
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
  return readField(value, field, fallback, problems, readDuration);
}

/** An object, or JSON text of one; undefined for anything else. */
export function parsedObject(value: unknown): Record<string, unknown> | undefined {
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  const read = typeof value === 'string' ? jsonObject(value) : undefined;
  return read instanceof Fault ? undefined : read;
}
