import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { Publication } from '../../../../src/transport/messages';
import { Journal, type StoredMessage } from '../../../../src/transport/outbox/journal';
import { FakeClock } from '../fake-clock';

/** A journal with what waits beside it, as the outbox keeps it. */
export class JournalHarness {
  readonly clock = new FakeClock();
  readonly failures: string[] = [];
  readonly damage: number[] = [];
  recoveries = 0;
  readonly waiting = new Map<number, StoredMessage>();
  readonly journal: Journal;

  constructor(readonly path: string) {
    this.journal = new Journal(path, this.clock, () => this.waiting.values(), {
      failed: (error) => this.failures.push((error as NodeJS.ErrnoException).code ?? error.message),
      recovered: () => {
        this.recoveries += 1;
      },
      damaged: (count) => this.damage.push(count),
    });
  }

  put(number: number, publication: Partial<Publication> = {}): StoredMessage {
    const message = stored(number, publication);
    this.waiting.set(number, message);
    this.journal.put(message);
    return message;
  }

  remove(number: number): void {
    this.waiting.delete(number);
    this.journal.remove(number);
  }

  get size(): number {
    return statSync(this.path).size;
  }

  get text(): string {
    return readFileSync(this.path, 'utf8');
  }

  /** What the next process would find, at any moment. */
  reload(): { messages: StoredMessage[]; damaged: number; failures: string[] } {
    const next = new JournalHarness(this.path);
    const messages = next.journal.load();
    return { messages, damaged: next.damage[0] ?? 0, failures: next.failures };
  }
}

export function stored(number: number, publication: Partial<Publication> = {}): StoredMessage {
  return {
    number,
    due: 2_000_000 + number,
    publication: {
      topic: `t/${number}`,
      payload: `payload ${number}`,
      qos: 1,
      retain: false,
      ...publication,
    },
  };
}

/** Resolves when the journal has written what this turn put. */
export async function written(): Promise<void> {
  await turn();
  await turn();
}

const folders: string[] = [];

export function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'journal-'));
  folders.push(made);
  return made;
}

export function removeFolders(): void {
  for (const made of folders.splice(0)) rmSync(made, { recursive: true, force: true });
}
