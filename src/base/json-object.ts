import { text } from './catalogue';
import { Fault } from './fault';

/** JSON text of an object. */
export function jsonObject(typed: string): Record<string, unknown> | Fault {
  try {
    const value: unknown = JSON.parse(typed);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>;
    }
  } catch {
    // The fault below says what is wanted.
  }
  return new Fault('json-object', text('config.userProperties'));
}
