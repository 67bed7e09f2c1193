import assert from 'node:assert/strict';
import { PendingReplies } from '../../../../src/nodes/dinox-alert/pending-replies';
import { Harness } from '../../alert/support';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const above = { condition: 'above', limits: { limit: 25 } } as const;
const asker = { by: 'anna', byJid: 'anna@example.org' } as never;

describe('alert: what people wrote while nobody listened comes before reminders', () => {
  /** It fired, was told, and the process was away for an hour, in which everything fell due. */
  function restarted(rules: object, isBehind: () => boolean, prepare = (_: Harness): void => {}) {
    const harness = new Harness({ ...above, ...rules });
    harness.sample('a', 30);
    prepare(harness);
    harness.told();
    let read = (): void => {};
    let isListening = true;
    let replies: PendingReplies | undefined;
    harness.restartFrom(harness.saved(), HOUR, (machine) => {
      replies = new PendingReplies({
        ...{ machine, clock: harness.clock, isBehind },
        onRead: (heard) => {
          read = heard;
          return () => {
            isListening = false;
          };
        },
      });
    });
    return { harness, replies: replies as PendingReplies, read: () => read(), listens: () => isListening };
  }
  const DUE = [
    ['a reminder', { repeatEvery: 10 * MINUTE }, ['a reminder firing']],
    ['an escalation', { escalateAfter: 10 * MINUTE }, ['a escalated firing']],
    [
      'an acknowledgement for a time that is over',
      {},
      ['a expired firing'],
      (harness: Harness) => void harness.commands.command({ cmd: 'ack', ms: 10 * MINUTE }, asker),
    ],
  ] as const;

  for (const [what, rules, told, prepare] of DUE) {
    it(`${what} waits for the archive, and does not come after an ok in it`, () => {
      let isBehind = true;
      const { harness, replies, read, listens } = restarted(rules, () => isBehind, prepare);
      replies.started();
      harness.wait(10 * SECOND);
      read();
      harness.wait(5 * SECOND);
      assert.deepEqual(harness.told(), []);
      isBehind = false;
      read();
      harness.commands.command({ cmd: 'ack' }, asker);
      harness.told();
      harness.wait(20 * MINUTE);
      assert.deepEqual(harness.told(), []);
      assert.equal(listens(), false);
    });

    it(`${what} comes after an archive without one, once`, () => {
      let isBehind = true;
      const { harness, replies, read } = restarted(rules, () => isBehind, prepare);
      replies.started();
      isBehind = false;
      read();
      assert.deepEqual(harness.told(), [], 'alerts look for copies first');
      harness.wait(2 * SECOND);
      assert.deepEqual(harness.told(), told);
      harness.wait(MINUTE);
      assert.deepEqual(harness.told(), []);
    });

    it(`${what} comes at once where nobody can write, and after half a minute where the server is away`, () => {
      const alone = restarted(rules, () => false, prepare);
      assert.deepEqual(alone.harness.told(), []);
      alone.replies.started();
      assert.deepEqual(alone.harness.told(), told);

      const away = restarted(rules, () => true, prepare);
      away.replies.started();
      away.harness.wait(29 * SECOND);
      assert.deepEqual(away.harness.told(), []);
      away.harness.wait(2 * SECOND);
      assert.deepEqual(away.harness.told(), told);
    });
  }

  it('a new alert waits for nothing, and neither does what ends', () => {
    const { harness, replies } = restarted({ repeatEvery: 10 * MINUTE }, () => true);
    replies.started();
    harness.sample('b', 30);
    harness.sample('a', 10);
    assert.deepEqual(harness.told(), ['b raised firing', 'a cleared normal']);
  });

  it('the clock is set meanwhile: it is half a minute all the same', () => {
    const { harness, replies } = restarted({ repeatEvery: 10 * MINUTE }, () => true);
    replies.started();
    harness.clock.jump(-HOUR);
    harness.wait(29 * SECOND);
    assert.deepEqual(harness.told(), []);
    harness.wait(2 * SECOND);
    assert.deepEqual(harness.told(), ['a reminder firing']);
  });

  it('a node that closes asks no more', () => {
    const { harness, replies, read, listens } = restarted({ repeatEvery: 10 * MINUTE }, () => false);
    replies.close();
    assert.equal(listens(), false);
    read();
    replies.started();
    assert.deepEqual(harness.told(), []);
  });

  it('the digest, which names what nobody acknowledged, waits, too', () => {
    const { harness, replies } = restarted({ repeatEvery: 10 * MINUTE }, () => true);
    harness.machine.notifier.digestDue = harness.clock.now() - MINUTE;
    replies.started();
    assert.equal(harness.machine.notifier.digestDue, harness.clock.now() - MINUTE);
    harness.wait(31 * SECOND);
    assert.equal(harness.machine.notifier.digestDue, Number.POSITIVE_INFINITY);
  });
});
