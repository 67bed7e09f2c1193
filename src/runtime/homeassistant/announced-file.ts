import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Components } from '../../homeassistant/announcing/device-config';
import { replaceFile } from '../../storage/atomic-file';
import { makeFolder } from '../../storage/files';
import { isTopic } from '../../topics/filter';

/** What outlives the process: a device that Home Assistant may know of, and that somebody removed it there. */
export interface AnnouncedBefore {
  announced: boolean;
  /** The topic of its announcement. */
  topic?: string | undefined;
  /** When it was removed there, in milliseconds since the epoch. */
  removedAt?: number | undefined;
  /** Components that were taken out while it may have been away, as an object by their keys. */
  missed?: MissedBefore | undefined;
}

interface MissedBefore {
  /** When the last of them was taken out, in milliseconds since the epoch. */
  at: number;
  components: object;
}

const NOTHING: AnnouncedBefore = { announced: false };

/** Remembers what was announced. Without a file, or where it cannot be written, it lasts as long as the object. */
export class AnnouncedFile {
  private kept: AnnouncedBefore;

  /** @param path undefined without a user directory */
  constructor(private readonly path: string | undefined) {
    this.kept = (path && read(path)) || NOTHING;
  }

  get before(): AnnouncedBefore {
    return this.kept;
  }

  keep(announced: boolean, removedAt?: number): void {
    if (announced === this.kept.announced && removedAt === this.kept.removedAt) return;
    this.write({ ...this.kept, announced, removedAt });
  }

  /** Remembers the topic of the announcement. Returns the one before, where the same device was announced on another. */
  announcedOn(topic: string): string | undefined {
    const { topic: before } = this.kept;
    if (before === topic) return undefined;
    this.write({ ...this.kept, topic });
    const device = topic.slice(topic.lastIndexOf('/device/'));
    return before?.endsWith(device) && isTopic(before) ? before : undefined;
  }

  keepMissed(missed: Components, at: number): void {
    const components = Object.fromEntries(missed);
    const before = Object.keys(this.kept.missed?.components ?? {});
    if (before.join() === Object.keys(components).join()) return;
    this.write({ ...this.kept, missed: missed.size > 0 ? { at, components } : undefined });
  }

  private write(now: AnnouncedBefore): void {
    this.kept = now;
    if (!this.path) return;
    try {
      makeFolder(dirname(this.path));
      replaceFile(this.path, [JSON.stringify(now)]);
    } catch {
      // The next start does not know; what is announced stands on the server all the same.
    }
  }
}

function read(path: string): AnnouncedBefore | undefined {
  try {
    const { announced, topic, removedAt, missed } = JSON.parse(
      readFileSync(path, 'utf8'),
    ) as Partial<AnnouncedBefore>;
    return {
      announced: announced === true,
      ...(typeof topic === 'string' && { topic }),
      ...(isTime(removedAt) && { removedAt }),
      ...(missed &&
        isTime(missed.at) && { missed: { at: missed.at, components: Object(missed.components) } }),
    };
  } catch {
    return undefined;
  }
}

const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
