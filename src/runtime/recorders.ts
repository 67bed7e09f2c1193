import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Clock } from '../time/clock';
import { dataFolder } from './identity';
import { Recorder, type Remembered } from './recorder';

/** How often what was recorded is written, in milliseconds. */
const FLUSH_MS = 5 * 60_000;
/** A longer file is not ours, in characters. */
const LONGEST_FILE = 64 * 1_048_576;

interface Kept {
  recorder: Recorder;
  file: string | undefined;
  stop: () => void;
}

/**
 * The recorders of all `dinox-broker`s of this Node-RED, by the node's id: a deploy makes the node anew and not what
 * was recorded, and a restart reads it back.
 */
export class Recorders {
  private readonly kept = new Map<string, Kept>();

  constructor(
    private readonly clock: Clock,
    private readonly userDir: string | undefined,
  ) {}

  /** The recorder of a node: the one it had before the deploy, or a new one that reads what lies on disk. */
  claim(id: string): Recorder {
    const known = this.kept.get(id);
    if (known) return known.recorder;
    const recorder = new Recorder(this.clock);
    const file = this.userDir
      ? join(dataFolder(this.userDir), 'recorder', `${id.replace(/[^\w.-]/g, '_')}.json`)
      : undefined;
    const kept: Kept = { recorder, file, stop: () => {} };
    this.kept.set(id, kept);
    if (file) {
      void this.load(kept);
      this.schedule(id, kept);
    }
    return recorder;
  }

  /** The node closes; what was recorded goes to disk, or away where the node was removed. */
  async release(id: string, removed: boolean): Promise<void> {
    const kept = this.kept.get(id);
    if (!kept) return;
    if (!removed) return this.write(kept);
    this.kept.delete(id);
    kept.stop();
    kept.recorder.close();
    if (kept.file) await rm(kept.file, { force: true }).catch(() => {});
  }

  private schedule(id: string, kept: Kept): void {
    kept.stop = this.clock.after(FLUSH_MS, () => {
      if (this.kept.get(id) !== kept) return;
      void this.write(kept);
      this.schedule(id, kept);
    });
  }

  private async load({ file, recorder }: Kept): Promise<void> {
    if (!file) return;
    try {
      const text = await readFile(file, 'utf8');
      if (text.length <= LONGEST_FILE) recorder.restore(remembered(JSON.parse(text)));
    } catch {
      // Nothing was recorded yet, or it cannot be read: it begins anew.
    }
  }

  /** Under another name first, so that the end of the process leaves the old file or the new one. */
  private async write({ file, recorder }: Kept): Promise<void> {
    recorder.sweep();
    if (!file || recorder.size === 0) return;
    const text = JSON.stringify({ version: 1, topics: [...recorder.remember()] });
    try {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(`${file}.new`, text, { mode: 0o600 });
      await rename(`${file}.new`, file);
    } catch {
      // A disk that is full costs the values after a restart, nothing else; the next time may do.
    }
  }
}

function* remembered(value: unknown): Iterable<Remembered> {
  const topics = (value as { version?: unknown; topics?: unknown } | null)?.topics;
  if (!Array.isArray(topics)) return;
  for (const one of topics as Partial<Remembered>[]) {
    const { topic, at, qos, retained, payload } = one ?? {};
    if (typeof topic !== 'string' || typeof payload !== 'string' || typeof at !== 'number') continue;
    yield { topic, at, payload, qos: Number(qos) || 0, retained: retained === true };
  }
}
