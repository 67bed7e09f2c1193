import assert from 'node:assert/strict';
import { readEvents } from '../../../scripts/demo/phone/page/events';

/** As a browser's `EventSource`. */
class Stream {
  readyState = 0;
  private readonly listeners = new Map<string, (event: { data?: unknown }) => void>();

  addEventListener(type: string, listener: (event: { data?: unknown }) => void): void {
    this.listeners.set(type, listener);
  }

  say(data: string): void {
    this.readyState = 1;
    this.listeners.get('message')?.({ data });
  }

  fail(readyState: number): void {
    this.readyState = readyState;
    this.listeners.get('error')?.({});
  }
}

describe('the page of the phone of npm start', () => {
  it('opens its events anew where the browser does not: npm start answers 503 until Node-RED runs', () => {
    const streams: Stream[] = [];
    const seen: string[] = [];
    const later: (() => void)[] = [];
    readEvents(
      () => {
        const stream = new Stream();
        streams.push(stream);
        return stream;
      },
      { message: (data) => seen.push(data), lost: () => seen.push('lost') },
      (ms, then) => {
        assert.ok(ms >= 1_000, 'not at once');
        later.push(then);
      },
    );
    streams[0]?.say('one');
    streams[0]?.fail(0);
    assert.equal(later.length, 0, 'the browser comes back by itself after a lost connection');
    streams[0]?.fail(2);
    assert.equal(later.length, 1);
    later.shift()?.();
    streams[1]?.fail(2);
    later.shift()?.();
    streams[2]?.say('two');
    assert.equal(streams.length, 3);
    assert.deepEqual(seen, ['one', 'lost', 'lost', 'lost', 'two']);
  });
});
