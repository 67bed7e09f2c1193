import assert from 'node:assert/strict';
import { LoopGuard } from '../../../src/chatbridge/loop-guard';
import { FakeClock } from '../transport/fake-clock';

describe('loop guard', () => {
  it('takes a text that crossed from the other side for an echo, for 60 s', () => {
    const clock = new FakeClock();
    const guard = new LoopGuard(clock);
    guard.note('mqtt', '22.1', '[home/x] 22.1');
    assert.deepEqual([guard.isEcho('chat', '22.1'), guard.isEcho('chat', ' [home/x] 22.1\n')], [true, true]);
    assert.equal(guard.isEcho('mqtt', '22.1'), false, 'the same value again is news');
    clock.advance(61_000);
    assert.equal(guard.isEcho('chat', '22.1'), false);
  });

  it('remembers a bounded number of texts, long ones by their beginning and length', () => {
    const guard = new LoopGuard(new FakeClock());
    const long = 'x'.repeat(100_000);
    guard.note('chat', long);
    assert.deepEqual([guard.isEcho('mqtt', long), guard.isEcho('mqtt', `${long}x`)], [true, false]);
    for (let n = 0; n < 1_000; n++) guard.note('chat', `text ${n}`);
    assert.deepEqual([guard.isEcho('mqtt', long), guard.isEcho('mqtt', 'text 999')], [false, true]);
  });
});
