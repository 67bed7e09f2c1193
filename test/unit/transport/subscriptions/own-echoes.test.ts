import assert from 'node:assert/strict';
import { OwnEchoes } from '../../../../src/transport/subscriptions/own-echoes';
import { FakeClock } from '../fake-clock';
import { Receiver, setTheStage } from '../fake-server';

describe('own messages that come back', () => {
  const text = (payload: string) => Buffer.from(payload);

  it('are taken once for each publication', () => {
    const echoes = new OwnEchoes(new FakeClock());
    for (const payload of ['x', 'x', 'y']) echoes.note('t', payload);
    assert.deepEqual(
      ['x', 'y', 'x', 'x', 'y'].map((payload) => echoes.take('t', text(payload))),
      [true, true, true, false, false],
    );
    assert.equal(echoes.take('u', text('x')), false);
  });

  it('are awaited for 30 seconds', () => {
    const clock = new FakeClock();
    const echoes = new OwnEchoes(clock);
    echoes.note('t', 'x');
    clock.advance(29_999);
    echoes.note('t', 'y');
    assert.equal(echoes.take('t', text('x')), true);
    clock.advance(30_000);
    assert.equal(echoes.take('t', text('y')), false);
    echoes.note('t', 'z');
    clock.advance(30_000);
    echoes.note('t', 'z');
    assert.deepEqual([echoes.take('t', text('z')), echoes.take('t', text('z'))], [true, false]);
  });

  it('cost bounded memory, whatever is published', () => {
    const echoes = new OwnEchoes(new FakeClock());
    for (let n = 0; n < 30_000; n++) echoes.note(`t/${n}`, 'x'.repeat(100));
    assert.equal(echoes.take('t/0', text('x'.repeat(100))), false);
    assert.equal(echoes.take('t/29999', text('x'.repeat(100))), true);
    assert.ok(Object.values(echoes).some((value) => value instanceof Map && value.size <= 10_000));
  });

  for (const copies of ['once', 'each'] as const)
    it(`on MQTT 3.1.1 do not reach the node that does not want them; others do (copies: ${copies})`, () => {
      const stage = setTheStage({ v5: false, copies, type: copies === 'each' ? 'ejabberd' : 'mosquitto' });
      const [relay, other] = [new Receiver('relay'), new Receiver('other')];
      stage.connect();
      stage.add(relay, 'a/#', { nl: true });
      stage.add(other, copies === 'each' ? 'a/b' : 'a/#');
      stage.settle();
      const publish = (payload: string) => {
        stage.set.published('a/b', payload);
        stage.server.publish({ topic: 'a/b', payload }, () => {});
        stage.settle();
      };
      publish('own');
      stage.server.arrive('a/b', 'own', false);
      stage.server.arrive('a/b', 'theirs', false);
      stage.settle();
      assert.deepEqual(relay.seen, ['a/b=own', 'a/b=theirs'], 'the one of somebody else');
      assert.deepEqual(other.seen, ['a/b=own', 'a/b=own', 'a/b=theirs']);
    });

  it('on a link with options that cannot tell whose a message is (Prosody’s bridge) do not, either', () => {
    const stage = setTheStage({ v5: true, noLocal: false, copies: 'merged' });
    const relay = new Receiver('relay');
    stage.connect();
    stage.add(relay, 'a/#', { nl: true });
    stage.settle();
    stage.set.published('a/b', 'own');
    for (const payload of ['own', 'theirs']) stage.server.arrive('a/b', payload, false);
    stage.settle();
    assert.deepEqual(relay.seen, ['a/b=theirs']);
  });

  for (const keepSession of [false, true])
    it(`that were lost with their connection are awaited only where the server kept the session: ${keepSession}`, () => {
      const stage = setTheStage({ v5: false, copies: 'once' });
      const relay = new Receiver('relay');
      stage.connect();
      stage.add(relay, 'a', { nl: true });
      stage.settle();
      stage.set.published('a', 'on');
      stage.set.disconnected();
      stage.connect(keepSession);
      stage.settle();
      stage.server.arrive('a', 'on', false);
      stage.settle();
      assert.deepEqual(relay.seen, keepSession ? [] : ['a=on'], 'of somebody else');
    });

  it('costs nothing where nobody asked, and on MQTT 5 the server does it', () => {
    for (const [v5, nl] of [
      [false, false],
      [true, true],
    ] as const) {
      const stage = setTheStage({ v5, copies: 'once' });
      const receiver = new Receiver('one');
      stage.connect();
      const subscription = stage.add(receiver, 'a', { nl });
      stage.settle();
      stage.set.published('a', 'x');
      stage.server.arrive('a', 'x', false);
      stage.settle();
      assert.deepEqual(receiver.seen, ['a=x']);
      stage.set.remove(subscription);
    }
  });

  it('are forgotten with the node that did not want them', () => {
    const stage = setTheStage({ v5: false, copies: 'once' });
    const receiver = new Receiver('one');
    stage.connect();
    const first = stage.add(receiver, 'a', { nl: true });
    stage.set.remove(first);
    stage.set.remove(first);
    stage.add(receiver, 'a');
    stage.settle();
    stage.set.published('a', 'x');
    stage.server.arrive('a', 'x', false);
    stage.settle();
    assert.deepEqual(receiver.seen, ['a=x']);
  });
});
