/** Handed over is not arrived: what nobody confirmed is told again, in its newest form. */

import assert from 'node:assert/strict';
import { showText } from '../../../../src/alert/alert-text';
import type { AlertEvent } from '../../../../src/alert/states';
import type { UndeliveredAlerts } from '../../../../src/alert/undelivered';
import { AlertDelivery } from '../../../../src/nodes/dinox-alert/alert-delivery';
import { FakeClock } from '../../transport/fake-clock';

const MINUTE = 60_000;

function event(id: string, text: string, replaces?: string): AlertEvent {
  return {
    ...{
      reason: 'raised',
      id,
      number: 1,
      key: 'k',
      state: 'firing',
      previous: 'normal',
      severity: 'warning',
    },
    ...{ value: 1, unit: '', limit: 1, since: 1, at: 1, acked: undefined, text: [text], replaces },
  } as AlertEvent;
}

/** A node with its flow: what went out, and what stands on the disk. */
class Node {
  readonly sent: string[] = [];
  readonly ids: string[] = [];
  writes = 0;
  leads = true;
  readonly delivery: AlertDelivery;

  constructor(
    readonly clock = new FakeClock(),
    confirm: 'auto' | 'wait' | 'off' = 'auto',
    before?: UndeliveredAlerts,
  ) {
    this.delivery = new AlertDelivery({
      ...{ clock, confirm, before },
      leadsToChat: () => this.leads,
      newId: () => `m${Math.random()}`,
      message: ({ text, replaces }, again) => ({
        text: `${showText(text)}${replaces ? ' edit' : ''}${again ? ' again' : ''}`,
      }),
      send: (messages) => {
        for (const { text, _msgid } of messages) {
          this.sent.push(String(text));
          this.ids.push(String(_msgid));
        }
      },
      changed: () => {
        this.writes += 1;
        this.delivery.undelivered.takeChanges();
      },
      tooMany: () => this.sent.push('too many'),
    });
  }

  tell(...events: AlertEvent[]): void {
    this.delivery.note(events);
    this.delivery.emit(events);
  }

  report(
    phase: 'taken' | 'sent' | 'failed',
    alertId: string,
    messageId = this.ids.at(-1),
    retry = true,
  ): void {
    this.delivery.report({ phase, alertId, messageId, retry });
  }

  get open(): string[] {
    return this.delivery.undelivered.records().map(({ event: { text } }) => text);
  }

  /** Another process with what this one wrote. */
  restarted(): Node {
    const next = new Node(this.clock);
    next.delivery.restore(JSON.parse(JSON.stringify(this.delivery.undelivered.records())));
    next.delivery.started();
    return next;
  }
}

describe('alert: told when somebody says so', () => {
  let node: Node;
  beforeEach(() => {
    node = new Node();
    node.delivery.started();
  });

  it('what the server has is over; what it does not have goes out at the next start, once', () => {
    node.tell(event('a', 'A'), event('b', 'B'));
    node.report('taken', 'a', node.ids[0]);
    node.report('sent', 'a', node.ids[0]);
    assert.deepEqual(node.open, ['B']);
    const next = node.restarted();
    assert.deepEqual(next.sent, ['B again']);
    next.report('sent', 'b');
    assert.deepEqual(next.restarted().sent, []);
  });

  it('begin and end, both untold, are one message: the newest, and in nobody’s place', () => {
    node.tell(event('a', 'begin'));
    node.tell(event('a', 'end', 'a'));
    assert.deepEqual(node.restarted().sent, ['end again']);
  });

  it('the begin was told and the end was not: the end takes its place', () => {
    node.tell(event('a', 'begin'));
    const [first] = node.ids;
    node.tell(event('a', 'end', 'a'));
    node.report('sent', 'a', first);
    assert.deepEqual(node.open, ['end']);
    assert.deepEqual(node.restarted().sent, ['end edit again']);
    node.report('sent', 'a');
    assert.deepEqual(node.open, []);
  });

  it('without an xmpp-out behind it handed over counts, and so it does for what none takes within a minute', () => {
    node.leads = false;
    node.tell(event('a', 'A'));
    assert.deepEqual([node.open, node.writes], [[], 0]);
    node.leads = true;
    node.tell(event('b', 'B'));
    node.clock.advance(MINUTE / 2);
    node.tell(event('c', 'C'));
    node.report('taken', 'c');
    node.clock.advance(MINUTE / 2);
    assert.deepEqual(node.open, ['C'], 'a switch kept b back');
    node.clock.advance(10 * MINUTE);
    assert.deepEqual(node.open, ['C'], 'one that is under way is waited for');
    assert.equal(node.clock.waiting, 0);
  });

  it('wait: only a word counts; off: nothing is waited for', () => {
    const waiting = new Node(new FakeClock(), 'wait');
    waiting.leads = false;
    waiting.delivery.started();
    waiting.tell(event('a', 'A'));
    waiting.clock.advance(10 * MINUTE);
    assert.deepEqual(waiting.open, ['A']);
    waiting.delivery.confirmed('b');
    waiting.delivery.confirmed('a');
    assert.deepEqual(waiting.open, []);
    const off = new Node(new FakeClock(), 'off');
    off.tell(event('a', 'A'));
    assert.deepEqual(off.open, []);
  });

  it('given up because the chat was away too long: it goes out when the chat is back, and no refused one does', () => {
    node.tell(event('a', 'A'));
    node.report('taken', 'a');
    node.report('failed', 'a');
    node.tell(event('b', 'B'));
    node.report('failed', 'b', node.ids.at(-1), false);
    node.delivery.online();
    assert.deepEqual(node.sent, ['A', 'B', 'A again']);
    node.delivery.online();
    assert.equal(node.sent.length, 3, 'it is under way');
    node.report('sent', 'a', node.ids[2]);
    assert.deepEqual(node.open, ['B']);
  });

  it('what fell due before the flow runs is told after it, and once with what was left', () => {
    const first = new Node();
    first.delivery.started();
    first.tell(event('a', 'A'), event('b', 'B'));
    const next = new Node(first.clock);
    next.delivery.restore(first.delivery.undelivered.records());
    next.tell(event('b', 'B over', 'b'), event('c', 'C'));
    assert.deepEqual(next.sent, []);
    next.delivery.started();
    assert.deepEqual(next.sent, ['A again', 'B over again', 'C']);
  });

  it('a deploy repeats nothing, and hears what becomes of the messages of its predecessor', () => {
    node.tell(event('a', 'A'));
    const next = new Node(node.clock, 'auto', node.delivery.undelivered);
    next.delivery.restore(node.delivery.undelivered.records());
    next.delivery.started();
    assert.deepEqual(next.sent, []);
    next.report('sent', 'a', node.ids[0]);
    assert.deepEqual(next.open, []);
  });

  it('a message that a flow made of ours counts for the newest; more than can be waited for are named', () => {
    node.tell(event('a', 'A'));
    node.report('sent', 'a', 'somebody else’s');
    assert.deepEqual(node.open, []);
    for (let i = 0; i <= 1_000; i++) node.tell(event(`n${i}`, 'N'));
    assert.equal(node.open.length, 1_000);
    assert.equal(node.sent.filter((text) => text === 'too many').length, 1);
  });
});
