import { mkdtempSync, rmSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FileSystem, systemFiles } from '../../../../src/storage/files';

type Operation =
  | keyof FileSystem
  | 'write'
  | 'sync'
  | 'datasync'
  | 'close'
  | 'readFile'
  | 'read'
  | 'truncate';

/** A disk that works, until a test says what does not. */
export class FailingFiles implements FileSystem {
  /** Operations that fail, and with what. */
  readonly failing = new Map<Operation, string>();
  /** Bytes that each write accepts. */
  most = Number.POSITIVE_INFINITY;
  /** Bytes that were written in all. */
  written = 0;
  /** Names of the operations, in their order. */
  readonly done: Operation[] = [];

  async open(path: string, flags: string, mode?: number): Promise<FileHandle> {
    this.pass('open');
    const handle = await systemFiles.open(path, flags, mode);
    return new Proxy(handle, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        return async (...given: unknown[]) => {
          this.pass(name as Operation);
          if (name !== 'write') return value.apply(target, given);
          const [data, at = 0, length = (data as Uint8Array).length - (at as number)] = given as [
            Uint8Array,
            number,
          ];
          const answer = await target.write(data, at, Math.min(length, this.most));
          this.written += answer.bytesWritten;
          return answer;
        };
      },
    });
  }

  async rename(from: string, to: string): Promise<void> {
    this.pass('rename');
    await systemFiles.rename(from, to);
  }

  async rm(path: string, options: { force: boolean }): Promise<void> {
    this.pass('rm');
    await systemFiles.rm(path, options);
  }

  async mkdir(path: string): Promise<unknown> {
    this.pass('mkdir');
    return systemFiles.mkdir(path);
  }

  async readdir(path: string): Promise<string[]> {
    this.pass('readdir');
    return systemFiles.readdir(path);
  }

  async stat(path: string): ReturnType<FileSystem['stat']> {
    this.pass('stat');
    return systemFiles.stat(path);
  }

  private pass(operation: Operation): void {
    this.done.push(operation);
    const code = this.failing.get(operation);
    if (code) throw Object.assign(new Error(`${code}: ${operation}`), { code });
  }
}

const folders: string[] = [];

export function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'history-'));
  folders.push(made);
  return made;
}

export function removeFolders(): void {
  for (const made of folders.splice(0)) rmSync(made, { recursive: true, force: true });
}
