import { suggestLimit, suggestNoDataAfter } from '../../../editor/suggest';
import type { PreviewAnswer } from '../preview-answer';
import { isOnText, type Look } from './fields';
import { limitOf } from './limit-values';

/** A key's observed values. */
export type SeenDay = Pick<PreviewAnswer, 'seen' | 'states' | 'every'>;

export interface Offer {
  property: 'limit' | 'limit2' | 'noDataAfter';
  value: string;
  type: string;
}

export interface Suggestion {
  /** Suggestions for empty fields. */
  values: Offer[];
  /** Choices for one click, each with all its fields; none that the fields already hold. */
  choices: Offer[][];
  /** Key of the reason, below `suggest`. */
  why: 'above' | 'below' | 'outside' | 'pause' | 'states';
  rate: boolean;
}

const MAX_STATES = 6;

/** Values for the fields that fit the observations; undefined if nothing can be suggested. */
export function suggest(look: Look, { seen, states, every }: SeenDay): Suggestion | undefined {
  const condition = look('condition');
  if (isOnText(condition)) {
    const kinds = [...new Set((states ?? []).map(({ state }) => state))].slice(0, MAX_STATES);
    const typed = look('limit').trim().toLowerCase();
    const choices = kinds.filter((state) => state.toLowerCase() !== typed);
    return {
      values: [],
      choices: choices.map((state) => [{ property: 'limit', value: state, type: 'str' }]),
      why: 'states',
      rate: false,
    };
  }
  if (condition === 'nodata') {
    if (!every) return undefined;
    const value = suggestNoDataAfter({ every } as Parameters<typeof suggestNoDataAfter>[0]);
    const values: Offer[] = [{ property: 'noDataAfter', value, type: '' }];
    return { values, choices: look('noDataAfter').trim() === '' ? [values] : [], why: 'pause', rate: false };
  }
  if (!seen || condition === 'inside') return undefined;
  const limit = (property: Offer['property'], side: 'above' | 'below'): Offer => ({
    property,
    value: String(suggestLimit(seen, side)),
    type: 'num',
  });
  const falls = condition === 'below' || (condition === 'rate' && (limitOf(look, 'limit') ?? 0) < 0);
  const why = condition === 'outside' ? 'outside' : falls ? 'below' : 'above';
  const values =
    why === 'outside' ? [limit('limit', 'below'), limit('limit2', 'above')] : [limit('limit', why)];
  const isThere = values.every(({ property, value }) => limitOf(look, property as 'limit') === Number(value));
  const isTyped = values.every(({ property }) => ['num', 'str', ''].includes(look(`${property}Type`)));
  if (!isTyped) return undefined;
  return { values, choices: isThere ? [] : [values], why, rate: condition === 'rate' };
}
