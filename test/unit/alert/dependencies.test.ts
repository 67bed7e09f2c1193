/** Alerts that depend on others: the telling is held back, the evaluation never. */
import assert from 'node:assert/strict';
import { showText } from '../../../src/alert/alert-text';
import { parseText } from '../../../src/alert/commands';
import { DependencyHub, type KeyDependency } from '../../../src/alert/dependencies';
import { circleOf } from '../../../src/alert/dependency-circles';
import { NumberPool } from '../../../src/alert/number-pool';
import type { Rules } from '../../../src/alert/rules';
import type { AlertEvent } from '../../../src/alert/states';
import { alertMessage, sampleView } from '../../../src/nodes/dinox-alert/messages';
import { wildcardLevels } from '../../../src/topics/wildcard-levels';
import { Harness, plainTranslate, WallClock } from './support';

const ABOVE = { condition: 'above', limits: { limit: 25 } } as const;
const HOUR = 3_600_000;

/** Several nodes of one Node-RED. */
class House {
  readonly clock = new WallClock();
  readonly hub = new DependencyHub();
  readonly pool = new NumberPool();
  readonly said: string[] = [];

  node(
    id: string,
    keys: KeyDependency[] = [],
    rules: Partial<Rules> = {},
    filters: readonly string[] = [],
  ): Harness {
    const tools = {
      circle: (key: string, other: string) => this.said.push(`circle ${key} ${other}`),
      missing: (node: string) => this.said.push(`missing ${node}`),
    };
    return new Harness({ ...ABOVE, ...rules }, this.clock, plainTranslate, {
      numbers: this.pool.of(id),
      dependencies: () => this.hub.of(id, keys, tools, (topic) => wildcardLevels(topic, filters)),
    });
  }
}

const told = (one: Harness): string[] =>
  one.told().map((line) => line.replace(/ (firing|normal|nodata)$/, ''));
/** Those of a message about several as well. */
const all = (events: readonly AlertEvent[]): string[] =>
  events.flatMap(({ alerts, key, reason }) => (alerts ? all(alerts) : [`${key} ${reason}`]));
const tell = (one: Harness, text: string): string =>
  one.commands.command(parseText(text), { by: 'anna' }).text;

describe('alert: what depends on others', () => {
  const cameras = (house: House, rules: Partial<Rules> = {}): Harness =>
    house.node('a', [{ node: 'a', pattern: 'router' }], rules);

  it('is not told while its parent is open; what is still so is told once when that ends, in one message', () => {
    const house = new House();
    const one = cameras(house);
    one.sample('router', 30);
    for (const key of ['cam1', 'cam2', 'cam3']) one.sample(key, 30);
    assert.deepEqual(told(one).slice(0, 1), ['router raised']);
    one.sample('cam3', 20);
    one.wait(HOUR);
    one.events.length = 0;
    assert.equal(one.state('cam1'), 'firing', 'the evaluation goes on');
    one.sample('router', 20);
    one.wait(1_000);
    assert.deepEqual(all(one.events), ['router cleared', 'cam1 raised', 'cam2 raised']);
    assert.equal(one.events.length, 2, 'one message for both');
    one.sample('cam1', 20);
    assert.deepEqual(all(one.events.slice(2)), ['cam1 cleared'], 'and its end');
  });

  it('the parent says so, edits itself at most every ten seconds, and names twenty keys', () => {
    const house = new House();
    const one = cameras(house);
    one.sample('router', 30);
    one.events.length = 0;
    for (let n = 0; n < 100; n++) {
      one.sample(`cam${n}`, 30);
      one.wait(500);
    }
    one.wait(20_000);
    const edits = one.events.splice(0);
    assert.ok(edits.length >= 5 && edits.length <= 7, `${edits.length} edits in 50 s`);
    assert.ok(edits.every(({ reason, replaces, id }) => reason === 'dependents' && replaces === id));
    const last = edits.at(-1);
    assert.ok(last);
    assert.match(showText(last.text), /^🟠 #1 .* text\.dependents\(100\)$/);
    const { dependents } = alertMessage(last, 'node', () => '').payload as {
      dependents: { count: number; keys: string[] };
    };
    assert.deepEqual([dependents.count, dependents.keys.length, dependents.keys[0]], [100, 20, 'cam0']);
    one.sample('cam0', 20);
    one.sample('cam0', 30);
    one.wait(20_000);
    assert.deepEqual(told(one), [], 'a key that begins again is not counted again');
  });

  it('says by what it is held back, in the sample, in status and in what the sidebar gets', () => {
    const house = new House();
    const one = cameras(house);
    one.sample('router', 30);
    one.sample('cam', 30);
    const entry = one.machine.keys.map.get('cam');
    assert.ok(entry);
    const view = sampleView(entry, one.machine, one.clock.now());
    const heldBy = { id: 'a1', number: 1, key: 'router' };
    assert.deepEqual([view.quiet, view.heldBy], [{ by: 'dependency', until: null }, heldBy]);
    assert.deepEqual(one.commands.of('cam')?.heldBy, heldBy);
    assert.match(tell(one, 'status'), /cam.*answer\.heldBy\(#1 router\)/);
    assert.equal(one.commands.of('router')?.heldBy, undefined, 'never its own parent');
  });

  it('an end of what was told is always told, and its reminders are not', () => {
    const house = new House();
    const one = cameras(house, { repeatEvery: HOUR });
    one.sample('cam', 30);
    one.sample('router', 30);
    tell(one, 'ack router');
    one.events.length = 0;
    one.wait(3 * HOUR);
    assert.deepEqual(told(one), []);
    one.sample('cam', 20);
    assert.deepEqual(told(one), ['cam cleared']);
  });

  it('a parent that is silenced or acknowledged holds back as well', () => {
    const house = new House();
    const one = cameras(house);
    one.sample('router', 20);
    tell(one, 'silence router 1h');
    one.sample('router', 30);
    one.sample('cam', 30);
    assert.deepEqual(told(one), []);
    one.sample('router', 20);
    one.wait(1_000);
    assert.deepEqual(told(one), ['cam raised']);
  });

  it('chains come from one hop: each holds back the next, over nodes', () => {
    const house = new House();
    const line = house.node('line');
    const router = house.node('router', [{ node: 'line', pattern: 'line' }]);
    const lamps = house.node('lamps', [{ node: 'router', pattern: '#' }]);
    house.hub.deployed();
    line.sample('line', 30);
    router.sample('router', 30);
    lamps.sample('lamp', 30);
    for (const one of [line, router, lamps]) one.wait(60_000);
    assert.deepEqual([told(line)[0], told(router), told(lamps)], ['line raised', [], []]);
    line.sample('line', 20);
    line.wait(60_000);
    assert.deepEqual(told(router)[0], 'router raised');
    assert.deepEqual(told(lamps), []);
    router.sample('router', 20);
    router.wait(1_000);
    assert.deepEqual(told(lamps), ['lamp raised']);
  });

  it('keys that depend on each other hold nothing back, and are named once', () => {
    const house = new House();
    const one = house.node('a', [{ node: 'a', pattern: '#' }]);
    for (const key of ['x', 'y', 'z']) one.sample(key, 30);
    one.wait(60_000);
    assert.deepEqual(told(one), ['x raised', 'y raised', 'z raised']);
    assert.deepEqual(house.said, ['circle y x']);
  });

  it('a parent that is gone holds nothing back, and is named once; a deploy of it changes nothing', () => {
    const house = new House();
    const router = house.node('router');
    const lamps = house.node('lamps', [
      { node: 'router', pattern: 'router' },
      { node: 'gone', pattern: 'x' },
    ]);
    house.hub.deployed();
    router.sample('router', 30);
    lamps.sample('lamp', 30);
    router.restart(5_000);
    lamps.restart(5_000);
    house.hub.deployed();
    lamps.wait(60_000);
    assert.deepEqual(told(lamps), [], 'over a restart of both');
    house.hub.node('router')?.close(false);
    lamps.wait(1_000);
    assert.deepEqual(told(lamps), ['lamp raised']);
    house.hub.deployed();
    house.hub.deployed();
    assert.deepEqual(
      house.said,
      ['missing gone', 'missing gone', 'missing router'],
      'each node says it once',
    );
  });

  it('a topic or a connection is an alert of its own, and holds all keys back', () => {
    const house = new House();
    const one = house.node('a', [], { noDataAfter: HOUR, holdFor: 1_000 });
    one.sample('cam', 20);
    one.machine.parent('zigbee2mqtt/bridge/state', 'topic', true, 'offline');
    one.wait(1_000);
    one.sample('cam', 30);
    one.wait(60_000);
    const [event] = one.events;
    assert.match(showText(event?.text ?? []), /text\.parent\.topic/);
    assert.deepEqual(told(one), ['zigbee2mqtt/bridge/state raised', 'zigbee2mqtt/bridge/state dependents']);
    one.sample('zigbee2mqtt/bridge/state', 20);
    one.wait(2 * HOUR);
    assert.equal(one.state('zigbee2mqtt/bridge/state'), 'firing', 'neither samples nor silence end it');
    one.restart(1_000);
    one.machine.parent('zigbee2mqtt/bridge/state', 'topic', false, 'online');
    one.wait(1_000);
    assert.deepEqual(told(one), ['zigbee2mqtt/bridge/state cleared', 'cam nodata']);
  });

  it('a topic that a wildcard found holds back the keys with the levels for which it stood, and no others', () => {
    for (const [filters, topic, held, free] of [
      [
        ['tele/+/LWT'],
        'tele/plug/LWT',
        ['tele/plug/SENSOR', 'home/plug/power', 'plug'],
        ['freezer', 'tele/plug2'],
      ],
      [['+/+/LWT'], 'kitchen/plug/LWT', ['kitchen/a/plug/b'], ['plug/kitchen', 'kitchen/lamp', 'hall/plug']],
      [
        ['zigbee2mqtt/availability/+'],
        'zigbee2mqtt/availability/lamp',
        ['zigbee2mqtt/lamp'],
        ['zigbee2mqtt/x'],
      ],
      [['home/#'], 'home/kitchen/plug/LWT', ['home/kitchen/plug/t'], ['home/kitchen/freezer', 'LWT']],
      [['shelly/#'], 'shelly/plug', ['plug/power'], ['shelly']],
      [['$share/g/tele/+/LWT'], 'tele/plug/LWT', ['plug'], ['g', 'tele']],
      // It is named without a wildcard as well, or the wildcard stood for nothing.
      [['tele/+/LWT', 'tele/plug/LWT'], 'tele/plug/LWT', ['freezer'], []],
      [['tele/plug/#'], 'tele/plug', ['freezer'], []],
      [['+/state', 'bridge/+'], 'bridge/state', ['a/bridge', 'b/state'], ['freezer']],
      [['+/state'], '__proto__/state', ['__proto__'], ['constructor']],
    ] as const) {
      const house = new House();
      const one = house.node('a', [], {}, filters);
      one.machine.parent(topic, 'topic', true, 'offline');
      for (const key of [...held, ...free]) one.sample(key, 30);
      one.wait(1_000);
      const names = (keys: readonly string[]): string[] => keys.map((key) => `${key} raised`);
      const news = (): string[] => told(one).filter((line) => !line.endsWith(' dependents'));
      assert.deepEqual(news(), [`${topic} raised`, ...names(free)], filters.join());
      one.restart(1_000);
      one.wait(60_000);
      assert.deepEqual(news(), [], 'nor after a restart');
      one.machine.parent(topic, 'topic', false, 'online');
      one.wait(1_000);
      assert.deepEqual(
        all(one.events).filter((line) => line.endsWith(' raised')),
        names(held),
      );
    }
  });

  it('five hundred lamps that are offline cost other keys nothing, each holds back its own', () => {
    const house = new House();
    const one = house.node('a', [], { maxKeys: 20_000 }, ['tele/+/LWT']);
    for (let n = 0; n < 500; n++) one.machine.parent(`tele/lamp${n}/LWT`, 'topic', true, 'offline');
    one.wait(1_000);
    one.events.length = 0;
    const before = performance.now();
    for (let n = 0; n < 1_000; n++) one.sample(`home/lamp${n}/heat`, 30);
    assert.ok(performance.now() - before < 2_000, `${performance.now() - before} ms`);
    const raised = told(one).filter((line) => line.endsWith(' raised'));
    assert.deepEqual([raised.length, raised[0]], [500, 'home/lamp500/heat raised']);
    assert.equal(one.commands.of('home/lamp7/heat')?.heldBy?.key, 'tele/lamp7/LWT');
  });

  it('ten thousand dependents of one parent cost little, and come as one message', () => {
    const house = new House();
    const one = cameras(house, { maxKeys: 20_000 });
    one.sample('router', 30);
    one.events.length = 0;
    const before = performance.now();
    for (let n = 0; n < 10_000; n++) one.sample(`home/cam/${n}`, 30);
    one.wait(20_000);
    assert.equal(one.events.at(-1)?.dependents?.count, 10_000);
    one.events.length = 0;
    one.sample('router', 20);
    one.wait(1_000);
    assert.ok(performance.now() - before < 5_000, `${performance.now() - before} ms`);
    assert.equal(one.events.length, 2);
    assert.equal(one.events[1]?.alerts?.length, 10_000);
    assert.ok((one.events[1]?.text.length ?? 0) < 50);
  });

  it('finds circles over nodes, with the path', () => {
    const edges = (list: Record<string, string[]>) => new Map(Object.entries(list));
    assert.deepEqual(circleOf('a', edges({ a: ['b'], b: ['c'], c: ['a'] })), ['a', 'b', 'c', 'a']);
    assert.equal(circleOf('a', edges({ a: ['b'], b: ['c'], c: ['b'] })), undefined, 'not on the circle');
    assert.equal(circleOf('a', edges({ a: ['a', 'b'], b: [] })), undefined, 'its own keys');
    const wide: Record<string, string[]> = {};
    for (let n = 0; n < 300; n++)
      wide[n] = Array.from({ length: 300 }, (_, m) => String(m)).filter((m) => m !== '0');
    assert.equal(circleOf('0', edges(wide)), undefined);
  });
});
