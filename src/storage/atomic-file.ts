import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What is written at once, in characters. */
const CHUNK = 1_048_576;
/** Nobody else may read what happens in a house. */
export const OWNER_ONLY = 0o600;

/** mkdirSync's own `recursive` never comes back where a file system takes no folders (/proc). */
export function makeFolder(path: string): void {
  if (existsSync(path)) return;
  if (dirname(path) !== path) makeFolder(dirname(path));
  mkdirSync(path);
}

/** Writes all of it, however much one call takes; gives the bytes. */
export function writeAll(file: number, records: Iterable<string>): number {
  let size = 0;
  let text = '';
  const write = (): void => {
    const data = Buffer.from(text);
    // A disk that fills up takes a part without an error; only the next call says so.
    for (let at = 0; at < data.length; ) at += writeSync(file, data, at);
    size += data.length;
    text = '';
  };
  for (const record of records) {
    text += record;
    if (text.length > CHUNK) write();
  }
  if (text) write();
  return size;
}

/**
 * Replaces a file: either all of the new one stands there, on the disk, or the old one as it was.
 * @returns the bytes of the new one
 */
export function replaceFile(path: string, records: Iterable<string>): number {
  const temporary = `${path}.new`;
  try {
    makeFolder(dirname(path));
    rmSync(temporary, { force: true });
    const file = openSync(temporary, 'wx', OWNER_ONLY);
    let size: number;
    try {
      size = writeAll(file, records);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
    syncFolder(dirname(path));
    return size;
  } catch (error) {
    try {
      // It would keep the room that is missing.
      rmSync(temporary, { force: true });
    } catch {
      // What matters is why it could not be written.
    }
    throw error;
  }
}

/** The same beside the event loop. Rejects where it cannot be written; then the old file is there as it was. */
export async function replaceFileAsync(path: string, text: string): Promise<void> {
  const temporary = `${path}.new`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await rm(temporary, { force: true });
    const file = await open(temporary, 'wx', OWNER_ONLY);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
}

/** Without it a power cut may bring the old file back. */
function syncFolder(folder: string): void {
  try {
    const file = openSync(folder, 'r');
    try {
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch {
    // Windows has no such thing.
  }
}
