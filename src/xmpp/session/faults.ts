/**
 * What must not be written into a stream, because the server would close it and everything behind would wait; and
 * what must not be read out of one.
 */
import type { Element } from '@xmpp/client';
import { XmppError } from '../errors';

/** XML 1.0 §2.2: characters that no document may hold. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
const FORBIDDEN = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/;

/** Why this stanza cannot be sent; undefined where it can. */
export function faultOf(text: string, limit: number): XmppError | undefined {
  if (FORBIDDEN.test(text) || !text.isWellFormed()) {
    return new XmppError('protocol', 'not sent: it holds a character that XML 1.0 forbids');
  }
  if (text.length * 3 <= limit) return undefined;
  const bytes = Buffer.byteLength(text);
  if (bytes <= limit) return undefined;
  return new XmppError('protocol', `not sent: it has ${bytes} bytes, and the server takes ${limit} at most`);
}

/** Deeper than anything that XMPP defines; behind it, functions that call themselves would run out of stack. */
const DEEPEST = 64;

/** Whether something that came is nested too deeply to be handled. */
export function isTooDeep(element: Element): boolean {
  let level: Element[] = [element];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEEPEST) return true;
    const next: Element[] = [];
    for (const { children } of level)
      for (const child of children) if (typeof child !== 'string') next.push(child);
    level = next;
  }
  return false;
}
