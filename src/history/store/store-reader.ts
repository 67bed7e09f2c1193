import { setImmediate as turn } from 'node:timers/promises';
import { MINUTE } from '../../base/time-units';
import { codeOf, type FileSystem } from '../../storage/files';
import type { History } from '../history';
import {
  DAY_VERSION,
  ENTRIES,
  entriesOf,
  FILE_HEAD,
  parseHead,
  RECORDS_VERSION,
  RecordReader,
} from './records';
import { KEYS_AT_ONCE, MANY_AT_ONCE } from './slices';

/** Read at once, in bytes. */
const CHUNK = 32_768;
const MAX_MINUTES = 7;

export interface FoundStore {
  /** Keys by their number in the file. */
  keys: ReadonlyMap<number, string>;
  nextId: number;
  /** When the file was begun, milliseconds since the epoch. */
  writtenAnew: number;
  /** Offset behind its last valid record; undefined if there is no file to continue. */
  end: number | undefined;
  /** Files to be set aside. */
  unusable: [path: string, why: 'newer' | 'damaged' | 'unread'][];
}

interface Head {
  version: number;
  step: number;
  at: number;
}

/** One of the files, piece by piece. */
interface ReadProgress {
  head: Head | undefined;
  end: number;
  state: 'sound' | 'absent' | 'newer' | 'damaged' | 'unread';
}

/**
 * Reads both files of a store into a history, which may have recorded something already. Never rejects because of
 * their content: a damaged file is named, and everything readable in it is used.
 */
export async function readStore(
  files: FileSystem,
  path: string,
  recentPath: string,
  history: History,
): Promise<FoundStore> {
  const keys = new Map<number, string>();
  let nextId = 1;
  let staged: History | undefined;
  const main = await read(files, path, ({ step }, content) => {
    staged ??= history.like(step);
    for (const entry of entriesOf(content)) {
      nextId = Math.max(nextId, entry.id + 1);
      if (entry.kind === 'key') {
        keys.set(entry.id, entry.key);
        continue;
      }
      const key = keys.get(entry.id);
      if (key === undefined) continue;
      if (entry.kind === 'block') staged.restore(key, entry.block, [entry.bytes], false);
      else if (entry.kind === 'week') staged.restoreWeek(key, entry.block, entry.bytes);
      else if (entry.kind === 'state') staged.recordText(key, entry.at, entry.state);
      else {
        staged.delete(key);
        keys.delete(entry.id);
      }
    }
  });
  const parts = new Map<string, Map<number, Uint8Array[]>>();
  const recent = await read(files, recentPath, ({ step }, content) => {
    if (main.head && main.head.step !== step) return;
    for (const entry of entriesOf(content)) {
      const key = keys.get(entry.id);
      if (entry.kind !== 'block' || key === undefined) continue;
      const blocks = parts.get(key) ?? new Map<number, Uint8Array[]>();
      parts.set(key, blocks);
      const list = blocks.get(entry.block) ?? [];
      blocks.set(entry.block, list);
      list.push(Buffer.from(entry.bytes));
    }
  });
  if (staged) {
    await restoreParts(staged, parts);
    let done = 0;
    // Written by a history without one.
    if (main.head?.version === DAY_VERSION)
      for (const _ of staged.fillWeek()) if (++done % KEYS_AT_ONCE === 0) await turn();
    for (const entry of staged.all) {
      entry.savedSeen = entry.seen;
      entry.unsavedState = Number.POSITIVE_INFINITY;
      if (++done % MANY_AT_ONCE === 0) await turn();
    }
    for (const _ of history.adopt(staged)) if (++done % KEYS_AT_ONCE === 0) await turn();
  }
  const unusable: FoundStore['unusable'] = [];
  for (const [name, { state }] of [
    [path, main],
    [recentPath, recent],
  ] as const)
    if (state !== 'sound' && state !== 'absent') unusable.push([name, state]);
  return {
    keys,
    nextId,
    writtenAnew: main.head?.at ?? Number.NEGATIVE_INFINITY,
    end: main.state === 'sound' && isOf(history, main.head) ? main.end : undefined,
    unusable,
  };
}

async function restoreParts(staged: History, parts: Map<string, Map<number, Uint8Array[]>>): Promise<void> {
  let done = 0;
  for (const [key, blocks] of parts) {
    for (const [block, list] of blocks) staged.restore(key, block, list, true);
    if (++done % KEYS_AT_ONCE === 0) await turn();
  }
}

/** Calls `entries` with the content of every sound record behind a head that is understood. */
async function read(
  files: FileSystem,
  path: string,
  entries: (head: Head, content: Buffer) => void,
): Promise<ReadProgress> {
  const reading: ReadProgress = { head: undefined, end: 0, state: 'sound' };
  const reader = new RecordReader();
  const take = (records: ReturnType<RecordReader['feed']>): void => {
    for (const { kind, content } of records) {
      if (kind === FILE_HEAD) reading.head ??= parseHead(content);
      else if (kind === ENTRIES && reading.head && understood(reading.head)) entries(reading.head, content);
    }
  };
  try {
    const handle = await files.open(path, 'r');
    try {
      const piece = Buffer.allocUnsafe(CHUNK);
      for (;;) {
        const { bytesRead } = await handle.read(piece, 0, CHUNK);
        if (bytesRead === 0) break;
        take(reader.feed(piece.subarray(0, bytesRead)));
        if (reading.head && reading.head.version > RECORDS_VERSION) return { ...reading, state: 'newer' };
        await turn();
      }
    } finally {
      await handle.close();
    }
  } catch (error) {
    return { ...reading, state: codeOf(error) === 'ENOENT' ? 'absent' : 'unread' };
  }
  take(reader.end());
  reading.end = reader.soundEnd;
  if (reader.damaged > 0 || !reading.head || !understood(reading.head)) reading.state = 'damaged';
  if (reading.head && reading.head.version > RECORDS_VERSION) reading.state = 'newer';
  return reading;
}

/** The version in which a history is written. */
export const versionOf = ({ week }: History): number => (week ? RECORDS_VERSION : DAY_VERSION);

/** This history can go on in that file. */
const isOf = (history: History, head: Head | undefined): boolean =>
  head?.step === history.step && head.version === versionOf(history);

function understood({ version, step }: Head): boolean {
  const minutes = step / MINUTE;
  return (
    (version === DAY_VERSION || version === RECORDS_VERSION) &&
    Number.isInteger(minutes) &&
    minutes >= 1 &&
    minutes <= MAX_MINUTES
  );
}
