import type { Duplex, Writable } from 'node:stream';
import { frameEnd, isPlain, type PublishReader } from './publish-reader';

/**
 * Passes the bytes of a socket to MQTT.js, except plain messages, which take the short way. The order is kept: while
 * MQTT.js is busy with a packet, everything behind it waits there.
 */
export class PacketSplitter {
  /** Bytes that are missing of a frame whose beginning MQTT.js has; infinite where the place in the stream is lost. */
  private owed = 0;
  /** The beginning of a frame whose length is not known yet. */
  private begun: Buffer | undefined;
  private waits = false;

  constructor(
    private readonly stream: Duplex,
    private readonly mqttjs: Writable,
    private readonly reader: PublishReader,
    /** True if plain messages may take the short way now. */
    private readonly open: () => boolean,
  ) {
    stream.on('data', (chunk: Buffer) => this.take(chunk));
    stream.on('end', () => mqttjs.end());
    mqttjs.on('drain', () => {
      if (!this.waits) return;
      this.waits = false;
      stream.resume();
    });
  }

  private take(chunk: Buffer): void {
    const { begun } = this;
    this.begun = undefined;
    const bytes = begun ? Buffer.concat([begun, chunk]) : chunk;
    let at = Math.min(this.owed, bytes.length);
    this.owed -= at;
    /** From here to `at` it is MQTT.js's, and not passed on yet. */
    let rest = 0;
    while (at < bytes.length) {
      const end = frameEnd(bytes, at);
      if (end === undefined) {
        // Copied: a slice of some bytes would hold the whole chunk.
        this.begun = Buffer.from(bytes.subarray(at));
        break;
      }
      if (end > bytes.length) {
        this.owed = end - bytes.length;
        at = bytes.length;
        break;
      }
      if (isPlain(bytes, at) && this.idle) {
        this.pass(bytes, rest, at);
        rest = at;
        if (this.idle && this.reader.read(bytes, at, end)) rest = end;
      }
      at = end;
    }
    this.pass(bytes, rest, at);
  }

  private get idle(): boolean {
    return this.mqttjs.writableLength === 0 && this.open();
  }

  private pass(bytes: Buffer, begin: number, end: number): void {
    if (begin === end) return;
    const whole = begin === 0 && end === bytes.length;
    if (this.mqttjs.write(whole ? bytes : bytes.subarray(begin, end)) || this.waits) return;
    // If it took everything at once, there is nothing to wait for.
    if (this.mqttjs.writableLength === 0) return;
    this.waits = true;
    this.stream.pause();
  }
}
