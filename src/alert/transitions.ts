import type { State } from './states';

/**
 * Inputs of a key. `bad`: a sample for which the condition holds; `band`: one within the hysteresis, which counts only
 * for an open alert; `good`: any other valid sample; `over`: the hold or keep time is over; `missing`: no valid sample
 * for `noDataAfter`.
 */
export type Input = 'bad' | 'band' | 'good' | 'over' | 'missing';

export const STATES: readonly State[] = ['normal', 'pending', 'firing', 'recovering', 'nodata'];
export const INPUTS: readonly Input[] = ['bad', 'band', 'good', 'over', 'missing'];

/** Effect on the alert: it begins, continues in another state, or ends. */
export type Effect = 'raise' | 'change' | 'end';

/** Condition that decides between transitions of the same state and input. */
export interface Facts {
  /** `holdFor` is above 0. */
  holds: boolean;
  /** `keepFor` is above 0. */
  keeps: boolean;
  noDataAs: 'alert' | 'keep' | 'normal';
  /** The open alert began with the condition, before the data stayed away. */
  fired: boolean;
}

export interface Transition {
  from: State;
  on: Input;
  /** All of these must be so. */
  when: Partial<Facts>;
  to: State;
  effect?: Effect;
  /** For people, in the documentation. */
  why: string;
}

/** The whole machine. Anything that is not in here changes nothing. `docs/alerts.md` shows this very table. */
export const TRANSITIONS: readonly Transition[] = [
  {
    from: 'normal',
    on: 'bad',
    when: { holds: false },
    to: 'firing',
    effect: 'raise',
    why: 'no hold time: at once',
  },
  { from: 'normal', on: 'bad', when: { holds: true }, to: 'pending', why: 'the hold time begins' },
  {
    from: 'normal',
    on: 'missing',
    when: { noDataAs: 'alert' },
    to: 'nodata',
    effect: 'raise',
    why: 'missing data is an alert',
  },
  {
    from: 'pending',
    on: 'good',
    when: {},
    to: 'normal',
    why: 'it did not hold; the band does not count here',
  },
  { from: 'pending', on: 'over', when: {}, to: 'firing', effect: 'raise', why: 'it held for `holdFor`' },
  {
    from: 'pending',
    on: 'missing',
    when: { noDataAs: 'alert' },
    to: 'nodata',
    effect: 'raise',
    why: 'missing data is an alert',
  },
  {
    from: 'pending',
    on: 'missing',
    when: { noDataAs: 'normal' },
    to: 'normal',
    why: 'missing data counts as normal',
  },
  {
    from: 'firing',
    on: 'good',
    when: { keeps: false },
    to: 'normal',
    effect: 'end',
    why: 'no keep time: at once',
  },
  { from: 'firing', on: 'good', when: { keeps: true }, to: 'recovering', why: 'the keep time begins' },
  {
    from: 'firing',
    on: 'missing',
    when: { noDataAs: 'alert' },
    to: 'nodata',
    effect: 'change',
    why: 'the alert stays open',
  },
  {
    from: 'firing',
    on: 'missing',
    when: { noDataAs: 'normal' },
    to: 'normal',
    effect: 'end',
    why: 'missing data counts as normal',
  },
  { from: 'recovering', on: 'bad', when: {}, to: 'firing', why: 'normal did not last: nobody is told' },
  { from: 'recovering', on: 'band', when: {}, to: 'firing', why: 'within the hysteresis is not normal' },
  {
    from: 'recovering',
    on: 'over',
    when: {},
    to: 'normal',
    effect: 'end',
    why: 'normal lasted for `keepFor`',
  },
  {
    from: 'recovering',
    on: 'missing',
    when: { noDataAs: 'alert' },
    to: 'nodata',
    effect: 'change',
    why: 'the alert stays open',
  },
  {
    from: 'recovering',
    on: 'missing',
    when: { noDataAs: 'normal' },
    to: 'normal',
    effect: 'end',
    why: 'missing data counts as normal',
  },
  {
    from: 'nodata',
    on: 'bad',
    when: { fired: true },
    to: 'firing',
    effect: 'change',
    why: 'data is back, and it still holds',
  },
  {
    from: 'nodata',
    on: 'band',
    when: { fired: true },
    to: 'firing',
    effect: 'change',
    why: 'data is back, within the hysteresis',
  },
  {
    from: 'nodata',
    on: 'good',
    when: { fired: true, keeps: true },
    to: 'recovering',
    why: 'data is back; the keep time begins',
  },
  {
    from: 'nodata',
    on: 'good',
    when: { fired: true, keeps: false },
    to: 'normal',
    effect: 'end',
    why: 'data is back, and all is well',
  },
  {
    from: 'nodata',
    on: 'bad',
    when: { fired: false, holds: false },
    to: 'firing',
    effect: 'change',
    why: 'data is back, and it is bad',
  },
  {
    from: 'nodata',
    on: 'bad',
    when: { fired: false, holds: true },
    to: 'pending',
    effect: 'end',
    why: 'data is back; the hold time begins',
  },
  {
    from: 'nodata',
    on: 'good',
    when: { fired: false },
    to: 'normal',
    effect: 'end',
    why: 'the first valid sample ends it',
  },
];

/** The transition that these facts lead to; undefined: everything stays as it is. */
export function transitionFor(from: State, on: Input, facts: Facts): Transition | undefined {
  return TRANSITIONS.find((one) => {
    if (one.from !== from || one.on !== on) return false;
    const { holds, keeps, noDataAs, fired } = one.when;
    return (
      (holds === undefined || holds === facts.holds) &&
      (keeps === undefined || keeps === facts.keeps) &&
      (noDataAs === undefined || noDataAs === facts.noDataAs) &&
      (fired === undefined || fired === facts.fired)
    );
  });
}

const WORDS: Readonly<Record<string, string>> = {
  'holds:true': '`holdFor` above 0',
  'holds:false': '`holdFor` 0',
  'keeps:true': '`keepFor` above 0',
  'keeps:false': '`keepFor` 0',
  'noDataAs:alert': '`noDataAs` alert',
  'noDataAs:normal': '`noDataAs` normal',
  'fired:true': 'the condition held before',
  'fired:false': 'the alert is about missing data',
};

/** The table as Markdown, as in `docs/alerts.md`. */
export function transitionTable(): string {
  const rows = TRANSITIONS.map(({ from, on, when, to, effect, why }) => {
    const guards = Object.entries(when).map(([name, value]) => WORDS[`${name}:${value}`]);
    return `| ${from} | ${on} | ${guards.join(', ')} | ${to} | ${effect ?? ''} | ${why} |`;
  });
  return ['| from | on | when | to | alert | why |', '|---|---|---|---|---|---|', ...rows].join('\n');
}
