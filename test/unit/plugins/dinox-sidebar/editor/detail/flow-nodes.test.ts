/** Topics of PubSub nodes whose items have another payload type than their connection (Prosody's bridge). */
import assert from 'node:assert/strict';
import { otherMqttIn } from '../../../../../../src/plugins/dinox-sidebar/editor/detail/flow-nodes';
import { filterOf } from '../../../../../../src/plugins/dinox-sidebar/routes/topics';
import { Recorder } from '../../../../../../src/recorder/recorder';
import { profileOf } from '../../../../../../src/servers/profiles';
import { FakeClock } from '../../../../transport/fake-clock';

const WIRE = 'pubsub.example.org/utf8/home/door';

describe('sidebar: a topic of another payload type', () => {
  const { toPlain, filterToWire } = profileOf('prosody').mapping({
    pubsubService: 'pubsub.example.org',
    payloadType: 'json',
  });
  const clock = new FakeClock();
  const config = { payloadType: 'json' } as Parameters<typeof filterOf>[0]['config'];
  const take = (recorder: Recorder, wire: string, payload: string): void => {
    const { topic, pubsub } = toPlain(wire);
    const flags = { qos: 0, retain: false, dup: false, properties: undefined } as const;
    recorder.take({ ...flags, topic, payload: Buffer.from(payload), pubsub }, false);
  };

  it('is named in full, so that a node receives it in its own type; over a restart too', () => {
    const recorder = new Recorder(clock);
    take(recorder, WIRE, 'open');
    // A flow that asks for it as JSON is sent nothing but that something came.
    take(recorder, 'pubsub.example.org/json/home/door', '');
    take(recorder, 'pubsub.example.org/json/home/lamp', '1');
    take(recorder, 'other.example.org/utf8/x', 'far');
    const later = new Recorder(clock);
    later.restore(JSON.parse(JSON.stringify([...recorder.remember()])));
    for (const one of [recorder, later]) {
      const { filter = '' } = filterOf({ recorder: one, config, wildcards: false }, 'home/door');
      assert.equal(filterToWire(filter), WIRE);
      assert.deepEqual(filterOf({ recorder: one, config, wildcards: false }, 'home/lamp'), {});
      assert.deepEqual(
        filterOf({ recorder: one, config, wildcards: false }, 'other.example.org/utf8/x'),
        {},
        'it is named so already',
      );
      assert.deepEqual(filterOf({ recorder: one, config, wildcards: false }, 'unknown'), {});
      const helped = filterOf({ recorder: one, config, wildcards: true }, 'home/door');
      assert.deepEqual(helped, {}, 'XMPP brings every type');
    }
  });

  it('and another node that receives it in another type is found', () => {
    const before = globalThis as { RED?: unknown };
    const nodes = [
      { broker: 'other', topic: 'home/door' },
      { broker: 'house', topic: 'home/doors' },
      { broker: 'house', topic: WIRE },
    ];
    before.RED = { nodes: { filterNodes: () => nodes } };
    try {
      const find = () => otherMqttIn('house', 'home/door', WIRE);
      assert.equal(find(), undefined);
      nodes.push({ broker: 'house', topic: 'pubsub.example.org/json/home/door' });
      assert.equal(find(), 'pubsub.example.org/json/home/door');
      nodes.push({ broker: 'house', topic: 'home/door' });
      nodes.splice(3, 1);
      assert.equal(find(), 'home/door');
    } finally {
      delete before.RED;
    }
  });
});
