/** What the project wants of itself, held against the results: shown as met or not, asserted nowhere. */
import { median, type Results, type Row } from './results';

export interface Target {
  readonly what: string;
  readonly figure: string;
  /** A text: why there is no target, only the figure. */
  readonly met: boolean | string;
}

const OF_FLOOR = 1.1;
const FLAT = 1.15;
/**
 * How many times cheaper than core, by number of filters: where core tries a regular expression for each. On MQTT 5 it
 * tells its nodes' messages apart by subscription ids.
 */
const OF_CORE = [
  [1, 1],
  [100, 7],
  [1_000, 60],
] as const;
const LOAD_MS = 150;
const LOAD_MB = 25;
const CHAT_RATE = 0.9;
const CHAT_CPU = 1.2;

const ENTITIES = [
  ['deployed until every state is in the flow', 3_000, 'ms'],
  ['heap', 12, 'MB'],
  ['CPU for a state, from the socket to the flow', 20, 'µs'],
] as const;

const ARRIVALS = [
  ['stream', ''],
  ['burst', ', in a burst'],
] as const;

/** Those for which there are figures. */
export function targetsOf({ parts }: Results): Target[] {
  const receive = parts.receive?.rows ?? [];
  return [
    ...receiveTargets(receive),
    ...alertTargets(parts.alert?.rows ?? []),
    ...loadTargets(parts.load?.rows ?? []),
    ...chatTargets(parts.chat?.rows ?? []),
    ...pubsubTargets(parts.pubsub?.rows ?? []),
    ...historyTargets(parts.history?.rows ?? []),
    ...templateTargets(parts.templates?.rows ?? []),
    ...entityTargets(parts.entities?.rows ?? []),
  ];
}

function receiveTargets(rows: readonly Row[]): Target[] {
  const targets: Target[] = [];
  for (const version of [4, 5]) {
    for (const [arrival, words] of ARRIVALS) {
      const at = (filters: number) => ({ kind: 'exact', arrival, version, filters });
      const where = `MQTT ${version === 5 ? '5' : '3.1.1'}${words}`;
      for (const filters of [1, 100, 1_000, 10_000]) {
        const ratio = beside(rows, 'ours', 'floor', at(filters));
        if (ratio !== undefined)
          targets.push({
            what: `at most ${OF_FLOOR} × the floor at ${filters.toLocaleString('en-US')} (${where})`,
            figure: `${ratio.toFixed(2)} ×`,
            met: ratio <= OF_FLOOR,
          });
      }
      const growth = divide(find(rows, 'ours', at(10_000)), find(rows, 'ours', at(1)));
      if (growth !== undefined)
        targets.push({
          what: `flat within 15 % from 1 to 10,000 filters (${where})`,
          figure: `${growth >= 1 ? '+' : ''}${Math.round((growth - 1) * 100)} %`,
          // Where reading costs nothing, one topic costs less than MQTT.js alone: that is no measure for thousands.
          met:
            arrival === 'stream' ? growth <= FLAT : 'no target: with one topic nothing but the flow is left',
        });
      for (const [filters, least] of OF_CORE) {
        const ratio = beside(rows, 'core', 'ours', at(filters));
        if (ratio === undefined) continue;
        const has = version === 4 || filters === 1;
        targets.push({
          what: `${has ? `core costs at least ${least} × as much` : 'how many times as much core costs'} at ${filters.toLocaleString('en-US')} (${where})`,
          figure: `${ratio.toFixed(ratio < 10 ? 2 : 0)} ×`,
          met: has ? ratio >= least : 'no target: core has subscription ids here',
        });
      }
    }
  }
  return targets;
}

/** Microseconds for each quiet sample, by number of keys, and how many times core's node it may cost in a flow. */
const ALERT_US = [
  [1, 1],
  [10_000, 2],
] as const;
const ALERT_OF_CORE = [
  ['nothing', 2, 'filter'],
  ['output 2', 1, 'function'],
] as const;

function alertTargets(rows: readonly Row[]): Target[] {
  const targets: Target[] = [];
  for (const [keys, most] of ALERT_US) {
    const cpu = find(rows, 'ours', { what: 'machine', keys });
    if (cpu === undefined) continue;
    targets.push({
      what: `at least ${(1 / most).toFixed(1)} million quiet samples a second on ${keys.toLocaleString('en-US')} key${keys === 1 ? '' : 's'}, with history`,
      figure: `${(1 / cpu).toFixed(2)} million`,
      met: cpu <= most,
    });
  }
  for (const [passes, most, core] of ALERT_OF_CORE) {
    const ratio = beside(rows, 'ours', 'core', { what: 'flow', passes });
    if (ratio === undefined) continue;
    targets.push({
      what: `a quiet sample in a flow, ${passes} passed on: at most ${most} × core's \`${core}\``,
      figure: `${ratio.toFixed(2)} ×`,
      met: ratio <= most,
    });
  }
  return targets;
}

function loadTargets(rows: readonly Row[]): Target[] {
  const added = (what: string): number | undefined => {
    const [ours, empty] = [find(rows, 'ours', { what }), find(rows, 'empty', { what })];
    return ours === undefined || empty === undefined ? undefined : ours - empty;
  };
  const ms = added('start, until done');
  const mb = added('resident memory');
  return [
    ...(ms === undefined
      ? []
      : [{ what: `loading adds at most ${LOAD_MS} ms`, figure: `${Math.round(ms)} ms`, met: ms <= LOAD_MS }]),
    ...(mb === undefined
      ? []
      : [{ what: `loading adds at most ${LOAD_MB} MB`, figure: `${mb.toFixed(1)} MB`, met: mb <= LOAD_MB }]),
  ];
}

function chatTargets(rows: readonly Row[]): Target[] {
  const targets: Target[] = [];
  for (const direction of ['bot → phone', 'phone → bot']) {
    for (const messages of [1_000, 10_000]) {
      const ratio = (what: string) => beside(rows, 'ours', 'xmppjs', { direction, messages, what });
      const where = `${messages.toLocaleString('en-US')} messages, ${direction}`;
      const [rate, cpu] = [ratio('throughput'), ratio('CPU')];
      if (rate !== undefined)
        targets.push({
          what: `at least ${CHAT_RATE} × the throughput of @xmpp/client alone (${where})`,
          figure: `${rate.toFixed(2)} ×`,
          met: rate >= CHAT_RATE,
        });
      if (cpu !== undefined)
        targets.push({
          what: `at most ${CHAT_CPU} × the CPU of @xmpp/client alone (${where})`,
          figure: `${cpu.toFixed(2)} ×`,
          met: cpu <= CHAT_CPU,
        });
    }
  }
  return targets;
}

/** What 1,000 nodes under one wildcard may take: the name in the results, the most in milliseconds, and the words. */
const PUBSUB_MS = [
  [
    '1,000 nodes under one wildcard, until ready',
    10_000,
    '1,000 PubSub nodes under one wildcard are ready within 10 s',
  ],
  [
    'a look at 1,000 nodes, event loop',
    20,
    'a look at 1,000 PubSub nodes holds the event loop at most 20 ms',
  ],
] as const;

function pubsubTargets(rows: readonly Row[]): Target[] {
  const ratios = (['publishing', 'receiving'] as const).flatMap((direction) => {
    const ratio = (what: string) => beside(rows, 'ours', 'xmppjs', { what: `${direction}, ${what}` });
    const [rate, cpu] = [ratio('throughput'), ratio('CPU')];
    if (rate === undefined || cpu === undefined) return [];
    return [
      {
        what: `${direction} over PubSub: at least ${CHAT_RATE} × the throughput of @xmpp/client alone`,
        figure: `${rate.toFixed(2)} ×`,
        met: rate >= CHAT_RATE,
      },
      {
        what: `${direction} over PubSub: at most ${CHAT_CPU} × the CPU of @xmpp/client alone`,
        figure: `${cpu.toFixed(2)} ×`,
        met: cpu <= CHAT_CPU,
      },
    ];
  });
  const times = PUBSUB_MS.flatMap(([what, most, words]) => {
    const value = find(rows, 'ours', { what });
    if (value === undefined) return [];
    return [{ what: words, figure: `${value.toFixed(value < 100 ? 1 : 0)} ms`, met: value <= most }];
  });
  return [...ratios, ...times];
}

/** What the history wants of itself: its name in the results, the most it may be, and its unit. */
const HISTORY = [
  ['memory, 10,000 keys', 120, 'MB'],
  ['memory, a week against a day', 1.5, 'times'],
  ['read, 10,000 keys', 2_000, 'ms'],
  ['write all, loop held', 20, 'ms'],
  ['end of an hour, loop held', 20, 'ms'],
  ['written a day, 100 keys', 2, 'MB'],
  ['SVG of 24 h, query included', 1, 'ms'],
] as const;

function historyTargets(rows: readonly Row[]): Target[] {
  return HISTORY.flatMap(([what, most, unit]) => {
    const value = find(rows, 'ours', { what });
    if (value === undefined) return [];
    const digits = value < 10 ? 2 : 0;
    return [
      {
        what: `history: ${what} at most ${most.toLocaleString('en-US')} ${unit}`,
        figure: `${value.toFixed(digits)} ${unit}`,
        met: value <= most,
      },
    ];
  });
}

/** Microseconds that a template may take: its name in the results, and the most. */
const TEMPLATES = [
  ['bare path, JSON of 52 bytes read', 0.5],
  ['the median template, JSON read', 5],
] as const;

function templateTargets(rows: readonly Row[]): Target[] {
  return TEMPLATES.flatMap(([what, most]) => {
    const value = find(rows, 'ours', { what });
    if (value === undefined) return [];
    return [
      { what: `template: ${what}: at most ${most} µs`, figure: `${value.toFixed(2)} µs`, met: value <= most },
    ];
  });
}

function entityTargets(rows: readonly Row[]): Target[] {
  return ENTITIES.flatMap(([what, most, unit]) => {
    const value = find(rows, 'ours', { what, messages: 2_000 });
    if (value === undefined) return [];
    const figure = `${value.toFixed(1)} ${unit}`;
    return [
      {
        what: `2,000 entities: ${what}: under ${most.toLocaleString('en-US')} ${unit}`,
        figure,
        met: value < most,
      },
    ];
  });
}

/** The median of the row whose case has these values. */
function find(rows: readonly Row[], variant: string, what: Row['case']): number | undefined {
  const row = rowOf(rows, variant, what);
  return row && median(row.samples);
}

/**
 * How many times `one` is `other`: the median of the rounds' own ratios. A round measures both side by side, and what
 * the machine does from one round to the next concerns both.
 */
function beside(rows: readonly Row[], one: string, other: string, what: Row['case']): number | undefined {
  const [a, b] = [rowOf(rows, one, what)?.samples, rowOf(rows, other, what)?.samples];
  if (!a || !b) return undefined;
  if (a.length !== b.length) return median(a) / median(b);
  return median(a.map((value, round) => value / (b[round] ?? Number.NaN)));
}

function rowOf(rows: readonly Row[], variant: string, what: Row['case']): Row | undefined {
  return rows.find(
    (one) => one.variant === variant && Object.entries(what).every(([key, value]) => one.case[key] === value),
  );
}

function divide(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a / b;
}
