/** The outbox under any sequence of events: what must hold whatever happens. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Publication } from '../../../../src/transport/messages';
import { Outbox, type OutboxSink } from '../../../../src/transport/outbox/outbox';
import { FakeClock } from '../fake-clock';

const LIMITS = { messages: 12, bytes: 200, ttl: 5_000 };

type Mode = 'later' | 'at once' | 'throws' | 'refuses at once' | 'at once and throws';

type Step =
  | { kind: 'push'; qos: 0 | 1 | 2; topic: string; size: number; echo: boolean; dropOffline: boolean }
  | { kind: 'attach'; window: number; mode: Mode; writable: boolean }
  | { kind: 'detach'; abandon: boolean }
  | { kind: 'answer'; which: number; fails: boolean; twice: boolean }
  | { kind: 'writable'; writable: boolean; resume: boolean }
  | { kind: 'time'; ms: number }
  | { kind: 'close' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 80,
    arbitrary: fc.record({
      kind: fc.constant('push'),
      qos: fc.constantFrom(0, 1, 2),
      topic: fc.constantFrom('a', 'b'),
      size: fc.constantFrom(0, 5, 40, 250),
      echo: fc.boolean(),
      dropOffline: fc.constantFrom(false, false, false, true),
    }),
  },
  {
    weight: 40,
    arbitrary: fc.record({
      kind: fc.constant('attach'),
      window: fc.integer({ min: 1, max: 4 }),
      mode: fc.constantFrom<Mode>(
        'later',
        'later',
        'later',
        'at once',
        'throws',
        'refuses at once',
        'at once and throws',
      ),
      writable: fc.boolean(),
    }),
  },
  { weight: 25, arbitrary: fc.record({ kind: fc.constant('detach'), abandon: fc.boolean() }) },
  {
    weight: 50,
    arbitrary: fc.record({
      kind: fc.constant('answer'),
      which: fc.nat(30),
      fails: fc.boolean(),
      twice: fc.boolean(),
    }),
  },
  {
    weight: 20,
    arbitrary: fc.record({ kind: fc.constant('writable'), writable: fc.boolean(), resume: fc.boolean() }),
  },
  {
    weight: 12,
    arbitrary: fc.record({ kind: fc.constant('time'), ms: fc.constantFrom(10, 10, 2_000, 5_001) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('close') }) },
) as fc.Arbitrary<Step>;

interface Tracked {
  number: number;
  topic: string;
  qos: number;
  bytes: number;
  done: number;
  handed: number;
  dropped: boolean;
  dropOffline: boolean;
}

/** Plays the steps and checks at each what must hold. */
class Scenario {
  readonly clock = new FakeClock();
  readonly messages: Tracked[] = [];
  private readonly calls: {
    message: Tracked;
    sent: (error?: Error) => void;
    gone: boolean;
    answered: boolean;
  }[] = [];
  private readonly outbox: Outbox;
  private sender: (OutboxSink & { mode: Mode; writable: boolean }) | undefined;
  private told = 0;
  private closed = false;
  /** False: there is room, but nobody has told the outbox yet. */
  private informed = true;
  /** Highest number handed over for a topic, of those never handed over before. */
  private readonly latest = new Map<string, number>();

  constructor() {
    this.outbox = new Outbox(LIMITS, this.clock, () => {
      this.told = this.outbox.size;
    });
  }

  run(one: Step): void {
    switch (one.kind) {
      case 'push':
        this.push(one.topic, one.qos, one.size, one.echo, one.dropOffline && one.qos === 0);
        break;
      case 'attach':
        if (this.sender || this.closed) return;
        this.attach(one.mode, one.window, one.writable);
        break;
      case 'detach':
        if (!this.sender) return;
        this.sender = undefined;
        for (const call of this.calls) if (one.abandon || call.message.qos === 0) call.gone = true;
        this.outbox.detach(one.abandon);
        break;
      case 'answer': {
        const call = this.calls[this.calls.length - 1 - one.which];
        if (!call) return;
        const { done } = call.message;
        // From the moment it is given up, a callback means nothing any more.
        const counts = !call.gone && !call.answered && !this.closed;
        call.answered = true;
        call.sent(one.fails ? new Error('refused') : undefined);
        if (one.twice) call.sent();
        assert.equal(
          call.message.done - done,
          counts ? 1 : 0,
          'a callback counts once, and only for the hand-over that stands',
        );
        break;
      }
      case 'writable':
        if (!this.sender) return;
        this.sender.writable = one.writable;
        this.informed = !one.writable || one.resume;
        if (one.resume && one.writable) this.outbox.resume();
        break;
      case 'time':
        this.clock.advance(one.ms);
        break;
      case 'close':
        this.close();
        break;
    }
    this.check();
  }

  close(): void {
    this.closed = true;
    this.sender = undefined;
    this.outbox.close(new Error('over'));
    this.told = this.outbox.size;
  }

  private push(topic: string, qos: 0 | 1 | 2, size: number, echo: boolean, dropOffline = false): void {
    const number = this.messages.length;
    const payload = String(number).padEnd(size, '.');
    const message: Tracked = {
      number,
      topic,
      qos,
      bytes: topic.length + payload.length,
      done: 0,
      handed: 0,
      dropped: false,
      dropOffline,
    };
    this.messages.push(message);
    this.outbox.push({ topic, payload, qos, retain: false, dropOffline }, (error) => {
      message.done += 1;
      if (error && /Dropped/.test(error.message)) message.dropped = true;
      assert.ok(!(message.dropped && dropOffline), 'what is not to wait is dropped without an error');
      // A flow that answers its own messages.
      if (echo && this.messages.length < 200) this.push('echo', qos, size, false);
    });
  }

  private attach(mode: Mode, window: number, writable: boolean): void {
    const sender = {
      mode,
      window,
      writable,
      send: (publication: Publication, sent: (error?: Error) => void) => this.take(sender, publication, sent),
    };
    this.sender = sender;
    this.informed = true;
    this.outbox.attach(sender);
  }

  private take(
    sender: OutboxSink & { mode: Mode },
    publication: Publication,
    sent: (error?: Error) => void,
  ): void {
    assert.equal(this.sender, sender, 'only the connection that stands gets messages');
    assert.equal(sender.writable, true, 'nothing is sent while the socket is full');
    const message = this.messages[Number.parseInt(String(publication.payload), 10)];
    assert.ok(message);
    assert.equal(message.done, 0, 'what is done is not sent');
    if (message.handed === 0) {
      assert.ok((this.latest.get(message.topic) ?? -1) < message.number, 'first in, first out');
      this.latest.set(message.topic, message.number);
    }
    message.handed += 1;
    const call = { message, sent, gone: false, answered: false };
    this.calls.push(call);
    if (message.qos > 0) assert.ok(this.underway() <= sender.window, 'the window above QoS 0');
    if (sender.mode === 'later') return;
    call.answered = true;
    if (sender.mode !== 'throws') sent(sender.mode === 'refuses at once' ? new Error('refused') : undefined);
    if (sender.mode === 'throws' || sender.mode === 'at once and throws') throw new Error('broken');
  }

  private underway(): number {
    return this.calls.filter(({ message, gone, answered }) => message.qos > 0 && !gone && !answered).length;
  }

  private check(): void {
    for (const { done, number } of this.messages)
      assert.ok(done <= 1, `done was called ${done} times for message ${number}`);
    const open = this.messages.filter(({ done }) => done === 0);
    const out = new Set(
      this.calls.filter(({ gone, answered }) => !gone && !answered).map(({ message }) => message),
    );
    const waiting = open.filter((message) => !out.has(message));
    assert.equal(
      this.outbox.size,
      this.closed ? 0 : waiting.length,
      'what is neither done nor under way waits',
    );
    assert.equal(this.told, this.outbox.size, 'the last number told is the number that waits');
    assert.ok(waiting.length <= LIMITS.messages);
    if (!this.sender) assert.ok(!waiting.some(({ dropOffline }) => dropOffline), 'without a connection');
    const bytes = waiting.reduce((sum, message) => sum + message.bytes, 0);
    assert.ok(bytes <= LIMITS.bytes, `${bytes} bytes wait`);
    if (this.closed) assert.equal(open.length, 0, 'at the end nothing is open');
    if (this.sender?.writable && waiting.length > 0 && this.informed) {
      const [first] = waiting;
      assert.ok(
        first && first.qos > 0 && this.underway() >= this.sender.window,
        'nothing waits that could go',
      );
    }
    if (this.outbox.size > 0)
      assert.ok((this.clock.next ?? Number.POSITIVE_INFINITY) <= LIMITS.ttl, 'what waits has a timer');
  }
}

describe('outbox, whatever happens', () => {
  it('calls done exactly once, in order, within the limits', () => {
    const seen = { sent: 0, dropped: 0, again: 0 };
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 80 }), (steps) => {
        const scenario = new Scenario();
        for (const one of steps) scenario.run(one);
        scenario.close();
        for (const { done, handed, dropped } of scenario.messages) {
          assert.equal(done, 1);
          if (handed > 0) seen.sent += 1;
          if (handed > 1) seen.again += 1;
          if (dropped) seen.dropped += 1;
        }
        assert.equal(scenario.clock.waiting, 0, 'no timer is left');
      }),
      { numRuns: 1_500 },
    );
    // A scenario in which nothing happens would prove nothing.
    assert.ok(seen.sent > 1_000 && seen.dropped > 100 && seen.again > 100, JSON.stringify(seen));
  });
});
