/** Segments of a template → its statements. */

import { text } from '../../base/catalogue';
import { TemplateError } from './errors';
import { lex, type Segment, syntaxError } from './lexer';
import { Parser } from './parser';
import { type Block, BODY, type Expression, type Statement, type Target } from './tree';
import { MAX_DEPTH } from './work';

/** Reads a template. Throws a {@link TemplateError} (`syntax`, `work`, `unsupported`) for what cannot be read. */
export function parseTemplate(template: string): Block {
  return new BlockReader(lex(template)).read();
}

/** A statement's first word, and what follows it. */
type Head = readonly [word: string, rest: Parser];

class BlockReader {
  private at = 0;
  private depth = 0;

  constructor(private readonly segments: readonly Segment[]) {}

  read(): Block {
    const block = this.block([]);
    if (this.at < this.segments.length) throw syntaxError(this.head()[0]);
    return block;
  }

  /** Statements up to one of these words, which is read next. */
  private block(ends: readonly string[]): Block {
    if (++this.depth > MAX_DEPTH) throw new TemplateError('work', text('template.tooDeep'));
    const block: Statement[] = [];
    for (let segment = this.segments[this.at]; segment; segment = this.segments[this.at]) {
      if (segment.kind === 'text') block.push({ kind: 'text', text: segment.text });
      else {
        const parser = new Parser(segment.tokens);
        if (segment.kind === 'expression') {
          block.push({ kind: 'output', value: parser.values() });
          parser.end();
        } else {
          const word = parser.name();
          if (ends.includes(word)) break;
          this.at++;
          block.push(this.statement(word, parser));
          continue;
        }
      }
      this.at++;
    }
    if (ends.length > 0 && this.at >= this.segments.length) throw syntaxError(ends.at(-1) ?? '');
    this.depth--;
    return block;
  }

  /** Statements up to this word, which is read, too. */
  private blockUntil(end: string): Block {
    const block = this.block([end]);
    this.head()[1].end();
    return block;
  }

  private head(): Head {
    const segment = this.segments[this.at++];
    if (segment?.kind !== 'statement') throw syntaxError('{%');
    const parser = new Parser(segment.tokens);
    return [parser.name(), parser];
  }

  private statement(word: string, parser: Parser): Statement {
    switch (word) {
      case 'if':
        return this.choice(parser);
      case 'for':
        return this.loop(parser);
      case 'set':
        return this.assignment(parser);
      case 'with':
        return this.with(parser);
      case 'filter': {
        const filter = parser.filters(parser.filter({ kind: 'name', name: BODY }));
        parser.end();
        return { kind: 'filterBlock', filter, body: this.blockUntil('endfilter') };
      }
      case 'macro':
        return this.macro(parser);
      case 'do': {
        const value = parser.values();
        parser.end();
        return { kind: 'do', value };
      }
      case 'break':
      case 'continue':
        parser.end();
        return { kind: word };
      case 'import':
      case 'from':
      case 'include':
      case 'extends':
      case 'block':
      case 'call':
        throw new TemplateError('unsupported', text('template.unsupported', { name: word }));
      default:
        throw syntaxError(word);
    }
  }

  private choice(first: Parser): Statement {
    const branches: (readonly [Expression, Block])[] = [];
    let parser = first;
    for (;;) {
      const test = parser.values();
      parser.end();
      branches.push([test, this.block(['elif', 'else', 'endif'])]);
      const [word, rest] = this.head();
      if (word === 'elif') {
        parser = rest;
        continue;
      }
      rest.end();
      return { kind: 'choice', branches, otherwise: word === 'else' ? this.blockUntil('endif') : [] };
    }
  }

  private loop(parser: Parser): Statement {
    const target = parser.target();
    if (!parser.tookWord('in')) throw syntaxError('for');
    let items = parser.or();
    if (parser.took(',')) {
      const rest = [items];
      do rest.push(parser.or());
      while (parser.took(','));
      items = { kind: 'tuple', items: rest };
    }
    const filter = parser.tookWord('if') ? parser.expression() : undefined;
    const recursive = parser.tookWord('recursive');
    parser.end();
    const body = this.block(['else', 'endfor']);
    const [word, rest] = this.head();
    rest.end();
    const otherwise = word === 'else' ? this.blockUntil('endfor') : [];
    return { kind: 'for', target, items, filter, body, otherwise, recursive };
  }

  private assignment(parser: Parser): Statement {
    const target = parser.target();
    const attribute = typeof target === 'string' && parser.took('.') ? parser.name() : undefined;
    if (parser.took('=')) {
      const value = parser.values();
      parser.end();
      return typeof target === 'string' && attribute !== undefined
        ? { kind: 'setAttribute', name: target, attribute, value }
        : { kind: 'set', target, value };
    }
    const name = nameOf(target);
    const body: Expression = { kind: 'name', name: BODY };
    const filtered = parser.filters(body);
    parser.end();
    const filter = filtered === body ? undefined : filtered;
    return { kind: 'setBlock', name, filter, body: this.blockUntil('endset') };
  }

  private with(parser: Parser): Statement {
    const values: (readonly [string, Expression])[] = [];
    while (!parser.atEnd) {
      const name = parser.name();
      parser.need('=');
      values.push([name, parser.expression()]);
      if (!parser.took(',')) break;
    }
    parser.end();
    return { kind: 'with', values, body: this.blockUntil('endwith') };
  }

  private macro(parser: Parser): Statement {
    const name = parser.name();
    const params: (readonly [string, Expression | undefined])[] = [];
    parser.need('(');
    while (!parser.took(')')) {
      const param = parser.name();
      params.push([param, parser.took('=') ? parser.expression() : undefined]);
      if (parser.took(',')) continue;
      parser.need(')');
      break;
    }
    parser.end();
    return { kind: 'macro', name, params, body: this.blockUntil('endmacro') };
  }
}

function nameOf(target: Target): string {
  if (typeof target === 'string') return target;
  throw syntaxError('set');
}
