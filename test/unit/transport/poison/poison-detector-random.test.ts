/** Whatever was lost behind what: on a connection that works, everything gets its `done` within bounded time. */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { words } from '../../../../src/base/catalogue';
import { LinkError, type ReasonCode } from '../../../../src/transport/errors';
import { Outbox, type OutboxSink } from '../../../../src/transport/outbox/outbox';
import { FakeClock } from '../fake-clock';

type Step =
  | { kind: 'push'; qos: 0 | 1 | 2; topic: string }
  | { kind: 'connect'; forgotten: boolean }
  | { kind: 'read'; count: number }
  | { kind: 'full' }
  | { kind: 'lose'; code: ReasonCode; abandon: boolean }
  | { kind: 'drain' }
  | { kind: 'serverChanged' }
  | { kind: 'time'; ms: number };

const step = fc.oneof(
  {
    weight: 30,
    arbitrary: fc.record({
      kind: fc.constant('push'),
      qos: fc.constantFrom(0, 1, 2),
      topic: fc.constantFrom('a', 'b', 'c'),
    }),
  },
  { weight: 20, arbitrary: fc.record({ kind: fc.constant('connect'), forgotten: fc.boolean() }) },
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('read'), count: fc.nat(6) }) },
  { weight: 8, arbitrary: fc.constant({ kind: 'full' }) },
  {
    weight: 20,
    arbitrary: fc.record({
      kind: fc.constant('lose'),
      code: fc.constantFrom<ReasonCode>('closed', 'closed', 'network', 'keepalive', 'timeout'),
      abandon: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'drain' }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'serverChanged' }) },
  {
    weight: 10,
    arbitrary: fc.record({ kind: fc.constant('time'), ms: fc.constantFrom(1, 50, 300, 20_000) }),
  },
) as fc.Arbitrary<Step>;

/** What the server has not read yet, or the client has not written. */
interface Call {
  qos: number;
  alone: boolean;
  sent: (error?: Error) => void;
}

class Scenario {
  readonly clock = new FakeClock();
  readonly outbox = new Outbox({ messages: 1_000, bytes: 1e7, ttl: 1e9 }, this.clock, () => {});
  readonly results: (Error | undefined)[][] = [];
  alone = 0;
  private calls: Call[] = [];
  private line: { writable: boolean } | undefined;
  private since = 0;
  private drained = false;

  run(one: Step): void {
    if (one.kind === 'push') this.push(one.topic, one.qos);
    else if (one.kind === 'connect') this.connect(one.forgotten);
    else if (one.kind === 'read') this.read(one.count);
    else if (one.kind === 'full' && this.line) this.line.writable = false;
    else if (one.kind === 'lose') this.lose(one.code, one.abandon);
    else if (one.kind === 'serverChanged') this.outbox.serverChanged();
    else if (one.kind === 'time') this.clock.advance(one.ms);
    else if (one.kind === 'drain' && this.line) {
      this.drained = true;
      this.outbox.drain(() => {});
    }
  }

  /** A connection that works from now on. */
  end(): void {
    if (this.drained) this.lose('closed', true);
    this.connect(false);
    for (let turn = 0; turn < 2_000 && this.open > 0; turn++) {
      this.clock.advance(5);
      this.read(Number.POSITIVE_INFINITY);
    }
  }

  get open(): number {
    return this.results.filter(({ length }) => length === 0).length;
  }

  private push(topic: string, qos: 0 | 1 | 2): void {
    const results: (Error | undefined)[] = [];
    this.results.push(results);
    this.outbox.push({ topic, payload: 'x', qos, retain: false }, (error) => results.push(error));
  }

  private connect(forgotten: boolean): void {
    if (this.line) return;
    this.since = this.clock.steady();
    if (forgotten) {
      this.calls = [];
      this.outbox.forgotten();
    }
    if (this.outbox.probation) this.clock.advance(250);
    const line = { writable: true };
    this.line = line;
    const take =
      (alone: boolean): OutboxSink['send'] =>
      ({ qos }, sent) => {
        assert.equal(this.line, line);
        if (alone) {
          this.alone += 1;
          assert.equal(this.calls.length, 0, 'nothing else is under way');
        }
        if (qos === 0 && !alone && line.writable) sent();
        else this.calls.push({ qos, alone, sent });
      };
    this.outbox.attach({
      send: take(false),
      sendAlone: take(true),
      get writable() {
        return line.writable;
      },
      window: 3,
    });
  }

  /** The server reads and confirms, and there is room again. */
  private read(count: number): void {
    if (!this.line) return;
    for (const { sent } of this.calls.splice(0, Math.min(count, this.calls.length))) sent();
    this.line.writable = true;
    this.outbox.resume();
  }

  private lose(code: ReasonCode, abandon: boolean): void {
    if (!this.line) return;
    this.line = undefined;
    this.drained = false;
    const uptime = this.clock.steady() - this.since;
    const { takeBack } = this.outbox.lost({ reason: new LinkError(code, words('lost'), false), uptime });
    const all = abandon || takeBack;
    this.outbox.detach(all);
    // What is above QoS 0 the client sends again by itself, and it is confirmed over the next connection.
    this.calls = all ? [] : this.calls.filter(({ qos }) => qos > 0);
  }
}

describe('outbox: who is to blame, whatever happens', () => {
  it('a trial ends: once the connection works, all that waits is done, once', () => {
    const seen = { alone: 0, errors: 0 };
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 120 }), (steps) => {
        const scenario = new Scenario();
        for (const one of steps) scenario.run(one);
        scenario.end();
        assert.equal(scenario.open, 0, 'never done');
        assert.equal(scenario.outbox.size, 0);
        for (const results of scenario.results) assert.equal(results.length, 1);
        seen.alone += scenario.alone;
        seen.errors += scenario.results.flat().filter(Boolean).length;
      }),
      { numRuns: 800 },
    );
    assert.ok(seen.alone > 100 && seen.errors > 10, JSON.stringify(seen));
  });
});
