import { closeSync, rmSync, statSync } from 'node:fs';
import { text } from '../../base/catalogue';
import type { Clock } from '../../base/clock';
import { CodedError } from '../../base/coded-error';
import { linesOf, openToAppend } from '../../storage/append-file';
import { replaceFile } from '../../storage/atomic-file';
import { checkedLine, readCheckedLine } from '../../storage/checked-line';
import { codeOf, setAside, writeAll } from '../../storage/files';
import { ArchivePositions, type PositionRecord, readPosition } from '../../xmpp/archive/positions';

/** Bytes from which on the file is written anew. */
const COMPACT = 262_144;
/** Largest file that is read, in bytes: larger than any that was written here. */
const LARGEST = 16 * 1_048_576;
/** Milliseconds until the next try after a failed write. */
const RETRY_AFTER = 60_000;

/**
 * Keeps how far archives are dealt with, in a file of checked lines. Each is with the system before the message goes
 * on, so that it outlives a killed process.
 */
export class ArchiveFile {
  readonly positions: ArchivePositions;
  private file: number | undefined;
  private size = 0;
  /** Bytes from which on it is written anew; a file of many rooms is larger by itself. */
  private most = COMPACT;
  private failedAt = Number.NEGATIVE_INFINITY;
  private hasComplained = false;

  /** @param path undefined without a user directory: then it is remembered as long as the process lasts. */
  constructor(
    private readonly path: string | undefined,
    /** The account whose archives they are. */
    private readonly account: string,
    private readonly clock: Clock,
    private readonly complain: (error: Error, path: string) => void,
  ) {
    this.positions = new ArchivePositions((record) => this.append(record));
    this.positions.restore(this.read());
  }

  /** Removes the file if the node is deleted. */
  close(removed: boolean): void {
    if (this.file !== undefined) closeSync(this.file);
    this.file = undefined;
    // Nothing is written any more.
    this.failedAt = Number.POSITIVE_INFINITY;
    if (removed && this.path) rmSync(this.path, { force: true });
  }

  private read(): PositionRecord[] {
    const { path } = this;
    if (!path) return [];
    try {
      const { size } = statSync(path);
      if (size > LARGEST) throw new CodedError('large', text('log.fileLarge', { bytes: size }));
      const records: PositionRecord[] = [];
      let isOurs = false;
      for (const line of linesOf(path)) {
        const value = readCheckedLine(line);
        const { account } = (value ?? {}) as { account?: unknown };
        // Another account was typed meanwhile: its archives have other ids.
        if (typeof account === 'string') isOurs = account === this.account;
        const record = isOurs ? readPosition(value) : undefined;
        if (record) records.push(record);
      }
      this.size = size;
      if (!isOurs) this.size = COMPACT;
      return records;
    } catch (error) {
      if (codeOf(error) === 'ENOENT') {
        this.size = COMPACT;
        return [];
      }
      this.failed(error as Error, path);
      try {
        setAside(path, 'damaged');
      } catch {
        // It is written over.
      }
      this.size = COMPACT;
      return [];
    }
  }

  private append(record: PositionRecord): void {
    const { path } = this;
    if (!path || this.clock.steady() - this.failedAt < RETRY_AFTER) return;
    try {
      if (this.size >= this.most) {
        this.rewrite(path);
        return;
      }
      this.file ??= openToAppend(path);
      this.size += writeAll(this.file, [checkedLine(record)]);
      this.hasComplained = false;
    } catch (error) {
      this.failed(error as Error, path);
    }
  }

  /** The positions have the newest record already. */
  private rewrite(path: string): void {
    if (this.file !== undefined) closeSync(this.file);
    this.file = undefined;
    const lines = [checkedLine({ account: this.account })];
    for (const record of this.positions.records()) lines.push(checkedLine(record));
    this.size = replaceFile(path, lines);
    this.most = Math.max(COMPACT, 2 * this.size);
  }

  /** What failed is written later as a whole. */
  private failed(error: Error, path: string): void {
    this.failedAt = this.clock.steady();
    this.size = this.most;
    if (this.hasComplained) return;
    this.hasComplained = true;
    this.complain(error, path);
  }
}
