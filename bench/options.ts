/** What stands behind `npm run bench --`. */
export const PARTS = [
  'receive',
  'payloads',
  'fan-out',
  'publish',
  'alert',
  'deploy',
  'load',
  'chat',
  'pubsub',
  'history',
  'templates',
  'entities',
  'devices',
] as const;
export type PartName = (typeof PARTS)[number];

export interface Options {
  readonly parts: readonly PartName[];
  readonly filters: readonly number[];
  readonly versions: readonly number[];
  readonly rounds: number;
  readonly messages: number;
  /** Another checkout, built, whose package is measured beside this one as `other`. */
  readonly against: string | undefined;
  /** Only write `docs/performance.md` from `bench/results.json`. */
  readonly report: boolean;
  /** Something but the parts was chosen: such a run is shown, and not kept. */
  readonly partial: boolean;
}

export const DEFAULTS = { filters: [1, 100, 1_000, 10_000], versions: [4, 5], rounds: 5, messages: 60_000 };

/** Throws where an argument is not understood. */
export function readOptions(argv: readonly string[]): Options {
  const parts: PartName[] = [];
  const chosen: { -readonly [K in keyof typeof DEFAULTS]: (typeof DEFAULTS)[K] } = { ...DEFAULTS };
  let against: string | undefined;
  let report = false;
  let partial = false;
  const rest = [...argv];
  const value = (name: string): string => {
    const next = rest.shift();
    if (next === undefined) throw new Error(`${name} needs a value`);
    partial = true;
    return next;
  };
  const numbers = (name: string): number[] =>
    value(name)
      .split(',')
      .map((text) => positive(name, text));
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (PARTS.includes(arg as PartName)) parts.push(arg as PartName);
    else if (arg === '--report') report = true;
    else if (arg === '--filters') chosen.filters = numbers(arg);
    else if (arg === '--versions') chosen.versions = numbers(arg);
    else if (arg === '--rounds') chosen.rounds = positive(arg, value(arg));
    else if (arg === '--messages') chosen.messages = positive(arg, value(arg));
    else if (arg === '--against') against = value(arg);
    else throw new Error(`"${arg}" is neither a part (${PARTS.join(', ')}) nor an option`);
  }
  return { parts: parts.length > 0 ? parts : PARTS, ...chosen, against, report, partial };
}

function positive(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new Error(`${name} must be whole numbers above 0, not "${text}"`);
  return number;
}
