import assert from 'node:assert/strict';
import type { QueueLimits } from '../../../../src/base/bounded-queue';
import { words } from '../../../../src/base/catalogue';
import { LinkError } from '../../../../src/transport/errors';
import type { Publication } from '../../../../src/transport/messages';
import { Outbox, type OutboxSink } from '../../../../src/transport/outbox/outbox';
import { FakeClock } from '../fake-clock';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** A connection that takes messages and answers when it is told to. */
class FakeSender implements OutboxSink {
  writable = true;
  window = 100;
  readonly sent: { payload: string; qos: number; answer: (error?: Error) => void }[] = [];

  send(publication: Publication, sent: (error?: Error) => void): void {
    this.sent.push({ payload: String(publication.payload), qos: publication.qos, answer: sent });
  }

  get payloads(): string[] {
    return this.sent.map(({ payload }) => payload);
  }

  answer(index: number, error?: Error): void {
    const entry = this.sent[index];
    assert.ok(entry, `no message number ${index} was handed over`);
    entry.answer(error);
  }
}

function setUp(limits: Partial<QueueLimits> = {}) {
  const clock = new FakeClock();
  const told: number[] = [];
  const kept = new Map<number, number>();
  const outbox = new Outbox(
    { messages: 10_000, bytes: 16_777_216, ttl: HOUR, ...limits },
    clock,
    () => told.push(outbox.size),
    { put: ({ number, due }) => kept.set(number, due), remove: (number) => kept.delete(number) },
  );
  /** What `done` was called with, by payload. */
  const done = new Map<string, (Error | undefined)[]>();
  const push = (
    payload: string,
    qos: 0 | 1 | 2 = 0,
    then?: () => void,
    more: Partial<Publication> = {},
  ): void => {
    const results: (Error | undefined)[] = [];
    done.set(payload, results);
    outbox.push({ topic: 't', payload, qos, retain: false, ...more }, (error) => {
      results.push(error);
      then?.();
    });
  };
  /** What its node would rather lose than have wait. */
  const pushNow = (payload: string): void => push(payload, 0, undefined, { dropOffline: true });
  const outcome = (payload: string): string => {
    const results = done.get(payload) ?? [];
    return results.length === 0
      ? 'open'
      : results.map((error) => (error ? (error as LinkError).code : 'sent')).join(',');
  };
  return { clock, outbox, push, pushNow, kept, outcome, told, sender: new FakeSender() };
}

describe('outbox', () => {
  it('sends at once where there is a connection, and calls done when the server has it', () => {
    const { outbox, push, outcome, sender } = setUp();
    outbox.attach(sender);
    push('a', 1);
    assert.deepEqual(sender.payloads, ['a']);
    assert.equal(outcome('a'), 'open');
    sender.answer(0);
    assert.equal(outcome('a'), 'sent');
    sender.answer(0);
    assert.equal(outcome('a'), 'sent');
  });

  it('keeps the order of what waited', () => {
    const { outbox, push, sender } = setUp();
    for (let i = 0; i < 3_000; i++) push(String(i), (i % 3) as 0 | 1 | 2);
    sender.window = 10_000;
    outbox.attach(sender);
    assert.deepEqual(
      sender.payloads,
      Array.from({ length: 3_000 }, (_, i) => String(i)),
    );
    assert.equal(outbox.size, 0);
  });

  it('hands the reason of a refusal to done', () => {
    const { outbox, push, outcome, sender } = setUp();
    outbox.attach(sender);
    push('a', 1);
    sender.answer(0, new LinkError('refused', words('no')));
    assert.equal(outcome('a'), 'refused');
  });

  it('takes a sender that throws for one that refuses', () => {
    const { outbox, push, outcome, sender } = setUp();
    sender.send = () => {
      throw new LinkError('config', words('not this one'));
    };
    outbox.attach(sender);
    push('a', 1);
    push('b');
    assert.equal(outcome('a'), 'config');
    assert.equal(outcome('b'), 'config');
  });

  it('does not call done twice where a sender calls back and then throws', () => {
    const { outbox, push, outcome, sender } = setUp();
    sender.send = (_publication, sent) => {
      sent();
      throw new Error('afterwards');
    };
    outbox.attach(sender);
    push('a');
    assert.equal(outcome('a'), 'sent');
  });

  it('waits while the socket is full', () => {
    const { outbox, push, sender } = setUp();
    sender.writable = false;
    outbox.attach(sender);
    push('a');
    assert.deepEqual(sender.payloads, []);
    sender.writable = true;
    outbox.resume();
    assert.deepEqual(sender.payloads, ['a']);
  });

  it('has no more above QoS 0 under way than the broker takes', () => {
    const { outbox, push, sender } = setUp();
    sender.window = 2;
    outbox.attach(sender);
    for (const name of ['a', 'b', 'c', 'd']) push(name, 1);
    assert.deepEqual(sender.payloads, ['a', 'b']);
    sender.answer(1);
    assert.deepEqual(sender.payloads, ['a', 'b', 'c']);
    sender.answer(1);
    assert.deepEqual(sender.payloads, ['a', 'b', 'c']);
  });

  describe('when the connection is lost', () => {
    it('sends QoS 0 anew, and leaves what is above to the client', () => {
      const { outbox, push, outcome, sender } = setUp();
      outbox.attach(sender);
      push('a', 0);
      push('b', 1);
      push('c', 0);
      outbox.detach(false);
      assert.equal(outbox.size, 2);
      const next = new FakeSender();
      outbox.attach(next);
      assert.deepEqual(next.payloads, ['a', 'c']);
      sender.answer(0);
      assert.equal(outcome('a'), 'open');
      sender.answer(1);
      assert.equal(outcome('b'), 'sent');
      next.answer(0);
      assert.equal(outcome('a'), 'sent');
    });

    it('counts what the client still has under way', () => {
      const { outbox, push, sender } = setUp();
      sender.window = 1;
      outbox.attach(sender);
      push('a', 1);
      outbox.detach(false);
      const next = new FakeSender();
      next.window = 1;
      outbox.attach(next);
      push('b', 1);
      assert.deepEqual(next.payloads, []);
      sender.answer(0);
      assert.deepEqual(next.payloads, ['b']);
    });

    it('sends everything anew where the client is over, in order and before what waits', () => {
      const { outbox, push, outcome, sender } = setUp();
      outbox.attach(sender);
      push('a', 0);
      push('b', 1);
      sender.writable = false;
      push('c', 2);
      outbox.detach(true);
      const next = new FakeSender();
      outbox.attach(next);
      assert.deepEqual(next.payloads, ['a', 'b', 'c']);
      sender.answer(1);
      assert.equal(outcome('b'), 'open');
    });
  });

  describe('limits', () => {
    it('drops the oldest of too many, and says why', () => {
      const { outbox, push, outcome } = setUp({ messages: 2 });
      for (const name of ['a', 'b', 'c']) push(name);
      assert.deepEqual(['a', 'b', 'c'].map(outcome), ['network', 'open', 'open']);
      assert.equal(outbox.size, 2);
    });

    it('says what to do about it', () => {
      const { outbox, push } = setUp({ messages: 1, bytes: 10 });
      const errors: string[] = [];
      for (const payload of ['a', 'b', 'x'.repeat(11)])
        outbox.push({ topic: 't', payload, qos: 0, retain: false }, (error) => errors.push(String(error)));
      push('over');
      assert.match(
        errors[0] ?? '',
        /queue is full \(1 messages or 10 bytes\).*oldest goes first.*queueMessages/,
      );
      assert.match(errors[1] ?? '', /cannot wait.*10 bytes \(queueBytes\).*Raise that in the dinox-broker/);
    });

    it('drops the oldest of too many bytes', () => {
      const { push, outcome } = setUp({ bytes: 10 });
      for (const name of ['1111', '2222', '3333']) push(name);
      assert.deepEqual(['1111', '2222', '3333'].map(outcome), ['network', 'open', 'open']);
    });

    it('counts bytes of what is out no more, and of what came back again', () => {
      const { outbox, push, outcome, sender } = setUp({ bytes: 10 });
      outbox.attach(sender);
      for (const name of ['1111', '2222', '3333', '4444']) push(name);
      outbox.detach(false);
      assert.deepEqual(['1111', '2222', '3333', '4444'].map(outcome), ['network', 'network', 'open', 'open']);
      outbox.attach(sender);
      outbox.detach(false);
      assert.deepEqual(['3333', '4444'].map(outcome), ['open', 'open']);
      push('5');
      assert.deepEqual(['3333', '4444', '5'].map(outcome), ['network', 'open', 'open']);
    });

    it('does not drop the small ones for one that would never fit', () => {
      const { push, outcome } = setUp({ bytes: 10 });
      push('a');
      push('b');
      push('x'.repeat(11));
      assert.deepEqual(['a', 'b', 'x'.repeat(11)].map(outcome), ['open', 'open', 'network']);
    });

    it('sends a large message where a connection takes it', () => {
      const { outbox, push, outcome, sender } = setUp({ bytes: 10, messages: 0 });
      outbox.attach(sender);
      push('x'.repeat(11), 1);
      assert.equal(outcome('x'.repeat(11)), 'open');
      assert.equal(sender.sent.length, 1);
    });

    it('takes what is pushed from within done for any other message', () => {
      const { outbox, push, outcome, sender } = setUp({ messages: 0 });
      sender.send = (_publication, sent) => sent();
      outbox.attach(sender);
      push('a', 0, () => push('b', 0, () => push('c')));
      assert.deepEqual(['a', 'b', 'c'].map(outcome), ['sent', 'sent', 'sent']);
    });
  });

  describe('age', () => {
    it('gives up what has waited too long', () => {
      const { clock, outbox, push, outcome } = setUp({ ttl: 1_000 });
      push('a');
      clock.advance(600);
      push('b');
      clock.advance(399);
      assert.equal(outcome('a'), 'open');
      clock.advance(1);
      assert.deepEqual(['a', 'b'].map(outcome), ['timeout', 'open']);
      clock.advance(600);
      assert.equal(outcome('b'), 'timeout');
      assert.equal(outbox.size, 0);
      assert.equal(clock.waiting, 0);
    });

    it('names the time and the topic', () => {
      const { clock, outbox } = setUp({ ttl: 90_000 });
      let reason: Error | undefined;
      outbox.push({ topic: 'home/x', payload: '', qos: 0, retain: false }, (error) => {
        reason = error;
      });
      clock.advance(90_000);
      assert.match(
        String(reason?.message),
        /90 s \(queueTtl\).*Raise that in the dinox-broker node.*home\/x/s,
      );
    });

    it('takes the age from the first try', () => {
      const { clock, outbox, push, outcome, sender } = setUp({ ttl: 1_000 });
      outbox.attach(sender);
      push('a');
      clock.advance(800);
      outbox.detach(false);
      clock.advance(200);
      assert.equal(outcome('a'), 'timeout');
    });

    it('counts for each by itself: what waits longer lets nothing behind it live longer', () => {
      const { clock, outbox, push, outcome, sender } = setUp({ ttl: 1_000 });
      const results: (Error | undefined)[] = [];
      // A message of a predecessor with a longer queueTtl.
      const publication = { topic: 't', payload: 'old', qos: 0, retain: false } as const;
      outbox.take([{ publication, due: clock.steady() + HOUR, done: (error) => results.push(error) }]);
      push('a');
      clock.advance(500);
      push('b');
      clock.advance(499);
      assert.equal(outcome('a'), 'open');
      clock.advance(1);
      assert.deepEqual(['a', 'b'].map(outcome), ['timeout', 'open']);
      clock.advance(500);
      assert.deepEqual([outcome('b'), outbox.size, results], ['timeout', 1, []]);
      outbox.attach(sender);
      assert.deepEqual(sender.payloads, ['old']);
      assert.equal(clock.waiting, 0);
    });

    for (const [name, ms] of [
      ['an hour back', -HOUR],
      ['a year ahead', 365 * 24 * HOUR],
    ] as const) {
      it(`kind: a wall clock where a steady one belongs. Set ${name}, it neither ends nor prolongs a wait or a lifetime`, () => {
        const { clock, push, outcome } = setUp({ ttl: 5_000 });
        push('a', 1);
        push('mortal', 1, undefined, { properties: { messageExpiryInterval: 2 } });
        clock.advance(1_000);
        clock.set(ms);
        clock.advance(900);
        assert.deepEqual(['a', 'mortal'].map(outcome), ['open', 'open']);
        clock.advance(200);
        assert.deepEqual(['a', 'mortal'].map(outcome), ['open', 'timeout']);
        clock.advance(2_800);
        assert.equal(outcome('a'), 'open');
        clock.advance(200);
        assert.equal(outcome('a'), 'timeout');
      });
    }

    it('on disk stands a moment, from which a later process goes on', () => {
      const { clock, outbox, push, kept } = setUp({ ttl: 5_000 });
      push('a', 1);
      assert.deepEqual([...kept.values()], [clock.now() + 5_000]);
      assert.deepEqual(
        [...outbox.pending()].map(({ due }) => due),
        [clock.now() + 5_000],
      );
      const later = setUp({ ttl: 5_000 });
      const ends: (Error | undefined)[] = [];
      // Another process: its steady clock began anew.
      later.clock.set(12_345);
      const publication = { topic: 't', payload: 'a', qos: 1, retain: false } as const;
      later.outbox.restore([{ number: 1, publication, due: later.clock.now() + 700 }], (error) =>
        ends.push(error),
      );
      later.clock.advance(600);
      assert.deepEqual(ends, []);
      later.clock.advance(200);
      assert.equal(ends.length, 1);
    });

    it('is looked at ten times a second at most, however many run out', () => {
      const { clock, outbox, push, outcome } = setUp({ ttl: 1_000 });
      let looks = 0;
      const after = clock.after.bind(clock);
      clock.after = (...args) => {
        looks += 1;
        return after(...args);
      };
      for (let i = 0; i < 500; i++) {
        push(String(i));
        clock.advance(1);
      }
      clock.advance(1_100);
      assert.deepEqual([outbox.size, outcome('499')], [0, 'timeout']);
      assert.ok(looks < 12, `${looks} timers`);
    });

    it('leaves no timer behind what was sent', () => {
      const { clock, outbox, push, sender } = setUp();
      push('a');
      outbox.attach(sender);
      assert.equal(clock.waiting, 0);
    });

    it('can wait for longer than a timer of Node does', () => {
      const { clock, push, outcome } = setUp({ ttl: 60 * DAY });
      push('a');
      clock.advance(59 * DAY, 100);
      assert.equal(outcome('a'), 'open');
      clock.advance(DAY, 100);
      assert.equal(outcome('a'), 'timeout');
    });
  });

  describe('what does not wait (dropOffline)', () => {
    it('is dropped without a connection, done without an error, and counted', () => {
      const { outbox, push, pushNow, kept, outcome, told, sender } = setUp();
      pushNow('a');
      assert.equal(told.length, 1, 'the number that was dropped is told');
      push('b');
      pushNow('c');
      assert.deepEqual(['a', 'b', 'c'].map(outcome), ['sent', 'open', 'sent']);
      assert.deepEqual([outbox.size, outbox.dropped, kept.size], [1, 2, 1]);
      outbox.attach(sender);
      assert.deepEqual(sender.payloads, ['b']);
      assert.equal(outbox.takeDropped(), 2);
      assert.equal(outbox.dropped, 0);
    });

    it('waits in its turn while there is a connection, is not kept on disk, and goes with the connection', () => {
      const { outbox, push, pushNow, kept, outcome, sender } = setUp();
      outbox.attach(sender);
      pushNow('written');
      sender.writable = false;
      push('a');
      pushNow('b');
      assert.deepEqual([outbox.size, outbox.dropped, kept.size], [2, 0, 1]);
      assert.deepEqual(
        [...outbox.pending()].map(({ publication }) => publication.payload),
        ['a'],
        'a rewritten file does not hold them either',
      );
      outbox.detach(false);
      assert.deepEqual(['written', 'a', 'b'].map(outcome), ['sent', 'open', 'sent']);
      assert.deepEqual([outbox.size, outbox.dropped], [1, 2]);
    });

    it('is counted where the queue overflows, and its sender calls back for nothing', () => {
      const { outbox, pushNow, outcome, sender } = setUp({ messages: 1 });
      outbox.attach(sender);
      pushNow('written');
      sender.writable = false;
      for (const name of ['a', 'b']) pushNow(name);
      assert.deepEqual(['written', 'a', 'b'].map(outcome), ['open', 'sent', 'open']);
      outbox.detach(false);
      sender.answer(0);
      assert.deepEqual(['written', 'a', 'b'].map(outcome), ['sent', 'sent', 'sent']);
      assert.equal(outbox.dropped, 3);
    });
  });

  describe('the number that waits', () => {
    it('is told whenever it changes', () => {
      const { clock, outbox, push, told, sender } = setUp({ ttl: 1_000 });
      const last = () => told.at(-1) ?? 0;
      push('a', 1);
      push('b', 1);
      push('c', 1);
      assert.equal(last(), 3);
      sender.window = 1;
      outbox.attach(sender);
      assert.equal(last(), 2);
      sender.answer(0);
      assert.equal(last(), 1);
      sender.writable = false;
      sender.answer(1);
      sender.writable = true;
      outbox.resume();
      assert.equal(last(), 0);
      outbox.detach(true);
      assert.equal(last(), 1);
      clock.advance(1_000);
      assert.equal(last(), 0);
    });

    it('is not told of messages that go straight through', () => {
      const { outbox, push, told, sender } = setUp();
      outbox.attach(sender);
      told.length = 0;
      for (let i = 0; i < 10; i++) push(String(i));
      assert.deepEqual(told, []);
    });
  });

  describe('the end', () => {
    it('gives every message its reason once, and takes none any more', () => {
      const { clock, outbox, push, outcome, sender } = setUp();
      outbox.attach(sender);
      push('out', 1);
      sender.writable = false;
      push('waiting', 0);
      outbox.close(new LinkError('closed', words('over')));
      sender.answer(0);
      push('late');
      assert.deepEqual(['out', 'waiting', 'late'].map(outcome), ['closed', 'closed', 'closed']);
      assert.equal(outbox.size, 0);
      assert.equal(clock.waiting, 0);
    });

    it('sends nothing afterwards', () => {
      const { outbox, push, sender } = setUp();
      outbox.close(new LinkError('closed', words('over')));
      outbox.attach(sender);
      push('late');
      assert.deepEqual(sender.payloads, []);
    });
  });

  describe('a lifetime (messageExpiryInterval) runs while a message waits here', () => {
    /** What was handed over: payload and the seconds that go to the server. */
    function seconds() {
      const harness = setUp();
      const sent: [string, number | undefined][] = [];
      const sender: OutboxSink = {
        writable: true,
        window: 100,
        send: ({ payload, properties }) => sent.push([String(payload), properties?.messageExpiryInterval]),
      };
      const push = (payload: string, messageExpiryInterval: number | undefined, qos: 0 | 1 = 1): void =>
        harness.push(payload, qos, undefined, {
          ...(messageExpiryInterval !== undefined && { properties: { messageExpiryInterval } }),
        });
      return { ...harness, push, sender, sent };
    }

    it('what is over is not sent after an outage; what is left goes to the server', () => {
      const { clock, outbox, push, outcome, sender, sent } = seconds();
      push('garage/open', 10);
      push('zero', 0);
      push('rest', 60);
      push('ever', undefined);
      clock.advance(20_500);
      // In its time, not with the connection.
      assert.deepEqual(['garage/open', 'zero', 'rest', 'ever'].map(outcome), [
        'timeout',
        'timeout',
        'open',
        'open',
      ]);
      outbox.attach(sender);
      assert.deepEqual(sent, [
        ['rest', 40],
        ['ever', undefined],
      ]);
    });

    it('is sent as it was given where nothing has to wait', () => {
      const { outbox, push, sender, sent } = seconds();
      outbox.attach(sender);
      push('now', 10);
      push('zero', 0);
      assert.deepEqual(sent, [
        ['now', 10],
        ['zero', 0],
      ]);
    });

    it('runs on in a successor, for what the server forgot, and over the length of the queue', () => {
      const { clock, outbox, push, outcome, sender, sent } = seconds();
      outbox.attach(sender);
      push('under way', 10);
      push('long', 7_200);
      outbox.detach(false);
      outbox.forgotten();
      clock.advance(4_000);
      const heirs = outbox.giveAway(new LinkError('closed', words('over')));
      const next = new Outbox({ messages: 10, bytes: 10_000, ttl: HOUR }, clock, () => {});
      clock.advance(4_000);
      next.take(heirs);
      next.attach(sender);
      assert.deepEqual(sent.slice(2), [
        ['under way', 2],
        ['long', 7_192],
      ]);
      next.detach(true);
      clock.advance(2_000);
      assert.equal(outcome('under way'), 'timeout');
      // What lives longer than the queue keeps it is dropped by the queue's own time.
      clock.advance(HOUR);
      assert.equal(outcome('long'), 'timeout');
    });

    it('one that is refused because it is over costs no other', () => {
      const { clock, outbox, push, outcome, sender, sent } = seconds();
      outbox.attach(sender);
      push('under way', 5);
      outbox.detach(false);
      clock.advance(6_000);
      outbox.forgotten();
      push('after', undefined);
      outbox.attach(sender);
      assert.deepEqual(sent.slice(1), [['after', undefined]]);
      assert.equal(outcome('under way'), 'timeout');
    });
  });
});
