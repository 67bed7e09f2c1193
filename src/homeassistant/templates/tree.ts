/** What a template is read into. */

import type { Operator } from './operators';
import type { Callable, Value } from './values';

export type Comparison = '==' | '!=' | '<' | '>' | '<=' | '>=' | 'in' | 'notIn';

export type Expression =
  | { readonly kind: 'literal'; readonly value: Value }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'attribute'; readonly of: Expression; readonly name: string }
  | { readonly kind: 'item'; readonly of: Expression; readonly key: Expression }
  | {
      readonly kind: 'slice';
      readonly of: Expression;
      readonly bounds: readonly (Expression | undefined)[];
    }
  | { readonly kind: 'call'; readonly of: Expression; readonly args: Arguments }
  | {
      readonly kind: 'filter';
      readonly name: string;
      readonly filter: Callable | undefined;
      readonly of: Expression;
      readonly args: Arguments;
    }
  | {
      readonly kind: 'test';
      readonly name: string;
      readonly test: Callable | undefined;
      readonly of: Expression;
      readonly args: Arguments;
    }
  | { readonly kind: 'list' | 'tuple'; readonly items: readonly Expression[] }
  | { readonly kind: 'dict'; readonly entries: readonly (readonly [Expression, Expression])[] }
  | {
      readonly kind: 'binary';
      readonly operator: Operator | '~';
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: 'compare';
      readonly first: Expression;
      readonly rest: readonly (readonly [Comparison, Expression])[];
    }
  | { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'not' | 'negative' | 'positive'; readonly of: Expression }
  | {
      readonly kind: 'if';
      readonly test: Expression;
      readonly value: Expression;
      readonly otherwise: Expression | undefined;
    };

export interface Arguments {
  readonly positional: readonly Expression[];
  readonly keywords: readonly (readonly [string, Expression])[];
}

/** `for a, b in`; a name in it may be a group of names again. */
export type Target = string | readonly Target[];

export type Statement =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'output'; readonly value: Expression }
  | { readonly kind: 'do'; readonly value: Expression }
  | {
      readonly kind: 'choice';
      readonly branches: readonly (readonly [Expression, Block])[];
      readonly otherwise: Block;
    }
  | {
      readonly kind: 'for';
      readonly target: Target;
      readonly items: Expression;
      readonly filter: Expression | undefined;
      readonly body: Block;
      readonly otherwise: Block;
      readonly recursive: boolean;
    }
  | { readonly kind: 'set'; readonly target: Target; readonly value: Expression }
  | {
      readonly kind: 'setAttribute';
      readonly name: string;
      readonly attribute: string;
      readonly value: Expression;
    }
  | {
      readonly kind: 'setBlock';
      readonly name: string;
      readonly filter: Expression | undefined;
      readonly body: Block;
    }
  | {
      readonly kind: 'with';
      readonly values: readonly (readonly [string, Expression])[];
      readonly body: Block;
    }
  /** `filter` works on the name under which the evaluator finds the body's text: {@link BODY}. */
  | { readonly kind: 'filterBlock'; readonly filter: Expression; readonly body: Block }
  | {
      readonly kind: 'macro';
      readonly name: string;
      readonly params: readonly (readonly [string, Expression | undefined])[];
      readonly body: Block;
    }
  | { readonly kind: 'break' | 'continue' };

export type Block = readonly Statement[];

/** A name that no template can write. */
export const BODY = ' body';
