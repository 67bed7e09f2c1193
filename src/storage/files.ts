import { existsSync, mkdirSync, renameSync, writeSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** File operations, replaced by tests that want the disk to fail. */
export interface FileSystem {
  open(path: string, flags: string, mode?: number): Promise<FileHandle>;
  rename(from: string, to: string): Promise<void>;
  rm(path: string, options: { force: boolean }): Promise<void>;
  mkdir(path: string): Promise<unknown>;
  readdir(path: string): Promise<string[]>;
  stat(path: string): Promise<{ mtimeMs: number; size: number; isFile(): boolean; isDirectory(): boolean }>;
}

export const systemFiles: FileSystem = { open, rename, rm, mkdir, readdir, stat };

/** Nobody else may read what happens in a home. */
export const OWNER_ONLY = 0o600;
/** Characters that are written at once. */
const CHUNK = 1_048_576;

export function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code;
}

/** mkdirSync's own `recursive` never comes back where a file system takes no folders (/proc). */
export function makeFolder(path: string): void {
  if (existsSync(path)) return;
  if (dirname(path) !== path) makeFolder(dirname(path));
  mkdirSync(path);
}

/** The same without blocking the event loop. */
export async function makeFolderAsync(path: string, files: FileSystem = systemFiles): Promise<void> {
  const there = await files.stat(path).catch(() => undefined);
  if (there?.isDirectory()) return;
  if (dirname(path) !== path) await makeFolderAsync(dirname(path), files);
  await files.mkdir(path).catch((error: unknown) => {
    if (codeOf(error) !== 'EEXIST') throw error;
  });
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

/** The same without blocking the event loop. */
export async function writeAllAsync(handle: FileHandle, data: Uint8Array): Promise<void> {
  for (let at = 0; at < data.length; ) at += (await handle.write(data, at)).bytesWritten;
}

/**
 * Moves an unreadable file out of the way, because somebody may be able to read it later, and returns its new name;
 * undefined if there is no file. One of each kind is kept.
 */
export function setAside(path: string, why: string): string | undefined {
  try {
    renameSync(path, `${path}.${why}`);
    return `${path}.${why}`;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** The same without blocking the event loop. */
export async function setAsideAsync(
  path: string,
  why: string,
  files: FileSystem = systemFiles,
): Promise<string | undefined> {
  try {
    await files.rename(path, `${path}.${why}`);
    return `${path}.${why}`;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
