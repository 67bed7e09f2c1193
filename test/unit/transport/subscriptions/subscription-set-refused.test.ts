import assert from 'node:assert/strict';
import { words } from '../../../../src/base/catalogue';
import { LinkError } from '../../../../src/transport/errors';
import { lossAfter, Receiver, type Stage, setTheStage } from '../fake-server';

const v5 = { v5: true, copies: 'each' } as const;

const v4 = { v5: false, copies: 'once' } as const;

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

describe('subscriptions: who is to blame when the line dies behind them', () => {
  /** Connects until all is answered, to a server that closes for what `kills` says. Returns the number of losses. */
  function live(stage: Stage, kills: (filters: readonly string[]) => boolean): number {
    for (let losses = 0; losses < 40; losses++) {
      const { set } = stage;
      const probation = set.probation;
      const server = stage.connect(false, probation);
      let goesOn = !probation;
      if (probation) {
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
    assert.equal(set.probation, true);
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
      stage.connect(false, stage.set.probation);
      // It never shows that it lives: what is suspected does not even go out.
      stage.set.disconnected({ reason: new LinkError(code, words('x'), false, { said }), uptime: 20 });
    }
    stage.connect(false, stage.set.probation);
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
