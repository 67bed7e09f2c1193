import { RateWindow } from './change-rate';
import type { Limits } from './limits';
import { AlertMachine } from './machine';
import type { Texts } from './message-texts';
import { type Rules, rises } from './rules';
import type { AlertEvent, Value } from './states';
import type { SteadyClock } from './steady-clock';

/** An alert that there would have been; times in milliseconds since the epoch. */
export interface AlertSpan {
  from: number;
  /** Its end. For an alert that would still be open, the end of the span. */
  to: number;
  open: boolean;
  /** From when on it would have been critical. */
  criticalFrom?: number;
  /** It would have been about missing data, all along. */
  noData: boolean;
}

/** Rules that decide when people are notified, and not when there is an alert. */
const UNHINDERED: Partial<Rules> = {
  repeatEvery: 0,
  cooldown: 0,
  escalateAfter: 0,
  quietHours: undefined,
  groupWait: 0,
  flapCount: 0,
  sendResolved: true,
};

/**
 * Runs the machine over past samples: the alerts that there would have been with these rules, oldest first. Whatever
 * only holds messages back (quiet hours, groups, flapping) is left out, because it changes messages and not states.
 * @param samples oldest first
 * @param until time to which the clock runs after the last one
 */
export function replay(
  rules: Rules,
  limits: Limits,
  samples: readonly (readonly [at: number, value: Value])[],
  until: number,
): AlertSpan[] {
  const [first] = samples;
  if (!first) return [];
  const clock = new PastClock(first[0]);
  const spans: AlertSpan[] = [];
  let ids = 0;
  const machine = new AlertMachine({
    rules: { ...rules, ...UNHINDERED },
    limits,
    clock,
    words: NO_TEXTS,
    newId: () => String(ids++),
    turned: (events) => {
      for (const event of events) note(spans, event, until);
      machine.takeChanges();
    },
  });
  for (const [at, value] of samples) {
    clock.run(at);
    machine.sample('', value, '');
  }
  clock.run(until);
  machine.turn(() => undefined);
  machine.close();
  return spans;
}

function note(spans: AlertSpan[], { state, severity, since, at }: AlertEvent, until: number): void {
  let last = spans.at(-1);
  if (state === 'normal') {
    if (last?.open) Object.assign(last, { to: at, open: false });
    return;
  }
  if (!last?.open) {
    last = { from: since, to: until, open: true, noData: state === 'nodata' };
    spans.push(last);
  }
  if (state === 'firing') last.noData = false;
  if (severity === 'critical') last.criticalFrom ??= at;
}

/** The least and the largest change per minute; undefined if none is known. */
export function rateRange(
  rules: Rules,
  limits: Limits | undefined,
  samples: readonly (readonly [at: number, value: number])[],
): { min: number; max: number } | undefined {
  const window = new RateWindow(rules.rateWindow, rises('rate', limits?.low ?? 0));
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const [at, value] of samples) {
    const rate = window.add(at, value);
    if (rate === undefined) continue;
    min = Math.min(min, rate);
    max = Math.max(max, rate);
  }
  return min <= max ? { min, max } : undefined;
}

/** No notifications. */
const NO_TEXTS: Texts = {
  line: () => ({ text: [] }),
  acked: () => '',
  ended: () => '',
  dependents: () => '',
  group: () => [],
  connection: () => '',
};

/** A clock that goes only where it is told to. Timers run at their own time on the way. */
class PastClock implements SteadyClock {
  private readonly timers = new Set<{ due: number; action: () => void }>();

  constructor(private time: number) {}

  now(): number {
    return this.time;
  }

  steady(): number {
    return this.time;
  }

  after(ms: number, action: () => void): () => void {
    const timer = { due: this.time + ms, action };
    this.timers.add(timer);
    return () => {
      this.timers.delete(timer);
    };
  }

  run(to: number): void {
    for (;;) {
      let first: { due: number; action: () => void } | undefined;
      for (const timer of this.timers)
        if (timer.due <= to && (!first || timer.due < first.due)) first = timer;
      if (!first) break;
      this.timers.delete(first);
      this.time = Math.max(this.time, first.due);
      first.action();
    }
    this.time = Math.max(this.time, to);
  }
}
