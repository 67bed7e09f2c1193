/** Tokens of an expression → its tree. Precedence as in Jinja. */

import { text } from '../../base/catalogue';
import { TemplateError } from './errors';
import { FILTERS, TESTS } from './functions/library';
import { syntaxError, type Token } from './lexer';
import type { Operator } from './operators';
import type { Arguments, Comparison, Expression, Target } from './tree';
import { Float } from './values';
import { MAX_DEPTH } from './work';

const COMPARISONS: readonly string[] = ['==', '!=', '<', '>', '<=', '>='];
/** Words that may follow a test without being its argument. */
const BEHIND_TEST = new Set(['else', 'or', 'and', 'is', 'if', 'not', 'in', 'recursive']);
const LITERALS: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
  ['none', null],
  ['None', null],
]);
const NO_ARGUMENTS: Arguments = { positional: [], keywords: [] };

export class Parser {
  private at = 0;
  private depth = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  get atEnd(): boolean {
    return this.at >= this.tokens.length;
  }

  /** Throws where something is left over. */
  end(): void {
    const token = this.tokens[this.at];
    if (token) throw syntaxError(token.text);
  }

  /** True, and read, where this operator comes next. */
  took(operator: string): boolean {
    return this.tookToken('operator', operator);
  }

  tookWord(word: string): boolean {
    return this.tookToken('name', word);
  }

  need(operator: string): void {
    if (!this.took(operator)) throw syntaxError(this.tokens[this.at]?.text ?? operator);
  }

  name(): string {
    const token = this.tokens[this.at++];
    if (token?.kind !== 'name') throw syntaxError(token?.text ?? '');
    return token.text;
  }

  /** `a`, `a, b` or `(a, b)`: what a loop or a `set` gives values to. */
  target(): Target {
    const one = (): Target => {
      if (!this.took('(')) return this.name();
      const inner = this.target();
      this.need(')');
      return inner;
    };
    const first = one();
    if (!this.is('operator', ',')) return first;
    const all: Target[] = [first];
    while (this.took(',')) if (this.is('name') || this.is('operator', '(')) all.push(one());
    return all;
  }

  /** One value, or several with commas: a tuple. */
  values(): Expression {
    const first = this.expression();
    if (!this.is('operator', ',')) return first;
    const items = [first];
    while (this.took(',') && !this.atEnd) items.push(this.expression());
    return { kind: 'tuple', items };
  }

  expression(): Expression {
    return this.nested(() => {
      let value = this.or();
      while (this.tookWord('if')) {
        const test = this.or();
        const otherwise = this.tookWord('else') ? this.expression() : undefined;
        value = { kind: 'if', test, value, otherwise };
      }
      return value;
    });
  }

  /** Without `if`: in `for x in list if x`, that is the loop's. */
  or(): Expression {
    let left = this.and();
    while (this.tookWord('or')) left = { kind: 'or', left, right: this.and() };
    return left;
  }

  /** `| round(1) | lower` behind a value, as a block of its own has them. */
  filters(value: Expression): Expression {
    let filtered = value;
    while (this.took('|')) filtered = this.filter(filtered);
    return filtered;
  }

  /** `round(1)` of `{% filter round(1) %}`. */
  filter(value: Expression): Expression {
    const name = this.dottedName();
    const filter = FILTERS.get(name);
    const args = this.took('(') ? this.callArguments() : NO_ARGUMENTS;
    return { kind: 'filter', name, filter, of: value, args };
  }

  private and(): Expression {
    let left = this.not();
    while (this.tookWord('and')) left = { kind: 'and', left, right: this.not() };
    return left;
  }

  private not(): Expression {
    if (!this.tookWord('not')) return this.comparison();
    return this.nested(() => ({ kind: 'not', of: this.not() }));
  }

  private comparison(): Expression {
    const first = this.sum();
    const rest: (readonly [Comparison, Expression])[] = [];
    for (;;) {
      const token = this.tokens[this.at];
      if (token?.kind === 'operator' && COMPARISONS.includes(token.text)) {
        this.at++;
        rest.push([token.text as Comparison, this.sum()]);
      } else if (this.tookWord('in')) rest.push(['in', this.sum()]);
      else if (this.is('name', 'not') && this.is('name', 'in', 1)) {
        this.at += 2;
        rest.push(['notIn', this.sum()]);
      } else return rest.length === 0 ? first : { kind: 'compare', first, rest };
    }
  }

  private sum(): Expression {
    return this.binary(['+', '-'], () => this.binary(['~'], () => this.product()));
  }

  private product(): Expression {
    return this.binary(['*', '/', '//', '%'], () => this.binary(['**'], () => this.unary(true)));
  }

  private binary(operators: readonly string[], operand: () => Expression): Expression {
    let left = operand();
    for (;;) {
      const token = this.tokens[this.at];
      if (token?.kind !== 'operator' || !operators.includes(token.text)) return left;
      this.at++;
      left = { kind: 'binary', operator: token.text as Operator | '~', left, right: operand() };
    }
  }

  private unary(withFilters: boolean): Expression {
    return this.nested(() => {
      let value: Expression;
      if (this.took('-')) value = { kind: 'negative', of: this.unary(false) };
      else if (this.took('+')) value = { kind: 'positive', of: this.unary(false) };
      else value = this.primary();
      value = this.postfix(value);
      return withFilters ? this.filtersAndTests(value) : value;
    });
  }

  private primary(): Expression {
    const token = this.tokens[this.at++];
    if (!token) throw syntaxError('}}');
    if (token.kind === 'literal') return { kind: 'literal', value: token.value };
    if (token.kind === 'string') {
      let whole = String(token.value);
      while (this.is('string')) whole += String(this.tokens[this.at++]?.value);
      return { kind: 'literal', value: whole };
    }
    if (token.kind === 'name') {
      const literal = LITERALS.get(token.text);
      return literal === undefined ? { kind: 'name', name: token.text } : { kind: 'literal', value: literal };
    }
    if (token.text === '(') return this.inParentheses();
    if (token.text === '[') return { kind: 'list', items: this.list(']') };
    if (token.text === '{') return this.dict();
    throw syntaxError(token.text);
  }

  private inParentheses(): Expression {
    if (this.took(')')) return { kind: 'tuple', items: [] };
    const first = this.expression();
    if (this.took(')')) return first;
    this.need(',');
    return { kind: 'tuple', items: [first, ...this.list(')')] };
  }

  private list(close: string): Expression[] {
    const items: Expression[] = [];
    while (!this.took(close)) {
      items.push(this.expression());
      if (this.took(',')) continue;
      this.need(close);
      break;
    }
    return items;
  }

  private dict(): Expression {
    const entries: (readonly [Expression, Expression])[] = [];
    while (!this.took('}')) {
      const key = this.expression();
      this.need(':');
      entries.push([key, this.expression()]);
      if (this.took(',')) continue;
      this.need('}');
      break;
    }
    return { kind: 'dict', entries };
  }

  private postfix(value: Expression): Expression {
    let of = value;
    for (;;) {
      if (this.took('.')) of = this.dotted(of);
      else if (this.took('[')) of = this.subscript(of);
      else if (this.took('(')) of = { kind: 'call', of, args: this.callArguments() };
      else return of;
    }
  }

  private dotted(of: Expression): Expression {
    const token = this.tokens[this.at++];
    if (token?.kind === 'name') return { kind: 'attribute', of, name: token.text };
    if (token?.kind === 'literal' && !(token.value instanceof Float))
      return { kind: 'item', of, key: { kind: 'literal', value: token.value } };
    throw syntaxError(token?.text ?? '.');
  }

  private subscript(of: Expression): Expression {
    const bounds: (Expression | undefined)[] = [];
    let part: Expression | undefined;
    let isSlice = false;
    while (!this.took(']')) {
      if (this.took(':')) {
        isSlice = true;
        bounds.push(part);
        part = undefined;
      } else if (part === undefined) part = this.values();
      else throw syntaxError(this.tokens[this.at]?.text ?? '[');
    }
    if (isSlice) return { kind: 'slice', of, bounds: [...bounds, part] };
    if (!part) throw syntaxError(']');
    return { kind: 'item', of, key: part };
  }

  private callArguments(): Arguments {
    const positional: Expression[] = [];
    const keywords: (readonly [string, Expression])[] = [];
    while (!this.took(')')) {
      if (this.is('name') && this.is('operator', '=', 1)) {
        const name = this.name();
        this.at++;
        keywords.push([name, this.expression()]);
      } else positional.push(this.expression());
      if (this.took(',')) continue;
      this.need(')');
      break;
    }
    return { positional, keywords };
  }

  private filtersAndTests(value: Expression): Expression {
    let of = value;
    for (;;) {
      if (this.took('|')) of = this.filter(of);
      else if (this.tookWord('is')) of = this.test(of);
      // Jinja lets a call follow a filter.
      else if (this.took('(')) of = { kind: 'call', of, args: this.callArguments() };
      else return of;
    }
  }

  private test(of: Expression): Expression {
    const isNegated = this.tookWord('not');
    const name = this.dottedName();
    const test = TESTS.get(name);
    let args = NO_ARGUMENTS;
    if (this.took('(')) args = this.callArguments();
    else if (this.beginsArgument()) {
      if (this.is('name', 'is')) throw syntaxError('is');
      args = { positional: [this.postfix(this.primary())], keywords: [] };
    }
    const tested: Expression = { kind: 'test', name, test, of, args };
    return isNegated ? { kind: 'not', of: tested } : tested;
  }

  private beginsArgument(): boolean {
    const token = this.tokens[this.at];
    if (!token) return false;
    if (token.kind === 'operator') return token.text === '[' || token.text === '{';
    return token.kind !== 'name' || !BEHIND_TEST.has(token.text);
  }

  private dottedName(): string {
    let name = this.name();
    while (this.took('.')) name += `.${this.name()}`;
    return name;
  }

  private is(kind: Token['kind'], wanted?: string, ahead = 0): boolean {
    const token = this.tokens[this.at + ahead];
    return token?.kind === kind && (wanted === undefined || token.text === wanted);
  }

  private tookToken(kind: Token['kind'], wanted: string): boolean {
    if (!this.is(kind, wanted)) return false;
    this.at++;
    return true;
  }

  private nested<T>(read: () => T): T {
    if (++this.depth > MAX_DEPTH) throw new TemplateError('work', text('template.tooDeep'));
    const value = read();
    this.depth--;
    return value;
  }
}
