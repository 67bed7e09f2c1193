import assert from 'node:assert/strict';
import { AnswerLimit } from '../../../src/alert/answer-limit';
import { ActMemory, Acts, type OrderedPublication } from '../../../src/answers/acts';
import { type ActValue, readActuators } from '../../../src/answers/actuators';
import { Answerer } from '../../../src/answers/answerer';
import { Home } from '../../../src/answers/home';
import { text as words } from '../../../src/base/catalogue';
import { CodedError } from '../../../src/base/coded-error';
import { House, noEntities, read, said } from './answers-support';

const ANNA = 'anna@example.org';
const TABLE = [
  { name: 'light', topic: 'home/light/set', payload: '{{value}}', qos: '1', retain: false, allow: ANNA },
  {
    name: 'heating',
    topic: 'home/heating/set',
    payload: '{"target": {{value}}}',
    qos: 0,
    retain: true,
    allow: `${ANNA} ben@example.org`,
  },
  { name: 'garage', topic: 'home/garage/set', payload: 'OPEN', qos: '1', allow: ANNA },
  { name: 'pump', topic: 'home/pump/set', payload: '{{value}}', qos: '1', allow: '' },
];

function setUp(options: { alerts?: boolean; table?: object[]; memory?: ActMemory } = {}) {
  const house = new House(['home/#']);
  const { clock } = house;
  const orders: OrderedPublication[] = [];
  const log: string[] = [];
  const states = new Map<string, ActValue>();
  const elsewhere = new Map<string, string>();
  const state = { isConnected: true, fails: false, isUnsure: false, acknowledged: false };
  const memory = options.memory ?? new ActMemory();
  const acts = new Acts(readActuators(options.table ?? TABLE).actuators, memory, {
    ...{ clock, account: 'bot@example.org' },
    isConnected: () => state.isConnected,
    publish: (order) => {
      if (state.isUnsure) return Promise.reject(new CodedError('time', words('act.time')));
      if (state.fails) return Promise.reject(new Error('no more'));
      orders.push(order);
      return Promise.resolve();
    },
    payloadOf: (topic) => elsewhere.get(topic) ?? orders.findLast((one) => one.topic === topic)?.payload,
    stateOf: (topic) => states.get(topic),
    hasAcknowledged: () => state.acknowledged,
    ...{ entities: noEntities, presets: () => [] },
    log: (line) => log.push(read(line)),
  });
  const answerer = new Answerer(['home/#'], house.values, house.aliases);
  const home = new Home(answerer, acts, new AnswerLimit(), () => options.alerts === true);
  const say = async (text: string, person = ANNA, more: object = {}) =>
    home.take({
      ...{ text, person, chat: person, by: person.split('@')[0] ?? '' },
      ...{ speaker: { bare: person, resource: 'phone' }, stamp: clock.now() },
      ...{ now: clock.now(), steady: clock.steady(), ...more },
    });
  /** Undefined if the person can say nothing here. */
  const helpFor = (person: string, text = 'help') => {
    const lines = home.helpFor({ text, speaker: { bare: person, resource: '' } })?.lines;
    return lines?.map(read).join('\n');
  };
  return { house, clock, orders, log, states, state, say, helpFor, home, acts, elsewhere };
}

describe('orders to devices', () => {
  it('are carried out for who may, answered and logged', async () => {
    const { say, orders, log } = setUp();
    const answer = await say('light on');
    assert.deepEqual([answer?.kind, answer?.topics, said(answer)], ['act', ['home/light/set'], '✔ light ON']);
    assert.deepEqual(orders, [{ topic: 'home/light/set', payload: 'ON', qos: 1, retain: false }]);
    assert.deepEqual(log, ['anna@example.org sent to “light”: ON on home/light/set']);
    await say('heating 21,5', 'ben@example.org');
    assert.deepEqual(orders[1], {
      topic: 'home/heating/set',
      payload: '{"target": 21.5}',
      qos: 0,
      retain: true,
    });
  });

  it('are refused to who may not, with an answer; an empty list allows nobody, not even the own account', async () => {
    const { say, orders, log } = setUp();
    const answer = await say('light on', 'ben@example.org');
    assert.deepEqual([answer?.kind, said(answer)], ['refused', 'You may not control “light”.']);
    assert.equal((await say('pump on'))?.kind, 'refused');
    assert.equal((await say('pump on', 'bot@example.org'))?.kind, 'refused');
    assert.match(log.join('\n'), /ben@example.org wanted to control “light”/);
    assert.deepEqual(orders, []);
    assert.equal(await say('dishwasher on'), undefined, 'what is not in the table cannot be reached');
  });

  it('a nickname proves nothing in a room, the JID that the room tells does', async () => {
    const { say, orders } = setUp();
    const room = 'team@rooms.example.org';
    const speaker = { bare: room, resource: 'anna', room };
    assert.equal((await say('light on', `${room}/anna`, { speaker }))?.kind, 'refused');
    assert.equal((await say('light on', ANNA, { speaker: { ...speaker, realJid: ANNA } }))?.kind, 'act');
    assert.equal(orders.length, 1);
  });

  it('are not carried out late, without a connection, or with a value that cannot be', async () => {
    const { say, orders, clock, state } = setUp();
    assert.match(said(await say('light on', ANNA, { stamp: clock.now() - 10 * 60_000 })) ?? '', /too late/);
    assert.match(said(await say('set heating eco')) ?? '', /does not take that/);
    state.isConnected = false;
    assert.match(said(await say('light on')) ?? '', /no connection/);
    state.isConnected = true;
    state.fails = true;
    assert.match(said(await say('light on')) ?? '', /Nothing was sent to “light”: no more/);
    assert.deepEqual(orders, []);
  });

  it('undo takes the newest back to what the device was, once, within a minute, and only one’s own', async () => {
    const { say, orders, states, clock } = setUp();
    states.set('home/light', false);
    states.set('home/heating', 19);
    await say('light on');
    await say('heating 22');
    assert.match(said(await say('undo', 'ben@example.org')) ?? '', /nothing of the last minute/);
    assert.equal(said(await say('rückgängig')), '↩ heating set back: 19');
    assert.deepEqual(orders.at(-1), {
      topic: 'home/heating/set',
      payload: '{"target": 19}',
      qos: 0,
      retain: true,
    });
    assert.equal(said(await say('undo')), '↩ light set back: OFF');
    assert.equal((await say('undo'))?.kind, 'refused');
    await say('light on');
    clock.advance(61_000);
    assert.equal((await say('undo'))?.kind, 'refused');
  });

  it('undo does nothing where nobody knows what was before, or somebody else came after', async () => {
    const { say, orders } = setUp();
    await say('light on');
    assert.match(said(await say('undo')) ?? '', /Nobody knows how “light” was before/);
    await say('heating 20');
    await say('heating 22');
    await say('heating 23', 'ben@example.org');
    const count = orders.length;
    assert.match(said(await say('undo')) ?? '', /Something else has been sent to “\w+” since, by ben/);
    assert.equal(orders.length, count);
  });

  it('undo is for the alerts where the acknowledgement is newer, or there is no order', async () => {
    const { say, states, state } = setUp({ alerts: true });
    assert.equal(await say('undo'), undefined);
    states.set('home/light', false);
    await say('light on');
    state.acknowledged = true;
    assert.equal(await say('undo'), undefined);
    state.acknowledged = false;
    assert.equal((await say('undo'))?.kind, 'act');
  });

  it('a question for a device is no order; one that takes no value has to be said so', async () => {
    const { say, orders, house } = setUp();
    house.put('home/garage', 'closed');
    const answer = await say('garage');
    assert.match(said(answer) ?? '', /^home\/garage: closed .*\n“do garage” does it/);
    assert.deepEqual(orders, []);
    await say('do garage');
    assert.deepEqual(
      orders.map(({ payload }) => payload),
      ['OPEN'],
    );
  });

  it('what is nearly the name is asked back', async () => {
    const { say, orders } = setUp();
    assert.match(said(await say('heatng 21')) ?? '', /Did you mean “heating 21”\?/);
    assert.equal(await say('yes', 'ben@example.org'), undefined);
    assert.equal((await say('ja'))?.kind, 'act');
    assert.equal(await say('ja'), undefined, 'once');
    await say('heatng 22');
    await say('hello');
    assert.equal(await say('yes'), undefined);
    assert.equal(orders.length, 1);
  });

  it('are limited: a machine cannot switch for ever', async () => {
    const { say, orders } = setUp();
    for (let at = 0; at < 50; at++) await say(at % 2 ? 'light on' : 'light off');
    assert.equal(orders.length, 30);
  });

  it('help shows what this person may do, and belongs to the alert where there is one', async () => {
    const { helpFor } = setUp();
    assert.match(helpFor(ANNA) ?? '', /You can control: light, heating, garage !\./);
    assert.match(helpFor('ben@example.org', 'Hilfe') ?? '', /You can control: heating\./);
    assert.doesNotMatch(helpFor('carl@example.org') ?? '', /You can control/);
    assert.equal(helpFor(ANNA, 'status'), undefined);
    const { say, helpFor: other } = setUp({ alerts: true });
    assert.equal(await say('help'), undefined);
    assert.equal(other(ANNA)?.split('\n').length, 3);
  });

  it('what repeats, as a machine does, is not answered for ever', async () => {
    const { say, house } = setUp();
    house.put('home/freezer', '-18');
    const silent: boolean[] = [];
    for (let at = 0; at < 8; at++) silent.push((await say('freezer'))?.isSilent === true);
    assert.deepEqual(
      [silent.slice(0, 3), silent.slice(-3)],
      [
        [false, false, false],
        [true, true, true],
      ],
    );
  });

  it('commands of alerts stay theirs', async () => {
    const { say, house } = setUp({ alerts: true });
    house.put('home/status', 'fine');
    for (const text of ['ok', 'status', 'silence 1h', 'chart'])
      assert.equal(await say(text), undefined, text);
    assert.equal((await say('status?', ANNA))?.kind, undefined);
  });

  describe('against malice', () => {
    const BEN = 'ben@example.org';
    const gate = (name: string, payload: string, allow: string) => ({
      ...{ name, topic: 'home/gate/set', payload, allow },
    });
    const GATE = [gate('open gate', 'OPEN', ANNA), gate('close gate', 'CLOSE', `${ANNA} ${BEN}`)];

    it('undo is no way to an order that this person may not give, and does not say it', async () => {
      const { say, orders } = setUp({ table: GATE });
      await say('do open gate');
      await say('do close gate', BEN);
      const answer = await say('undo', BEN);
      assert.equal(answer?.kind, 'refused');
      assert.doesNotMatch(said(answer) ?? '', /OPEN/);
      assert.deepEqual(
        orders.map(({ payload }) => payload),
        ['OPEN', 'CLOSE'],
      );
      await say('do close gate');
      const other = setUp({ table: GATE });
      await other.say('do open gate');
      await other.say('do close gate');
      assert.equal(said(await other.say('undo')), '↩ close gate set back: open gate', 'who may, can');
    });

    it('undo sends nothing that a device calls its state and nobody could say', async () => {
      const { say, orders, states } = setUp();
      for (const state of ['; reboot', '{"on":true}', '\u202e', 'x'.repeat(200)]) {
        states.set('home/light', state);
        await say('light on');
        const count = orders.length;
        assert.equal((await say('undo'))?.kind, 'refused', state);
        assert.equal(orders.length, count);
      }
      states.set('home/light', 'dimmed');
      await say('light on');
      assert.equal(said(await say('undo')), '↩ light set back: dimmed');
    });

    it('undo asks again who may: a nick, a deploy, a row that is gone', async () => {
      const room = 'team@rooms.example.org';
      const memory = new ActMemory();
      const { say, states, orders, acts } = setUp({ memory });
      states.set('home/light', false);
      const as = (realJid: string | undefined) => ({ speaker: { bare: room, resource: 'a', room, realJid } });
      assert.equal((await say('light on', `${room}/a`, as(ANNA)))?.kind, 'act');
      assert.equal((await say('undo', `${room}/a`, as(undefined)))?.kind, 'refused');
      assert.equal(orders.length, 1);
      await say('light on');
      acts.close();
      const after = setUp({ memory, table: [{ ...TABLE[0], allow: BEN }] });
      assert.equal((await after.say('undo'))?.kind, 'refused');
      assert.deepEqual(after.orders, []);
    });

    it('a node that may not take an order leaves it to another that has a device of the name', async () => {
      const memory = new ActMemory();
      const row = { name: 'light', topic: 'home/light/set', payload: '{{value}}' };
      const first = setUp({ memory, table: [{ ...row, allow: 'ben@example.org' }] });
      const second = setUp({ memory, table: [{ ...row, topic: 'garden/light/set', allow: ANNA }] });
      assert.equal(await first.say('light on'), undefined);
      assert.equal((await second.say('light on'))?.kind, 'act');
      assert.equal((await first.say('light on', 'eve@example.org'))?.kind, 'refused', 'nobody else takes it');
      assert.deepEqual([first.orders.length, second.orders.length], [0, 1]);
    });

    it('one node takes back what another one of the account did', async () => {
      const memory = new ActMemory();
      const first = setUp({ memory });
      const second = setUp({ memory, table: GATE });
      first.states.set('home/light', false);
      await first.say('light on');
      assert.equal(said(await second.say('undo')), '↩ light set back: OFF');
    });

    it('an order that the server does not confirm may have arrived: undo is about it, and about none before', async () => {
      const { say, states, state, orders } = setUp();
      states.set('home/light', false);
      states.set('home/heating', 19);
      await say('light on');
      state.isUnsure = true;
      assert.match(said(await say('heating 25')) ?? '', /may have reached “heating”, or not/);
      state.isUnsure = false;
      assert.equal(said(await say('undo')), '↩ heating set back: 19');
      assert.equal(orders.at(-1)?.topic, 'home/heating/set');
    });

    it('nothing of unknown age is done, nor taken back', async () => {
      const { say, states, orders, clock } = setUp();
      states.set('home/light', false);
      const later = { stamp: clock.now() + 3_600_000, isAgeUnknown: true };
      assert.match(said(await say('light on', ANNA, later)) ?? '', /too late/);
      assert.deepEqual(orders, []);
      await say('light on');
      assert.match(said(await say('undo', ANNA, later)) ?? '', /too late/);
      assert.match(said(await say('undo', ANNA, { stamp: clock.now() - 600_000 })) ?? '', /too late/);
      assert.equal(orders.length, 1);
    });

    it('undo leaves alone what a flow or a dashboard has ordered since', async () => {
      const { say, states, orders, elsewhere } = setUp();
      states.set('home/light', false);
      await say('light on');
      elsewhere.set('home/light/set', 'blink');
      assert.match(said(await say('undo')) ?? '', /Something else has been sent/);
      assert.equal(orders.length, 1);
      // The server brings our own order back a moment later.
      elsewhere.set('home/light/set', 'blink');
      await say('light on');
      assert.equal((await say('undo'))?.kind, 'act');
      await say('heating 20');
      await say('heating 21');
      elsewhere.set('home/heating/set', '{ "target":21 }');
      assert.equal(said(await say('undo')), '↩ heating set back: 20', 'the same, written otherwise');
    });

    it('who may not control a device does not learn its name by guessing', async () => {
      const { say, house } = setUp();
      assert.equal(await say('garagr', BEN), undefined);
      assert.equal(await say('lighd on', BEN), undefined);
      house.put('home/garage', 'closed');
      assert.doesNotMatch(said(await say('garage', BEN)) ?? '', /do garage/);
    });
  });
});
