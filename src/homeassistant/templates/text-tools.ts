/** What filters and methods do with texts. */

import type { Args } from './values';

/** First letters large, the others small. A word begins behind a blank, a hyphen or an opening bracket. */
export function titled(value: string): string {
  return value.replace(/[^-\s({[<]+/g, (word) => capitalized(word));
}

export function capitalized(value: string): string {
  const [first = ''] = value;
  return first.toUpperCase() + value.slice(first.length).toLowerCase();
}

/** Without these characters at both ends, or without blanks. */
export function stripped(value: string, unwanted: string | undefined, start = true, end = true): string {
  const all = unwanted === undefined ? undefined : new Set(unwanted.split(''));
  const isUnwanted = (one: string): boolean => (all ? all.has(one) : /\s/.test(one));
  let [from, to] = [0, value.length];
  while (start && from < to && isUnwanted(value.charAt(from))) from++;
  while (end && to > from && isUnwanted(value.charAt(to - 1))) to--;
  return value.slice(from, to);
}

/** All of them replaced, or the first `most`. */
export function replaced(args: Args, subject: string, old: string, by: string, most: number): string {
  const { work } = args.run;
  work.find(old, subject);
  const parts = subject.split(old);
  const count = most < 0 ? parts.length - 1 : Math.min(most, parts.length - 1);
  work.spend(count);
  work.grow(subject.length + count * by.length);
  if (most < 0 || count === parts.length - 1) return parts.join(by);
  return [...parts.slice(0, count), parts.slice(count).join(old)].join(by);
}

/** `Tür, Küche` → `tur_kuche` */
export function slug(value: string, separator = '_'): string {
  const plain = value
    .replace(/ß/g, 'ss')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replaceAll("'", '')
    .toLowerCase();
  const parts = plain.split(/[^a-z0-9]+/).filter((part) => part !== '');
  return parts.join(separator);
}
