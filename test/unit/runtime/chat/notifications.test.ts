import assert from 'node:assert/strict';
import { notificationOf, notifier } from '../../../../src/runtime/chat/notifications';
import type { Publication } from '../../../../src/transport/messages';
import { FakeClock } from '../../transport/fake-clock';

const NOW = Date.parse('2026-11-30T08:00:00Z');
const MESSAGE = { id: 'm1', to: 'anna@example.org', text: 'The freezer is warm', title: 'Freezer' };

describe('notifications', () => {
  it('say who, what and until when, at QoS 1, not retained', () => {
    const one = notificationOf({ ...MESSAGE, severity: 'critical', topic: 'home/freezer' }, NOW, 300_000);
    assert.deepEqual([one.topic, one.qos, one.retain], ['dinox/notifications/anna@example.org', 1, false]);
    assert.equal(one.properties?.messageExpiryInterval, 300);
    assert.deepEqual(JSON.parse(String(one.payload)), {
      ...{
        id: 'm1',
        title: 'Freezer',
        text: 'The freezer is warm',
        severity: 'critical',
        topic: 'home/freezer',
      },
      ...{ time: '2026-11-30T08:00:00.000Z', expires: '2026-11-30T08:05:00.000Z' },
    });
  });

  it('have one level for any account, bounded texts, and a second to live at least', () => {
    const one = notificationOf({ ...MESSAGE, to: 'a/b#@x', text: '🙂'.repeat(5_000) }, NOW, 1);
    assert.equal(one.topic, 'dinox/notifications/a%2Fb%23@x');
    assert.ok(String(one.payload).length < 1_500);
    assert.equal(one.properties?.messageExpiryInterval, 1);
    const odd = notificationOf({ ...MESSAGE, text: `${'x'.repeat(999)}🙂` }, NOW, 1);
    assert.doesNotMatch(String(odd.payload), /\\ud83d/, 'no half of a character');
  });

  it('that cannot be published are logged once', () => {
    const warned: unknown[] = [];
    const published: Publication[] = [];
    const notify = notifier({
      clock: new FakeClock(),
      expiry: 1_000,
      publish: (publication, done) => {
        published.push(publication);
        done(new Error('refused'));
      },
      log: { warn: (said) => warned.push(said) },
    });
    notify(MESSAGE);
    notify(MESSAGE);
    assert.deepEqual([published.length, warned.length], [2, 1]);
  });
});
