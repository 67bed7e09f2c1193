import assert from 'node:assert/strict';
import { words } from '../../../../src/base/catalogue';
import type { LineLoss } from '../../../../src/transport/blame';
import { LinkError } from '../../../../src/transport/errors';
import { Receiver, type Stage, setTheStage } from '../fake-server';

const v5 = { v5: true, copies: 'each' } as const;
const v4 = { v5: false, copies: 'once' } as const;

/** The server closed the connection so many milliseconds after it had said yes. */
const lossAfter = (held: number): LineLoss => ({ reason: new LinkError('closed', words('closed')), held });

/** What the server was told since the last look: `filter q<qos> rh<rh>` and so on, packet by packet. */
function told(stage: Stage): string[][] {
  return stage.server.packets
    .splice(0)
    .map(({ wanted, id }) =>
      wanted.map(
        ({ filter, qos, nl, rap, rh }) =>
          `${filter} q${qos}${nl ? ' nl' : ''}${rap ? ' rap' : ''} rh${rh}${id === undefined ? '' : ' id'}`,
      ),
    );
}

describe('subscriptions: what the server is told', () => {
  it('one packet for everything that changed in one turn of the event loop', async () => {
    const stage = setTheStage(v5);
    stage.connect();
    for (const filter of ['a', 'b', 'c']) stage.add(new Receiver(filter), filter);
    assert.deepEqual(told(stage), []);
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(told(stage), [['a q0 rh0', 'b q0 rh0', 'c q0 rh0']]);
  });

  it('packets of at most 500 filters', () => {
    const stage = setTheStage(v4);
    for (let i = 0; i < 1_100; i++) stage.add(new Receiver('n'), `t/${i}`);
    const { asked } = stage.connect();
    assert.deepEqual(
      asked.map((packet) => packet.length),
      [500, 500, 100],
    );
    assert.equal(new Set(asked.flat()).size, 1_100);
  });

  it('nothing before there is a connection, everything when there is one', () => {
    const stage = setTheStage(v5);
    stage.add(new Receiver('n'), 'a');
    stage.set.flush();
    assert.deepEqual(stage.server.asked, []);
    stage.connect();
    assert.deepEqual(told(stage), [['a q0 rh0']]);
  });

  it('one filter that two want is told once, with the highest QoS', () => {
    const stage = setTheStage(v5);
    stage.add(new Receiver('one'), 'a', { qos: 1, nl: true, rap: true, rh: 1 });
    stage.add(new Receiver('two'), 'a', { qos: 2, nl: false, rap: false, rh: 2 });
    stage.connect();
    assert.deepEqual(told(stage), [['a q2 rap rh1']]);
  });

  it('No Local only where all want it', () => {
    const stage = setTheStage(v5);
    stage.connect();
    stage.add(new Receiver('one'), 'a', { nl: true });
    stage.settle();
    assert.deepEqual(told(stage), [['a q0 nl rh0']]);
    const other = stage.add(new Receiver('two'), 'a');
    stage.settle();
    assert.deepEqual(told(stage), [['a q0 rh0']]);
    stage.set.remove(other);
    stage.settle();
    assert.deepEqual(told(stage), [['a q0 nl rh2']]);
  });

  it('never No Local with a shared subscription, which would be a protocol error', () => {
    const stage = setTheStage(v5);
    stage.add(new Receiver('one'), '$share/g/a', { nl: true });
    stage.connect();
    assert.deepEqual(told(stage), [['$share/g/a q0 rh0']]);
  });

  it('no option of MQTT 5 on 3.1.1', () => {
    const stage = setTheStage(v4);
    stage.add(new Receiver('one'), 'a', { qos: 1, nl: true, rap: true, rh: 2 });
    stage.add(new Receiver('two'), '#');
    stage.connect();
    assert.deepEqual(
      stage.server.packets.at(-1)?.wanted.map(({ nl, rap, rh }) => [nl, rap, rh]),
      [
        [false, false, 0],
        [false, false, 0],
      ],
    );
    assert.ok(stage.server.packets.every(({ id }) => id === undefined));
  });

  it('a redeploy tells the difference only', () => {
    const stage = setTheStage(v5);
    const kept = stage.add(new Receiver('kept'), 'kept');
    const goes = stage.add(new Receiver('goes'), 'goes');
    stage.connect();
    stage.settle();
    told(stage);
    stage.set.remove(kept);
    stage.set.remove(goes);
    stage.add(new Receiver('kept'), 'kept');
    stage.add(new Receiver('new'), 'new');
    stage.settle();
    assert.deepEqual(stage.server.unsubscribed, [['goes']]);
    // Told again, so that the node gets the retained messages; its neighbours hear nothing of it.
    assert.deepEqual(told(stage), [['kept q0 rh0', 'new q0 rh0']]);
    assert.deepEqual([...stage.server.standing.keys()].sort(), ['kept', 'new']);
  });

  it('what was taken up again and given up before the server was told is unsubscribed', () => {
    const stage = setTheStage(v5);
    const first = stage.add(new Receiver('n'), 'a');
    stage.connect();
    stage.settle();
    stage.set.remove(first);
    stage.set.remove(stage.add(new Receiver('n'), 'a'));
    stage.settle();
    assert.deepEqual([...stage.server.standing.keys()], []);
  });

  it('unsubscribes when the last one goes, and not where it is to stay', () => {
    const stage = setTheStage(v5);
    const one = stage.add(new Receiver('one'), 'a');
    const two = stage.add(new Receiver('two'), 'a');
    const stays = stage.add(new Receiver('three'), 'b');
    stage.connect();
    stage.settle();
    stage.set.remove(one);
    stage.settle();
    assert.deepEqual(stage.server.unsubscribed, []);
    stage.set.remove(two);
    stage.set.remove(stays, true);
    stage.settle();
    assert.deepEqual(stage.server.unsubscribed, [['a']]);
  });

  it('a lower QoS alone replays no retained messages', () => {
    for (const options of [v5, v4]) {
      const stage = setTheStage(options);
      const low = new Receiver('low');
      stage.add(low, 'a', { qos: 0 });
      const high = stage.add(new Receiver('high'), 'a', { qos: 2 });
      stage.connect().retained.set('a', 'old');
      stage.settle();
      stage.clock.advance(2_000);
      low.take();
      stage.set.remove(high);
      stage.settle();
      assert.deepEqual(low.seen, [], `v5: ${options.v5}`);
    }
  });

  it('takes the QoS that the server takes at most', () => {
    const stage = setTheStage({ ...v5, connack: { maximumQoS: 1 } });
    stage.add(new Receiver('one'), 'a', { qos: 2 });
    stage.connect();
    assert.deepEqual(told(stage), [['a q1 rh0']]);
  });
});

describe('subscriptions: retained messages', () => {
  for (const options of [v4, v5]) {
    it(`go to the one who joins, and only there (${options.v5 ? 'MQTT 5' : '3.1.1'})`, () => {
      const stage = setTheStage(options);
      const [one, two] = [new Receiver('one'), new Receiver('two')];
      stage.connect().retained.set('a', 'old');
      stage.add(one, 'a');
      stage.settle();
      assert.deepEqual(one.take(), ['a=old r']);
      stage.clock.advance(2_000);
      stage.add(two, 'a');
      stage.settle();
      assert.deepEqual(two.take(), ['a=old r']);
      assert.deepEqual(one.take(), []);
      stage.server.arrive('a', 'new', true);
      stage.settle();
      assert.deepEqual([one.take(), two.take()], [['a=new'], ['a=new']]);
    });

    it(`come once to a node with overlapping filters (${options.v5 ? 'MQTT 5' : '3.1.1'})`, () => {
      const stage = setTheStage(options);
      const one = new Receiver('one');
      for (const filter of ['#', 'a/+', 'a/b']) stage.add(one, filter);
      stage.connect().retained.set('a/b', 'old');
      stage.settle();
      // On 3.1.1 it waits until it is known how many copies come.
      stage.clock.advance(200);
      assert.deepEqual(one.take(), ['a/b=old r']);
      stage.clock.advance(2_000);
      stage.add(one, '+/b');
      stage.settle();
      assert.deepEqual(one.take(), ['a/b=old r']);
    });

    it(`live ones reach all while somebody joins (${options.v5 ? 'MQTT 5' : '3.1.1'})`, () => {
      const stage = setTheStage(options);
      const [one, two] = [new Receiver('one'), new Receiver('two')];
      stage.connect().retained.set('a', 'old');
      stage.add(one, 'a');
      stage.settle();
      stage.clock.advance(2_000);
      one.take();
      stage.add(two, 'a');
      stage.settle();
      stage.server.arrive('a', 'live', true);
      stage.settle();
      assert.deepEqual(one.take(), ['a=live']);
      assert.deepEqual(two.take(), ['a=old r', 'a=live']);
    });
  }

  it('rh 2 asks for none, rh 1 only where the subscription is new', () => {
    const stage = setTheStage(v5);
    const [one, two] = [new Receiver('one'), new Receiver('two')];
    stage.connect().retained.set('a', 'old');
    stage.add(one, 'a', { rh: 2 });
    stage.settle();
    assert.deepEqual(one.take(), []);
    stage.add(two, 'a', { rh: 1 });
    stage.settle();
    // For the server the filter is known; for this node it is new.
    assert.deepEqual([one.take(), two.take()], [[], ['a=old r']]);
  });

  /** Kind: the time of arrival is taken for the time of measurement. */
  it('what was kept is told from what is published retained, however often that comes', () => {
    const stage = setTheStage(v5);
    const [one, two] = [new Receiver('one'), new Receiver('two')];
    stage.connect().retained.set('a', 'old');
    stage.add(one, 'a', { rap: true });
    stage.settle();
    for (const payload of ['x', 'y', 'z']) {
      stage.clock.advance(200);
      stage.server.arrive('a', payload, true);
      stage.settle();
    }
    const seen = one.got.map(({ payload, replayed }) => `${payload} ${replayed}`);
    assert.deepEqual(seen, v5 ? ['old true', 'x false', 'y false', 'z false'] : seen);
    stage.add(two, '+', { rap: false });
    stage.settle();
    assert.deepEqual(
      two.got.map(({ replayed }) => replayed),
      [true],
    );
  });

  it('the flag stays on live ones with Retain As Published, but for the time of a replay', () => {
    const stage = setTheStage(v5);
    const [one, two] = [new Receiver('one'), new Receiver('two')];
    stage.connect().retained.set('a', 'old');
    stage.add(one, 'a', { rap: true });
    stage.settle();
    stage.clock.advance(2_000);
    stage.settle();
    stage.server.arrive('a', 'x', true);
    stage.settle();
    assert.deepEqual(one.take(), ['a=old r', 'a=x r']);
    told(stage);
    stage.add(two, 'a', { rap: true });
    stage.settle();
    assert.deepEqual(told(stage), [['a q0 rh0']], 'masked');
    stage.server.arrive('a', 'y', true);
    stage.settle();
    assert.deepEqual([one.take(), two.take()], [['a=y'], ['a=x r', 'a=y']]);
    stage.clock.advance(2_000);
    stage.settle();
    assert.deepEqual(told(stage), [['a q0 rap rh2']], 'unmasked, without another replay');
    stage.server.arrive('a', 'z', true);
    stage.settle();
    assert.deepEqual([one.take(), two.take()], [['a=z r'], ['a=z r']]);
  });

  it('Retain As Published of one node does not reach another one on the same filter, nor on one beside it', () => {
    for (const second of ['a', '+']) {
      const stage = setTheStage(v5);
      const [keeps, plain] = [new Receiver('keeps'), new Receiver('plain')];
      stage.add(keeps, 'a', { rap: true });
      stage.add(plain, second, { rap: false });
      stage.connect().retained.set('a', 'old');
      stage.settle();
      assert.deepEqual([keeps.take(), plain.take()], [['a=old r'], ['a=old r']], second);
      stage.clock.advance(2_000);
      stage.settle();
      stage.server.arrive('a', 'live', true);
      stage.settle();
      assert.deepEqual([keeps.take(), plain.take()], [['a=live r'], ['a=live']], second);
    }
  });

  it('come to all who want them on a new connection', () => {
    const stage = setTheStage(v5);
    const [one, two] = [new Receiver('one'), new Receiver('two')];
    stage.add(one, 'a');
    stage.add(two, 'a', { rh: 2 });
    stage.connect();
    stage.settle();
    stage.set.disconnected();
    stage.server.retained.set('a', 'old');
    stage.connect();
    stage.settle();
    assert.deepEqual([one.take(), two.take()], [['a=old r'], []]);
  });
});

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
    server.refuses.set('dinox/probe/4fzzzxjy/x', 128);
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
    const probes = () => stage.server.asked.flat().filter((filter) => filter.startsWith('dinox/probe/'));
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
        .some((filter) => filter.startsWith('dinox/probe/')),
    );
  });

  it('are not probed where nothing overlaps', () => {
    const stage = setTheStage(v4);
    stage.add(new Receiver('one'), 'a');
    stage.add(new Receiver('two'), 'b');
    assert.deepEqual(stage.connect().asked, [['a', 'b']]);
  });
});

describe('subscriptions: refused', () => {
  it('each refused filter is named with what the server said; the others stand', () => {
    const stage = setTheStage(v5);
    const [good, bad, worse] = [new Receiver('good'), new Receiver('bad'), new Receiver('worse')];
    stage.add(good, 'good');
    stage.add(bad, 'bad');
    stage.add(worse, 'worse');
    const server = stage.connect();
    server.refuses.set('bad', 135);
    server.refuses.set('worse', 151);
    stage.settle();
    assert.equal(good.granted, 1);
    assert.deepEqual(good.errors, []);
    assert.match(String(bad.errors), /"bad".*not authorized \(135\).*right to read/);
    assert.match(String(worse.errors), /"worse".*151/);
    assert.equal(bad.granted, 0);
  });

  it('a SUBACK that never comes is named after its time, and a late one counts', () => {
    const stage = setTheStage({ v5: false, copies: 'once', type: 'prosody' });
    const one = new Receiver('one');
    stage.add(one, 'home/x');
    stage.connect().silent = true;
    stage.server.settle();
    stage.clock.advance(9_999);
    assert.deepEqual(one.errors, []);
    stage.clock.advance(1);
    assert.equal(one.errors.length, 1);
    assert.match(String(one.errors), /home\/x" was not confirmed within 10 s.*mod_pubsub_mqtt.*January 2024/);
    stage.clock.advance(60_000);
    assert.equal(one.errors.length, 1);
  });

  it('a SUBACK in time is waited for no longer', () => {
    const stage = setTheStage(v5);
    const one = new Receiver('one');
    stage.add(one, 'a');
    stage.connect();
    stage.settle();
    stage.clock.advance(60_000);
    assert.deepEqual([one.granted, one.errors], [1, []]);
  });

  it('a SUBACK of the connection before says nothing of this one', () => {
    const stage = setTheStage(v5);
    const one = new Receiver('one');
    stage.add(one, 'a');
    const old = stage.connect();
    old.refuses.set('a', 135);
    old.serve();
    stage.set.disconnected();
    stage.connect();
    old.bring();
    assert.deepEqual(one.errors, []);
    stage.settle();
    assert.equal(one.granted, 1);
  });

  it('a SUBACK that did not come before the connection was lost is nobody’s fault', () => {
    const stage = setTheStage(v5);
    const one = new Receiver('one');
    stage.add(one, 'a');
    stage.connect().silent = true;
    stage.server.settle();
    stage.set.disconnected();
    stage.clock.advance(60_000);
    assert.deepEqual(one.errors, []);
  });

  for (const [name, options, filter, says] of [
    ['nine levels on ejabberd', { ...v4, type: 'ejabberd' }, 'a/b/c/d/e/f/g/h/i', /at most 8 levels.*has 9/],
    [
      '$share on ejabberd',
      { ...v5, type: 'ejabberd', connack: { sharedSubscriptionAvailable: false } },
      '$share/g/a',
      /ejabberd has no shared subscriptions/,
    ],
    ['a wildcard on Prosody', { ...v4, type: 'prosody' }, 'home/#', /no wildcards/],
    ['$share on Prosody', { ...v4, type: 'prosody' }, '$share/g/a', /no shared subscriptions/],
    [
      'a wildcard where the CONNACK says so',
      { ...v5, connack: { wildcardSubscriptionAvailable: false } },
      'a/+',
      /allows no wildcards/,
    ],
    [
      '$share where the CONNACK says so',
      { ...v5, connack: { sharedSubscriptionAvailable: false } },
      '$share/g/a',
      /no shared subscriptions/,
    ],
  ] as const) {
    it(`${name}: before anything is sent`, () => {
      const stage = setTheStage(options);
      const [one, other] = [new Receiver('one'), new Receiver('other')];
      stage.add(one, filter);
      stage.add(other, 'fine');
      stage.connect();
      stage.settle();
      assert.equal(one.errors.length, 1);
      assert.match(String(one.errors), says);
      assert.deepEqual(other.errors, []);
      assert.equal(stage.server.asked.flat().length, 1);
    });
  }

  it('eight levels are fine on ejabberd', () => {
    const stage = setTheStage({ ...v4, type: 'ejabberd' });
    const one = new Receiver('one');
    stage.add(one, 'a/b/c/d/e/f/g/#');
    stage.connect();
    stage.settle();
    assert.equal(one.granted, 1);
  });

  it('a refused filter does not keep a message from the node’s other one', () => {
    const stage = setTheStage(v5);
    const one = new Receiver('one');
    stage.add(one, 'a/b');
    stage.add(one, '#');
    stage.connect().refuses.set('a/b', 135);
    stage.settle();
    stage.server.arrive('a/b', 'x', false);
    stage.settle();
    assert.deepEqual(one.take(), ['a/b=x']);
  });
});

describe('subscriptions: the server’s own topics', () => {
  it('flows see plain topics and where they came from', () => {
    const stage = setTheStage({ ...v4, type: 'prosody' });
    const one = new Receiver('one');
    stage.add(one, 'home/x');
    stage.connect();
    stage.settle();
    assert.deepEqual(stage.server.asked, [['pubsub.example.org/utf8/home/x']]);
    stage.server.arrive('pubsub.example.org/utf8/home/x', '1', false);
    stage.settle();
    assert.equal(one.got[0]?.topic, 'home/x');
    assert.deepEqual(one.got[0]?.pubsub, { service: 'pubsub.example.org', type: 'utf8', node: 'home/x' });
  });

  it('an empty payload is explained instead of delivered', () => {
    const stage = setTheStage({ ...v4, type: 'prosody' });
    const one = new Receiver('one');
    stage.add(one, 'home/x');
    stage.connect();
    stage.settle();
    stage.server.arrive('pubsub.example.org/utf8/home/x', '', false);
    stage.settle();
    assert.deepEqual(one.take(), []);
    assert.match(String(one.errors), /not of the type utf8/);
  });

  it('another server gets its own form', () => {
    const stage = setTheStage({ ...v4, type: 'prosody' });
    const one = new Receiver('one');
    const subscription = stage.add(one, 'home/x');
    stage.connect();
    stage.settle();
    stage.set.disconnected();
    (stage.options as { type?: string }).type = 'mosquitto';
    stage.connect();
    stage.settle();
    assert.deepEqual(stage.server.asked, [['home/x']]);
    stage.server.arrive('home/x', '1', false);
    stage.settle();
    assert.deepEqual(one.take(), ['home/x=1']);
    stage.set.remove(subscription);
    stage.settle();
    assert.deepEqual(stage.server.unsubscribed, [['home/x']]);
  });

  it('what nobody wants is nobody’s', () => {
    const stage = setTheStage(v5);
    const packet = { qos: 0, retain: false, dup: false } as const;
    assert.equal(stage.set.handle('a', Buffer.from('x'), packet), false);
    stage.connect();
    assert.equal(stage.set.handle('a', Buffer.from('x'), packet), false);
    stage.add(new Receiver('one'), 'a');
    assert.equal(stage.set.handle('a', Buffer.from('x'), packet), true);
  });
});

describe('subscriptions: who is to blame when the line dies behind them', () => {
  /** Connects until all is answered, to a server that closes for what `kills` says. Returns the number of losses. */
  function live(stage: Stage, kills: (filters: readonly string[]) => boolean): number {
    for (let losses = 0; losses < 40; losses++) {
      const { set } = stage;
      const careful = set.careful;
      const server = stage.connect(false, careful);
      let goesOn = !careful;
      if (careful) {
        set.proceed(() => {
          goesOn = true;
        });
      }
      let looked = 0;
      let dead = false;
      while (!dead && looked < server.packets.length) {
        dead = kills((server.packets[looked++]?.wanted ?? []).map(({ filter }) => filter));
        if (dead) break;
        server.settle();
        set.flush();
      }
      if (!dead) {
        assert.equal(goesOn, true, 'what waits for the filters goes on');
        return losses;
      }
      set.disconnected(lossAfter(50));
    }
    throw new Error('it never works');
  }
  const filters = (count: number) => Array.from({ length: count }, (_, index) => `t/${index}`);

  it('what waits for the filters goes on where the last of them is left out, or ends before it was asked for', () => {
    const bad = setTheStage(v4);
    for (const filter of filters(3)) bad.add(new Receiver(filter), filter);
    bad.add(new Receiver('last'), 't/last');
    live(bad, (asked) => asked.includes('t/last'));

    const stage = setTheStage(v4);
    const { set } = stage;
    const subscriptions = filters(4).map((filter) => new Receiver(filter).subscription(filter));
    for (const subscription of subscriptions) set.add(subscription);
    for (let loss = 0; loss < 2; loss++) {
      stage.connect();
      set.disconnected(lossAfter(50));
    }
    assert.equal(set.careful, true);
    const server = stage.connect(false, true);
    let goesOn = false;
    set.proceed(() => {
      goesOn = true;
    });
    server.settle();
    const asked = new Set(server.asked.flat());
    assert.deepEqual([asked.size < 4, goesOn], [true, false]);
    for (const subscription of subscriptions) if (!asked.has(subscription.filter)) set.remove(subscription);
    set.flush();
    assert.equal(goesOn, true);
  });

  for (const [count, bad] of [
    [1, [0]],
    [40, [23]],
    [500, [0, 250, 499]],
    [1_200, [7]],
  ] as const) {
    it(`${bad.length} of ${count} filters: found by halving and named, the others live`, () => {
      const stage = setTheStage(v4);
      const nodes = filters(count).map((filter) => {
        const receiver = new Receiver(filter);
        stage.add(receiver, filter);
        return receiver;
      });
      const culprits = new Set(bad.map((index) => `t/${index}`));
      const losses = live(stage, (asked) => asked.some((filter) => culprits.has(filter)));
      assert.ok(losses <= 3 + 5 * bad.length, `${losses} losses`);
      for (const { owner, errors } of nodes) {
        if (culprits.has(owner)) assert.match(errors.join(), new RegExp(`"${owner}".*left out`));
        else assert.deepEqual(errors, []);
      }
      assert.equal(stage.server.standing.size, count - bad.length);
      // After an ordinary loss as well, and in large packets again.
      stage.set.disconnected(lossAfter(100_000));
      stage.connect().settle();
      assert.equal(stage.server.standing.size, count - bad.length);
      assert.equal(stage.server.packets.length, Math.ceil((count - bad.length) / 500));
    });
  }

  it('a server that closes for more than eight in a packet: nobody is named, and the number is kept to', () => {
    const stage = setTheStage(v4);
    const node = new Receiver('n');
    for (const filter of filters(100)) stage.add(node, filter);
    assert.equal(
      live(stage, (asked) => asked.length > 8),
      2,
    );
    assert.deepEqual(node.errors, []);
    assert.equal(stage.server.standing.size, 100);
    stage.set.disconnected(lossAfter(100_000));
    assert.equal(
      live(stage, (asked) => asked.length > 8),
      0,
    );
    // UNSUBSCRIBE keeps to it as well.
    const others = filters(20).map((filter) => stage.add(new Receiver('other'), `${filter}/more`));
    stage.settle();
    for (const other of others) stage.set.remove(other);
    stage.settle();
    assert.deepEqual(
      stage.server.unsubscribed.map(({ length }) => length),
      [8, 8, 4],
    );
  });

  it('an outage is nobody’s fault: broker restarts, a line that never lasts, keep-alives, refusals by name', () => {
    const stage = setTheStage(v4);
    const node = new Receiver('n');
    for (const filter of filters(10)) stage.add(node, filter);
    const reasons = [
      ['closed', 139],
      ['closed', 142],
      ['takenover', undefined],
      ['timeout', undefined],
      ['closed', undefined],
    ] as const;
    for (let round = 0; round < 30; round++) {
      const [code, said] = reasons[round % reasons.length] ?? ['closed'];
      stage.connect(false, stage.set.careful);
      // It never shows that it lives: what is suspected does not even go out.
      stage.set.disconnected({ reason: new LinkError(code, words('x'), false, { said }), held: 20 });
    }
    stage.connect(false, stage.set.careful);
    stage.set.proceed(() => {});
    for (let turn = 0; turn < 20; turn++) stage.settle();
    assert.deepEqual(node.errors, []);
    assert.equal(stage.server.standing.size, 10);
  });

  it('no packet is larger than the server said, SUBSCRIBE and UNSUBSCRIBE, and a filter that never fits is named', () => {
    const stage = setTheStage({ ...v5, connack: { maximumPacketSize: 200 } });
    const nodes = filters(50).map((filter) => new Receiver(filter));
    const wanted = nodes.map((node) => stage.add(node, `${node.owner}/${'x'.repeat(20)}`));
    const long = new Receiver('long');
    stage.add(long, 'y'.repeat(200));
    stage.connect();
    stage.settle();
    const bytes = (list: readonly string[]): number =>
      list.reduce((sum, filter) => sum + filter.length + 3, 13);
    for (const packet of stage.server.asked) assert.ok(bytes(packet) <= 200, `${bytes(packet)} bytes`);
    assert.equal(stage.server.standing.size, 50);
    assert.match(long.errors.join(), /needs up to 216 bytes.*takes 200 in one packet/);
    for (const one of wanted) stage.set.remove(one);
    stage.settle();
    for (const packet of stage.server.unsubscribed) assert.ok(bytes(packet) <= 200);
    assert.equal(stage.server.unsubscribed.flat().length, 50);
  });
});
