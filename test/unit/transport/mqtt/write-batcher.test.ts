import assert from 'node:assert/strict';
import { PassThrough, Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { WriteBatcher } from '../../../../src/transport/mqtt/write-batcher';

/** A stream that remembers how many chunks each write to the system had. */
function recorder(): { stream: Writable; calls: number[] } {
  const calls: number[] = [];
  const stream = new Writable({
    write: (_chunk, _encoding, done) => {
      calls.push(1);
      done();
    },
    writev: (chunks, done) => {
      calls.push(chunks.length);
      done();
    },
  });
  return { stream, calls };
}

function send(writes: WriteBatcher, stream: Writable, ...texts: string[]): void {
  for (const text of texts) {
    writes.add(stream as never);
    stream.write(text);
  }
}

describe('gathered writes', () => {
  it('write what is sent in one turn at once', async () => {
    const { stream, calls } = recorder();
    const writes = new WriteBatcher();
    send(writes, stream, 'a', 'b', 'c');
    assert.deepEqual(calls, []);
    await turn();
    assert.deepEqual(calls, [3]);
    send(writes, stream, 'd');
    await turn();
    assert.deepEqual(calls, [3, 1]);
  });

  it('do not wait where they are told', async () => {
    const { stream, calls } = recorder();
    const writes = new WriteBatcher();
    send(writes, stream, 'a', 'b');
    writes.flush();
    assert.deepEqual(calls, [2]);
    send(writes, stream, 'c', 'd');
    // The first turn's end is not theirs alone, but it may write them.
    await turn();
    await turn();
    assert.deepEqual(calls, [2, 2]);
  });

  it('hold nothing back on a new line, nor when the old one is gone', async () => {
    const writes = new WriteBatcher();
    const old = new PassThrough();
    send(writes, old, 'a');
    old.destroy();
    const { stream, calls } = recorder();
    send(writes, stream, 'b', 'c');
    await turn();
    await turn();
    assert.deepEqual(calls, [2]);
  });

  it('are out when the stream ends', async () => {
    const { stream, calls } = recorder();
    const writes = new WriteBatcher();
    send(writes, stream, 'a', 'b');
    await new Promise<void>((resolve) => {
      stream.end(resolve);
    });
    assert.deepEqual(calls, [2]);
  });
});
