import { writeSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What is asked of the disk; given by tests that want it to fail. */
export interface FileSystem {
  open(path: string, flags: string, mode?: number): Promise<FileHandle>;
  rename(from: string, to: string): Promise<void>;
  rm(path: string, options: { force: boolean }): Promise<void>;
  mkdir(path: string): Promise<unknown>;
  readdir(path: string): Promise<string[]>;
  stat(path: string): Promise<{ mtimeMs: number; size: number; isFile(): boolean; isDirectory(): boolean }>;
  writeSync(file: number, data: Uint8Array, offset: number): number;
}

export const systemFiles: FileSystem = { open, rename, rm, mkdir, readdir, stat, writeSync };

/** Nobody else may read what happens in a house. */
export const OWNER_ONLY = 0o600;

export function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code;
}

/** mkdir's own `recursive` never comes back where a file system takes no folders (/proc). */
export async function makeFolder(files: FileSystem, path: string): Promise<void> {
  const there = await files.stat(path).catch(() => undefined);
  if (there?.isDirectory()) return;
  if (dirname(path) !== path) await makeFolder(files, dirname(path));
  await files.mkdir(path).catch((error: unknown) => {
    if (codeOf(error) !== 'EEXIST') throw error;
  });
}

/** Without it a power cut may bring the old file back. */
export async function syncFolder(files: FileSystem, folder: string): Promise<void> {
  try {
    const handle = await files.open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch {
    // Windows has no such thing.
  }
}

/**
 * What cannot be read today may be read by somebody else: moves it out of the way, and gives its new name; undefined
 * where there is nothing. One of each kind stays.
 */
export async function setAside(files: FileSystem, path: string, why: string): Promise<string | undefined> {
  try {
    await files.rename(path, `${path}.${why}`);
    return `${path}.${why}`;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Writes all of it, however much one call takes: a disk that fills up takes a part without an error. */
export async function writeAll(handle: FileHandle, data: Uint8Array): Promise<void> {
  for (let at = 0; at < data.length; ) at += (await handle.write(data, at)).bytesWritten;
}
