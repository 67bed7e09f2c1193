/** Cuts a template into text, expressions and statements, and those into tokens, as Jinja does. */

import { text } from '../../base/catalogue';
import { TemplateError } from './errors';
import { Float, intOf, type Value } from './values';

export interface Token {
  readonly kind: 'name' | 'literal' | 'string' | 'operator';
  /** The name, the operator, or what the source says. */
  readonly text: string;
  readonly value: Value;
}

export type Segment =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'expression' | 'statement'; readonly tokens: readonly Token[] };

/** Characters of a template. The longest of 300 from public projects has 2,000. */
const MAX_SOURCE = 20_000;
const MAX_TOKENS = 5_000;
const OPEN = /\{(?:\{|%|#)/g;
const RAW = /^\s*raw\s*$/;
const END_RAW = /\{%[-+]?\s*endraw\s*([-+]?)%\}/g;
const SPACE = /\s*/y;
const NAME = /[\p{L}_][\p{L}\p{N}_]*/uy;
const NUMBER = /0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|\d+(?:_\d+)*/y;
const FLOAT = /\d+(?:_\d+)*(?:\.\d+(?:_\d+)*(?:[eE][+-]?\d+)?|[eE][+-]?\d+)/y;
const STRING = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/sy;
const OPERATOR = /\*\*|\/\/|==|!=|<=|>=|[-+*/%~<>=.,:|()[\]{}]/y;
const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3})|(.))/gs;
const PLAIN_ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  v: '\v',
  a: '\x07',
  '\n': '',
};

/** Throws a {@link TemplateError} (`syntax`, `work`) for what is no template. */
export function lex(template: string): Segment[] {
  if (template.length > MAX_SOURCE) throw new TemplateError('work', text('template.tooLong'));
  return new Lexer(template.replace(/\r\n?/g, '\n').trim()).segments();
}

export function syntaxError(found: string): TemplateError {
  return new TemplateError('syntax', text('template.syntax', { found: found.slice(0, 40) }));
}

class Lexer {
  private at = 0;
  private readonly found: Segment[] = [];
  private count = 0;
  /** The tag before ended in `-%}`: blanks behind it go. */
  private trims = false;

  constructor(private readonly source: string) {}

  segments(): Segment[] {
    for (;;) {
      OPEN.lastIndex = this.at;
      const open = OPEN.exec(this.source);
      if (!open) break;
      let inside = open.index + 2;
      const sign = this.source.charAt(inside);
      if (sign === '-' || sign === '+') inside++;
      this.text(this.source.slice(this.at, open.index), sign === '-');
      this.at = inside;
      if (open[0] === '{#') this.comment();
      else this.tag(open[0] === '{{');
    }
    this.text(this.source.slice(this.at), false);
    return this.found;
  }

  private text(written: string, trimsEnd: boolean): void {
    let kept = this.trims ? written.trimStart() : written;
    if (trimsEnd) kept = kept.trimEnd();
    this.trims = false;
    if (kept !== '') this.found.push({ kind: 'text', text: kept });
  }

  private comment(): void {
    const end = this.source.indexOf('#}', this.at);
    if (end < 0) throw syntaxError('{#');
    this.trims = this.source.charAt(end - 1) === '-';
    this.at = end + 2;
  }

  private tag(isExpression: boolean): void {
    const start = this.at;
    const tokens = this.tokens(isExpression ? '}}' : '%}');
    if (!isExpression && RAW.test(this.source.slice(start, this.at).replace(/[-+]?%\}$/, ''))) this.raw();
    else this.found.push({ kind: isExpression ? 'expression' : 'statement', tokens });
  }

  private raw(): void {
    END_RAW.lastIndex = this.at;
    const end = END_RAW.exec(this.source);
    if (!end) throw syntaxError('raw');
    this.text(this.source.slice(this.at, end.index), this.source.charAt(end.index + 2) === '-');
    this.at = end.index + end[0].length;
    this.trims = end[1] === '-';
  }

  /** The tokens up to the end of the tag. Brackets of a dict are no end. */
  private tokens(close: string): Token[] {
    const tokens: Token[] = [];
    const brackets: string[] = [];
    for (;;) {
      this.take(SPACE);
      if (this.at >= this.source.length) throw syntaxError(close);
      if (brackets.length === 0) {
        const sign = this.source.charAt(this.at);
        const signed = (sign === '-' || sign === '+') && this.source.startsWith(close, this.at + 1);
        if (signed || this.source.startsWith(close, this.at)) {
          this.trims = signed && sign === '-';
          this.at += close.length + (signed ? 1 : 0);
          return tokens;
        }
      }
      const token = this.token(tokens.at(-1));
      if (token.kind === 'operator') balance(brackets, token.text);
      tokens.push(token);
      if (++this.count > MAX_TOKENS) throw new TemplateError('work', text('template.tooLong'));
    }
  }

  private token(before: Token | undefined): Token {
    const name = this.take(NAME);
    if (name !== undefined) return { kind: 'name', text: name, value: name };
    const string = this.take(STRING);
    if (string !== undefined) return { kind: 'string', text: string, value: unescaped(string.slice(1, -1)) };
    // `list.0.1` are two positions, not one number.
    const isBehindDot = before?.kind === 'operator' && before.text === '.';
    const float = isBehindDot ? undefined : this.take(FLOAT);
    if (float !== undefined)
      return { kind: 'literal', text: float, value: new Float(Number(float.replaceAll('_', ''))) };
    const number = this.take(NUMBER);
    if (number !== undefined) {
      if (number.length > 300) throw syntaxError(number);
      return { kind: 'literal', text: number, value: intOf(BigInt(number.replaceAll('_', ''))) };
    }
    const operator = this.take(OPERATOR);
    if (operator === undefined) throw syntaxError(this.source.slice(this.at, this.at + 10));
    return { kind: 'operator', text: operator, value: null };
  }

  private take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const [found] = pattern.exec(this.source) ?? [];
    if (found !== undefined) this.at += found.length;
    return found;
  }
}

const PAIRS: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };

function balance(brackets: string[], operator: string): void {
  if ('([{'.includes(operator)) brackets.push(operator);
  else if (Object.hasOwn(PAIRS, operator) && brackets.pop() !== PAIRS[operator]) throw syntaxError(operator);
}

function unescaped(written: string): string {
  if (!written.includes('\\')) return written;
  return written.replace(
    ESCAPE,
    (found, x?: string, u?: string, large?: string, octal?: string, other = '') => {
      const hex = x ?? u ?? large;
      if (hex !== undefined) {
        const code = Number.parseInt(hex, 16);
        if (code > 0x10_ffff) throw syntaxError(found);
        return String.fromCodePoint(code);
      }
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
      if (Object.hasOwn(PLAIN_ESCAPES, other)) return PLAIN_ESCAPES[other] ?? '';
      return `'"\\`.includes(other) ? other : found;
    },
  );
}
