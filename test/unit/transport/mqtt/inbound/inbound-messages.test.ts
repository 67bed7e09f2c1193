import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { IPublishPacket, MqttClient } from 'mqtt';
import { InboundMessages } from '../../../../../src/transport/mqtt/inbound/inbound-messages';

describe('messages that come while the gate is closed', () => {
  it('wait in their order; when there is no more room, reading pauses until it is open', () => {
    const client = Object.assign(new EventEmitter(), {
      options: {},
      connected: true,
    }) as unknown as MqttClient;
    const came: string[] = [];
    const arrivals = new InboundMessages(client, { clean: true, version: 4 } as never, {
      message: (_topic, payload) => void came.push(payload.toString()),
      malformed: assert.fail,
    });
    let read = 0;
    const readOne = (number: number): void => {
      const packet = { cmd: 'publish', topic: 't', qos: 0, retain: false, dup: false } as IPublishPacket;
      client.emit('message', 't', Buffer.from(String(number)), packet);
      client.handleMessage(packet, () => {
        read += 1;
      });
    };
    arrivals.begin();
    arrivals.gate(true);
    for (let number = 1; number <= 10_000; number++) readOne(number);
    assert.deepEqual([came.length, read, arrivals.isFlowing], [0, 9_999, false]);
    arrivals.gate(false);
    assert.deepEqual([came.length, came[0], came.at(-1), read], [10_000, '1', '10000', 10_000]);
    assert.equal(arrivals.isFlowing, true);
  });
});
