import type { Readable } from 'node:stream';
import type { Clock } from '../../base/clock';
import { SendError } from '../send-error';
import { whileOnline } from '../session/while-online';
import type { Stanzas } from '../stanzas';
import { type AttachmentSource, attachmentOf } from './attachment';
import type { Uploads } from './upload';

export interface UploadQueueOptions {
  stanzas: Stanzas;
  uploads: Uploads;
  clock: Clock;
  /** Milliseconds for which a file waits for a connection. */
  offlineMs: number;
}

const AT_ONCE = 2;
const MAX_WAITING = 100;
/** Bytes in memory that wait. Files and streams that were not read yet do not count. */
const MAX_BYTES = 64 * 1024 * 1024;

/** Uploads files in turn, two at a time, so that pictures that come faster than the line takes them do not pile up. */
export class UploadQueue {
  private running = 0;
  private bytes = 0;
  private queue: (() => void)[] = [];
  private readonly stop = new AbortController();

  constructor(private readonly options: UploadQueueOptions) {}

  /** One result for each file, in order: its address, or why it has none. Never rejects. */
  async upload(sources: readonly AttachmentSource[]): Promise<({ url: string } | Error)[]> {
    return Promise.all(
      sources.map((source) =>
        this.inTurn(source).then(
          (url) => ({ url }),
          (error: Error) => {
            // Nobody reads it any more.
            streamIn(source.data)?.destroy();
            return error;
          },
        ),
      ),
    );
  }

  close(reason: Error): void {
    this.stop.abort(reason);
    for (const go of this.queue.splice(0)) go();
  }

  private async inTurn(source: AttachmentSource): Promise<string> {
    const bytes = bytesOf(source.data);
    if (this.queue.length >= MAX_WAITING || this.bytes + bytes > MAX_BYTES) {
      throw new SendError('upload-busy', { most: MAX_WAITING });
    }
    this.bytes += bytes;
    try {
      if (this.running >= AT_ONCE) await new Promise<void>((go) => this.queue.push(go));
      this.running += 1;
      try {
        return await this.one(source);
      } finally {
        this.running -= 1;
        this.queue.shift()?.();
      }
    } finally {
      this.bytes -= bytes;
    }
  }

  private async one(source: AttachmentSource): Promise<string> {
    const { stanzas, uploads, clock, offlineMs } = this.options;
    const { signal } = this.stop;
    signal.throwIfAborted();
    const online = <T>(action: () => Promise<T>): Promise<T> =>
      whileOnline(stanzas, clock, offlineMs, () => {
        signal.throwIfAborted();
        return action();
      });
    const file = await attachmentOf(source, await online(() => uploads.limit()));
    try {
      return await online(() => uploads.put(file, signal));
    } finally {
      await file.close();
    }
  }
}

function bytesOf(data: unknown): number {
  const inner = typeof data === 'object' && data !== null && 'data' in data ? data.data : data;
  if (inner instanceof Uint8Array) return inner.byteLength;
  return typeof inner === 'string' ? inner.length : 0;
}

/** Before anything else: a stream that fails while it waits would end the process. */
export function guardStreams(sources: readonly AttachmentSource[]): void {
  for (const { data } of sources) streamIn(data)?.on('error', () => {});
}

function streamIn(data: unknown): Pick<Readable, 'on' | 'destroy'> | undefined {
  const inner = typeof data === 'object' && data !== null && 'data' in data ? data.data : data;
  const stream = inner as { destroy?: unknown; on?: unknown } | null | undefined;
  const isStream = typeof stream?.destroy === 'function' && typeof stream.on === 'function';
  return isStream ? (stream as Readable) : undefined;
}
