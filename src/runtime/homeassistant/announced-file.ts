import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { replaceFile } from '../../storage/atomic-file';
import { makeFolder } from '../../storage/files';

/** What outlives the process: a device that Home Assistant may know of, and that somebody removed it there. */
export interface AnnouncedBefore {
  announced: boolean;
  /** When it was removed there, in milliseconds since the epoch. */
  removedAt?: number | undefined;
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

  keep(now: AnnouncedBefore): void {
    if (now.announced === this.kept.announced && now.removedAt === this.kept.removedAt) return;
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
    const { announced, removedAt } = JSON.parse(readFileSync(path, 'utf8')) as Partial<AnnouncedBefore>;
    return {
      announced: announced === true,
      ...(typeof removedAt === 'number' && Number.isFinite(removedAt) && { removedAt }),
    };
  } catch {
    return undefined;
  }
}
