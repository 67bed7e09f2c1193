/** Rules for the fields of `xmpp-in`, checked while somebody types. */
import { domain, type Fault, jid, type Rule, withoutScheme } from '../../../editor/validation';

const entries = (text: string): string[] => text.split(/[\s,;]+/).filter((entry) => entry !== '');

/** The fault of the first invalid entry. */
function firstFault(text: string, rule: Rule): Fault | undefined {
  for (const entry of entries(text)) {
    const found = rule(entry);
    if (found) return { key: found.key, params: { ...found.params, entry: entry.slice(0, 60) } };
  }
  return undefined;
}

/** People, domains, rooms, or `*`; empty: the own account's devices. */
export const allow: Rule = (text) =>
  firstFault(text, (entry) => {
    if (entry === '*') return undefined;
    const plain = withoutScheme(entry);
    const [, all] = /^\*?@(.*)$/.exec(plain) ?? [];
    if (all !== undefined) return all === '' || domain(all) ? { key: 'allowDomain' } : undefined;
    if (plain.includes('@')) return jid(plain);
    if (plain.includes('/') || domain(plain)) return { key: 'allowDomain' };
    // A single word is a name without its domain, except on a server at home.
    return undefined;
  });

/** Rooms to join. */
export const rooms: Rule = (text) =>
  firstFault(text, (entry) => {
    const plain = withoutScheme(entry);
    return plain.includes('/') ? { key: 'roomNick' } : jid(plain);
  });

/** A text to look for, or a valid expression. */
export const pattern =
  (type: () => unknown): Rule =>
  (text) => {
    if (text.length > 2_000) return { key: 'patternLong' };
    if (type() !== 'regex' || text.trim() === '') return undefined;
    const [, inner = text, flags = ''] = /^\/(.+)\/([a-z]*)$/s.exec(text) ?? [];
    try {
      new RegExp(inner, flags.replace(/[gyd]/g, ''));
      return undefined;
    } catch (error) {
      return { key: 'pattern', params: { reason: (error as Error).message } };
    }
  };

/** The nick in a room (RFC 7622 §3.4); empty: the account's name. */
export const nick: Rule = (text) =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  /[\u0000-\u001f\u007f]/.test(text) || new TextEncoder().encode(text).length > 1_023
    ? { key: 'nick' }
    : undefined;
