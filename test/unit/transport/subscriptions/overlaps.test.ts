import assert from 'node:assert/strict';
import { profileOf } from '../../../../src/servers/profiles';
import { Overlaps } from '../../../../src/transport/subscriptions/overlaps';
import { FakeClock } from '../fake-clock';
import { FakeServer } from '../fake-server';

/** `copies`: what the server sends where two filters match. */
function setUp(copies: 'each' | 'once') {
  const clock = new FakeClock();
  const overlaps = new Overlaps(clock, () => 0.5);
  const server = new FakeServer({ v5: false, copies });
  server.receive = (topic) => assert.ok(overlaps.take(topic));
  const came: number[] = [];
  const hold = (number: number) => {
    if (overlaps.mustWait) overlaps.buffer(() => came.push(number));
    else came.push(number);
  };
  return { clock, overlaps, server, came, hold };
}

describe('overlapping filters of a server', () => {
  for (const copies of ['each', 'once'] as const) {
    it(`are asked for once, and what comes meanwhile waits: ${copies}`, () => {
      const { clock, overlaps, server, came, hold } = setUp(copies);
      assert.equal(overlaps.isUnknown, true);
      overlaps.ask(server);
      assert.deepEqual([overlaps.isUnknown, overlaps.mustWait], [false, true]);
      hold(1);
      hold(2);
      assert.deepEqual(came, []);
      server.settle();
      clock.advance(5_000);
      hold(3);
      assert.deepEqual(came, [1, 2, 3]);
      assert.deepEqual([overlaps.isUnknown, overlaps.perFilter], [false, copies === 'each']);
    });
  }

  it('no more than a thousand wait', () => {
    const { overlaps, server, came, hold } = setUp('once');
    overlaps.ask(server);
    for (let number = 0; number < 1_010; number++) hold(number);
    assert.equal(came.length, 10);
    overlaps.cancel(false);
    assert.equal(came.length, 1_010);
  });

  it('a connection that goes leaves the question open, and keeps nothing back', () => {
    const { clock, overlaps, server, came, hold } = setUp('each');
    overlaps.ask(server);
    hold(1);
    overlaps.cancel(false);
    clock.advance(5_000);
    assert.deepEqual([came, overlaps.isUnknown, overlaps.mustWait], [[1], true, false]);
    overlaps.ask(server);
    assert.equal(overlaps.mustWait, true);
  });

  it('what the profile knows is not asked', () => {
    const { overlaps } = setUp('once');
    overlaps.learn(profileOf('prosody'));
    assert.deepEqual([overlaps.isUnknown, overlaps.perFilter], [false, false]);
    overlaps.learn(profileOf('mosquitto'));
    assert.equal(overlaps.isUnknown, false);
  });
});
