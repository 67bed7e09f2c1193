import assert from 'node:assert/strict';
import type { Notice } from '../../../../src/discovery/types';
import { Receiver, setTheStage, told } from '../fake-server';

const v5 = { v5: true, copies: 'each' } as const;

const v4 = { v5: false, copies: 'once' } as const;

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

describe('subscriptions: a receiver that throws', () => {
  it('costs its own message only: the others get theirs, and it is said', () => {
    for (const retain of [false, true]) {
      const notices: Notice[] = [];
      const stage = setTheStage(v5, (notice) => notices.push(notice));
      const [before, after] = [new Receiver('before'), new Receiver('after')];
      stage.add(before, 'a', { rap: true });
      const broken = stage.add(new Receiver('broken'), 'a', { rap: true });
      broken.deliver = () => {
        throw new RangeError('too deep');
      };
      const named: string[][] = [];
      const own = stage.add(new Receiver('own'), 'a', { rap: true });
      Object.assign(own, { deliver: broken.deliver, failed: (...said: string[]) => named.push(said) });
      stage.add(after, 'a', { rap: true });
      stage.connect();
      stage.set.tap = () => {
        throw new Error('the recorder');
      };
      stage.settle();
      stage.server.arrive('a', 'x', retain);
      stage.settle();
      assert.deepEqual([before.got.length, after.got.length], [1, 1], `retain ${retain}`);
      assert.deepEqual(
        notices.map(({ code, text }) => [code, text.params]),
        [
          ['not-passed-on', { topic: 'a', reason: 'Error: the recorder' }],
          ['not-passed-on', { topic: 'a', reason: 'RangeError: too deep' }],
        ],
      );
      assert.deepEqual(named, [['a', 'RangeError: too deep']], 'a node says it itself');
    }
  });
});
