import type { Notice } from '../discovery/types';

/** Passes on notices for people: each code once, until it is forgotten. */
export class Notices {
  private readonly said = new Set<string>();

  constructor(private readonly tell: (notice: Notice) => void) {}

  report(notice: Notice): void {
    if (this.said.has(notice.code)) return;
    this.said.add(notice.code);
    this.tell(notice);
  }

  /** Forgets all codes when the settings change. */
  forget(): void {
    this.said.clear();
  }
}
