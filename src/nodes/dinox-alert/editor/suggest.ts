import type { OnOffField, PreviewAnswer } from '../../../alert/preview-answer';
import {
  hasLimit,
  type KnownValue,
  type Measured,
  type UsualAlert,
  usualAlert,
} from '../../../editor/measured';
import { propertyOf, suggestLimit, suggestNoDataAfter } from '../../../editor/suggest';
import { isOnText, type Look } from './fields';
import { limitOf } from './limit-values';

/** A key's observed values. */
export type SeenDay = Partial<
  Pick<PreviewAnswer, 'seen' | 'states' | 'every' | 'key' | 'called' | 'unit' | 'onOff'>
>;

export interface Offer {
  property: 'property' | 'limit' | 'limit2' | 'noDataAfter' | 'condition' | 'hysteresis' | 'holdFor';
  value: string;
  type: string;
}

export interface Suggestion {
  /** Suggestions for empty fields. */
  values: Offer[];
  /** Choices for one click, each with all its fields; none that the fields already hold. */
  choices: Offer[][];
  /** The alert that is usual for what is measured; then it is the only choice. */
  usual?: UsualAlert;
  /** The value of JSON that it is about, if that is to be chosen, too. */
  field?: string | undefined;
  /** Key of the reason, below `suggest`. */
  why: 'above' | 'below' | 'outside' | 'pause' | 'states' | Measured;
  rate: boolean;
}

const MAX_STATES = 6;
/** The condition of a new node, which nobody may have chosen. */
const UNCHOSEN = 'above';

/** Values for the fields that fit the observations; undefined if nothing can be suggested. */
export function suggest(look: Look, day: SeenDay): Suggestion | undefined {
  const { seen, states, every } = day;
  if (day.key === undefined && day.onOff) return suggestOnOff(look, day.onOff, day.called);
  const condition = look('condition');
  const known = knownOf(look, day);
  const usual = known && usualAlert(known);
  if (usual && [usual.condition, UNCHOSEN].includes(condition)) return asUsual(look, usual);
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
    const value = suggestNoDataAfter({ every: every ?? 0 });
    if (value === '') return undefined;
    const values: Offer[] = [{ property: 'noDataAfter', value, type: '' }];
    return { values, choices: look('noDataAfter').trim() === '' ? [values] : [], why: 'pause', rate: false };
  }
  if (!seen || condition === 'inside' || (known && !hasLimit(known) && condition !== 'rate'))
    return undefined;
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
  const isTyped = values.every(({ property }) => isOwn(look, property));
  if (!isTyped) return undefined;
  return { values, choices: isThere ? [] : [values], why, rate: condition === 'rate' };
}

/** True for a limit that is typed here, and does not come from elsewhere. */
const isOwn = (look: Look, property: string): boolean => ['num', 'str', ''].includes(look(`${property}Type`));

/** What the watched value is about; undefined where the payload does not hold it. */
function knownOf(look: Look, { key, called, unit, states }: SeenDay): KnownValue | undefined {
  const property = look('property').trim();
  if (key === undefined || look('propertyType') !== 'msg' || !/^payload(\.|$)/.test(property))
    return undefined;
  return {
    topic: key,
    field: property.replace(/^payload\.?/, ''),
    name: called,
    unit: look('unit').trim() || unit,
    state: states?.[states.length - 1]?.state,
  };
}

/**
 * What is on or off in JSON, of which no day is known: the door that was chosen, or any; else both words of what was
 * chosen.
 */
function suggestOnOff(look: Look, fields: readonly OnOffField[], called?: string): Suggestion | undefined {
  const condition = look('condition');
  if (look('propertyType') !== 'msg' || !(isOnText(condition) || condition === UNCHOSEN)) return undefined;
  const property = look('property').trim();
  const chosen = fields.filter(({ field }) => propertyOf(field) === property);
  for (const { field, topic, words } of chosen.length > 0 ? chosen : fields) {
    const usual = usualAlert({ topic, field, name: called, state: words[0] });
    if (usual && [usual.condition, UNCHOSEN].includes(condition))
      return asUsual(look, usual, chosen.length > 0 ? undefined : field);
  }
  const [one] = chosen;
  if (!one || !isOwn(look, 'limit')) return undefined;
  const isText = isOnText(condition);
  const typed = isText ? look('limit').trim().toLowerCase() : '';
  const choices = one.words
    .filter((word) => word.toLowerCase() !== typed)
    .map((value): Offer[] => [
      ...(isText ? [] : [{ property: 'condition', value: 'equals', type: '' } as const]),
      { property: 'limit', value, type: 'str' },
    ]);
  return { values: [], choices, why: 'states', rate: false };
}

/** The last word of the value of JSON that is chosen, where the condition can judge it. */
export function wordOf(look: Look, { onOff = [] }: SeenDay): string | undefined {
  const condition = look('condition');
  if (look('propertyType') !== 'msg' || !(isOnText(condition) || condition === 'nodata')) return undefined;
  return onOff.find(({ field }) => propertyOf(field) === look('property').trim())?.words[0];
}

/** One choice that fills all its fields; none where they hold it. */
function asUsual(look: Look, usual: UsualAlert, field?: string): Suggestion | undefined {
  if (!isOwn(look, 'limit')) return undefined;
  const { condition, limit, hysteresis, holdFor, measured } = usual;
  const type = isOnText(condition) ? 'str' : 'num';
  const all: Offer[] = [
    ...(field === undefined
      ? []
      : [{ property: 'property', value: propertyOf(field), type: 'msg' } as const]),
    { property: 'condition', value: condition, type: '' },
    { property: 'limit', value: limit, type },
    ...(hysteresis ? [{ property: 'hysteresis', value: hysteresis, type: '' } as const] : []),
    ...(holdFor ? [{ property: 'holdFor', value: holdFor, type: '' } as const] : []),
  ];
  const isThere = all.every(({ property, value }) => look(property).trim().replace(',', '.') === value);
  const isSame = look('condition') === condition;
  return {
    // The handle in the chart belongs to the condition that is chosen.
    values: isSame ? all.filter(({ property }) => property === 'limit' && type === 'num') : [],
    ...{ choices: isThere ? [] : [all], usual, field, why: measured, rate: false },
  };
}
