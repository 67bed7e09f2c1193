import { closeSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  type FileSystem,
  makeFolder,
  makeFolderAsync,
  OWNER_ONLY,
  systemFiles,
  writeAll,
  writeAllAsync,
} from './files';

/**
 * Replaces a file: afterwards either the whole new one is on the disk, or the old one unchanged.
 * @returns the bytes of the new one
 */
export function replaceFile(path: string, records: Iterable<string>): number {
  const temporary = temporaryOf(path);
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
      // The temporary file would occupy the space that is missing.
      rmSync(temporary, { force: true });
    } catch {
      // What matters is why it could not be written.
    }
    throw error;
  }
}

/** The same without blocking the event loop. Rejects if it cannot be written; the old file is then unchanged. */
export async function replaceFileAsync(path: string, text: string): Promise<void> {
  const replacement = await FileReplacement.begin(path);
  try {
    await writeAllAsync(replacement.handle, Buffer.from(text));
    await replacement.commit();
  } catch (error) {
    await replacement.abandon();
    throw error;
  }
  await replacement.handle.close();
}

/** A file that is written piece by piece under a temporary name, and renamed once all of it is on the disk. */
export class FileReplacement {
  private constructor(
    private readonly path: string,
    private readonly files: FileSystem,
    /** To write to; after `commit` too, when it is the caller's to close. */
    readonly handle: FileHandle,
  ) {}

  /** Makes the folder where it is missing. Rejects where that cannot be written. */
  static async begin(path: string, files: FileSystem = systemFiles): Promise<FileReplacement> {
    const temporary = temporaryOf(path);
    await makeFolderAsync(dirname(path), files);
    await files.rm(temporary, { force: true });
    return new FileReplacement(path, files, await files.open(temporary, 'ax', OWNER_ONLY));
  }

  async commit(): Promise<void> {
    await this.handle.sync();
    await this.files.rename(temporaryOf(this.path), this.path);
    await syncFolderAsync(dirname(this.path), this.files);
  }

  /** Only before `commit` has come back: the old file stays as it was. */
  async abandon(): Promise<void> {
    await this.handle.close().catch(() => {});
    // The temporary file would occupy the space that is missing.
    await this.files.rm(temporaryOf(this.path), { force: true }).catch(() => {});
  }
}

function temporaryOf(path: string): string {
  return `${path}.new`;
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

/** The same without blocking the event loop. */
async function syncFolderAsync(folder: string, files: FileSystem): Promise<void> {
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
