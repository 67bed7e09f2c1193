import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { text } from '../base/catalogue';
import { CodedError } from '../base/coded-error';
import { makeFolder, OWNER_ONLY } from './files';

/** Bytes that are read at once. */
const CHUNK = 1_048_576;
const LINE_BREAK = 10;

/** The lines of a file, empty ones left out. Throws what reading throws, and where it is no file. */
export function* linesOf(path: string): Iterable<Buffer> {
  // A pipe or a device might never end.
  if (!statSync(path).isFile()) throw new CodedError('no-file', text('log.notFile', { path }));
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

/** Opens a file for appending, and creates its folder. Nobody else may read it. */
export function openToAppend(path: string): number {
  makeFolder(dirname(path));
  return openSync(path, 'a', OWNER_ONLY);
}
