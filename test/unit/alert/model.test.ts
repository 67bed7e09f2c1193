/**
 * The machine against a small independent model (`model.ts`): random values, gaps, commands, restarts and clocks that
 * are set. After every step both must stand in the same states and have told the same.
 */
import assert from 'node:assert/strict';
import { DependencyHub } from '../../../src/alert/dependencies';
import { QuietHours } from '../../../src/alert/quiet-hours';
import type { Rules } from '../../../src/alert/rules';
import type { AlertEvent } from '../../../src/alert/states';
import { UNKNOWN_TIME } from '../../../src/history/measured';
import { seeded } from '../../support/seeded';
import { LIMIT, Model, type ModelRules } from './model';
import { Harness, NOON } from './support';

const LONG = process.env.DINOX_LONG === '1';
const SEQUENCES = LONG ? 100_000 : 2_000;
const KEYS = ['a', 'b', 'c'];

class Dice {
  constructor(readonly random: () => number) {}
  of<T>(list: readonly T[]): T {
    return list[Math.floor(this.random() * list.length)] as T;
  }
  upTo(most: number): number {
    return 1 + Math.floor(this.random() * most);
  }
}

type Step =
  | { do: 'sample'; key: string; value: number }
  | { do: 'old'; key: string; value: number; ago: number }
  | { do: 'invalid' | 'ack' | 'unack'; key: string }
  | { do: 'ackFor'; key: string; seconds: number }
  | { do: 'wait' | 'restart'; seconds: number }
  | { do: 'jump'; ms: number }
  | { do: 'silence'; key: string; seconds: number }
  | { do: 'holidays'; on: boolean }
  | { do: 'unsilence' | 'reset' | 'disable' | 'enable' }
  /** In the node that has the parent. */
  | { do: 'above'; step: Step };

function stepOf(pick: Dice): Step {
  const dice = pick.random();
  const key = pick.of(KEYS);
  const value = pick.of([15, 18, 19, 20, 21, 25, 31, 35, 11, 9, -1]);
  if (dice < 0.36) return { do: 'sample', key, value };
  if (dice < 0.45)
    return { do: 'old', key, value, ago: pick.of([0, 1, 10, 30, 3_600, Infinity, Infinity, Infinity]) };
  if (dice < 0.72) return { do: 'wait', seconds: pick.upTo(pick.of([3, 15, 70])) };
  if (dice < 0.75) return { do: 'invalid', key };
  if (dice < 0.78) return { do: 'ack', key };
  if (dice < 0.8) return { do: 'ackFor', key, seconds: pick.upTo(60) };
  if (dice < 0.82) return { do: 'unack', key };
  if (dice < 0.86) return { do: 'silence', key: pick.of(['', ...KEYS]), seconds: pick.upTo(60) };
  if (dice < 0.88) return { do: 'unsilence' };
  if (dice < 0.9) return { do: 'reset' };
  if (dice < 0.92) return { do: pick.of(['disable', 'enable', 'enable']) };
  if (dice < 0.93) return { do: 'holidays', on: pick.of([true, false]) };
  if (dice < 0.96) return { do: 'restart', seconds: pick.of([0, 1, 30, 200]) };
  return { do: 'jump', ms: pick.of([-3_600_000, 3_600_000, -300_000, 86_400_000]) };
}

/** In the node that has the parent nothing begins or ends by time: two nodes that are due at once have no order. */
function aboveStep(pick: Dice): Step {
  const dice = pick.random();
  if (dice < 0.6) return { do: 'sample', key: 'a', value: pick.of([15, 25]) };
  if (dice < 0.7) return { do: 'ack', key: 'a' };
  if (dice < 0.75) return { do: 'unack', key: 'a' };
  if (dice < 0.85) return { do: 'silence', key: 'a', seconds: pick.upTo(60) };
  if (dice < 0.9) return { do: 'restart', seconds: 0 };
  return { do: pick.of(['unsilence', 'reset', 'disable', 'enable', 'enable']) };
}

const PLAIN: ModelRules = {
  ...{
    parent: undefined,
    isElsewhere: false,
    quiet: undefined,
    quietPass: 'none',
    hold: 0,
    keep: 0,
    band: 0,
  },
  ...{ critical: undefined, lower: undefined, noData: 0, noDataAs: 'alert', repeat: 0, escalate: 0 },
  ...{ cooldown: 0, sendResolved: true },
};

function rulesOf(pick: Dice): ModelRules {
  const parent = pick.of([undefined, undefined, 'a']);
  return {
    parent,
    isElsewhere: parent !== undefined && pick.of([true, false]),
    quiet: pick.of([undefined, undefined, isQuiet]),
    quietPass: pick.of(['critical', 'none']),
    hold: pick.of([0, 0, 3, 10]),
    keep: pick.of([0, 0, 5, 12]),
    band: pick.of([0, 1, 2]),
    critical: pick.of([undefined, 30]),
    lower: pick.of([undefined, { limit: 10, critical: undefined }, { limit: 10, critical: 0 }]),
    noData: pick.of([0, 20, 40]),
    noDataAs: pick.of(['alert', 'alert', 'keep', 'normal']),
    repeat: pick.of([0, 30]),
    escalate: pick.of([0, 45]),
    cooldown: parent === undefined ? pick.of([0, 25]) : 0,
    sendResolved: pick.of([true, true, true, false]),
  };
}

/** Quiet hours on the day of the test, a Tuesday, and on Sundays, and the same said in a much simpler way. */
const QUIET = 'Tue 12:01-12:02, Tue 12:04-12:07, 2026-03-11, Sun 12:02-12:05';
const TODAY = Math.floor(NOON / 86_400_000);
function isQuiet(at: number, holidays: boolean): boolean {
  const day = Math.floor(at / 86_400_000);
  const minute = Math.floor((at % 86_400_000) / 60_000) - 720;
  if (day === TODAY + 1) return true;
  const weekday = day === TODAY && holidays ? 0 : new Date(at).getUTCDay();
  if (weekday === 2) return minute === 1 || (minute >= 4 && minute < 7);
  return weekday === 0 && minute >= 2 && minute < 5;
}

function conditionOf({ lower, critical }: ModelRules): Pick<Rules, 'condition' | 'limits'> {
  if (!lower) return { condition: 'above', limits: { limit: LIMIT, critical } };
  const limits = { limit: lower.limit, limit2: LIMIT, critical: lower.critical, critical2: critical };
  return { condition: 'outside', limits };
}

/** @param above the node that has the parent, and what is known of it */
function harnessOf(rules: ModelRules, hub: DependencyHub, above?: Harness): Harness {
  const all = {
    ...conditionOf(rules),
    hysteresis: { size: rules.band, percent: false },
    holdFor: rules.hold * 1_000,
    keepFor: rules.keep * 1_000,
    noDataAfter: rules.noData * 1_000,
    noDataAs: rules.noDataAs,
    repeatEvery: rules.repeat * 1_000,
    escalateAfter: rules.escalate * 1_000,
    cooldown: rules.cooldown * 1_000,
    sendResolved: rules.sendResolved,
    quietHours: rules.quiet && QuietHours.parse(QUIET, 'UTC'),
    quietPass: rules.quietPass,
  };
  const node = rules.isElsewhere ? 'above' : 'n';
  const keys = rules.parent === undefined ? [] : [{ node, pattern: rules.parent }];
  const tools = { circle: assert.fail, missing: assert.fail };
  const id = rules === PLAIN ? 'above' : 'n';
  return new Harness(all, above?.clock, undefined, { dependencies: () => hub.of(id, keys, tools) });
}

/** A node, and the model of it. */
interface Pair {
  harness: Harness;
  model: Model;
}

function apply(step: Step, { harness, model }: Pair, above?: Pair): void {
  const { machine, commands } = harness;
  const asker = { by: 'anna' };
  switch (step.do) {
    case 'sample':
      harness.sample(step.key, step.value);
      model.sample(step.key, step.value);
      break;
    case 'old':
      machine.sample(
        step.key,
        step.value,
        '',
        machine.limits,
        step.ago === Infinity ? UNKNOWN_TIME : harness.clock.now() - step.ago * 1_000,
      );
      model.sample(step.key, step.value, step.ago);
      break;
    case 'invalid':
      machine.invalid(step.key);
      break;
    case 'ack':
    case 'unack':
      commands.command({ cmd: step.do, which: { key: step.key } }, asker);
      model[step.do](step.key);
      break;
    case 'ackFor':
      commands.command({ cmd: 'ack', which: { key: step.key }, ms: step.seconds * 1_000 }, asker);
      model.ack(step.key, step.seconds);
      break;
    case 'wait':
      harness.wait(step.seconds * 1_000);
      above?.model.wait(step.seconds);
      model.wait(step.seconds);
      break;
    case 'restart':
      harness.restart(step.seconds * 1_000);
      above?.model.wait(step.seconds);
      model.restart(step.seconds);
      break;
    case 'jump':
      harness.clock.jump(step.ms);
      // It is noticed when something happens.
      above?.harness.machine.turn(() => undefined);
      machine.turn(() => undefined);
      above?.model.jump(step.ms);
      model.jump(step.ms);
      break;
    case 'above':
      if (above) apply(step.step, above);
      break;
    case 'holidays':
      machine.setHolidays(step.on ? [TODAY] : []);
      model.holiday(step.on);
      break;
    case 'silence': {
      const which = step.key === '' || !machine.keys.map.has(step.key) ? {} : { which: { key: step.key } };
      commands.command({ cmd: 'silence', ms: step.seconds * 1_000, ...which }, asker);
      model.silence('which' in which ? step.key : '', step.seconds);
      break;
    }
    case 'unsilence':
      commands.command({ cmd: 'unsilence' }, asker);
      model.unsilence();
      break;
    case 'reset':
      commands.command({ cmd: 'reset' }, asker);
      model.reset();
      break;
    default:
      commands.command({ cmd: step.do }, asker);
      model.switch(step.do === 'enable');
  }
}

const short = ({ key, reason, alerts }: AlertEvent): string[] =>
  (alerts?.flatMap(short) ?? [`${key} ${reason}`]).filter(isNews);

/** The number of keys that one holds back may be in its first message or in an edit: keys have no order. */
const isNews = (message: string): boolean => !message.endsWith(' dependents');

/** What must hold whatever the model says: every firing that was told has one end. */
class Ends {
  private readonly open = new Set<string>();
  /** Messages about several. */
  private readonly groups = new Set<string>();

  see({ id, state, replaces, reason, alerts }: AlertEvent): void {
    if (alerts) {
      this.groups.add(id);
      for (const alert of alerts) this.see(alert);
      return;
    }
    if (state === 'normal') {
      assert.ok(this.open.delete(id), `${id} ends, and nobody knew of it`);
      assert.ok(replaces === id || this.groups.has(replaces ?? ''), 'an end takes the place of its message');
    } else if (replaces === undefined && ['raised'].includes(reason)) {
      assert.ok(!this.open.has(id), `${id} begins twice`);
      this.open.add(id);
    } else this.open.add(id);
  }
}

function play(seed: number): void {
  const pick = new Dice(seeded(seed));
  const rules = rulesOf(pick);
  const hub = new DependencyHub();
  const first = rules.isElsewhere ? harnessOf(PLAIN, hub) : undefined;
  const above = first && { harness: first, model: new Model(PLAIN, NOON) };
  const harness = harnessOf(rules, hub, first);
  const model = new Model(rules, NOON, above?.model);
  const ends = new Ends();
  const endsAbove = new Ends();
  const steps: Step[] = [];
  try {
    for (let i = 0; i < 25; i++) {
      const isAbove = above && pick.random() < 0.25;
      const step: Step = isAbove ? { do: 'above', step: aboveStep(pick) } : stepOf(pick);
      steps.push(step);
      apply(step, { harness, model }, above);
      if (above) {
        // One has woken the other, which looks a millisecond later: that would bring them out of step.
        for (const one of [harness, above.harness, harness]) one.machine.turn(() => undefined);
        model.look();
        assert.equal(above.harness.state('a') ?? 'normal', above.model.keys.get('a')?.state ?? 'normal');
        const said = above.harness.events.splice(0);
        for (const event of said) endsAbove.see(event);
        assert.deepEqual(said.flatMap(short), above.model.messages.splice(0).filter(isNews), 'told above');
        const { alert } = above.model.keys.get('a') ?? {};
        const counted = above.harness.machine.keys.map.get('a')?.episode?.dependents?.count ?? 0;
        assert.equal(counted, alert?.holds ?? 0, 'what the other node holds back');
      }
      const told = harness.events.splice(0);
      for (const event of told) ends.see(event);
      assert.deepEqual(
        sorted(told.flatMap(short)),
        sorted(model.messages.splice(0).filter(isNews)),
        'what was told',
      );
      for (const [name, { state, alert }] of model.keys) {
        const { episode, notified } = harness.machine.keys.map.get(name) ?? {};
        const count = episode?.dependents?.count ?? 0;
        assert.equal(count, alert?.holds ?? 0, `what ${name} holds back`);
        if (notified && notified.id === episode?.id)
          assert.ok((notified?.dependents?.count ?? 0) <= count, 'no more is told than is so');
        // A key that is simply normal need not be known after a restart.
        assert.equal(harness.state(name) ?? 'normal', state, `the state of ${name}`);
      }
      assert.ok(harness.clock.waiting <= (above ? 2 : 1), 'one timer for each node');
    }
  } catch (error) {
    const text = `seed ${seed}\n${JSON.stringify(rules)}\n${steps.map((one) => JSON.stringify(one)).join('\n')}`;
    throw new Error(`${(error as Error).message}\n${text}`, { cause: error });
  } finally {
    harness.machine.close();
    above?.harness.machine.close();
  }
}

/** In the same step keys have no order; the messages about one key have. */
const sorted = (messages: readonly string[]): string[] =>
  [...messages].sort((a, b) => (a[0] ?? '').localeCompare(b[0] ?? ''));

describe('the alert machine against its model', function () {
  this.timeout(LONG ? 3_600_000 : 60_000);

  it(`does the same in ${SEQUENCES} random sequences`, () => {
    const first = Number(process.env.DINOX_SEED ?? Math.floor(Math.random() * 1e9));
    const count = process.env.DINOX_SEED ? 1 : SEQUENCES;
    console.log(`      seeds ${first} to ${first + count - 1} (DINOX_SEED=… plays one)`);
    for (let seed = first; seed < first + count; seed++) play(seed);
  });
});
