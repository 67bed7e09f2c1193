import { text } from '../../base/catalogue';
import { parseTemplate } from './blocks';
import { TemplateError } from './errors';
import { Evaluator } from './evaluator';
import { toValue } from './payload';
import { RegularExpressions } from './regular-expressions';
import { str } from './show';
import { faultOf, type Rendered } from './template';
import type { Block } from './tree';
import { Undefined, type Value } from './values';

/** Longest template, in characters. */
export const MAX_TEMPLATE = 4_000;
/** A longer Buffer is no text for people, in bytes. */
const MAX_BYTES = 20_000;
/** The name by which flows call the whole message. */
const MESSAGE = 'msg';

/** A name that a template asks for, and its value in the message or alert; undefined: it has none. */
export type ValueOf = (name: string) => unknown;

/**
 * A text for people with placeholders, in the language of Home Assistant's templates: `Door {{ 'open' if payload.open
 * else 'closed' }}`. What has no value is an error here: people would get half a sentence.
 */
export class MessageTemplate {
  /** Why it cannot be read; undefined where it can. */
  readonly fault: TemplateError | undefined;
  private readonly block: Block = [];
  private readonly names = new Set<string>();
  private readonly regularExpressions = new RegularExpressions();

  /** Never throws: a template that cannot be read has a `fault`, and gives that as its error. */
  constructor(source: string) {
    try {
      if (source.length > MAX_TEMPLATE) throw new TemplateError('work', text('template.tooLong'));
      this.block = parseTemplate(source);
      collectNames(this.block, this.names);
    } catch (error) {
      this.fault = hinted(faultOf(error), source);
    }
  }

  /**
   * Fills it in. Never throws.
   * @param look asked once for each name, also for `x` of `msg.x`
   * @param shown makes a value that is written fit for its place. @default it stays as it is
   */
  fill(look: ValueOf, shown: (written: string) => string = (written) => written): Rendered {
    if (this.fault) return { error: this.fault };
    try {
      const evaluator = new Evaluator(this.regularExpressions, this.variables(look), (value) => {
        if (value instanceof Undefined || value === null)
          throw new TemplateError('value', text('template.undefined', { name: value?.what ?? 'null' }));
        return shown(str(value));
      });
      return { text: evaluator.render(this.block).trim() };
    } catch (error) {
      return { error: faultOf(error) };
    }
  }

  private variables(look: ValueOf): Map<string, Value> {
    const found = new Map<string, Value>();
    for (const name of this.names) {
      const value = plainValue(look(name));
      if (value !== undefined) found.set(name, toValue(value));
    }
    if (this.names.has(MESSAGE)) found.set(MESSAGE, new Map(found));
    return found;
  }
}

/** Bytes as their text, a time as ISO 8601; everything else as it is. */
function plainValue(value: unknown): unknown {
  if (value instanceof Uint8Array) {
    if (value.length > MAX_BYTES) throw new TemplateError('work', text('template.tooLong'));
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString();
  }
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString();
  return value;
}

/** The names that it may look up, and those behind `msg.`; a loop's own names are among them. */
function collectNames(part: unknown, names: Set<string>): void {
  if (Array.isArray(part)) {
    for (const one of part) collectNames(one, names);
    return;
  }
  if (typeof part !== 'object' || part === null || part instanceof Map) return;
  const { kind, name, of, key } = part as Record<'kind' | 'name' | 'of' | 'key', unknown>;
  const isOfMessage = (of as { kind?: unknown; name?: unknown } | undefined)?.name === MESSAGE;
  if (typeof name === 'string' && (kind === 'name' || (kind === 'attribute' && isOfMessage))) names.add(name);
  const { value } = (key ?? {}) as { value?: unknown };
  if (kind === 'item' && isOfMessage && typeof value === 'string') names.add(value);
  for (const one of Object.values(part)) collectNames(one, names);
}

/** `a ? b : c` is how many would write a choice: the language has other words for it. */
function hinted(fault: TemplateError, source: string): TemplateError {
  const { found } = fault.text.params ?? {};
  const isChoice = fault.code === 'syntax' && typeof found === 'string' && found.startsWith('?');
  return isChoice && source.includes('?') ? new TemplateError('syntax', text('template.choice')) : fault;
}
