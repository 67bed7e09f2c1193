import assert from 'node:assert/strict';
import { inEnglish } from '../../../../src/base/english';
import type { Plan } from '../../../../src/discovery/types';
import { insteadOf } from '../../../../src/runtime/broker/plan-finder';

describe('plan finder: PubSub in place of a bridge that is away', () => {
  const mqtt = { serverType: 'prosody', mqtt: { endpoint: {} } } as unknown as Plan;
  const pubsub = {
    pubsub: { service: 'pubsub.example.org' },
    transport: { why: 'absent' },
  } as unknown as Plan;

  it('is said, and only then', () => {
    const notice = insteadOf(mqtt, pubsub);
    assert.ok(notice);
    assert.match(inEnglish(notice.text), /over XMPP PubSub until the next start.*offers no MQTT bridge/);
    const local = { ...mqtt, transport: { why: 'local' } } as Plan;
    const remote = { ...pubsub, transport: { why: 'remote', where: 'x', address: 'y' } } as Plan;
    for (const [before, now] of [
      [undefined, pubsub],
      [pubsub, pubsub],
      [mqtt, local],
      // It answers, and is not to be used any more.
      [mqtt, remote],
    ] as const)
      assert.equal(insteadOf(before, now), undefined);
  });
});
