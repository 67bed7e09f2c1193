/** The queue on disk: what is put comes back, and what does not wait any more does not. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import type { Publication, PublishProperties } from '../../../../src/transport/messages';
import { parseRecord, putRecord } from '../../../../src/transport/outbox/journal-record';
import { folder, JournalHarness, removeFolders, stored, written } from './journal-harness';

/** Any UTF-16, lone surrogates and line breaks included. */
const anyText = fc.string({
  unit: fc.oneof(
    fc.constantFrom('\n', '\r', '\u2028', '"', '\\', '\0', '\ud83d', '\ude00', '😀', 'ä', '\ufeff'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
  ),
});
const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const properties: fc.Arbitrary<PublishProperties> = fc.record(
  {
    payloadFormatIndicator: fc.boolean(),
    messageExpiryInterval: fc.integer({ min: 0, max: 0xffff_ffff }),
    topicAlias: fc.integer({ min: 1, max: 100 }),
    responseTopic: anyText,
    correlationData: bytes.filter(({ length }) => length > 0),
    userProperties: fc.dictionary(anyText, fc.oneof(anyText, fc.array(anyText, { maxLength: 3 }))),
    contentType: anyText,
  },
  { requiredKeys: [] },
);
const publication: fc.Arbitrary<Publication> = fc
  .record(
    {
      topic: anyText,
      payload: fc.oneof(anyText, bytes, fc.constantFrom('', Buffer.alloc(0), '\n'.repeat(5))),
      qos: fc.constantFrom(0, 1, 2),
      retain: fc.boolean(),
      properties,
    },
    { requiredKeys: ['topic', 'payload', 'qos', 'retain'] },
  )
  .map((one) => one as Publication);

/** JSON has no prototypes to compare. */
function plain(value: unknown): unknown {
  return structuredClone(value);
}

describe('journal', () => {
  let path: string;
  beforeEach(() => {
    path = join(folder(), 'queues', 'broker.log');
  });
  afterEach(removeFolders);

  it('brings back every kind of publication as it was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(publication, { minLength: 1, maxLength: 20 }), async (list) => {
        const harness = new JournalHarness(join(folder(), 'q.log'));
        const put = list.map((one, index) => harness.put(index + 1, one));
        await written();
        const { messages, damaged } = harness.reload();
        assert.equal(damaged, 0);
        assert.deepEqual(plain(messages), plain(put));
        for (const [index, { payload }] of list.entries())
          assert.equal(Buffer.isBuffer(messages[index]?.publication.payload), Buffer.isBuffer(payload));
      }),
      { numRuns: 150 },
    );
  });

  it('holds what a map would hold after any puts and removals, in any turns, in order', async () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.constant('put' as const) },
      { weight: 4, arbitrary: fc.nat(20).map((back) => back) },
      { weight: 3, arbitrary: fc.constant('turn' as const) },
      { weight: 1, arbitrary: fc.constant('restart' as const) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        let harness = new JournalHarness(join(folder(), 'q.log'));
        let number = 0;
        for (const one of steps) {
          if (one === 'put') harness.put(++number);
          else if (one === 'turn') await written();
          else if (one === 'restart') {
            // As a kill does it: the old one writes no more.
            await written();
            const { path: same } = harness;
            harness = new JournalHarness(same);
            for (const message of harness.journal.load()) harness.waiting.set(message.number, message);
          } else {
            const which = [...harness.waiting.keys()].at(-1 - one);
            if (which !== undefined) harness.remove(which);
          }
        }
        await written();
        const { messages, damaged } = harness.reload();
        assert.equal(damaged, 0);
        assert.deepEqual(
          messages,
          [...harness.waiting.values()].sort((a, b) => a.number - b.number),
        );
      }),
      { numRuns: 150 },
    );
  });

  it('writes nothing of what is put and removed in one turn', async () => {
    const harness = new JournalHarness(path);
    for (let number = 1; number <= 100; number++) harness.put(number);
    for (let number = 1; number <= 100; number++) harness.remove(number);
    await written();
    assert.equal(existsSync(path), false);
    harness.put(101);
    await written();
    const { size } = harness;
    harness.put(102);
    harness.remove(102);
    await written();
    assert.equal(harness.size, size);
  });

  it('has all of a turn in the file at the end of the turn', async () => {
    const harness = new JournalHarness(path);
    for (let number = 1; number <= 10_000; number++) harness.put(number);
    assert.equal(existsSync(path), false);
    await written();
    assert.equal(harness.reload().messages.length, 10_000);
  });

  it('gives back what waits in the order of its numbers', async () => {
    const first = new JournalHarness(path);
    for (const number of [3, 1, 2]) first.put(number);
    first.remove(2);
    await written();
    assert.deepEqual(
      first.reload().messages.map(({ number }) => number),
      [1, 3],
    );
  });

  it('keeps a text of more than a mebibyte, whatever it is made of', async () => {
    const harness = new JournalHarness(path);
    const payload = '\u0001ä😀'.repeat(500_000);
    harness.put(1, { payload });
    await written();
    const [message] = harness.reload().messages;
    assert.ok(message);
    assert.ok(Buffer.from(message.publication.payload as string).equals(Buffer.from(payload)));
  });

  it('is readable by its owner only, before and after a rewrite, and over a file that everybody could read', async () => {
    const harness = new JournalHarness(path);
    harness.put(1);
    await written();
    assert.equal(statSync(path).mode & 0o777, 0o600);
    writeFileSync(`${path}.new`, 'left behind', { mode: 0o644 });
    harness.journal.supersede();
    await written();
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(existsSync(`${path}.new`), false);
    assert.deepEqual(harness.reload().messages, [...harness.waiting.values()]);
  });

  it('leaves no file behind where nothing waits any more', async () => {
    const harness = new JournalHarness(path);
    harness.put(1, { payload: 'private' });
    await written();
    harness.remove(1);
    harness.journal.close();
    assert.equal(existsSync(path), false);
  });

  it('writes at its close what the turn has put, and nothing afterwards', async () => {
    const harness = new JournalHarness(path);
    harness.put(1);
    harness.journal.close();
    assert.equal(harness.reload().messages.length, 1);
    assert.equal(harness.clock.waiting, 0);
    const before = readFileSync(path);
    await written();
    assert.ok(before.equals(readFileSync(path)));
  });

  it('goes with its node, and does not come back', async () => {
    const harness = new JournalHarness(path);
    harness.put(1);
    await written();
    harness.put(2);
    harness.remove(1);
    harness.journal.discard();
    await written();
    harness.clock.advance(120_000);
    assert.equal(existsSync(path), false);
    assert.deepEqual(harness.failures, []);
    assert.equal(harness.clock.waiting, 0);
  });

  it('forces what it wrote onto the disk once a second, and not without a reason', async () => {
    const harness = new JournalHarness(path);
    harness.put(1);
    await written();
    assert.equal(harness.clock.next, 1_000);
    harness.put(2);
    await written();
    assert.equal(harness.clock.waiting, 1);
    harness.clock.advance(1_000);
    assert.equal(harness.clock.waiting, 0);
  });
});

describe('journal: size', () => {
  afterEach(removeFolders);

  it('never grows past two mebibytes or a little more than twice of what waits', async () => {
    const harness = new JournalHarness(join(folder(), 'q.log'));
    const payload = 'x'.repeat(1_000);
    let most = 0;
    let number = 0;
    let live = 0;
    // A queue that fills to 4,000 messages, empties, and fills again, three times.
    for (let round = 0; round < 3; round++) {
      for (const goal of [4_000, 10]) {
        while (harness.waiting.size !== goal) {
          for (let step = 0; step < 200 && harness.waiting.size !== goal; step++) {
            if (harness.waiting.size < goal) harness.put(++number, { payload });
            else harness.remove(harness.waiting.keys().next().value as number);
          }
          await written();
          live = harness.waiting.size * putRecord(stored(number, { payload })).length;
          const bound = Math.max(1_048_576, 2 * live) + 250_000;
          assert.ok(harness.size <= bound, `${harness.size} bytes for ${live}`);
          most = Math.max(most, harness.size);
        }
      }
    }
    assert.ok(most > 4_000_000, `it was really full: ${most}`);
    assert.ok(harness.size <= 1_300_000, `${harness.size}`);
    assert.deepEqual(harness.reload().messages, [...harness.waiting.values()]);
  });

  it('does not grow from one process to the next either', async () => {
    const path = join(folder(), 'q.log');
    let number = 0;
    for (let run = 0; run < 12; run++) {
      const harness = new JournalHarness(path);
      for (const message of harness.journal.load()) harness.waiting.set(message.number, message);
      for (let step = 0; step < 8; step++) {
        for (let one = 0; one < 100; one++) harness.put(++number, { payload: 'x'.repeat(1_000) });
        await written();
        for (const old of [...harness.waiting.keys()].slice(0, 100)) harness.remove(old);
        await written();
      }
      assert.ok(harness.size < 1_500_000, `run ${run}: ${harness.size}`);
    }
  });
});

describe('journal: damage', () => {
  let path: string;
  beforeEach(() => {
    path = join(folder(), 'q.log');
  });
  afterEach(removeFolders);

  async function file(): Promise<Buffer> {
    const harness = new JournalHarness(path);
    for (let number = 1; number <= 4; number++) harness.put(number, { payload: `ä\n${number}` });
    await written();
    harness.put(5, { payload: Buffer.from([1, 2, 3]) });
    harness.remove(2);
    await written();
    return readFileSync(path);
  }
  const ALL = [1, 3, 4, 5];
  const numbers = (harness = new JournalHarness(path)) => {
    const found = harness.journal.load();
    for (const { number, publication: one, due } of found) {
      // What comes back is what was put, or nothing: never something else.
      const payload = number === 5 ? Buffer.from([1, 2, 3]) : `ä\n${number}`;
      assert.deepEqual({ number, publication: one, due }, stored(number, { payload }));
    }
    return found.map(({ number }) => number);
  };

  it('a file cut off at any byte costs the cut record only', async () => {
    const whole = await file();
    const ends: number[] = [whole.length];
    for (let at = whole.indexOf('\n\n'); at >= 0; at = whole.indexOf('\n\n', at + 1)) ends.push(at + 1);
    for (let length = 0; length < whole.length; length++) {
      writeFileSync(path, whole.subarray(0, length));
      const harness = new JournalHarness(path);
      const found = numbers(harness);
      // A record is whole without the line break behind it.
      const complete = ends.filter((end) => end - 1 <= length).length;
      const wanted = complete > 5 ? ALL : [1, 2, 3, 4, 5].slice(0, complete);
      assert.deepEqual(found, wanted, `cut at ${length} of ${whole.length}`);
      assert.ok((harness.damage[0] ?? 0) <= 1);
    }
  });

  it('one damaged byte, wherever and whatever, costs one record at most, and is reported', async () => {
    const whole = await file();
    let reported = 0;
    for (let at = 0; at < whole.length; at++) {
      for (const value of [0, 10, 32, 0x22, 0xff, (whole[at] as number) ^ 1, (whole[at] as number) ^ 0x20]) {
        if (value === whole[at]) continue;
        const damaged = Buffer.from(whole);
        damaged[at] = value;
        writeFileSync(path, damaged);
        const harness = new JournalHarness(path);
        const found = numbers(harness);
        const missing = ALL.filter((number) => !found.includes(number));
        // A lost removal brings its message again, which QoS 1 allows.
        const extra = found.filter((number) => !ALL.includes(number));
        assert.ok(missing.length + extra.length <= 1, `byte ${at} as ${value}: ${found}`);
        if (missing.length + extra.length === 1) assert.ok((harness.damage[0] ?? 0) >= 1, `byte ${at}`);
        reported += harness.damage.length;
      }
    }
    assert.ok(reported > whole.length, `${reported} of ${whole.length * 6} were noticed`);
  });

  it('is reported once: the file is mended by the next write', async () => {
    const whole = await file();
    writeFileSync(path, Buffer.concat([whole.subarray(0, 40), Buffer.alloc(4_096), whole.subarray(60)]));
    const harness = new JournalHarness(path);
    for (const message of harness.journal.load()) harness.waiting.set(message.number, message);
    assert.equal(harness.damage.length, 1);
    await written();
    const { messages, damaged } = harness.reload();
    assert.equal(damaged, 0);
    assert.deepEqual(messages, [...harness.waiting.values()]);
  });

  it('a torn record does not swallow what the next process writes behind it', async () => {
    const whole = await file();
    writeFileSync(path, whole.subarray(0, whole.length - 3));
    const harness = new JournalHarness(path);
    // Before it has mended the file.
    harness.journal.put(stored(9));
    harness.journal.load();
    await written();
    harness.put(10);
    await written();
    assert.ok(harness.reload().messages.some(({ number }) => number === 10));
  });

  it('anything else that stands there is left out and reported, never sent', () => {
    const records = [
      '"text"',
      '5',
      'null',
      '{}',
      '[]',
      '["1"]',
      '[1,2]',
      '[1,2,null]',
      '[1,2,{}]',
      '[1,null,{"t":"a","p":"b","q":1,"r":false}]',
      '[1,2,{"t":"a","p":"b","q":3,"r":false}]',
      '[1,2,{"t":5,"p":"b","q":1,"r":false}]',
      '[1,2,{"t":"a","p":{},"q":1,"r":false}]',
      '[1,2,{"t":"a","q":1,"r":false}]',
      '[1,2,{"t":"a","p":"b","q":1,"r":false,"v":"c"}]',
      '[1.5,2,{"t":"a","p":"b","q":1,"r":false}]',
      '[1,2,',
      '',
    ];
    const line = (json: string): string => `\n${crc32(json).toString(16).padStart(8, '0')}${json}\n`;
    // A newer version may add fields; what this one knows of it counts.
    const newer = '[7,2000007,{"t":"t/7","p":"payload 7","q":1,"r":false,"z":[1]},"more"]';
    writeFileSync(path, records.map(line).join('') + line(newer));
    const harness = new JournalHarness(path);
    assert.deepEqual(harness.journal.load(), [stored(7)]);
    assert.deepEqual(harness.damage, [records.length]);
  });

  it('a file that is none of ours is reported and brings nothing', () => {
    for (const content of [Buffer.alloc(100_000), Buffer.from('hello'), Buffer.from([0xef, 0xbb, 0xbf])]) {
      writeFileSync(path, content);
      const harness = new JournalHarness(path);
      assert.deepEqual(harness.journal.load(), []);
      assert.deepEqual(harness.damage, [1]);
    }
  });

  it('records longer than what is read at once come back whole', async () => {
    const harness = new JournalHarness(path);
    for (let number = 1; number <= 5; number++)
      harness.put(number, { payload: Buffer.alloc(900_000, number) });
    await written();
    assert.deepEqual(harness.reload().messages, [...harness.waiting.values()]);
  });
});

describe('journal: checksum', () => {
  it('is asked of every record', () => {
    const line = Buffer.from(putRecord(stored(1)).trim());
    assert.deepEqual(parseRecord(line), stored(1));
    // When its lifetime is over is a moment, which a restart does not move.
    const mortal = stored(2, {
      ...{ properties: { messageExpiryInterval: 5 }, expires: 1_800_000_000_000, isSaid: true },
    });
    assert.deepEqual(parseRecord(Buffer.from(putRecord(mortal).trim())), mortal);
    assert.equal(parseRecord(Buffer.from(line.toString().replace('payload 1', 'payload 2'))), undefined);
  });
});
