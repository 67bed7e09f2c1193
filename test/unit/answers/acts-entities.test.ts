import assert from 'node:assert/strict';
import { AnswerLimit } from '../../../src/alert/answer-limit';
import { ActMemory, Acts, type OrderedPublication } from '../../../src/answers/acts';
import { readActuators } from '../../../src/answers/actuators';
import { Answerer } from '../../../src/answers/answerer';
import { Home } from '../../../src/answers/home';
import { type Preset, Presets, readPreset } from '../../../src/answers/presets';
import { Entities } from '../../../src/homeassistant/entities';
import { EntityState } from '../../../src/homeassistant/states/entity-state';
import { Payload } from '../../../src/homeassistant/templates/payload';
import { Templates } from '../../../src/homeassistant/templates/template';
import { House, noEntities, read, said } from './answers-support';

const ANNA = 'anna@example.org';
const BEN = 'ben@example.org';
const templates = new Templates();
const LAMP = {
  uniq_id: 'lamp',
  name: 'Lamp',
  cmd_t: 'z/lamp/set',
  stat_t: 'z/lamp',
  bri_cmd_t: 'z/lamp/bri',
};
const TABLE = [
  { name: 'light living room', entity: 'light.lamp', allow: ANNA },
  { name: 'heating', entity: 'climate.trv', allow: `${ANNA} ${BEN}` },
  { name: 'doorbell', entity: 'button.bell', allow: ANNA },
  { name: 'scene', topic: 'home/scene/set', payload: '{{value}}', allow: ANNA },
];

function setUp(publishAllow = '') {
  const house = new House(['home/#']);
  const { clock } = house;
  const orders: OrderedPublication[] = [];
  const log: string[] = [];
  const entities = new Entities();
  const states = new Map<string, EntityState>();
  const announce = (component: string, config: object): void => {
    const change = entities.take(`homeassistant/${component}/x/config`, Buffer.from(JSON.stringify(config)));
    for (const one of [...(change?.added ?? []), ...(change?.changed ?? [])])
      states.set(one.key, new EntityState(one, templates, clock));
  };
  const tell = (topic: string, payload: string): void => {
    for (const state of states.values())
      state.take({ topic, payload: new Payload(payload), retained: false });
  };
  announce('light', LAMP);
  announce('climate', {
    ...{
      uniq_id: 'trv',
      name: 'TRV',
      modes: ['off', 'heat'],
      mode_cmd_t: 'z/trv/mode',
      mode_stat_t: 'z/trv/m',
    },
    ...{ temp_cmd_t: 'z/trv/temp', temp_stat_t: 'z/trv/t', avty_t: 'z/trv/availability' },
  });
  announce('button', { uniq_id: 'bell', name: 'Bell', cmd_t: 'z/bell/set' });
  announce('switch', { uniq_id: 'pump', name: 'Pump', cmd_t: 'z/pump/set', stat_t: 'z/pump' });
  tell('z/trv/availability', 'online');
  const presets = new Presets();
  const memory = new ActMemory();
  const tools: ConstructorParameters<typeof Acts>[2] = {
    ...{ clock, account: 'bot@example.org', isConnected: () => true, hasAcknowledged: () => false },
    publish: (order) => {
      orders.push(order);
      return Promise.resolve();
    },
    payloadOf: (topic) => orders.findLast((one) => one.topic === topic)?.payload,
    stateOf: () => undefined,
    presets: () => presets.all,
    entities: {
      templates,
      find: (key) => {
        const entity = entities.get(key);
        return entity && { entity, current: (states.get(key) as EntityState).current };
      },
      assume: (key, { state, attributes }) => states.get(key)?.assume(state ?? null, attributes),
    },
    log: (line) => log.push(read(line)),
  };
  const { actuators, problems } = readActuators(TABLE);
  assert.deepEqual(problems, []);
  const acts = new Acts(actuators, memory, tools, publishAllow);
  const home = new Home(
    new Answerer(['home/#'], house.values, house.aliases),
    ...([acts, new AnswerLimit(), () => false] as const),
  );
  const say = async (text: string, person = ANNA) =>
    home.take({
      ...{ text, person, chat: person, by: person.split('@')[0] ?? '' },
      ...{ speaker: { bare: person, resource: 'phone' }, stamp: clock.now() },
      ...{ now: clock.now(), steady: clock.steady() },
    });
  const helpFor = (person: string): string => {
    const help = home.helpFor({ text: 'help', speaker: { bare: person, resource: '' } });
    return help?.lines.map(read).join('\n') ?? '';
  };
  const sent = (): string[] => orders.splice(0).map(({ topic, payload }) => `${topic} ${payload}`);
  const save = (fields: object): void => {
    const preset = readPreset({ name: 'Good night', topic: 'home/mood', payload: 'night', ...fields });
    assert.equal(presets.save(preset as Preset), undefined);
  };
  return { say, helpFor, sent, log, tell, announce, save, presets, acts, tools, memory, clock, house };
}

describe('orders to entities of Home Assistant', () => {
  it('whose template makes nothing are answered with the reason, and send nothing', async () => {
    const { say, sent, announce } = setUp();
    announce('button', { uniq_id: 'bell', name: 'Bell', cmd_t: 'z/bell/set', cmd_tpl: '{{ value.x.y }}' });
    const answer = await say('do doorbell');
    assert.equal(answer?.kind, 'refused');
    assert.match(said(answer) ?? '', /template/);
    assert.deepEqual(sent(), []);
    assert.equal((await say('heating 21'))?.kind, 'act', 'others go on');
  });

  it('reach the device that announces them, as it wants them', async () => {
    const { say, sent, log } = setUp();
    const answer = await say('light living room on');
    assert.deepEqual(
      [answer?.kind, answer?.topics, said(answer)],
      ['act', ['z/lamp/set'], '✔ light living room ON'],
    );
    assert.deepEqual(sent(), ['z/lamp/set ON']);
    assert.match(log[0] ?? '', /anna@example.org sent to “light living room”: ON on z\/lamp\/set/);
    await say('Licht Wohnzimmer 40 %');
    assert.deepEqual(sent(), ['z/lamp/bri 102', 'z/lamp/set ON']);
    await say('Heizung 21,5 °C', BEN);
    await say('heating off', BEN);
    assert.deepEqual(sent(), ['z/trv/temp 21.5', 'z/trv/mode off']);
    assert.equal((await say('do doorbell'))?.kind, 'act');
    assert.deepEqual(sent(), ['z/bell/set PRESS']);
  });

  it('need a name in the table, a person who may, and a device that can', async () => {
    const { say, sent, tell, announce } = setUp();
    assert.equal((await say('light living room on', BEN))?.kind, 'refused');
    assert.equal(await say('pump on'), undefined, 'announced, and not in the table');
    assert.equal(await say('Lamp on'), undefined, 'its own name is not in the table');
    assert.match(said(await say('heating 99')) ?? '', /Nothing was sent to “heating”: .*99/);
    assert.match(said(await say('set light living room purple')) ?? '', /Nothing was sent/);
    tell('z/trv/availability', 'offline');
    assert.match(said(await say('heating 21')) ?? '', /Nothing was sent/);
    announce('light', {});
    assert.match(said(await say('light living room on')) ?? '', /no device announces it/);
    assert.deepEqual(sent(), []);
  });

  it('undo makes of them what they were, where that is known and nobody else came', async () => {
    const { say, sent, tell, clock } = setUp();
    await say('light living room on');
    sent();
    assert.match(said(await say('undo')) ?? '', /Nobody knows how/);
    tell('z/lamp', 'OFF');
    await say('light living room on');
    tell('z/lamp', 'ON');
    sent();
    assert.equal(said(await say('undo')), '↩ light living room set back: OFF');
    assert.deepEqual(sent(), ['z/lamp/set OFF']);
    tell('z/trv/t', '19');
    await say('heating 22');
    tell('z/trv/t', '25');
    sent();
    assert.match(said(await say('undo')) ?? '', /Something else has been sent/);
    await say('heating 22');
    tell('z/trv/t', '22');
    clock.advance(61_000);
    assert.match(said(await say('undo')) ?? '', /nothing of the last minute/);
    assert.deepEqual(sent(), ['z/trv/temp 22.0']);
  });

  it('undo asks again who may: the entity has left the table', async () => {
    const { say, sent, tell, acts, tools, memory } = setUp();
    tell('z/lamp', 'OFF');
    await say('light living room on');
    sent();
    acts.close();
    const other = new Acts(
      readActuators([{ name: 'light living room', entity: 'light.lamp', allow: BEN }]).actuators,
      memory,
      {
        ...tools,
        entities: noEntities,
      },
    );
    const acting = { text: 'undo', person: ANNA, chat: ANNA, by: 'anna', stamp: 0 };
    const answer = await other.undo({ ...acting, speaker: { bare: ANNA, resource: 'phone' } });
    assert.equal(answer.kind, 'refused');
    assert.deepEqual(sent(), []);
  });

  it('undo by another node tells the one that gave the order what a device is that never says it', async () => {
    const { say, sent, announce, memory, tools, clock } = setUp();
    announce('light', { uniq_id: 'lamp', name: 'Lamp', cmd_t: 'z/lamp/set' });
    await say('light living room off');
    await say('light living room on');
    const other = new Acts([], memory, { ...tools, entities: noEntities });
    const acting = { text: 'undo', person: ANNA, chat: ANNA, by: 'anna', stamp: clock.now() };
    const answer = await other.undo({ ...acting, speaker: { bare: ANNA, resource: 'phone' } });
    assert.equal(said(answer), '↩ light living room set back: OFF');
    assert.equal(tools.entities.find('light.lamp')?.current.payload, false);
    assert.deepEqual(sent().at(-1), 'z/lamp/set OFF');
  });

  it('a table names entities that take commands, and nothing else', () => {
    const problem = (entity: unknown): string | undefined =>
      readActuators([{ name: 'x', entity, allow: ANNA }]).problems[0]?.field;
    for (const entity of [
      'sensor.t',
      'light',
      'light.',
      'nothing.x',
      '__proto__.x',
      `light.${'x'.repeat(300)}`,
    ])
      assert.equal(problem(entity), 'entity', entity);
    assert.equal(problem('lock.front/+/#'), undefined, 'a unique id may hold anything');
    assert.equal(problem(''), 'topic');
  });
});

describe('saved publications in the chat', () => {
  it('are sent as they are by who may, if they are marked for it', async () => {
    const { say, helpFor, sent, save } = setUp(ANNA);
    assert.match(said(await say('publish')) ?? '', /^Nothing is saved for the chat yet/);
    assert.equal(await say('publish good night'), undefined, 'may be meant for somebody else');
    save({ chat: true, payload: '{"scene": "{{value}}"}', qos: 1, retain: true });
    save({ name: 'Secret', topic: 'home/safe' });
    const answer = await say('publish good night');
    assert.deepEqual([answer?.kind, said(answer)], ['act', '✔ Good night']);
    assert.deepEqual(sent(), ['home/mood {"scene": "{{value}}"}']);
    assert.equal((await say('Veröffentliche Good Night!'))?.kind, 'act');
    sent();
    assert.equal(said(await say('publish')), 'You can publish: Good night.');
    assert.match(
      said(await say('publish secret')) ?? '',
      /Nothing is saved as “secret”.\nYou can publish: Good night/,
    );
    assert.match(said(await say('publish good nighd')) ?? '', /Did you mean “Good night”/);
    assert.equal(said(await say('yes')), '✔ Good night');
    sent();
    assert.equal(await say('good night'), undefined, 'a wish for the night is no order');
    assert.equal(await say('publish good night', BEN), undefined);
    assert.match(helpFor(ANNA), /“publish” and one of these sends it: Good night/);
    assert.doesNotMatch(helpFor(BEN), /publish/);
    assert.deepEqual(sent(), []);
  });

  it('a question sends nothing by itself', async () => {
    const { say, sent, save } = setUp(ANNA);
    save({ chat: true });
    assert.match(said(await say('publish good night?')) ?? '', /Did you mean “Good night”/);
    assert.deepEqual(sent(), []);
    assert.equal(said(await say('yes')), '✔ Good night');
    assert.deepEqual(sent(), ['home/mood night']);
  });

  it('are left to the node that may send them: another one does not take the order for a question', async () => {
    const { sent, save, tools, memory, house, say } = setUp(ANNA);
    save({ chat: true });
    house.put('home/publish/good_night', '7');
    const asked = new Home(
      new Answerer(['home/#'], house.values, house.aliases),
      ...([new Acts([], memory, tools), new AnswerLimit(), () => false] as const),
    );
    const acting = { text: 'publish good night', chat: ANNA, by: 'anna', stamp: 0, now: 0, steady: 0 };
    const by = (bare: string) => ({ ...acting, person: bare, speaker: { bare, resource: 'phone' } });
    assert.equal(await asked.take(by(ANNA)), undefined);
    assert.equal(await asked.take({ ...by(ANNA), text: 'publish' }), undefined);
    assert.notEqual(await asked.take(by(BEN)), undefined, 'who may not is answered as by one node alone');
    await say('publish good night');
    assert.deepEqual(sent(), ['home/mood night']);
  });

  it('names who is allowed nothing, because the domain is missing', () => {
    const { memory, tools } = setUp();
    const rows = [TABLE[0] ?? {}, { name: 'x', topic: 'x', payload: 'x', allow: `family ${ANNA}` }];
    const { problems } = new Acts(readActuators(rows).actuators, memory, tools, `anna, ${BEN}`);
    assert.deepEqual(problems, [
      { number: 2, entry: 'family' },
      { number: 0, entry: 'anna' },
    ]);
  });

  it('an empty list allows nobody, not even the own account', async () => {
    const { say, sent, save } = setUp('');
    save({ chat: true });
    assert.equal(await say('publish good night'), undefined);
    assert.equal(await say('publish good night', 'bot@example.org'), undefined);
    assert.deepEqual(sent(), []);
  });

  it('undo needs one that may be sent for what was there before', async () => {
    const { say, sent, save, presets } = setUp(ANNA);
    save({ chat: true });
    save({ name: 'Morning', chat: true, payload: 'morning' });
    await say('publish morning');
    await say('publish good night');
    sent();
    assert.equal(said(await say('undo')), '↩ Good night set back: Morning');
    assert.deepEqual(sent(), ['home/mood morning']);
    await say('publish good night');
    presets.remove('Good night');
    sent();
    assert.equal((await say('undo'))?.kind, 'refused');
    assert.deepEqual(sent(), []);
  });
});
