import { BoundedMap } from '../../base/bounded-map';
import { text } from '../../base/catalogue';
import { parseTemplate } from './blocks';
import { TemplateError } from './errors';
import { Evaluator } from './evaluator';
import { type Payload, toValue } from './payload';
import { RegularExpressions } from './regular-expressions';
import type { Block, Expression } from './tree';
import type { Value } from './values';

/** Templates that are kept read. A house with 20,000 entities has some hundred different ones. */
const MAX_TEMPLATES = 2_000;

/** `text`: what the template gives; else why it gives nothing. */
export type Rendered = { readonly text: string } | { readonly error: TemplateError };

/** A template that has been read. */
export interface Template {
  /** Why it cannot be read; undefined where it can. */
  readonly fault: TemplateError | undefined;
  /**
   * What it makes of a payload: `value`, and `value_json` where that is JSON. `more`: other variables (`entity_id`,
   * `name`).
   */
  ofPayload(payload: Payload, more?: Readonly<Record<string, unknown>>): Rendered;
  /** What it makes of these variables: a command, `{value: 21.5}`. */
  ofValues(values: Readonly<Record<string, unknown>>): Rendered;
}

/**
 * Home Assistant's templates, with no way out of them: an own interpreter over own values, whose work, lengths and
 * depth are bounded. One object for a connection; it keeps what it has read.
 */
export class Templates {
  private readonly known = new BoundedMap<string, Template>(MAX_TEMPLATES);
  private readonly regularExpressions = new RegularExpressions();

  /** Never throws: a template that cannot be read has a `fault`, and gives that as its error. */
  read(source: string): Template {
    const known = this.known.get(source);
    if (known) return known;
    const template = this.compile(source);
    // A text of a stranger must not be kept whole where it is too long to be one.
    if (source.length <= 20_000) this.known.set(source, template);
    return template;
  }

  private compile(source: string): Template {
    let block: Block;
    try {
      block = parseTemplate(source);
    } catch (error) {
      return broken(faultOf(error));
    }
    return new ReadTemplate(block, this.regularExpressions);
  }
}

class ReadTemplate implements Template {
  readonly fault = undefined;
  /** The only text it has; undefined where it does anything. */
  private readonly constant: Rendered | undefined;
  /** `['a', 'b']` of `{{ value_json.a.b }}`; undefined where it is anything else. */
  private readonly path: readonly string[] | undefined;
  private readonly isValue: boolean;

  constructor(
    private readonly block: Block,
    private readonly regularExpressions: RegularExpressions,
  ) {
    const [only, ...others] = block;
    const output = others.length === 0 && only?.kind === 'output' ? only.value : undefined;
    this.constant = block.every(({ kind }) => kind === 'text')
      ? { text: block.map((one) => (one.kind === 'text' ? one.text : '')).join('') }
      : undefined;
    this.isValue = output?.kind === 'name' && output.name === 'value';
    this.path = output && pathOf(output);
  }

  ofPayload(payload: Payload, more?: Readonly<Record<string, unknown>>): Rendered {
    if (this.constant) return this.constant;
    if (this.isValue) return { text: payload.text.trim() };
    if (this.path) {
      const plain = payload.plainAt(this.path);
      if (plain !== undefined) return { text: plain };
    }
    return this.run(() => {
      const variables = variablesOf(more);
      variables.set('value', payload.text);
      const json = payload.json;
      if (json !== undefined) variables.set('value_json', json);
      return variables;
    });
  }

  ofValues(values: Readonly<Record<string, unknown>>): Rendered {
    return this.constant ?? this.run(() => variablesOf(values));
  }

  private run(variables: () => ReadonlyMap<string, Value>): Rendered {
    try {
      return { text: new Evaluator(this.regularExpressions, variables()).render(this.block).trim() };
    } catch (error) {
      return { error: faultOf(error) };
    }
  }
}

/** Names that are also methods of a dict are seen only in brackets. */
const METHODS = new Set([
  'get',
  'keys',
  'values',
  'items',
  'copy',
  'update',
  'pop',
  'clear',
  'setdefault',
  'popitem',
  'fromkeys',
]);

function pathOf(expression: Expression): string[] | undefined {
  if (expression.kind === 'name') return expression.name === 'value_json' ? [] : undefined;
  if (expression.kind === 'attribute') {
    if (METHODS.has(expression.name) || expression.name.startsWith('__')) return undefined;
    const path = pathOf(expression.of);
    path?.push(expression.name);
    return path;
  }
  if (expression.kind !== 'item' || expression.key.kind !== 'literal') return undefined;
  const { value } = expression.key;
  const path = typeof value === 'string' ? pathOf(expression.of) : undefined;
  if (typeof value === 'string') path?.push(value);
  return path;
}

function variablesOf(values: Readonly<Record<string, unknown>> | undefined): Map<string, Value> {
  const variables = new Map<string, Value>();
  for (const [name, value] of Object.entries(values ?? {}))
    if (value !== undefined) variables.set(name, toValue(value));
  return variables;
}

/** An error of ours; any other is that of a template which nobody foresaw, such as a full stack. */
export function faultOf(error: unknown): TemplateError {
  if (error instanceof TemplateError) return error;
  return new TemplateError('work', text('template.tooMuchWork'), { cause: error });
}

function broken(fault: TemplateError): Template {
  const rendered: Rendered = { error: fault };
  return { fault, ofPayload: () => rendered, ofValues: () => rendered };
}
