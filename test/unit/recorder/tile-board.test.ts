import assert from 'node:assert/strict';
import { HomeNames } from '../../../src/homeassistant/names';
import { Recorder } from '../../../src/recorder/recorder';
import { TileBoard } from '../../../src/recorder/tile-board';
import { titleOf } from '../../../src/topics/title';
import { FakeClock } from '../transport/fake-clock';

describe('tiles', () => {
  let clock: FakeClock;
  let recorder: Recorder;
  let names: HomeNames;
  const take = (topic: string, payload: string): void =>
    recorder.take(
      {
        ...{ topic, payload: Buffer.from(payload), qos: 0, retain: false, dup: false },
        ...{ properties: undefined, pubsub: undefined },
      },
      false,
    );
  const board = (filters: string[], most?: number): TileBoard =>
    new TileBoard(recorder, names, filters, () => clock.now(), most);
  const topics = (one: TileBoard): string[] => one.tiles().tiles.map(({ topic }) => topic);

  beforeEach(() => {
    clock = new FakeClock();
    recorder = new Recorder(clock, () => 0.5);
    names = new HomeNames(1);
  });

  it('are the chosen topics only, by the order of the filters, then by name; those of the server are no part of #', () => {
    for (const topic of ['b/2', 'b/1', 'a/x', 'c', '$SYS/uptime']) take(topic, '1');
    assert.deepEqual(topics(board(['b/+', 'a/#', 'b/1'])), ['b/1', 'b/2', 'a/x']);
    assert.deepEqual(topics(board(['#'])), ['a/x', 'b/1', 'b/2', 'c']);
    assert.deepEqual(topics(board([])), []);
  });

  it('are bounded, and the rest is counted', () => {
    for (let i = 0; i < 5_000; i++) take(`s/${i}`, '1');
    const one = board(['s/#']);
    assert.deepEqual([one.tiles().tiles.length, one.leftOut], [200, 4_800]);
  });

  it('are not sent as a whole because a topic came that has no tile', () => {
    take('a/1', '1');
    const one = board(['a/#']);
    const { version } = one;
    take('b/1', '1');
    take('b/2', '1');
    assert.equal(one.version, version);
    take('a/2', '1');
    assert.notEqual(one.version, version);
    const small = board(['s/#'], 2);
    for (let n = 0; n < 3; n++) take(`s/${n}`, '1');
    const full = small.version;
    take('s/9', '1');
    assert.deepEqual([small.version, small.leftOut], [full, 2]);
    // A deploy with other filters makes another board for the same browsers.
    assert.notEqual(board(['a/1']).version, board(['a/2']).version);
  });

  it('say only what changed, and have another version where a topic or a name came', () => {
    take('a', '1');
    take('b', '2');
    const one = board(['#']);
    const { version } = one;
    const { seq } = one.tiles();
    take('b', '3');
    const changed = one.tiles(seq);
    assert.deepEqual(
      changed.tiles.map(({ topic, text }) => [topic, text]),
      [['b', '3']],
    );
    assert.equal(one.version, version);
    assert.deepEqual(one.tiles(changed.seq).tiles, []);
    take('c', '1');
    const later = one.version;
    assert.notEqual(later, version);
    const config = { name: 'Fridge', state_topic: 'c', unit_of_measurement: '°C' };
    names.take('homeassistant/sensor/x/config', Buffer.from(JSON.stringify(config)));
    assert.notEqual(one.version, later);
    const fridge = one.tiles().tiles.find(({ topic }) => topic === 'c');
    assert.deepEqual([fridge?.title, fridge?.unit], ['Fridge', '°C']);
  });

  it('have value, unit and a day; of a JSON object its numbers, and the day of the first', () => {
    take('home/temperature/living_room', '{"value":21.5,"unit":"°C"}');
    take('plug', '{"power":12,"energy":3.5,"state":"ON"}');
    take('door', 'open');
    take('shed/contact', 'true');
    take('zigbee2mqtt/front', '{"battery":97,"contact":false,"voltage":2915}');
    const one = board(['#']);
    const [door, room, plug, shed, front] = one.tiles().tiles;
    assert.deepEqual(
      [room?.title, room?.text, room?.unit, room?.kind],
      ['living room', '21.5', '°C', 'number'],
    );
    assert.deepEqual([plug?.text, plug?.field], ['ON · power 12 · energy 3.5', 'power']);
    // A word stays as it came.
    assert.deepEqual([door?.opening, shed?.opening, front?.opening], [undefined, 'closed', 'open']);
    // Not the day of its battery.
    assert.deepEqual([front?.text, front?.field], ['battery 97 · voltage 2915', undefined]);
    for (const [tile, value] of [
      [room, 21.5],
      [plug, 12],
      [door, 1],
    ] as const) {
      assert.ok(tile);
      const day = one.dayOf(tile);
      assert.ok(day && day.last.length <= 48);
      assert.equal(day.last.at(-1), value, tile.topic);
      assert.equal(day.to - day.from, 60_000, 'of what is known');
    }
  });

  it('have a line from their first value on, drawn of every value while it is young', () => {
    clock.advance(10 * 60_000);
    const first = clock.now();
    for (let i = 0; i <= 12; i++) {
      take('power', String(i));
      clock.advance(10_000);
    }
    const one = board(['#']);
    const [power] = one.tiles().tiles;
    assert.ok(power);
    const day = one.dayOf(power);
    assert.equal(day?.from, first);
    assert.deepEqual(
      day?.last.filter((value) => value !== null),
      Array.from({ length: 13 }, (_, i) => i),
    );
  });

  it('kind: silence where there is nothing. No day of a text, none of what came before yesterday', () => {
    take('note', 'hello world');
    take('old', '1');
    const one = board(['#']);
    const [note, old] = one.tiles().tiles;
    assert.ok(note && old);
    assert.equal(one.dayOf(note), undefined);
    assert.ok(one.dayOf(old));
    clock.advance(23 * 3_600_000);
    const day = one.dayOf(old);
    assert.deepEqual([day?.last.length, day && day.to - day.from], [48, 23 * 3_600_000]);
    clock.advance(2 * 3_600_000);
    assert.equal(one.dayOf(old), undefined);
  });

  it('kind: texts from outside. Names are bounded and their characters are seen', () => {
    const config = { name: `${'x'.repeat(500)}`, state_topic: 'a', unit_of_measurement: '\u202e%' };
    names.take('homeassistant/sensor/x/config', Buffer.from(JSON.stringify(config)));
    take('a', '1');
    take('__proto__', '2');
    take('b\u202ec', '3');
    const [proto, a, b] = board(['#']).tiles().tiles;
    assert.equal(proto?.title, 'proto');
    assert.ok(a && a.title.length <= 81);
    assert.equal(a.unit, '\ufffd%');
    assert.equal(b?.title, 'b\ufffdc');
  });
});

describe('the title of a topic', () => {
  const TITLES = [
    ['home/sensors/temperature/living_room', 'living room'],
    ['zigbee2mqtt/Kitchen-Plug', 'Kitchen Plug'],
    ['shelly/boiler/state', 'boiler'],
    ['state', 'state'],
    ['a/', 'a'],
    ['/', '/'],
    ['_', '_'],
  ] as const;
  for (const [topic, title] of TITLES)
    it(`${topic}: ${title}`, () => {
      assert.equal(titleOf(topic), title);
    });
});
