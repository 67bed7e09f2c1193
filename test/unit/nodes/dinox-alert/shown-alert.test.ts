import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AlertStore } from '../../../../src/alert/alert-store';
import { NumberPool } from '../../../../src/alert/number-pool';
import { inEnglish } from '../../../../src/base/english';
import type { ShownAbout } from '../../../../src/homeassistant/announcing/announced-device';
import { AlertEngine } from '../../../../src/nodes/dinox-alert/alert-engine';
import { alertConfig } from '../../../../src/nodes/dinox-alert/config';
import { AlertShown } from '../../../../src/nodes/dinox-alert/shown-alert';
import type { Commanded } from '../../../../src/runtime/homeassistant/announcer-types';
import { FakeClock } from '../../transport/fake-clock';

const HOUR = 3_600_000;

interface State {
  alarm: string;
  value: unknown;
  silence: string;
  attributes: Record<string, unknown>;
}

function setUp(def: object = {}, store?: AlertStore, clock = new FakeClock()) {
  const config = alertConfig({ condition: 'above', limit: '25', unit: '°C', ...def });
  const warnings: string[] = [];
  const shows: ShownAbout[][] = [];
  const states = new Map<string, unknown>();
  let told = 0;
  let command: Commanded = () => {};
  let shown: AlertShown | undefined;
  const engine = new AlertEngine({
    ...{ config, clock, read: inEnglish, name: 'Freezer', id: 'alert' },
    translate: (key, values = {}) => [key, ...Object.values(values)].join(' '),
    newId: () => `id${++told}`,
    numbers: new NumberPool(),
    store,
    historyStore: undefined,
    send: () => {},
    changed: () => shown?.changed(),
    forgotten: () => shown?.changed(),
    sampled: () => shown?.sampled(),
  });
  engine.start();
  shown = new AlertShown({
    ...{ engine, clock, read: inEnglish, id: 'alert', name: 'Freezer' },
    warn: (said) => warnings.push(inEnglish(said)),
    announcer: {
      open: (_id, commanded) => {
        command = commanded;
        return {
          show: (entities) => shows.push([...entities]),
          state: (key, name, state) => states.set(`${key} ${name}`, state),
          event: () => {},
          close: () => {},
        };
      },
    },
  });
  const sample = (key: string, raw: number): void => {
    engine.sample({ key, raw, limits: undefined }, raw, '°C', undefined);
  };
  const keys = (): string[] => [...new Set((shows.at(-1) ?? []).map(({ key }) => key))];
  const state = (key: string): State => states.get(`${key} state`) as State;
  return {
    clock,
    engine,
    shown,
    warnings,
    shows,
    states,
    sample,
    keys,
    state,
    say: (...said: Parameters<Commanded>) => command(...said),
  };
}

describe('an alert in Home Assistant', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'dinox-shown-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('keys of another making go as soon as they are made anew, and stay away over restarts', async () => {
    const clock = new FakeClock();
    const run = (keyBy: string) => {
      const store = new AlertStore({
        ...{ path: join(folder, 'keys.log'), clock },
        events: { failed: assert.fail, recovered: () => {}, setAside: assert.fail, damaged: assert.fail },
      });
      // A clock for missing data keeps its keys over restarts.
      return setUp({ keyBy, keyByType: 'msg', noDataAfter: '6h', showInHomeAssistant: true }, store, clock);
    };
    const first = run('topic');
    first.sample('home/a', 20);
    first.sample('home/warm', 30);
    clock.advance(3_000);
    assert.deepEqual(first.keys(), ['home/a', 'home/warm', '']);
    await first.engine.close(true);
    const second = run('name');
    clock.advance(3_000);
    assert.deepEqual(second.keys(), ['home/warm', ''], 'that alert is open');
    second.sample('Freezer', 20);
    clock.advance(3_000);
    assert.deepEqual(second.keys(), ['home/warm', 'Freezer', '']);
    await second.engine.close(true);
    const third = run('name');
    clock.advance(3_000);
    assert.deepEqual(third.keys(), ['home/warm', 'Freezer', '']);
    await third.engine.close(true);
  });

  it('shows its limit at once, and a key when a value comes', () => {
    const { clock, keys, sample, shows, state, states } = setUp();
    clock.advance(100);
    assert.deepEqual(keys(), ['']);
    assert.deepEqual((states.get(' limits') as { limit: number }).limit, 25);
    sample('home/a', 20);
    clock.advance(3_000);
    assert.deepEqual(keys(), ['home/a', '']);
    assert.deepEqual([state('home/a').alarm, state('home/a').value], ['OFF', 20]);
    const before = shows.length;
    sample('home/a', 30);
    clock.advance(3_000);
    assert.deepEqual([state('home/a').alarm, state('home/a').value], ['ON', 30]);
    assert.equal(shows.length, before, 'a value announces nothing');
  });

  it('a key that was silent for as long as the history reaches goes; one that alerts stays', () => {
    const { clock, keys, sample } = setUp();
    sample('home/old', 20);
    sample('home/warm', 30);
    for (let hour = 0; hour < 26; hour++) {
      clock.advance(HOUR);
      sample('home/new', 20);
    }
    clock.advance(HOUR);
    assert.deepEqual(keys().sort(), ['', 'home/new', 'home/warm']);
  });

  it('a key that is forgotten on purpose goes at once', () => {
    const { clock, engine, keys, sample } = setUp();
    for (const key of ['home/old', 'home/new']) sample(key, 20);
    clock.advance(3_000);
    assert.deepEqual(keys(), ['home/old', 'home/new', '']);
    engine.commands.command({ cmd: 'forget', which: { key: 'home/old' } }, { by: 'anna' });
    clock.advance(1_000);
    assert.deepEqual(keys(), ['home/new', '']);
  });

  it('shows so many keys and no more, and says so once', () => {
    const { clock, keys, sample, warnings } = setUp();
    for (let at = 0; at < 150; at++) sample(`home/${at}`, 20);
    clock.advance(3_000);
    sample('home/a', 20);
    clock.advance(3_000);
    assert.deepEqual([keys().length, warnings.length], [101, 1]);
  });

  it('obeys what comes from there, for one key and no other', () => {
    const { clock, sample, say, state } = setUp();
    sample('home/a', 30);
    sample('home/a/b', 30);
    clock.advance(3_000);
    say('home/a', 'ack', 'PRESS');
    say('home/a/b', 'silence', 'ON');
    clock.advance(100);
    assert.equal(state('home/a').attributes.acknowledged_by, 'Home Assistant');
    assert.equal(state('home/a/b').attributes.acknowledged_by, null);
    assert.deepEqual([state('home/a').silence, state('home/a/b').silence], ['OFF', 'ON']);
    say('home/a/b', 'silence', 'OFF');
    clock.advance(100);
    assert.equal(state('home/a/b').silence, 'OFF');
  });

  it('a key that it does not know is not taken for a part of others', () => {
    const { clock, sample, say, state, warnings } = setUp();
    sample('home/a/b', 30);
    clock.advance(3_000);
    say('home/a', 'ack', 'PRESS');
    say('', 'ack', 'PRESS');
    say('home/a', 'silence', 'ON');
    clock.advance(100);
    assert.equal(state('home/a/b').attributes.acknowledged_by, null);
    assert.equal(state('home/a/b').silence, 'OFF');
    assert.equal(warnings.length, 3);
  });

  it('a limit that the others contradict is refused with the reason', () => {
    const { clock, engine, say, warnings } = setUp({ condition: 'outside', limit: '10', limit2: '20' });
    clock.advance(100);
    say('', 'limit', '30');
    assert.equal(engine.machine.limits?.source.limit, 10);
    assert.equal(warnings.length, 1);
    say('', 'limit', '15');
    assert.equal(engine.machine.limits?.source.limit, 15);
  });

  it('a limit that leaves its bounds is told once the new bounds are known there', () => {
    const { clock, engine, shows, states } = setUp();
    clock.advance(100);
    engine.commands.command({ cmd: 'set', field: 'limit', value: 500 }, { by: 'test' });
    clock.advance(100);
    assert.equal(shows.length, 2);
    const limit = (): number => (states.get(' limits') as { limit: number }).limit;
    assert.equal(limit(), 25);
    clock.advance(3_000);
    assert.equal(limit(), 500);
  });
});
