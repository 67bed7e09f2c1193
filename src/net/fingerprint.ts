import { text } from '../base/catalogue';
import { Fault } from '../base/fault';
import { plain } from '../base/printable';

/** SHA-256 as 64 hexadecimal digits in upper case; undefined for anything else. Colons and blanks may stand between. */
export function fingerprintOf(text: string): string | undefined {
  const digits = text
    .trim()
    .replace(/^sha-?256( fingerprint)?[=:\s]+/i, '')
    .replace(/[\s:]/g, '')
    .toUpperCase();
  return /^[0-9A-F]{64}$/.test(digits) ? digits : undefined;
}

/** Fingerprints of certificates between line ends, blanks, commas or semicolons, each once. */
export function readFingerprints(typed: string): string[] | Fault {
  const found = new Set<string>();
  for (const one of typed.split(/[\s,;]+/).filter((part) => part !== '')) {
    const fingerprint = fingerprintOf(one);
    if (fingerprint === undefined) {
      return new Fault('fingerprint', text('config.fingerprints', { given: plain(one) }));
    }
    found.add(fingerprint);
  }
  return [...found];
}
