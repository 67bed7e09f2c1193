import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { PassThrough, Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { PacketSplitter } from '../../../../../src/transport/mqtt/inbound/packet-splitter';
import { frameEnd, PublishReader } from '../../../../../src/transport/mqtt/inbound/publish-reader';
import { TopicCache } from '../../../../../src/transport/mqtt/inbound/topic-cache';

interface Packet {
  cmd: string;
  topic?: string;
  payload?: Buffer | string;
  qos?: number;
  retain?: boolean;
  dup?: boolean;
  messageId?: number;
  properties?: Record<string, unknown>;
}

interface Parser {
  on(event: 'packet', listener: (packet: Packet) => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
  parse(bytes: Buffer): number;
}

interface Codec {
  generate(packet: object, options: { protocolVersion: number }): Buffer;
  parser(options: { protocolVersion: number }): Parser;
}

const codec = createRequire(require.resolve('mqtt'))('mqtt-packet') as Codec;

/** How a message looks to a flow, and any other packet by its kind and number. */
function show({ cmd, topic, payload, qos, retain, dup, messageId, properties }: Packet): string {
  if (cmd !== 'publish') return `${cmd} ${messageId ?? ''}`;
  const id = properties?.subscriptionIdentifier;
  const ids = id === undefined ? [] : [id].flat();
  const others = Object.entries(properties ?? {}).filter(([name]) => name !== 'subscriptionIdentifier');
  return JSON.stringify([
    topic,
    payload?.toString('latin1'),
    qos,
    retain,
    dup,
    messageId ?? null,
    ids,
    others,
  ]);
}

/** What stands in `chunks`, as the library reads them, until it cannot. */
function reference(chunks: readonly Buffer[], version: number): string[] {
  const seen: string[] = [];
  let isBroken = false;
  const parser = codec.parser({ protocolVersion: version });
  parser.on('packet', (packet) => isBroken || seen.push(show(packet)));
  parser.on('error', () => {
    isBroken = true;
  });
  for (const chunk of chunks) parser.parse(chunk);
  return seen;
}

function frames(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(frameEnd(bytes, at) ?? bytes.length, bytes.length);
    found.push(bytes.subarray(at, end));
    at = end;
  }
  return found;
}

class Harness {
  /** All that came, by either way, in its order. */
  readonly seen: string[] = [];
  /** What came past MQTT.js. */
  short = 0;
  isOpen = true;
  private isBroken = false;
  readonly socket = new PassThrough();
  /** What MQTT.js waits for, where it is slow. */
  private readonly waiting: (() => void)[] = [];

  /** `slow`: MQTT.js needs another turn for a packet. */
  constructor(version: number, slow: (packet: Packet) => boolean) {
    const parser = codec.parser({ protocolVersion: version });
    const packets: Packet[] = [];
    parser.on('packet', (packet) => this.isBroken || packets.push(packet));
    // The link breaks the connection then.
    parser.on('error', () => {
      this.isBroken = true;
    });
    const work = (done: () => void): void => {
      for (let packet = packets.shift(); packet; packet = packets.shift()) {
        this.seen.push(show(packet));
        if (!slow(packet)) continue;
        this.waiting.push(() => work(done));
        return;
      }
      done();
    };
    const mqttjs = new Writable({
      write: (bytes: Buffer, _encoding, done) => {
        parser.parse(bytes);
        work(done);
      },
    });
    const reader = new PublishReader(version === 5, new TopicCache(), (topic, payload, flags) => {
      this.short += 1;
      this.seen.push(show({ cmd: 'publish', topic, payload, ...(flags as object) }));
    });
    new PacketSplitter(this.socket, mqttjs, reader, () => this.isOpen && !this.isBroken);
  }

  async read(chunk: Buffer): Promise<void> {
    this.socket.write(chunk);
    await turn();
  }

  async finish(): Promise<void> {
    for (let quiet = 0; quiet < 3; ) {
      const next = this.waiting.splice(0);
      for (const go of next) go();
      quiet = next.length > 0 ? 0 : quiet + 1;
      await turn();
    }
  }
}

const topics = fc.oneof(
  fc.constantFrom('a', 'home/kitchen/temperature', '/', '$SYS/x', 'Wohnung/Küche', '温度', 'x'.repeat(300)),
  fc.string({ minLength: 1, maxLength: 20, unit: fc.constantFrom('a', 'b', '/', 'ä') }),
);
const payloads = fc.oneof(
  { weight: 8, arbitrary: fc.uint8Array({ maxLength: 40 }) },
  { weight: 1, arbitrary: fc.uint8Array({ minLength: 100, maxLength: 20_000, size: 'max' }) },
);
const publishes = fc.record({
  cmd: fc.constant('publish'),
  topic: topics,
  payload: payloads.map((bytes) => Buffer.from(bytes)),
  qos: fc.constantFrom(0, 0, 0, 0, 1, 2),
  retain: fc.boolean(),
  dup: fc.constant(false),
  messageId: fc.integer({ min: 1, max: 65_535 }),
  properties: fc.oneof(
    { weight: 4, arbitrary: fc.constant(undefined) },
    { weight: 2, arbitrary: fc.record({ subscriptionIdentifier: fc.integer({ min: 1, max: 268_435_455 }) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        subscriptionIdentifier: fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 80 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        contentType: fc.constantFrom('text/plain', 'x'.repeat(1_500)),
        userProperties: fc.record({ from: fc.constantFrom('a', 'b') }),
      }),
    },
  ),
});
const others = fc.oneof(
  fc.constant({ cmd: 'pingresp' }),
  fc.integer({ min: 1, max: 65_535 }).map((messageId) => ({ cmd: 'puback', messageId })),
);
const packets = fc.oneof({ weight: 6, arbitrary: publishes }, { weight: 1, arbitrary: others });

function bytesOf(list: readonly object[], version: number): Buffer {
  return Buffer.concat(
    list.map((packet) =>
      codec.generate(version === 5 ? packet : { ...packet, properties: undefined }, {
        protocolVersion: version,
      }),
    ),
  );
}

/** Cuts `bytes` where `cuts` (parts of a thousand) say. */
function cut(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.map((part) => Math.floor((part * bytes.length) / 1_000)), bytes.length].sort(
    (a, b) => a - b,
  );
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
}

describe('what a socket reads', () => {
  for (const version of [4, 5]) {
    it(`comes as MQTT.js reads it and in its order, however it is cut (MQTT ${version === 5 ? 5 : '3.1.1'})`, async () => {
      let short = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(packets, { minLength: 1, maxLength: 30 }),
          fc.array(fc.integer({ min: 0, max: 1_000 }), { maxLength: 12 }),
          fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }),
          async (list, cuts, slowness) => {
            const bytes = bytesOf(list, version);
            let turnNumber = 0;
            const harness = new Harness(version, () => slowness[turnNumber++ % slowness.length] ?? false);
            for (const [index, chunk] of cut(bytes, cuts).entries()) {
              await harness.read(chunk);
              if (index % 3 === 2) await harness.finish();
            }
            await harness.finish();
            assert.deepEqual(harness.seen, reference([bytes], version));
            short += harness.short;
          },
        ),
        { numRuns: 300 },
      );
      // 282 were seen once, by chance; few or none would mean that only the long way was tried.
      assert.ok(short > 100, `only ${short} went the short way`);
    });

    it(`is MQTT.js's to judge where it is damaged (MQTT ${version === 5 ? 5 : '3.1.1'})`, async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(packets, { minLength: 1, maxLength: 6 }),
          fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 }),
          async (list, damages) => {
            const bytes = bytesOf(list, version);
            for (const [place, value] of damages) bytes[place % bytes.length] = value;
            const harness = new Harness(version, () => false);
            await harness.read(bytes);
            await harness.finish();
            const expected = reference([bytes], version);
            // In a damaged packet the library reads on in the next one, where there is one.
            if (isDeepStrictEqual(expected, reference(frames(bytes), version)))
              assert.deepEqual(harness.seen, expected);
          },
        ),
        { numRuns: 500 },
      );
    });
  }

  it('of more properties than 127 bytes is not taken for the short form of them', async () => {
    const harness = new Harness(5, () => false);
    // Their length is 0x82 0x0b, and 0x0b is the number of the property.
    const properties = { subscriptionIdentifier: new Array(705).fill(11) };
    const bytes = bytesOf([{ cmd: 'publish', topic: 'a', payload: 'x', qos: 0, properties }], 5);
    await harness.read(bytes);
    assert.deepEqual(harness.seen, reference([bytes], 5));
  });

  it('of malformed properties is left to MQTT.js', () => {
    let taken = 0;
    const reader = new PublishReader(true, new TopicCache(), () => {
      taken += 1;
    });
    const read = (...bytes: number[]): boolean => reader.read(Buffer.from(bytes), 0, 2 + (bytes[1] ?? 0));
    // The topic "a", the length of the properties, and these.
    assert.ok(read(0x30, 6, 0, 1, 0x61, 2, 0x0b, 1));
    // They reach into the next packet.
    assert.ok(!read(0x30, 6, 0, 1, 0x61, 4, 0x0b, 1, 0x0b, 1));
    // A number of five bytes.
    assert.ok(read(0x30, 9, 0, 1, 0x61, 5, 0x0b, 0x80, 0x80, 0x80, 1));
    assert.ok(!read(0x30, 10, 0, 1, 0x61, 6, 0x0b, 0x80, 0x80, 0x80, 0x80, 1));
    // It is cut off.
    assert.ok(!read(0x30, 6, 0, 1, 0x61, 2, 0x0b, 0x80));
    assert.ok(!read(0x30, 5, 0, 1, 0x61, 1, 0x0b));
    // No properties at all, not even their length.
    assert.ok(!read(0x30, 3, 0, 1, 0x61));
    assert.equal(taken, 2);
  });

  it('waits behind MQTT.js while that may not go on', async () => {
    const harness = new Harness(4, ({ topic }) => topic === 'slow');
    const one = (topic: string, qos = 0): object => ({
      cmd: 'publish',
      topic,
      payload: 'x',
      qos,
      messageId: 1,
    });
    await harness.read(bytesOf([one('a'), one('slow', 1), one('b')], 4));
    assert.equal(harness.seen.length, 2);
    await harness.read(bytesOf([one('c')], 4));
    assert.equal(harness.seen.length, 2);
    await harness.finish();
    assert.deepEqual(
      harness.seen.map((text) => JSON.parse(text)[0]),
      ['a', 'slow', 'b', 'c'],
    );
    assert.equal(harness.short, 1);
    await harness.read(bytesOf([one('d')], 4));
    assert.equal(harness.short, 2);
  });

  it('all goes to MQTT.js where the short way is closed', async () => {
    const harness = new Harness(4, () => false);
    harness.isOpen = false;
    await harness.read(bytesOf([{ cmd: 'publish', topic: 'a', payload: 'x', qos: 0 }], 4));
    assert.deepEqual([harness.seen.length, harness.short], [1, 0]);
  });

  it('stops while MQTT.js holds a lot', async () => {
    const harness = new Harness(4, () => true);
    const big = { cmd: 'publish', topic: 'big', payload: Buffer.alloc(60_000), qos: 1, messageId: 1 };
    for (const count of [2, 4]) {
      await harness.read(bytesOf([big, big], 4));
      assert.ok(harness.socket.isPaused());
      await harness.finish();
      assert.equal(harness.seen.length, count);
      assert.ok(!harness.socket.isPaused());
    }
  });

  it('ends when the socket ends', async () => {
    const ended = new PassThrough();
    const socket = new PassThrough();
    new PacketSplitter(socket, ended, new PublishReader(false, new TopicCache(), () => {}), () => true);
    socket.end();
    ended.resume();
    await new Promise((resolve) => ended.once('end', resolve));
  });
});

describe('topic names', () => {
  const get = (names: TopicCache, text: string): string | undefined => {
    const bytes = Buffer.from(`..${text}..`);
    return names.get(bytes, 2, bytes.length - 2);
  };

  const remembered = (names: TopicCache): number => (names as unknown as { size: number }).size;

  it('are remembered once, and only those that a byte for each character makes', () => {
    const names = new TopicCache();
    for (const text of ['a/b', 'c', 'a/b', 'ä', 'ä', 'x'.repeat(257)]) get(names, text);
    assert.equal(remembered(names), 2);
  });

  it('are the text of the bytes, and none where no topic may be like that', () => {
    const names = new TopicCache();
    for (let again = 0; again < 2; again++) {
      for (const text of ['a/b', '/', 'ä/ö', '温度', 'x'.repeat(1_000)]) assert.equal(get(names, text), text);
      for (const text of ['', 'a/+', '#', 'a\0b']) assert.equal(get(names, text), undefined);
    }
    assert.equal(names.get(Buffer.from([0x61, 0xff]), 0, 2), 'a\ufffd');
  });

  it('are told apart in any number, also beyond what is remembered', () => {
    const names = new TopicCache();
    for (let again = 0; again < 2; again++) {
      for (let index = 0; index < 45_000; index++) {
        const text = `home/${index}/value`;
        if (get(names, text) !== text) assert.fail(`${get(names, text)} instead of ${text}`);
      }
      assert.ok(remembered(names) > 1_000 && remembered(names) <= 20_000, `${remembered(names)}`);
    }
  });

  it('of the same hash are told apart', () => {
    // Found by search: FNV-1a of 32 bits is the same for both.
    const names = new TopicCache();
    for (const text of ['home/1ioa1pp/t', 'home/18f52rw/t', 'home/1ioa1pp/t'])
      assert.equal(get(names, text), text);
  });
});
