/** JSON as Home Assistant reads it: 12.0 stays a float, keys keep their order, and nothing has a prototype. */

import { type Dict, Float, intOf, type Value } from './values';

/** As deep as Home Assistant's own parser goes. */
const MAX_DEPTH = 1_000;
const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const MAX_INT = 18_446_744_073_709_551_615n;
const MIN_INT = -9_223_372_036_854_775_808n;

/** The value of a JSON text; undefined where it is none. Never throws. */
export function parseJson(source: string): Value | undefined {
  try {
    return new JsonReader(source).read();
  } catch {
    return undefined;
  }
}

class JsonReader {
  private at = 0;

  constructor(private readonly source: string) {}

  read(): Value {
    const value = this.value(0);
    this.skipSpace();
    if (this.at < this.source.length) throw new SyntaxError();
    return value;
  }

  private value(depth: number): Value {
    if (depth > MAX_DEPTH) throw new SyntaxError();
    this.skipSpace();
    switch (this.source.charCodeAt(this.at)) {
      case 0x7b:
        return this.object(depth);
      case 0x5b:
        return this.array(depth);
      case 0x22:
        return this.text();
      case 0x74:
        return this.word('true', true);
      case 0x66:
        return this.word('false', false);
      case 0x6e:
        return this.word('null', null);
      default:
        return this.number();
    }
  }

  private object(depth: number): Dict {
    const dict: Dict = new Map();
    this.at++;
    if (this.took(0x7d)) return dict;
    do {
      this.skipSpace();
      const key = this.text();
      if (!this.took(0x3a)) throw new SyntaxError();
      dict.set(key, this.value(depth + 1));
    } while (this.took(0x2c));
    if (!this.took(0x7d)) throw new SyntaxError();
    return dict;
  }

  private array(depth: number): Value[] {
    const list: Value[] = [];
    this.at++;
    if (this.took(0x5d)) return list;
    do list.push(this.value(depth + 1));
    while (this.took(0x2c));
    if (!this.took(0x5d)) throw new SyntaxError();
    return list;
  }

  private text(): string {
    const start = this.at;
    if (this.source.charCodeAt(start) !== 0x22) throw new SyntaxError();
    let end = start;
    do end = this.source.indexOf('"', end + 1);
    while (end >= 0 && this.isEscaped(end));
    if (end < 0) throw new SyntaxError();
    this.at = end + 1;
    const plain = this.source.slice(start + 1, end);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids them in texts.
    return /[\\\u0000-\u001f]/.test(plain) ? (JSON.parse(`"${plain}"`) as string) : plain;
  }

  /** True if an odd number of backslashes stands before it. */
  private isEscaped(at: number): boolean {
    let start = at;
    while (this.source.charCodeAt(start - 1) === 0x5c) start--;
    return (at - start) % 2 === 1;
  }

  private word<T extends Value>(word: string, value: T): T {
    if (!this.source.startsWith(word, this.at)) throw new SyntaxError();
    this.at += word.length;
    return value;
  }

  /** Ints have 64 bits at most; longer ones are floats, and what is no number is no JSON. */
  private number(): Value {
    const [written, fraction, exponent] = this.match(NUMBER);
    const value = Number(written);
    if (!Number.isFinite(value)) throw new SyntaxError();
    if (fraction !== undefined || exponent !== undefined) return new Float(value);
    if (Number.isSafeInteger(value)) return value + 0;
    const exact = BigInt(written);
    return exact >= MIN_INT && exact <= MAX_INT ? intOf(exact) : new Float(value);
  }

  private match(pattern: RegExp): RegExpExecArray {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.source);
    if (!found) throw new SyntaxError();
    this.at = pattern.lastIndex;
    return found;
  }

  private took(code: number): boolean {
    this.skipSpace();
    if (this.source.charCodeAt(this.at) !== code) return false;
    this.at++;
    return true;
  }

  private skipSpace(): void {
    if (this.source.charCodeAt(this.at) > 0x20) return;
    SPACE.lastIndex = this.at;
    SPACE.exec(this.source);
    this.at = SPACE.lastIndex;
  }
}
