/** Packets whose acknowledgement waits, and messages that come before there is somebody to bring them to. */
import assert from 'node:assert/strict';
import type { IPublishPacket } from 'mqtt';
import { InboundBuffer } from '../../../../../src/transport/mqtt/inbound/inbound-buffer';
import { PendingAcks } from '../../../../../src/transport/mqtt/inbound/pending-acks';

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
  const held: PendingAcks = new PendingAcks(
    ({ messageId }) => void acknowledged.push(messageId),
    (_packet, bring) => bring(),
  );
  const room = new InboundBuffer(held);
  const keep = (qos: 0 | 1 | 2, id: number): IPublishPacket => {
    const kept = packet(qos, id);
    room.keep(`t/${id}`, Buffer.from('x'), kept);
    return kept;
  };
  /** What is brought, and what had been acknowledged by then. */
  const bring = (): string[] => {
    const brought: string[] = [];
    for (const { topic, release } of room.empty()) {
      brought.push(`${topic} after ${acknowledged.join()}`);
      release?.();
    }
    return brought;
  };
  return { acknowledged, held, room, keep, bring };
}

describe('held packets', () => {
  it('are acknowledged when the last holder lets go', () => {
    const { acknowledged, held } = setUp();
    const one = packet(1, 1);
    const letGo = [held.defer(one, assert.fail), held.defer(one, assert.fail)];
    letGo[0]?.release();
    assert.deepEqual([held.size, acknowledged], [1, []]);
    letGo[1]?.release();
    assert.deepEqual([held.size, acknowledged], [0, [1]]);
    assert.deepEqual([held.took(one), held.took(packet(1, 1))], [true, false]);
    held.lost();
  });

  it('are brought once more, held meanwhile, and acknowledged when nobody holds them any more', () => {
    const { acknowledged, held } = setUp();
    const one = packet(1, 1);
    const first = held.defer(one, () => {});
    let second = first;
    first.again(() => {
      second = held.defer(one, () => {});
    });
    assert.deepEqual([held.size, acknowledged], [1, []]);
    second.again(() => assert.deepEqual(acknowledged, []));
    assert.deepEqual([held.size, acknowledged], [0, [1]]);
    second.again(() => assert.fail('it is acknowledged already'));
  });

  it('of a connection that is gone: each holder is told, and nothing is acknowledged any more', () => {
    const { acknowledged, held } = setUp();
    const told: string[] = [];
    const one = packet(1, 1);
    const old = held.defer(one, () => void told.push('a'));
    held.defer(one, () => void told.push('b'));
    held.defer(packet(1, 2), () => void told.push('c'));
    held.lost();
    assert.deepEqual([told, held.size], [['a', 'b', 'c'], 0]);
    held.lost();
    assert.equal(told.length, 3);
    // The same packet, held anew, is not let go by an old holder.
    held.defer(one, () => {});
    old.release();
    old.release();
    assert.deepEqual([held.size, acknowledged], [1, []]);
  });
});

describe('messages that wait', () => {
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
      const { acknowledged, held, room, keep, bring } = setUp();
      keep(0, 1);
      keep(1, 2);
      keep(2, 3);
      assert.equal(held.size, 1);
      room.age(comesAgain);
      assert.equal(held.size, 0);
      assert.deepEqual(bring(), expected);
      assert.deepEqual(acknowledged, [], 'the acknowledgement would mean another message now');
    }
  });

  it('fill the room, by number and by bytes', () => {
    const { room, keep, bring } = setUp();
    for (let id = 1; id < 10_000; id++) keep(0, id);
    assert.equal(room.isFull, false);
    keep(0, 10_000);
    assert.equal(room.isFull, true);
    assert.equal(bring().length, 10_000);
    assert.equal(room.isFull, false);
    room.keep('t', Buffer.alloc(16 * 1_048_576), packet(0, 1));
    assert.equal(room.isFull, true);
  });
});
