/** Runs the tree of a template. */

import { text } from '../../base/catalogue';
import { TemplateError } from './errors';
import { FILTERS, FUNCTIONS, refuseForeign, TESTS } from './functions/library';
import { attributeOf } from './methods';
import { parameter } from './numbers';
import { arithmetic, equal, isIn, isTrue, itemsOf, join, less, lookUp, negative, sliced } from './operators';
import type { RegularExpressions } from './regular-expressions';
import { str, written } from './show';
import {
  type Arguments,
  type Block,
  BODY,
  type Comparison,
  type Expression,
  type Statement,
  type Target,
} from './tree';
import {
  Callable,
  call,
  type Dict,
  defined,
  fn,
  given,
  isNumber,
  keyOf,
  Loop,
  Namespace,
  type Run,
  Tuple,
  Undefined,
  type Value,
  wrongType,
} from './values';
import { MAX_DEPTH, Work } from './work';

export type Variables = ReadonlyMap<string, Value>;

const DICT = FUNCTIONS.get('dict');

/** How a block ended: at its end, or by a word for the loop around it. */
type Ending = 'end' | 'break' | 'continue';

/** One run of one template. */
export class Evaluator implements Run {
  readonly work = new Work();
  /** Innermost last. */
  private readonly scopes: Map<string, Value>[];
  private output = '';
  private depth = 0;

  constructor(
    readonly regularExpressions: RegularExpressions,
    private readonly given: Variables,
    /** Makes the text of a value that is written. @default Python's `str`, which writes nothing for what has no value */
    private readonly show: (value: Value) => string = str,
  ) {
    this.scopes = [new Map()];
  }

  /** What the template writes. Throws a {@link TemplateError}. */
  render(block: Block): string {
    this.run(block);
    return this.output;
  }

  filter(name: string): Callable | undefined {
    const known = FILTERS.get(name);
    if (!known) refuseForeign(name);
    return known;
  }

  test(name: string): Callable | undefined {
    const known = TESTS.get(name);
    if (!known) refuseForeign(name);
    return known;
  }

  private run(block: Block): Ending {
    for (const statement of block) {
      this.work.spend();
      const ending = this.statement(statement);
      if (ending !== 'end') return ending;
    }
    return 'end';
  }

  private write(written: string): void {
    this.work.grow(written.length);
    this.output += written;
  }

  private statement(statement: Statement): Ending {
    switch (statement.kind) {
      case 'text':
        this.write(statement.text);
        return 'end';
      case 'output':
        this.write(this.show(this.value(statement.value)));
        return 'end';
      case 'choice': {
        for (const [test, block] of statement.branches) if (isTrue(this.value(test))) return this.run(block);
        return this.run(statement.otherwise);
      }
      case 'for':
        return this.inNested(() => this.loop(statement, this.value(statement.items), 0));
      case 'set':
        this.assign(this.scope(), statement.target, this.value(statement.value));
        return 'end';
      case 'setAttribute':
        this.setAttribute(statement.name, statement.attribute, this.value(statement.value));
        return 'end';
      case 'setBlock':
        this.scope().set(statement.name, this.filtered(statement.filter, this.captured(statement.body)));
        return 'end';
      case 'filterBlock':
        this.write(str(this.filtered(statement.filter, this.captured(statement.body))));
        return 'end';
      case 'with': {
        const values = statement.values.map(([name, value]) => [name, this.value(value)] as const);
        return this.inScope(new Map(values), () => this.run(statement.body));
      }
      case 'macro':
        this.scope().set(statement.name, this.macro(statement));
        return 'end';
      case 'do':
        this.value(statement.value);
        return 'end';
      default:
        return statement.kind;
    }
  }

  private loop(statement: Extract<Statement, { kind: 'for' }>, over: Value, level: number): Ending {
    let items = itemsOf(over);
    this.work.spend(items.length);
    const { target, filter } = statement;
    if (filter)
      items = items.filter((one) => {
        const scope = new Map<string, Value>();
        this.assign(scope, target, one);
        return this.inScope(scope, () => isTrue(this.value(filter)));
      });
    if (items.length === 0) return this.run(statement.otherwise);
    const again = statement.recursive
      ? fn('items', (args) =>
          this.capturing(() => this.inNested(() => this.loop(statement, args.at(0), level + 1))),
        )
      : undefined;
    for (const [index, one] of items.entries()) {
      const scope = new Map<string, Value>([['loop', new Loop(items, index, level, again)]]);
      this.assign(scope, target, one);
      const ending = this.inScope(scope, () => this.run(statement.body));
      if (ending === 'break') break;
    }
    return 'end';
  }

  private macro({ params, body }: Extract<Statement, { kind: 'macro' }>): Callable {
    const defaults = params.map(([name, value]) => [name, value] as const);
    return new Callable(
      params.map(([name]) => name),
      0,
      (args) => {
        const scope = new Map<string, Value>();
        for (const [index, [name, value]] of defaults.entries())
          scope.set(name, given(args.maybe(index), value ? this.value(value) : new Undefined(name)));
        return this.inScope(scope, () => this.captured(body));
      },
    );
  }

  private captured(block: Block): string {
    return this.capturing(() => this.inScope(new Map(), () => this.run(block)));
  }

  /** What is written meanwhile. */
  private capturing(work: () => unknown): string {
    const before = this.output;
    this.output = '';
    this.inNested(work);
    const written = this.output;
    this.output = before;
    return written;
  }

  private filtered(filter: Expression | undefined, body: string): Value {
    if (!filter) return body;
    return this.inScope(new Map([[BODY, body]]), () => this.value(filter));
  }

  private inScope<T>(scope: Map<string, Value>, work: () => T): T {
    this.scopes.push(scope);
    const result = work();
    this.scopes.pop();
    return result;
  }

  private inNested<T>(work: () => T): T {
    if (++this.depth > MAX_DEPTH) throw new TemplateError('work', text('template.tooDeep'));
    const result = work();
    this.depth--;
    return result;
  }

  private scope(): Map<string, Value> {
    return this.scopes.at(-1) as Map<string, Value>;
  }

  private assign(scope: Map<string, Value>, target: Target, value: Value): void {
    if (typeof target === 'string') {
      scope.set(target, value);
      return;
    }
    const items = itemsOf(value);
    if (items.length !== target.length) throw wrongType('=', value);
    for (const [index, one] of target.entries()) this.assign(scope, one, items[index] ?? null);
  }

  private setAttribute(name: string, attribute: string, value: Value): void {
    const namespace = this.lookUp(name);
    if (!(namespace instanceof Namespace)) throw wrongType('set', namespace);
    namespace.attributes.set(attribute, value);
  }

  private lookUp(name: string): Value {
    for (let index = this.scopes.length - 1; index >= 0; index--) {
      const value = this.scopes[index]?.get(name);
      if (value !== undefined) return value;
    }
    const value = this.given.get(name);
    if (value !== undefined) return value;
    const known = FUNCTIONS.get(name);
    if (known !== undefined) return known;
    refuseForeign(name);
    return new Undefined(name);
  }

  private value(expression: Expression): Value {
    this.work.spend();
    switch (expression.kind) {
      case 'literal':
        return expression.value;
      case 'name':
        return this.lookUp(expression.name);
      case 'attribute':
        return this.attribute(this.value(expression.of), expression.name);
      case 'item':
        return this.item(this.value(expression.of), this.value(expression.key));
      case 'filter':
        return this.callWith(
          expression.filter ?? this.missing('filter', expression.name),
          expression.args,
          this.value(expression.of),
        );
      case 'compare':
        return this.compare(expression.first, expression.rest);
      case 'if': {
        if (isTrue(this.value(expression.test))) return this.value(expression.value);
        return expression.otherwise ? this.value(expression.otherwise) : new Undefined('if');
      }
      case 'test':
        return this.callWith(
          expression.test ?? this.missing('test', expression.name),
          expression.args,
          this.value(expression.of),
        );
      case 'and': {
        const left = this.value(expression.left);
        return isTrue(left) ? this.value(expression.right) : left;
      }
      case 'or': {
        const left = this.value(expression.left);
        return isTrue(left) ? left : this.value(expression.right);
      }
      case 'not':
        return !isTrue(this.value(expression.of));
      case 'binary':
        return this.binary(expression);
      case 'call':
        return this.callWith(this.callable(this.value(expression.of)), expression.args);
      case 'dict':
        return this.dict(expression.entries);
      case 'list':
        return expression.items.map((one) => this.value(one));
      case 'tuple':
        return new Tuple(expression.items.map((one) => this.value(one)));
      case 'negative':
        return negative(this.value(expression.of));
      case 'positive': {
        const value = this.value(expression.of);
        if (!isNumber(value)) throw wrongType('+', value);
        return typeof value === 'boolean' ? Number(value) : value;
      }
      case 'slice':
        return this.slice(this.value(expression.of), expression.bounds);
    }
  }

  private binary({ operator, left, right }: Extract<Expression, { kind: 'binary' }>): Value {
    const [a, b] = [this.value(left), this.value(right)];
    return operator === '~' ? join(a, b, this.work) : arithmetic(operator, a, b, this.work);
  }

  private compare(first: Expression, rest: readonly (readonly [Comparison, Expression])[]): boolean {
    let left = this.value(first);
    for (const [operator, expression] of rest) {
      const right = this.value(expression);
      if (!this.holds(operator, left, right)) return false;
      left = right;
    }
    return true;
  }

  private holds(operator: Comparison, a: Value, b: Value): boolean {
    const { work } = this;
    switch (operator) {
      case '==':
        return equal(a, b, work);
      case '!=':
        return !equal(a, b, work);
      case '<':
        return less(a, b, work);
      case '>':
        return less(b, a, work);
      case '<=':
        return less(a, b, work) || equal(a, b, work);
      case '>=':
        return less(b, a, work) || equal(a, b, work);
      case 'in':
        return isIn(a, b, work);
      case 'notIn':
        return !isIn(a, b, work);
    }
  }

  /** `of.name`: Python's attribute, else the key. */
  private attribute(of: Value, name: string): Value {
    // Python reads `dict.anything` as the type itself with a hint, and zigbee2mqtt writes `dict.from_keys(…)`.
    if (of === DICT && !name.startsWith('_')) return of;
    const attribute = attributeOf(defined(of), name);
    return attribute === undefined ? given(lookUp(of, name), new Undefined(name)) : attribute;
  }

  /** `of[key]`: the key, else Python's attribute. */
  private item(of: Value, key: Value): Value {
    if (typeof of === 'string') this.work.read(of.length);
    const value = lookUp(defined(of), key);
    if (value !== undefined) return value;
    const attribute = typeof key === 'string' ? attributeOf(of, key) : undefined;
    return given(attribute, new Undefined(written(key, this.work)));
  }

  private slice(of: Value, bounds: readonly (Expression | undefined)[]): Value {
    const [from, to, step] = bounds.map((bound) => {
      const value = bound && this.value(bound);
      return value === undefined || value === null ? undefined : parameter(value, 0);
    });
    return sliced(of, from, to, step ?? 1, this.work);
  }

  private dict(entries: readonly (readonly [Expression, Expression])[]): Dict {
    const dict: Dict = new Map();
    for (const [key, value] of entries) dict.set(keyOf(this.value(key)), this.value(value));
    return dict;
  }

  private callable(value: Value): Callable {
    if (value instanceof Callable) return value;
    if (value instanceof Loop && value.again) return value.again;
    defined(value);
    throw new TemplateError('value', text('template.notCallable'));
  }

  private callWith(callable: Callable, { positional, keywords }: Arguments, first?: Value): Value {
    const values = first === undefined ? [] : [first];
    for (const one of positional) values.push(this.value(one));
    if (keywords.length === 0) return call(callable, this, values);
    return call(
      callable,
      this,
      values,
      keywords.map(([name, one]) => [name, this.value(one)] as const),
    );
  }

  /** A filter or test that is not there. Jinja refuses such a template; only what Home Assistant has is another matter. */
  private missing(kind: 'filter' | 'test', name: string): never {
    refuseForeign(name);
    throw new TemplateError(
      'syntax',
      kind === 'filter' ? text('template.noFilter', { name }) : text('template.noTest', { name }),
    );
  }
}
