/** Addresses as text, in the browser as well. */

/** Four numbers up to 255 without leading zeros. */
export function isIPv4(text: string): boolean {
  return /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/.test(text);
}

/** RFC 4291 §2.2, without a zone: groups of four hexadecimal digits, `::` once, an IPv4 address at the end. */
export function isIPv6(text: string): boolean {
  const last = text.slice(text.lastIndexOf(':') + 1);
  const hasIPv4 = last.includes('.');
  if (hasIPv4 && !isIPv4(last)) return false;
  const plain = hasIPv4 ? `${text.slice(0, text.length - last.length)}0:0` : text;
  const halves = plain.split('::');
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  if (!groups.every((group) => /^[\da-f]{1,4}$/i.test(group))) return false;
  return halves.length === 2 ? groups.length < 8 : groups.length === 8;
}
