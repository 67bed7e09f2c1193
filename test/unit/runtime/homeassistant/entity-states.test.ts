import assert from 'node:assert/strict';
import { Templates } from '../../../../src/homeassistant/templates/template';
import { DiscoveryReader } from '../../../../src/runtime/homeassistant/discovery-reader';
import { EntityBrowser } from '../../../../src/runtime/homeassistant/entity-browser';
import { EntityStates } from '../../../../src/runtime/homeassistant/entity-states';
import type { Subscription } from '../../../../src/transport/subscriptions/subscription-set';
import { FakeClock } from '../../transport/fake-clock';

/** What a connection is asked for, and a way to deliver. */
class Lines {
  readonly wanted = new Set<Subscription>();
  subscribe(subscription: Subscription): void {
    this.wanted.add(subscription);
  }
  unsubscribe(subscription: Subscription): void {
    this.wanted.delete(subscription);
  }
  filters(owner: string): string[] {
    return [...this.wanted].filter((one) => one.owner === owner).map(({ filter }) => filter);
  }
  /** To the first subscription of each owner, as the real set does. */
  bring(topic: string, payload: string | object, under = topic): void {
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
    for (const one of [...this.wanted])
      if (one.filter === under)
        one.deliver({
          ...{ topic, payload: Buffer.from(text), qos: 0, retain: false, dup: false },
          ...{ properties: undefined, pubsub: undefined },
        });
  }
  announce(component: string, id: string, config: object | ''): void {
    this.bring(`ha/${component}/${id}/config`, config, `ha/${component}/+/config`);
  }
}

const PLUG = {
  unique_id: 'power',
  name: 'Power',
  unit_of_measurement: 'W',
  state_topic: 'plug',
  value_template: '{{ value_json.power }}',
};

describe('entities of a connection', () => {
  let lines: Lines;
  let clock: FakeClock;
  let reader: DiscoveryReader;
  let told: string[];
  let states: EntityStates;
  /** Milliseconds that each state takes. */
  let slow: number;

  beforeEach(() => {
    lines = new Lines();
    clock = new FakeClock();
    reader = new DiscoveryReader(lines, clock, 'ha');
    told = [];
    slow = 0;
    states = new EntityStates({
      broker: lines,
      clock,
      templates: new Templates(),
      owner: 'me',
      told: ({ entity }, { payload, available }) => {
        clock.advance(slow);
        told.push(`${entity.key} ${payload} ${available}`);
      },
      refused: () => {},
      tooLong: (topic, bytes) => told.push(`${topic} ${bytes}`),
      tooSlow: (topic) => told.push(`${topic} too slow`),
      failed: (_entity, reason) => assert.fail(String(reason)),
    });
  });

  const follow = () =>
    reader.listen({
      changed: ({ added, changed, removed }) => {
        for (const { key } of removed) states.forget(key);
        for (const entity of [...added, ...changed]) states.follow(entity);
      },
      refused: () => {},
    });

  it('one reader for all, for as long as somebody wants it and a little longer', () => {
    assert.equal(lines.wanted.size, 0);
    const first = follow();
    const { size } = lines.wanted;
    const second = reader.listen({ changed: () => {}, refused: () => {} });
    assert.equal(lines.wanted.size, size);
    lines.announce('sensor', 'p', PLUG);
    first();
    second();
    clock.advance(29_000);
    assert.equal(reader.entities.size, 1, 'a deploy need not read all again');
    follow()();
    clock.advance(29_000);
    assert.equal(reader.entities.size, 1);
    clock.advance(2_000);
    assert.equal(reader.entities.size, 0);
    assert.deepEqual(lines.filters('dinox-homeassistant'), []);
  });

  it('a refusal is told once, to those who come later, too', () => {
    const reasons: string[] = [];
    const listener = { changed: () => {}, refused: ({ message }: Error) => reasons.push(message) };
    reader.listen(listener);
    for (const one of lines.wanted) one.refused(new Error(`no ${one.filter}`));
    reader.listen({ ...listener });
    assert.equal(reasons.length, 2);
    assert.equal(reasons[0], reasons[1]);
  });

  it('keeps last messages up to a size that all topics share, and gives their room back', () => {
    follow();
    const announce = (id: string, topic: string): void =>
      lines.announce('sensor', id, { unique_id: id, state_topic: topic, name: id });
    const isKnown = (topic: string): boolean => {
      told.length = 0;
      announce('late', topic);
      lines.announce('sensor', 'late', '');
      return told.length > 0;
    };
    for (let at = 0; at < 600; at++) announce(`s${at}`, `t${at}`);
    for (let at = 0; at < 600; at++) lines.bring(`t${at}`, 'x'.repeat(60_000));
    assert.deepEqual([isKnown('t0'), isKnown('t599')], [true, false]);
    for (let at = 0; at < 100; at++) lines.announce('sensor', `s${at}`, '');
    lines.bring('t599', 'x'.repeat(60_000));
    assert.ok(isKnown('t599'));
  });

  it('entities of one topic share its subscription, and one that comes later has the last value', () => {
    follow();
    lines.announce('sensor', 'p', PLUG);
    lines.bring('plug', { power: 5, energy: 7 });
    lines.announce('sensor', 'e', {
      ...PLUG,
      unique_id: 'energy',
      value_template: '{{ value_json.energy }}',
    });
    assert.deepEqual(lines.filters('me'), ['plug']);
    assert.deepEqual(told, ['sensor.power 5 true', 'sensor.energy 7 true']);
    lines.announce('sensor', 'p', '');
    lines.bring('plug', { power: 6, energy: 8 });
    assert.deepEqual(told.slice(2), ['sensor.energy 8 true']);
    lines.announce('sensor', 'e', '');
    assert.deepEqual(lines.filters('me'), []);
  });

  it('an announcement that changes keeps the value; another topic is subscribed instead', () => {
    follow();
    lines.announce('sensor', 'p', PLUG);
    lines.bring('plug', { power: 5, more: 6 });
    lines.announce('sensor', 'p', { ...PLUG, value_template: '{{ value_json.more }}' });
    assert.deepEqual(told, ['sensor.power 5 true', 'sensor.power 6 true']);
    lines.announce('sensor', 'p', { ...PLUG, state_topic: 'other' });
    assert.deepEqual(lines.filters('me'), ['other']);
  });

  it('a value that expires is told, and only once', () => {
    follow();
    lines.announce('sensor', 'p', { ...PLUG, expire_after: 10 });
    lines.bring('plug', { power: 5 });
    clock.advance(8_000);
    lines.bring('plug', { power: 6 });
    clock.advance(8_000);
    assert.deepEqual(told, ['sensor.power 5 true', 'sensor.power 6 true']);
    clock.advance(60_000);
    assert.deepEqual(told.slice(2), ['sensor.power 6 false']);
    lines.bring('plug', { power: 7 });
    assert.deepEqual(told.slice(3), ['sensor.power 7 true']);
  });

  describe('a stranger announces a thousand entities on one topic', () => {
    const MANY = 1_000;
    const announce = (config: (at: number) => object): void => {
      follow();
      for (let at = 0; at < MANY; at++)
        lines.announce('sensor', `s${at}`, { unique_id: `s${at}`, state_topic: 'x', ...config(at) });
    };
    const kept = (): number => {
      let characters = 0;
      for (const { state } of states.all())
        characters += state.current.raw.length + JSON.stringify(state.current.attributes).length;
      return characters;
    };

    it('and sends long states: few are kept, and there is room again later', () => {
      announce((at) => ({ value_template: `{{ value }}${'{# #}'.repeat(at)}` }));
      lines.bring('x', 'x'.repeat(16_000));
      assert.ok(kept() > 5_000_000 && kept() < 20_000_000, `${kept()}`);
      assert.ok(
        told.some((text) => /^x \d{5}$/.test(text)),
        'said',
      );
      lines.bring('x', 'x'.repeat(900_000));
      assert.ok(kept() < 20_000_000);
      told.length = 0;
      lines.bring('x', 'short');
      lines.bring('x', 'y'.repeat(2_000));
      assert.equal(told.filter((text) => text.endsWith('short true')).length, MANY);
      assert.equal(kept(), MANY * 2_002);
    });

    it('and long attributes', () => {
      announce(() => ({ state_topic: 'state', json_attributes_topic: 'x' }));
      for (const name of ['a', 'b', 'c']) lines.bring('x', { [name]: 'x'.repeat(60_000) });
      assert.ok(kept() > 10_000_000 && kept() < 20_000_000, `${kept()}`);
      lines.bring('x', { a: 1 });
      assert.equal(kept(), MANY * 7);
      for (const { entity } of [...states.all()]) states.forget(entity.key);
      lines.announce('sensor', 'after', { unique_id: 'after', json_attributes_topic: 'x', state_topic: 'z' });
      lines.bring('x', { a: 'x'.repeat(60_000) });
      assert.ok(kept() > 60_000, 'those that went gave their room back');
    });

    it('and templates that take long: the others go on', () => {
      announce(() => ({}));
      lines.announce('sensor', 'power', PLUG);
      slow = 10;
      for (const value of ['1', '2', '3', '4', '5']) {
        lines.bring('x', value);
        lines.bring('plug', { power: value });
      }
      assert.equal(told.filter((text) => text === 'x too slow').length, 3, 'it is not read any more');
      const states = told.filter((text) => /^sensor\.s/.test(text)).length;
      assert.ok(states > 100 && states < 400, `${states}`);
      assert.equal(told.filter((text) => text.startsWith('sensor.power')).length, 5);
    });
  });

  it('a dialog calls nothing unavailable before the server had time to say that it is there', () => {
    const nodes = { register: () => {}, deregister: () => Promise.resolve() };
    const subscribe = lines.subscribe.bind(lines);
    const unsubscribe = lines.unsubscribe.bind(lines);
    const browser = new EntityBrowser({ ...nodes, subscribe, unsubscribe }, reader, new Templates(), clock);
    browser.look();
    for (const name of ['a', 'b'])
      lines.announce('sensor', name, {
        ...{ unique_id: name, name, state_topic: name, availability_topic: `${name}/status` },
      });
    const shown = () =>
      [...reader.entities.all()].map((one) => {
        const { available, state } = browser.shownStateOf(one);
        return `${one.key} ${available} ${state}`;
      });
    assert.deepEqual(shown(), ['sensor.a true undefined', 'sensor.b true undefined']);
    lines.bring('a', '5');
    lines.bring('a/status', 'online');
    clock.advance(1_000);
    assert.deepEqual(shown(), ['sensor.a true 5', 'sensor.b true undefined']);
    lines.bring('a/status', 'offline');
    clock.advance(2_000);
    assert.deepEqual(shown(), ['sensor.a false 5', 'sensor.b false undefined']);
    browser.close();
  });

  it('wildcards: a message comes to each entity once; a huge one is left out', () => {
    follow();
    lines.announce('sensor', 'p', { ...PLUG, state_topic: 'plug', json_attributes_topic: '+' });
    lines.bring('plug', { power: 5 });
    assert.deepEqual(told, ['sensor.power 5 true']);
    lines.bring('plug', 'x'.repeat(2_000_000));
    assert.deepEqual(told.slice(1), ['plug 2000000']);
  });
});
