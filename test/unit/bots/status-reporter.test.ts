import assert from 'node:assert/strict';
import { statusTopic } from '../../../src/bots/bot-status';
import { type StatusMessage, StatusReporter } from '../../../src/bots/status-reporter';
import { FakeClock } from '../transport/fake-clock';

function setUp(id = 'anna') {
  const clock = new FakeClock();
  const sent: StatusMessage[] = [];
  const state = { counts: { received: 0, sent: 0, errors: 0 }, faulty: false };
  const reporter = new StatusReporter({
    identity: { id, name: 'Anna', version: '1.2.3' },
    clock,
    counts: () => state.counts,
    faulty: () => state.faulty,
    publish: (message) => sent.push(message),
  });
  const last = () => JSON.parse(sent.at(-1)?.payload ?? '{}') as Record<string, unknown>;
  return { clock, sent, state, reporter, last };
}

describe('the status of a bot', () => {
  it('is told at once on a connection, with times and counts', () => {
    const { clock, sent, reporter, last, state } = setUp('a/b');
    const since = new Date(clock.now()).toISOString();
    clock.advance(5_000);
    state.counts = { received: 3, sent: 2, errors: 1 };
    reporter.begin();
    assert.equal(sent.length, 1);
    assert.deepEqual([sent[0]?.topic, sent[0]?.qos, sent[0]?.retain], ['dinox/bots/status/a%2Fb', 1, true]);
    assert.deepEqual(last(), {
      ...{ id: 'a/b', name: 'Anna', status: 'online', since, time: new Date(clock.now()).toISOString() },
      ...{ interval: 300, received: 3, sent: 2, errors: 1, version: '1.2.3' },
    });
  });

  it('is told on a change, every 10 s at most', () => {
    const { clock, sent, reporter, state, last } = setUp();
    reporter.begin();
    for (let second = 0; second < 60; second++) {
      state.counts = { ...state.counts, received: state.counts.received + 100 };
      clock.advance(1_000);
    }
    assert.equal(sent.length, 7);
    assert.equal(last().received, 6_000);
    state.faulty = true;
    clock.advance(10_000);
    assert.equal(last().status, 'error');
  });

  it('is told every five minutes if nothing changes', () => {
    const { clock, sent, reporter } = setUp();
    reporter.begin();
    clock.advance(299_000);
    assert.equal(sent.length, 1);
    clock.advance(2_000);
    assert.equal(sent.length, 2);
    clock.advance(3_600_000);
    assert.equal(sent.length, 14);
  });

  it('is told at once on the next connection, and not without one', () => {
    const { clock, sent, reporter } = setUp();
    reporter.begin();
    reporter.end();
    assert.equal(sent[0]?.obsolete?.(), true);
    clock.advance(3_600_000);
    assert.equal(sent.length, 1);
    reporter.begin();
    assert.equal(sent.length, 2);
    assert.equal(sent[1]?.obsolete?.(), false);
  });

  it('has a later status instead of an earlier one that still waits', () => {
    const { clock, sent, reporter, state } = setUp();
    reporter.begin();
    state.counts = { ...state.counts, sent: 1 };
    clock.advance(10_000);
    assert.deepEqual(
      sent.map(({ obsolete }) => obsolete?.()),
      [true, false],
    );
  });

  it('ends with a will that has neither time nor counts, and before a goodbye with both', () => {
    const { reporter, state } = setUp();
    state.counts = { received: 1, sent: 2, errors: 0 };
    const keys = (kind: 'will' | 'close') => {
      const said = JSON.parse(reporter.lastWords(kind).payload) as Record<string, unknown>;
      assert.equal(said.status, 'offline');
      return Object.keys(said).sort().join(' ');
    };
    assert.equal(keys('will'), 'id interval name since status version');
    assert.equal(keys('close'), 'errors id interval name received sent since status time version');
  });

  it('has one topic level for any id', () => {
    assert.equal(statusTopic('küche/+'), 'dinox/bots/status/küche%2F%2B');
  });
});
