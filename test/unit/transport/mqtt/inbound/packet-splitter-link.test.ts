import assert from 'node:assert/strict';
import { lookup } from 'node:dns';
import * as mqtt from 'mqtt';
import type { PublishFlags } from '../../../../../src/transport/link';
import { PublishReader } from '../../../../../src/transport/mqtt/inbound/publish-reader';
import { TopicCache } from '../../../../../src/transport/mqtt/inbound/topic-cache';
import { MqttLink } from '../../../../../src/transport/mqtt/link';
import { lengthOf, raw, text } from '../../../../support/hostile-broker';
import { seeded } from '../../../../support/seeded';
import { ScriptBroker } from '../../script-broker';

const nameOf = (names: TopicCache, bytes: Buffer): string | undefined => names.get(bytes, 0, bytes.length);

describe('names of topics', () => {
  it('are the text of the bytes, whatever they are; none where no topic may be like that', () => {
    const names = new TopicCache();
    const good = ['a/b', 'größe', '😀/x', 'y'.repeat(300), '$SYS/x', ' '];
    for (const name of [...good, ...good]) assert.equal(nameOf(names, Buffer.from(name)), name);
    for (const name of ['', 'a/+', '#', 'a\u0000'])
      assert.equal(nameOf(names, Buffer.from(name)), undefined, name);
    assert.equal(nameOf(names, Buffer.from([0x61, 0xff])), 'a\ufffd');
  });

  it('that are not UTF-8 take no place: they would never be found again, and each search would cost more', () => {
    const names = new TopicCache();
    for (let i = 0; i < 100; i++) nameOf(names, Buffer.from([0x61, 0xff]));
    assert.equal(names['size'], 0);
  });

  it('that all want the same place cost no more than a few steps', () => {
    const names = new TopicCache();
    const twins: Buffer[] = [];
    for (let i = 0; twins.length < 200; i++) {
      const bytes = Buffer.from(`t/${i}`);
      if (placeOf(bytes) === 7) twins.push(bytes);
    }
    for (const bytes of twins) assert.equal(nameOf(names, bytes), bytes.toString());
    assert.ok(names['size'] < 50, `${names['size']} stand in a row`);
  });

  it('are forgotten when there are too many, and right all the same', () => {
    const names = new TopicCache();
    for (let i = 0; i < 50_000; i++) assert.equal(nameOf(names, Buffer.from(`home/${i}`)), `home/${i}`);
    assert.ok(names['size'] <= 20_000);
  });
});

/** Where a topic stands in the smallest table: FNV-1a, folded. */
function placeOf(bytes: Buffer): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash ^ (hash >>> 15)) & 1_023;
}

describe('reading plain messages', () => {
  it('leaves longer properties to MQTT.js, also where their length looks like one of them', () => {
    const taken: unknown[] = [];
    const reader = new PublishReader(true, new TopicCache(), (...message) => taken.push(message));
    const ids = Buffer.alloc(1_408, 0x0b);
    const frame = publish({ topic: 'a', payload: 'x', properties: Buffer.concat([lengthOf(1_408), ids]) });
    assert.equal(reader.read(frame, 0, frame.length), false);
    assert.deepEqual(taken, []);
  });
});

for (const version of [4, 5] as const)
  describe(`what comes over a socket, MQTT ${version}`, () => {
    it('is the same whatever way it takes, wherever it is cut, and while reading pauses', async () => {
      const random = seeded(version);
      const whole = (most: number): number => Math.floor(random() * most);
      // What would be a message, had the place in the stream been lost.
      const bait = version === 5 ? '0\u0005\0\u0001a\0x' : '0\u0004\0\u0001ax';
      const expected: Got[] = [];
      const frames = Array.from({ length: 600 }, (_, i): Buffer => {
        if (random() < 0.05) return Buffer.from([0xd0, 0]);
        const topics = ['a/b', `c/${i}`, 'größe', 'x/+/y', 'y'.repeat(1 + whole(60_000)), 'a\u0000'];
        const topic = topics[whole(topics.length)] as string;
        const qos = random() < 0.7 ? 0 : 1;
        const retain = random() < 0.2;
        const payload = `${i}:${bait.repeat(random() < 0.95 ? whole(8) : whole(15_000))}`;
        const ids = Array.from(
          { length: whole(3) },
          () => 1 + whole([5, 200, 20_000, 268_435_454][whole(4)] ?? 5),
        );
        const contentType = random() < 0.1 ? Buffer.from([3, 0, 1, 0x74]) : Buffer.alloc(0);
        const bytes = Buffer.concat([
          ...ids.flatMap((id) => [Buffer.from([0x0b]), lengthOf(id)]),
          contentType,
        ]);
        const properties = version === 5 ? Buffer.concat([lengthOf(bytes.length), bytes]) : undefined;
        if (!topic.includes('+') && !topic.includes('\u0000'))
          expected.push([topic, payload, qos, retain, version === 5 ? ids : []].join());
        return publish({ topic, payload, qos, retain, properties, id: i + 1 });
      });
      const stream = Buffer.concat(frames);
      const broker = await ScriptBroker.start();
      const got: Got[] = [];
      let link: MqttLink | undefined;
      try {
        broker.answer = ({ cmd }, line) => {
          if (cmd !== 'connect') return false;
          line.socket.setNoDelay(true);
          line.send({ cmd: 'connack', returnCode: 0, reasonCode: 0, sessionPresent: false });
          void (async () => {
            for (let at = 0; at < stream.length; ) {
              const next = at + 1 + whole(random() < 0.3 ? 8 : 30_000);
              line.socket.write(stream.subarray(at, next));
              at = next;
              if (random() < 0.5) await new Promise(setImmediate);
            }
          })();
          return true;
        };
        await new Promise<void>((resolve, reject) => {
          link = linkTo(
            broker.port,
            version,
            (topic, payload, { qos, retain, properties }) => {
              const ids = (properties as { subscriptionIdentifier?: number | number[] } | undefined)
                ?.subscriptionIdentifier;
              got.push([topic, payload.toString(), qos, retain, ids ?? []].join());
              if (got.length === expected.length) resolve();
              if (got.length % 40 !== 0) return;
              link?.inbound.pause('congested', true);
              setTimeout(() => link?.inbound.pause('congested', false), 1);
            },
            reject,
          );
        });
        assert.deepEqual(got, expected);
      } finally {
        await link?.end();
        await broker.end();
      }
    });

    it('begins anew with each connection, also where the last one ended within a message', async () => {
      const broker = await ScriptBroker.start();
      const got: string[] = [];
      let link: MqttLink | undefined;
      const properties = version === 5 ? Buffer.from([0]) : undefined;
      const good = publish({ topic: 'a', payload: 'good', properties });
      try {
        broker.answer = ({ cmd }, line) => {
          if (cmd !== 'connect') return false;
          line.send({ cmd: 'connack', returnCode: 0, reasonCode: 0, sessionPresent: false });
          const cut = [1, 3, good.length - 1][broker.lines.length - 1] ?? 0;
          line.socket.write(Buffer.concat([good, good.subarray(0, cut)]));
          if (cut) line.socket.end();
          return true;
        };
        await new Promise<void>((resolve) => {
          link = linkTo(broker.port, version, (_topic, payload) => {
            got.push(payload.toString());
            if (got.length === 4) resolve();
          });
        });
      } finally {
        await link?.end();
        await broker.end();
      }
      assert.deepEqual(got, ['good', 'good', 'good', 'good']);
    });
  });

type Got = string;

function linkTo(
  port: number,
  version: 4 | 5,
  message: (topic: string, payload: Buffer, flags: PublishFlags) => void,
  down: (reason: Error) => void = () => {},
): MqttLink {
  const options = {
    endpoint: { protocol: 'mqtt', host: '127.0.0.1', port },
    servername: 'localhost',
    tls: {},
    lookup,
    version,
    clientId: 'intake',
    keepalive: 60,
    clean: true,
    connectTimeout: 10_000,
    nextDelay: () => 10,
    steady: () => performance.now(),
  } as const;
  const nothing = (): void => {};
  return new MqttLink(mqtt, options, {
    connected: nothing,
    retrying: nothing,
    drained: nothing,
    malformed: nothing,
    down,
    message,
  });
}

interface Frame {
  topic: string;
  payload: string;
  qos?: 0 | 1;
  retain?: boolean;
  /** With their length. */
  properties?: Buffer | undefined;
  id?: number;
}

function publish({ topic, payload, qos = 0, retain = false, properties, id = 0 }: Frame): Buffer {
  const body = Buffer.concat([
    text(topic),
    qos === 0 ? Buffer.alloc(0) : Buffer.from([id >> 8, id & 0xff]),
    properties ?? Buffer.alloc(0),
    Buffer.from(payload),
  ]);
  return raw(0x30 | (qos << 1) | Number(retain), body);
}
