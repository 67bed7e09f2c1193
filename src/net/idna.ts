/**
 * International domain names as JIDs and DNS have them (RFC 5890 to RFC 5892, RFC 3492), by their own grammar. A URL's
 * host is another grammar: it ends at `#`, `?` and `\`, decodes `%65`, and takes U+00AD out without a word, so that
 * `localhost#.evil.test` would be read as `localhost`.
 */
const FULLWIDTH_OR_HALFWIDTH = /[\uFF01-\uFFEE]/g;
/** RFC 3490 §3.1: characters that keyboards write for a dot. */
const DOTS = /[\u3002\uFF0E\uFF61]/g;
const MAX_LABEL = 63;

/** RFC 5892 §2.6 */
const ALWAYS_VALID = /^[\u00DF\u03C2\u06FD\u06FE\u0F0B\u3007]$/;
const LETTER_OR_DIGIT = /^[\p{Ll}\p{Lo}\p{Lm}\p{Mn}\p{Mc}\p{Nd}]$/u;
/** Letters and marks that no name holds: old, unseen, or for something else (RFC 5892 §2.3, §2.4, §2.6, §2.9; RFC 8264 §9). */
export const UNNAMED =
  /[\p{Default_Ignorable_Code_Point}\u0640\u07FA\u1100-\u11FF\uA960-\uA97F\uD7B0-\uD7FF]|[\u20D0-\u20FF]|\u302E|\u302F|[\u3031-\u3035\u303B]|[\u{1D100}-\u{1D24F}]/u;
const VIRAMA = /^[\u094D\u09CD\u0A4D\u0ACD\u0B4D\u0BCD\u0C4D\u0CCD\u0D4D\u0DCA]$/;
const GREEK = /^\p{Script=Greek}$/u;
const HEBREW = /^\p{Script=Hebrew}$/u;
const ARABIC = /^\p{Script=Arabic}$/u;
const LETTER = /^\p{L}$/u;
const JAPANESE = /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u;
/**
 * Characters that are allowed in their place only (RFC 5892 appendix A); joiners as far as scripts tell it. Browsers
 * before 2023 cannot read a regular expression with a look-behind, and stop at the whole script.
 */
const IN_CONTEXT: ReadonlyMap<string, (before: string, after: string, label: string) => boolean> = new Map([
  ['\u00B7', (before, after) => before === 'l' && after === 'l'],
  ['\u0375', (_before, after) => GREEK.test(after)],
  ['\u05F3', (before) => HEBREW.test(before)],
  ['\u05F4', (before) => HEBREW.test(before)],
  ['\u30FB', (_before, _after, label) => JAPANESE.test(label)],
  ['\u200C', (before, after) => (VIRAMA.test(before) || ARABIC.test(before)) && LETTER.test(after)],
  ['\u200D', (before) => VIRAMA.test(before)],
]);

/** Letters, digits and hyphens; also the underscore, which names at home have. */
const LDH_LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

/** A name as it is compared: narrow, lower-case, NFC (RFC 7622 §3.2.1). Judges nothing. */
export function foldDomain(name: string): string {
  let folded = '';
  // Letter by letter: a sigma is the same letter at the end of a word, in a domain.
  for (const char of name.replace(FULLWIDTH_OR_HALFWIDTH, (wide) => wide.normalize('NFKC'))) {
    folded += char.toLowerCase();
  }
  return folded.replace(DOTS, '.').normalize('NFC');
}

/**
 * One label of a folded name as a U-label or a plain one; an A-label is decoded. Undefined for what is none, or what
 * could be written another way.
 */
export function labelOf(label: string): string | undefined {
  if (label.startsWith('xn--')) {
    const decoded = decodePunycode(label.slice(4));
    if (decoded === undefined || isAscii(decoded) || !isULabel(decoded)) return undefined;
    return encodeLabel(decoded) === label ? decoded : undefined;
  }
  if (isAscii(label)) return LDH_LABEL.test(label) ? label : undefined;
  return isULabel(label) && encodeLabel(label).length <= MAX_LABEL ? label : undefined;
}

/** The name as in DNS and in certificates. Other characters stay, so that no look-up finds it. */
export function asciiName(name: string): string {
  return isAscii(name) ? name.toLowerCase() : foldDomain(name).split('.').map(encodeLabel).join('.');
}

function isAscii(text: string): boolean {
  return /^[\0-\x7f]*$/.test(text);
}

function encodeLabel(label: string): string {
  return isAscii(label) ? label : `xn--${encodePunycode(label)}`;
}

/** RFC 5891 §5.4 without the rule about the direction of writing. */
function isULabel(label: string): boolean {
  if (label.startsWith('-') || label.endsWith('-') || label.slice(2, 4) === '--') return false;
  if (label !== label.normalize('NFC') || /^\p{M}/u.test(label)) return false;
  // Two kinds of the same digits.
  if (/[\u0660-\u0669]/.test(label) && /[\u06F0-\u06F9]/.test(label)) return false;
  const chars = [...label];
  return chars.every((char, at) => {
    const fits = IN_CONTEXT.get(char);
    return fits ? fits(chars[at - 1] ?? '', chars[at + 1] ?? '', label) : isValid(char);
  });
}

/** PVALID (RFC 5892 §3), and the underscore. */
function isValid(char: string): boolean {
  if (ALWAYS_VALID.test(char) || /^[a-z0-9_-]$/.test(char)) return true;
  if (!LETTER_OR_DIGIT.test(char) || UNNAMED.test(char)) return false;
  // Unstable: it would become another one (§2.2).
  return char.normalize('NFKC').toLowerCase().normalize('NFKC') === char;
}

/** RFC 3492 §5 */
const [BASE, T_MIN, T_MAX, SKEW, DAMP, INITIAL_BIAS, INITIAL_N] = [36, 1, 26, 38, 700, 72, 128];
const DIGITS = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** RFC 3492 §6.1 */
function adapt(delta: number, points: number, first: boolean): number {
  let left = first ? Math.floor(delta / DAMP) : delta >> 1;
  left += Math.floor(left / points);
  let k = 0;
  for (; left > ((BASE - T_MIN) * T_MAX) >> 1; k += BASE) left = Math.floor(left / (BASE - T_MIN));
  return k + Math.floor(((BASE - T_MIN + 1) * left) / (left + SKEW));
}

const threshold = (k: number, bias: number): number => Math.min(T_MAX, Math.max(T_MIN, k - bias));

/** RFC 3492 §6.3 */
function encodePunycode(label: string): string {
  const points = [...label].map((char) => char.codePointAt(0) as number);
  const basic = points.filter((point) => point < INITIAL_N);
  let output = String.fromCodePoint(...basic) + (basic.length > 0 ? '-' : '');
  let [n, delta, bias, done] = [INITIAL_N, 0, INITIAL_BIAS, basic.length];
  while (done < points.length) {
    const next = Math.min(...points.filter((point) => point >= n));
    delta += (next - n) * (done + 1);
    n = next;
    for (const point of points) {
      if (point < n) delta += 1;
      if (point !== n) continue;
      let q = delta;
      for (let k = BASE; ; k += BASE) {
        const t = threshold(k, bias);
        if (q < t) break;
        output += DIGITS[t + ((q - t) % (BASE - t))];
        q = Math.floor((q - t) / (BASE - t));
      }
      output += DIGITS[q];
      bias = adapt(delta, done + 1, done === basic.length);
      delta = 0;
      done += 1;
    }
    delta += 1;
    n += 1;
  }
  return output;
}

/** RFC 3492 §6.2; undefined if it is not Punycode. */
function decodePunycode(text: string): string | undefined {
  if (text.length > MAX_LABEL || !/^[a-z0-9-]+$/.test(text)) return undefined;
  const end = text.lastIndexOf('-');
  const points = [...text.slice(0, Math.max(0, end))].map((char) => char.charCodeAt(0));
  let [n, i, bias] = [INITIAL_N, 0, INITIAL_BIAS];
  for (let at = end < 0 ? 0 : end + 1; at < text.length; ) {
    const before = i;
    let weight = 1;
    for (let k = BASE; ; k += BASE) {
      const digit = DIGITS.indexOf(text[at++] ?? ' ');
      if (digit < 0) return undefined;
      i += digit * weight;
      const t = threshold(k, bias);
      if (digit < t) break;
      weight *= BASE - t;
      if (i > 0x7fff_ffff || weight > 0x7fff_ffff) return undefined;
    }
    bias = adapt(i - before, points.length + 1, before === 0);
    n += Math.floor(i / (points.length + 1));
    i %= points.length + 1;
    if (n > 0x10_ffff) return undefined;
    points.splice(i++, 0, n);
  }
  return String.fromCodePoint(...points);
}
