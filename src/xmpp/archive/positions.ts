import { BoundedMap } from '../../base/bounded-map';

/** A line of the file: a message is about to be handed over (`begun`), or messages are dealt with (`done`). */
export type PositionRecord =
  | { archive: string; begun: string; at: number }
  | { archive: string; done: readonly string[]; at: number }
  | { archive: string; gone: true };

/** Archives that are remembered: the account's, and those of rooms. */
const MAX_ARCHIVES = 300;
/** Ids of dealt-with messages: in memory, and in a file that is written anew. */
const MAX_KNOWN = 2_000;
const KEPT = 100;
const MAX_BEGUN = 1_000;

interface Position {
  /** Time of the newest known message, in milliseconds since the epoch; of an empty archive that of the first look. */
  at: number;
  handled: BoundedMap<string, true>;
  /** Begun by this process. */
  begun: Map<string, number>;
  /** Begun by a process that ended before it was done. */
  interrupted: Map<string, number>;
}

/**
 * How far each archive is dealt with. `begun` is written before a message is handed over and `done` when its effects
 * are surely on disk: a message that was only begun when the process was killed comes again, marked.
 */
export class ArchivePositions {
  private readonly archives = new BoundedMap<string, Position>(MAX_ARCHIVES);

  /** @param write takes a record to the disk before it returns */
  constructor(private readonly write: (record: PositionRecord) => void) {}

  /** Takes what an earlier process has written, in its order. */
  restore(records: Iterable<PositionRecord>): void {
    for (const record of records) this.apply(record);
    for (const position of this.archives.values()) {
      for (const [id, at] of position.begun) position.interrupted.set(id, at);
      position.begun.clear();
    }
  }

  /** True if the archive was looked at before. */
  has(archive: string): boolean {
    return this.archives.has(archive);
  }

  since(archive: string): number {
    return this.archives.get(archive)?.at ?? 0;
  }

  interrupted(archive: string): number {
    return this.archives.get(archive)?.interrupted.size ?? 0;
  }

  fate(archive: string, id: string): 'unknown' | 'handled' | 'interrupted' {
    const position = this.archives.get(archive);
    if (position?.interrupted.has(id)) return 'interrupted';
    return position && (position.handled.has(id) || position.begun.has(id)) ? 'handled' : 'unknown';
  }

  /** A message is about to be handed over. */
  begin(archive: string, id: string, at: number): void {
    this.put({ archive, begun: id, at });
  }

  /** Messages are dealt with, or need nothing. */
  done(archive: string, ids: readonly string[], at: number): void {
    this.put({ archive, done: ids, at });
  }

  /** Those that this process has begun are dealt with. */
  settle(): void {
    for (const [archive, { begun }] of this.archives) {
      if (begun.size > 0) this.done(archive, [...begun.keys()], Math.max(...begun.values()));
    }
  }

  /** What an earlier process left open is not in the archive any more. */
  dropInterrupted(archive: string): void {
    const { interrupted } = this.archives.get(archive) ?? {};
    if (interrupted && interrupted.size > 0)
      this.done(archive, [...interrupted.keys()], Math.max(...interrupted.values()));
  }

  /** It begins anew with the next look. */
  forget(archive: string): void {
    if (this.archives.has(archive)) this.put({ archive, gone: true });
  }

  /** Everything that a new file needs. */
  *records(): Iterable<PositionRecord> {
    for (const [archive, { at, handled, begun, interrupted }] of this.archives) {
      yield { archive, done: [...handled.keys()].slice(-KEPT), at };
      for (const [id, stamp] of [...interrupted, ...begun]) yield { archive, begun: id, at: stamp };
    }
  }

  private put(record: PositionRecord): void {
    this.apply(record);
    this.write(record);
  }

  private apply(record: PositionRecord): void {
    const { archive } = record;
    if ('gone' in record) {
      this.archives.delete(archive);
      return;
    }
    const position: Position = this.archives.get(archive) ?? {
      at: record.at,
      handled: new BoundedMap(MAX_KNOWN),
      begun: new Map(),
      interrupted: new Map(),
    };
    this.archives.set(archive, position);
    position.at = Math.max(position.at, record.at);
    if ('begun' in record) {
      position.interrupted.delete(record.begun);
      if (position.begun.size < MAX_BEGUN) position.begun.set(record.begun, record.at);
      return;
    }
    for (const id of record.done) {
      position.begun.delete(id);
      position.interrupted.delete(id);
      position.handled.set(id, true);
    }
  }
}

/** A record that was read from a file; undefined if it is none. */
export function readPosition(value: unknown): PositionRecord | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { archive, begun, done, at, gone } = value as Record<string, unknown>;
  if (typeof archive !== 'string' || archive === '') return undefined;
  if (gone === true) return { archive, gone };
  if (typeof at !== 'number' || !Number.isFinite(at)) return undefined;
  if (typeof begun === 'string') return { archive, begun, at };
  if (!Array.isArray(done) || !done.every((id) => typeof id === 'string')) return undefined;
  return { archive, done, at };
}
