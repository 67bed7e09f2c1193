import { readFileSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { text } from '../../base/catalogue';
import type { Clock } from '../../base/clock';
import { CodedError } from '../../base/coded-error';
import { replaceFileAsync } from '../../storage/atomic-file';
import { codeOf, setAsideAsync } from '../../storage/files';

/** Delay before a change is written with later ones, in milliseconds: flash memory wears out. */
const WRITE_AFTER = 20_000;
/** The same for a message about an alert: whoever reacts to it while Node-RED is down would react to nothing. */
const WRITE_ALERT_AFTER = 500;
/** Delay of the next try after a failed write, in milliseconds. */
const RETRY_AFTER = 60_000;
/** Largest file that is read, in bytes: larger than any that was written here. */
const LARGEST = 32 * 1_048_576;

/** Something that is kept: its JSON is what `from` reads. */
export interface Remembered {
  /** @param listener its argument: it matters, and is written at once */
  onChange(listener: (isUrgent: boolean) => void): void;
  toJSON(): unknown;
}

/**
 * Keeps a memory over restarts in one JSON file, written to a temporary name and renamed. A failed read or write is a
 * loss of convenience: a reaction to an older message finds no alert. It is reported once.
 */
export class MemoryFile<Memory extends Remembered> {
  readonly memory: Memory;
  private cancel: (() => void) | undefined;
  /** A message about an alert waits to be written. */
  private isUrgent = false;
  private writing: Promise<void> = Promise.resolve();
  private isBehind = false;
  private isClosed = false;
  /** True if the file could not be read: it is set aside before anything is written. */
  private isInTheWay = false;
  private hasComplained = false;

  /** @param path undefined without a user directory: then the memory lasts as long as the process. */
  constructor(
    private readonly path: string | undefined,
    /** Reads what `toJSON` made; without it, an empty one. */
    private readonly from: (stored: unknown) => Memory,
    private readonly clock: Clock,
    private readonly complain: (error: Error, path: string) => void,
  ) {
    this.memory = this.read();
    this.memory.onChange((isAlert) => this.changed(isAlert));
  }

  /** Writes the memory to disk; never rejects. */
  flush(): Promise<void> {
    this.cancel?.();
    this.cancel = undefined;
    this.isUrgent = false;
    this.writing = this.writing.then(() => this.write());
    return this.writing;
  }

  /** Writes for the last time, or removes the file if the node is deleted. */
  async close(removed: boolean): Promise<void> {
    this.isClosed = true;
    if (!removed) return this.flush();
    this.cancel?.();
    await this.writing;
    if (this.path) await rm(this.path, { force: true }).catch(() => {});
  }

  private changed(isAlert: boolean): void {
    this.isBehind = true;
    if (this.isClosed || (this.cancel && (this.isUrgent || !isAlert))) return;
    this.cancel?.();
    this.isUrgent = isAlert;
    this.cancel = this.clock.after(isAlert ? WRITE_ALERT_AFTER : WRITE_AFTER, () => void this.flush());
  }

  private read(): Memory {
    const { path } = this;
    if (!path) return this.from(undefined);
    try {
      const { size } = statSync(path);
      if (size > LARGEST) throw new CodedError('large', text('log.fileLarge', { bytes: size }));
      return this.from(JSON.parse(readFileSync(path, 'utf8')));
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return this.from(undefined);
      this.isInTheWay = true;
      this.failed(error as Error, path);
      return this.from(undefined);
    }
  }

  private async write(): Promise<void> {
    const { path } = this;
    if (!path || !this.isBehind) return;
    this.isBehind = false;
    try {
      // Somebody else may be able to read the file.
      if (this.isInTheWay) await setAsideAsync(path, 'damaged');
      this.isInTheWay = false;
      await replaceFileAsync(path, JSON.stringify(this.memory));
      this.hasComplained = false;
    } catch (error) {
      this.isBehind = true;
      this.failed(error as Error, path);
      if (!this.isClosed) this.cancel ??= this.clock.after(RETRY_AFTER, () => void this.flush());
    }
  }

  private failed(error: Error, path: string): void {
    if (this.hasComplained) return;
    this.hasComplained = true;
    this.complain(error, path);
  }
}
