import assert from 'node:assert/strict';
import fc from 'fast-check';
import { words } from '../../../../src/base/catalogue';
import { LinkError, type ReasonCode } from '../../../../src/transport/errors';
import type { Publication } from '../../../../src/transport/messages';
import { Outbox, type OutboxSink } from '../../../../src/transport/outbox/outbox';
import { isAnswer, isProof, LossCounter } from '../../../../src/transport/poison/loss-counter';
import { oddCharacters } from '../../../../src/transport/poison/quarantine';
import { FakeClock } from '../fake-clock';

const loss = (
  uptime: number,
  code: ReasonCode = 'closed',
  more: { said?: number; guessed?: boolean } = {},
) => ({
  reason: new LinkError(code, words('lost'), false, more),
  uptime,
});

describe('who is to blame when the line dies right behind something of ours', () => {
  it('a loss may be the answer to what was sent', () => {
    for (const [one, expected] of [
      [loss(50), true],
      [loss(50, 'toolarge'), true],
      [loss(50, 'network'), true],
      [loss(50, 'closed', { said: 135 }), true],
      // The twin is a guess where the server says nothing.
      [loss(50, 'takenover', { guessed: true }), true],
      // A box in between that drops what it does not like: silence.
      [loss(90_000, 'keepalive'), true],
      // Not right behind.
      [loss(60_000), false],
      // The server says that it is something else: busy, shutting down, moved, taken over, slow down.
      ...[136, 137, 139, 141, 150, 151, 156, 160].map(
        (said) => [loss(50, 'closed', { said }), false] as const,
      ),
      [loss(50, 'takenover'), false],
      [loss(50, 'timeout'), false],
      [loss(50, 'login'), false],
    ] as const)
      assert.equal(isAnswer(one), expected, `${one.reason.code} ${one.reason.said} ${one.uptime}`);
    // What is large takes its time.
    assert.equal(isAnswer(loss(60_000), 5_000_000), true);
  });

  it('a line that lives no longer anyhow proves nothing', () => {
    assert.equal(isProof(loss(300), 40), true);
    assert.equal(isProof(loss(60), 40), false);
    assert.equal(isProof(loss(30_300), 30_000), false);
    assert.equal(isProof(loss(30_300), 30_000, 1_000_000), true);
    assert.equal(isProof(loss(90_000, 'keepalive'), 89_000), true);
  });

  it('twice is suspicious, and the third time on its own is enough; what is confirmed is free', () => {
    const blame = new LossCounter<string>();
    blame.lost(['a', 'b'], 0);
    assert.equal(blame.suspects, false);
    blame.lost(['a', 'b'], 1);
    blame.clear('b');
    assert.deepEqual([blame.suspects, blame.isSuspect('a'), blame.isSuspect('b')], [true, true, false]);
    assert.equal(blame.lostAlone('a', 2), true);
    assert.equal(blame.isIdle, true);
  });

  it('losses ten minutes apart have nothing to do with each other', () => {
    const blame = new LossCounter<string>();
    blame.lost(['a'], 0);
    blame.lost(['a'], 600_001);
    assert.equal(blame.suspects, false);
  });

  it('characters that nobody can see are named by their numbers', () => {
    assert.match(
      String(oddCharacters('a\u0085b\u0001c\u007f\uffff\ufdd0')?.params?.characters),
      /U\+0085, U\+0001, U\+007F, U\+FFFF, U\+FDD0/,
    );
    assert.equal(oddCharacters('Küche/🟠/°'), undefined);
  });
});

/** A broker on paper, and the connection to it: confirms in order, and closes for what is bad. */
class Stage {
  readonly clock = new FakeClock();
  readonly outbox = new Outbox({ messages: 1_000, bytes: 1e7, ttl: 3_600_000 }, this.clock, () => {});
  readonly done = new Map<string, string[]>();
  readonly arrived: string[] = [];
  losses = 0;
  private line: { publication: Publication; sent: (error?: Error) => void; alone: boolean }[] = [];
  private since = 0;

  constructor(private readonly isBad: (publication: Publication) => boolean) {}

  push(topic: string, payload: string, qos: 0 | 1 | 2 = 1): void {
    const results: string[] = [];
    this.done.set(payload, results);
    this.outbox.push({ topic, payload, qos, retain: false }, (error) =>
      results.push(error?.message ?? 'sent'),
    );
  }

  connect(): void {
    this.line = [];
    // A connection that begins with care shows first that it lives.
    if (this.outbox.probation) this.clock.advance(250);
    this.since = this.clock.steady() - (this.outbox.probation ? 250 : 0);
    const take =
      (alone: boolean): OutboxSink['send'] =>
      (publication, sent) => {
        this.line.push({ publication, sent, alone });
        if (publication.qos === 0 && !alone) sent();
      };
    this.outbox.attach({ send: take(false), sendAlone: take(true), writable: true, window: 20 });
  }

  lose(code: ReasonCode = 'closed'): void {
    this.losses += 1;
    this.outbox.lost(loss(this.clock.steady() - this.since, code));
    this.outbox.detach(true);
    this.line = [];
  }

  /** The broker reads; false where it has closed. `lag`: how many confirmations are lost with the line. */
  read(lag = 0): boolean {
    while (this.line.length > 0) {
      const bad = this.line.findIndex(({ publication }) => this.isBad(publication));
      const good = bad < 0 ? this.line.splice(0) : this.line.splice(0, bad);
      this.clock.advance(5);
      for (const { publication } of good) this.arrived.push(String(publication.payload));
      const confirmed = bad < 0 ? good : good.slice(0, Math.max(0, good.length - lag));
      for (const { publication, sent, alone } of confirmed) if (publication.qos > 0 || alone) sent();
      if (bad >= 0) {
        this.lose();
        return false;
      }
    }
    return true;
  }

  /** Connects until the broker does not close any more. */
  live(lag = 0): void {
    for (let tries = 0; tries < 60; tries++) {
      this.connect();
      if (this.read(lag)) return;
      this.clock.advance(1_000);
    }
    throw new Error('it never works');
  }
}

describe('outbox: who is to blame', () => {
  for (const lag of [0, 3]) {
    it(`one bad message among others${lag ? ', confirmations lost with the line' : ''}: named after two losses and one on its own, the others are sent in order`, () => {
      const stage = new Stage(({ topic }) => topic === 'bad');
      for (let n = 0; n < 30; n++) stage.push(n === 7 ? 'bad' : 'good', `${n}`, n % 2 ? 1 : 2);
      stage.live(lag);
      assert.equal(stage.losses, 3);
      for (const [payload, results] of stage.done) {
        assert.equal(results.length, 1, payload);
        if (payload === '7')
          assert.match(results[0] ?? '', /Given up.*on its own.*"bad".*\(4 bytes, QoS 1\)/);
        else assert.deepEqual(results, ['sent']);
      }
      const first = [...new Set(stage.arrived)];
      assert.deepEqual(
        first,
        first.toSorted((a, b) => Number(a) - Number(b)),
      );
    });
  }

  it('three bad ones: each is named, and what waits behind them with the same topic is not tried', () => {
    const stage = new Stage(({ topic }) => topic.startsWith('bad'));
    for (let n = 0; n < 12; n++) stage.push(n % 4 === 0 ? `bad/${n}` : 'good', `${n}`);
    stage.push('bad/0', 'again');
    stage.live();
    assert.ok(stage.losses <= 9, `${stage.losses}`);
    const wrong = [...stage.done].filter(([, results]) => results[0] !== 'sent').map(([payload]) => payload);
    assert.deepEqual(wrong, ['0', '4', '8', 'again']);
    assert.match(stage.done.get('again')?.join() ?? '', /^Not sent: .*given up/);
    // For ten minutes; then it is tried once more.
    stage.push('bad/0', 'soon');
    assert.match(stage.done.get('soon')?.join() ?? '', /next try is in 10 minute/);
    stage.clock.advance(600_001);
    stage.push('bad/0', 'later');
    assert.deepEqual(stage.done.get('later'), []);
  });

  it('only its like is spared: smaller ones, and a lower QoS than 2, may pass', () => {
    const stage = new Stage(({ payload, qos }) => qos === 2 || String(payload).length > 100);
    stage.push('t', 'x'.repeat(200));
    stage.push('q', 'two', 2);
    stage.live();
    for (const [topic, payload, qos] of [
      ['t', 'small', 1],
      ['q', 'one', 1],
    ] as const) {
      stage.push(topic, payload, qos);
      assert.equal(stage.read(), true);
      assert.deepEqual(stage.done.get(payload), ['sent']);
    }
    stage.push('q', 'two again', 2);
    assert.match(stage.done.get('two again')?.join() ?? '', /^Not sent/);
  });

  it('QoS 0, where the server says nothing: found by its topic', () => {
    const stage = new Stage(({ topic }) => topic === 'bad');
    for (let round = 0; round < 6; round++) {
      stage.push('good', `g${round}`, 0);
      stage.push('bad', `b${round}`, 0);
      stage.push('good', `h${round}`, 0);
      if (round === 0) stage.connect();
      if (!stage.read()) stage.connect();
    }
    stage.live();
    const errors = [...stage.done].filter(([, results]) => results.some((text) => text !== 'sent'));
    assert.ok(errors.length > 0);
    assert.deepEqual([...new Set(errors.map(([payload]) => payload[0]))], ['b']);
    assert.ok(stage.losses <= 5, `${stage.losses}`);
  });

  it('ordinary outages blame nobody, however often the line is lost', () => {
    const codes = ['closed', 'network', 'keepalive', 'toolarge'] as const;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(30), fc.nat(3), fc.nat(40_000)), { minLength: 1, maxLength: 60 }),
        (rounds) => {
          const stage = new Stage(() => false);
          let pushed = 0;
          for (const [count, code, up] of rounds) {
            for (let n = 0; n < count; n++, pushed++)
              stage.push(`t/${n % 5}`, `${pushed}`, (pushed % 3) as 0 | 1 | 2);
            stage.connect();
            // What was under way when the line died is confirmed by the next connection.
            if (up % 2) stage.read();
            stage.clock.advance(up);
            stage.lose(codes[code]);
            stage.connect();
            stage.read();
            stage.clock.advance(up);
            stage.lose(codes[code]);
          }
          stage.live();
          for (const results of stage.done.values()) assert.deepEqual(results, ['sent']);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('a line that is cut all the time blames nobody: it has to live first', () => {
    const stage = new Stage(() => false);
    stage.push('t', '1');
    for (let cut = 0; cut < 50; cut++) {
      stage.connect();
      stage.clock.advance(300);
      stage.lose('network');
    }
    assert.deepEqual(stage.done.get('1'), []);
    stage.live();
    assert.deepEqual(stage.done.get('1'), ['sent']);
  });
});
