import assert from 'node:assert/strict';
import { lossAfter, Receiver, setTheStage, told } from '../fake-server';

const v5 = { v5: true, copies: 'each' } as const;

const v4 = { v5: false, copies: 'once' } as const;

describe('subscriptions: overlapping filters', () => {
  const all = ['a/b', 'a/+', '#'];

  it('get ids on MQTT 5, but only where they can meet', () => {
    const stage = setTheStage(v5);
    for (const filter of [...all, '$SYS/x']) stage.add(new Receiver(filter), filter);
    stage.connect();
    const ids = new Map(
      stage.server.packets.flatMap(({ wanted, id }) => wanted.map(({ filter }) => [filter, id])),
    );
    assert.equal(ids.get('$SYS/x'), undefined);
    const given = all.map((filter) => ids.get(filter));
    assert.ok(given.every((id) => id !== undefined && id >= 1 && id <= 268_435_455));
    assert.equal(new Set(given).size, 3);
  });

  it('get the same ids on every connection and in every process', () => {
    const idsOf = (order: string[]): Map<string, number | undefined> => {
      const stage = setTheStage(v5);
      for (const filter of order) stage.add(new Receiver(filter), filter);
      stage.connect();
      stage.settle();
      stage.set.disconnected();
      stage.connect();
      return new Map(
        stage.server.packets.flatMap(({ wanted, id }) => wanted.map(({ filter }) => [filter, id])),
      );
    };
    const [first, second] = [idsOf(all), idsOf([...all].reverse())];
    for (const filter of all) assert.equal(first.get(filter), second.get(filter));
    assert.ok(first.get('#'));
  });

  it('the one that stood alone is told its id when a neighbour comes, without a replay', () => {
    const stage = setTheStage(v5);
    const one = new Receiver('one');
    stage.connect().retained.set('a/b', 'old');
    stage.add(one, 'a/b');
    stage.settle();
    stage.clock.advance(2_000);
    one.take();
    told(stage);
    stage.add(new Receiver('two'), '#');
    stage.settle();
    assert.deepEqual(told(stage), [['a/b q0 rh2 id'], ['# q0 rh0 id']]);
    assert.deepEqual(one.take(), []);
  });

  for (const [name, options] of [
    ['MQTT 5, a copy for each id', v5],
    ['MQTT 5, one packet with all ids', { v5: true, copies: 'merged' }],
    ['3.1.1, a copy for each filter (ejabberd)', { v5: false, copies: 'each', type: 'ejabberd' }],
    ['3.1.1, one copy (Mosquitto)', v4],
    ['3.1.1, a copy for each filter, found out', { v5: false, copies: 'each' }],
    [
      'MQTT 5 without ids, found out',
      { v5: true, copies: 'each', connack: { subscriptionIdentifiersAvailable: false } },
    ],
  ] as const) {
    it(`bring each message once to each node: ${name}`, () => {
      const stage = setTheStage(options);
      const [one, two, three] = [new Receiver('one'), new Receiver('two'), new Receiver('three')];
      for (const filter of all) stage.add(one, filter);
      stage.add(two, '#');
      stage.add(three, 'a/+');
      stage.add(three, 'c');
      stage.connect();
      stage.settle();
      stage.clock.advance(2_000);
      stage.settle();
      const sent = ['1', '2', '2', '2', '1'];
      for (const payload of sent) stage.server.arrive('a/b', payload, false);
      stage.server.arrive('c', 'x', false);
      stage.settle();
      const expected = sent.map((payload) => `a/b=${payload}`);
      assert.deepEqual(one.take(), [...expected, 'c=x']);
      assert.deepEqual(two.take(), [...expected, 'c=x']);
      assert.deepEqual(three.take(), [...expected, 'c=x']);
    });
  }

  it('the last copies of a filter that was given up are nobody’s', () => {
    const stage = setTheStage(v5);
    const one = new Receiver('one');
    const given = [stage.add(one, 'a/b'), stage.add(one, '#')];
    stage.connect();
    stage.settle();
    stage.server.arrive('a/b', 'x', false);
    for (const subscription of given) stage.set.remove(subscription);
    stage.add(one, 'a/+');
    stage.settle();
    assert.deepEqual(one.take(), []);
    stage.server.arrive('a/b', 'y', false);
    stage.settle();
    assert.deepEqual(one.take(), ['a/b=y']);
  });

  it('a filter that the server does not know yet keeps no message from the node’s other one', () => {
    const stage = setTheStage(v5);
    const one = new Receiver('one');
    stage.add(one, '#');
    stage.add(new Receiver('two'), 'a/+');
    stage.connect();
    stage.settle();
    stage.add(one, 'a/b');
    stage.set.flush();
    stage.server.arrive('a/b', 'x', false);
    stage.settle();
    assert.deepEqual(one.take(), ['a/b=x']);
  });

  it('are found out once, and what comes meanwhile waits', () => {
    const stage = setTheStage({ v5: false, copies: 'each' });
    const one = new Receiver('one');
    stage.add(one, 'a/b');
    stage.add(one, 'a/+');
    stage.connect();
    // The probe's two filters and ours: now a message comes, before the probe's own.
    stage.server.serve();
    stage.server.serve();
    stage.server.arrive('a/b', 'early', false);
    stage.server.bring();
    stage.server.bring();
    stage.server.bring();
    assert.deepEqual(one.take(), []);
    stage.settle();
    assert.deepEqual(one.take(), ['a/b=early']);
    assert.deepEqual([...stage.server.standing.keys()].sort(), ['a/+', 'a/b']);
    const before = stage.server.packets.length;
    stage.add(one, '#');
    stage.settle();
    assert.equal(stage.server.packets.length, before + 1, 'no second probe');
  });

  it('a probe that is not answered ends by itself', () => {
    const stage = setTheStage(v4);
    const one = new Receiver('one');
    stage.add(one, 'a/b');
    stage.add(one, 'a/+');
    const server = stage.connect();
    server.refuses.set('dinox-nr/probe/4fzzzxjy/x', 128);
    stage.settle();
    server.arrive('a/b', 'x', false);
    stage.settle();
    stage.clock.advance(1_500);
    assert.deepEqual(one.take(), ['a/b=x']);
  });

  it('a probe that ended in a loss is not repeated, and no message is held back as a copy', () => {
    const stage = setTheStage(v4);
    const one = new Receiver('one');
    stage.add(one, 'a/b');
    stage.add(one, 'a/+');
    const probes = () => stage.server.asked.flat().filter((filter) => filter.startsWith('dinox-nr/probe/'));
    stage.connect();
    assert.equal(probes().length, 2);
    stage.set.disconnected(lossAfter(300));
    stage.connect();
    stage.settle();
    assert.deepEqual(probes(), []);
    for (const payload of ['x', 'x']) stage.server.arrive('a/b', payload, false);
    stage.settle();
    assert.ok(one.take().length >= 2);
  });

  it('a probe that ended because we left says nothing', () => {
    const stage = setTheStage(v4);
    const one = new Receiver('one');
    stage.add(one, 'a/b');
    stage.add(one, 'a/+');
    stage.connect();
    stage.set.disconnected();
    assert.ok(
      stage
        .connect()
        .asked.flat()
        .some((filter) => filter.startsWith('dinox-nr/probe/')),
    );
  });

  it('are not probed where nothing overlaps', () => {
    const stage = setTheStage(v4);
    stage.add(new Receiver('one'), 'a');
    stage.add(new Receiver('two'), 'b');
    assert.deepEqual(stage.connect().asked, [['a', 'b']]);
  });
});
