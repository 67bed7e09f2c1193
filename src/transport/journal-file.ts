import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** What is read or written at once, in bytes or characters. */
const CHUNK = 1_048_576;
const LINE_BREAK = 10;

/** The lines of a file, empty ones left out. Throws what reading throws, and where it is no file. */
export function* linesOf(path: string): Iterable<Buffer> {
  // A pipe or a device might never end.
  if (!statSync(path).isFile()) throw new Error(`${path} is not a file`);
  const file = openSync(path, 'r');
  try {
    const chunk = Buffer.allocUnsafe(CHUNK);
    let parts: Buffer[] = [];
    for (;;) {
      const length = readSync(file, chunk, 0, CHUNK, null);
      if (length === 0) break;
      let start = 0;
      for (let end = 0; end < length; start = end + 1) {
        end = chunk.subarray(0, length).indexOf(LINE_BREAK, start);
        if (end < 0) break;
        const line = Buffer.concat([...parts, chunk.subarray(start, end)]);
        parts = [];
        if (line.length > 0) yield line;
      }
      if (start < length) parts.push(Buffer.from(chunk.subarray(start, length)));
    }
    if (parts.length > 0) yield Buffer.concat(parts);
  } finally {
    closeSync(file);
  }
}

/** mkdirSync's own `recursive` never comes back where a file system takes no folders (/proc). */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  if (dirname(path) !== path) makeFolder(dirname(path));
  mkdirSync(path);
}

/** Opens a file to add to, and its folder where that is missing. Nobody else may read it. */
export function openToAppend(path: string): number {
  makeFolder(dirname(path));
  return openSync(path, 'a', 0o600);
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

/** Replaces a file: either all of the new one stands there, on the disk, or the old one as it was. Gives the bytes. */
export function replaceFile(path: string, records: Iterable<string>): number {
  const temporary = `${path}.new`;
  try {
    makeFolder(dirname(path));
    rmSync(temporary, { force: true });
    const file = openSync(temporary, 'wx', 0o600);
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
