/** Packets whose acknowledgement waits, and messages that come before there is somebody to bring them to. */
import assert from 'node:assert/strict';
import type { IPublishPacket } from 'mqtt';
import { EarlyMessages } from '../../../src/transport/mqtt/early-messages';
import { HeldPackets } from '../../../src/transport/mqtt/held-packets';

const packet = (qos: 0 | 1 | 2, messageId: number): IPublishPacket => ({
  cmd: 'publish',
  topic: 't',
  payload: '',
  qos,
  messageId,
  dup: false,
  retain: false,
});

function setUp() {
  const acknowledged: (number | undefined)[] = [];
  const held = new HeldPackets(({ messageId }) => void acknowledged.push(messageId));
  const early = new EarlyMessages(held);
  const keep = (qos: 0 | 1 | 2, id: number): IPublishPacket => {
    const kept = packet(qos, id);
    early.keep(`t/${id}`, Buffer.from('x'), kept);
    return kept;
  };
  /** What is brought, and what had been acknowledged by then. */
  const bring = (): string[] => {
    const brought: string[] = [];
    early.bring((topic) => void brought.push(`${topic} after ${acknowledged.join()}`));
    return brought;
  };
  return { acknowledged, held, early, keep, bring };
}

describe('held packets', () => {
  it('are acknowledged when the last holder lets go', () => {
    const { acknowledged, held } = setUp();
    const one = packet(1, 1);
    const letGo = [held.hold(one, assert.fail), held.hold(one, assert.fail)];
    letGo[0]?.();
    assert.deepEqual([held.has(one), acknowledged], [true, []]);
    letGo[1]?.();
    assert.deepEqual([held.has(one), acknowledged], [false, [1]]);
    held.lost();
  });

  it('of a connection that is gone: each holder is told, and nothing is acknowledged any more', () => {
    const { acknowledged, held } = setUp();
    const told: string[] = [];
    const one = packet(1, 1);
    const old = held.hold(one, () => void told.push('a'));
    held.hold(one, () => void told.push('b'));
    held.hold(packet(1, 2), () => void told.push('c'));
    held.lost();
    assert.deepEqual([told, held.has(one)], [['a', 'b', 'c'], false]);
    held.lost();
    assert.equal(told.length, 3);
    // The same packet, held anew, is not let go by an old holder.
    held.hold(one, () => {});
    old();
    old();
    assert.deepEqual([held.has(one), acknowledged], [true, []]);
  });
});

describe('early messages', () => {
  it('are brought once, in their order, and acknowledged then (QoS 1)', () => {
    const { acknowledged, keep, bring } = setUp();
    keep(0, 1);
    keep(1, 2);
    keep(2, 3);
    assert.deepEqual(acknowledged, []);
    assert.deepEqual(bring(), ['t/1 after ', 't/2 after ', 't/3 after 2']);
    assert.deepEqual([acknowledged, bring()], [[2], []]);
  });

  it('of a connection that is gone: those that a session brings again are not kept', () => {
    for (const [comesAgain, expected] of [
      [true, ['t/1 after ', 't/3 after ']],
      [false, ['t/1 after ', 't/2 after ', 't/3 after ']],
    ] as const) {
      const { acknowledged, held, early, keep, bring } = setUp();
      keep(0, 1);
      const one = keep(1, 2);
      keep(2, 3);
      assert.equal(held.has(one), true);
      early.age(comesAgain);
      assert.equal(held.has(one), false);
      assert.deepEqual(bring(), expected);
      assert.deepEqual(acknowledged, [], 'the acknowledgement would mean another message now');
    }
  });

  it('no more than ten thousand at QoS 0', () => {
    const { keep, bring } = setUp();
    for (let id = 1; id <= 10_010; id++) keep(0, id);
    keep(1, 10_011);
    const brought = bring();
    assert.equal(brought.length, 10_001);
    assert.equal(brought.at(-1), 't/10011 after ');
  });
});
