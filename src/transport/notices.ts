import type { Notice } from '../discovery/types';

/** What people are told: each code once, until it is forgotten. */
export class Notices {
  private readonly said = new Set<string>();

  constructor(private readonly tell: (notice: Notice) => void) {}

  report(notice: Notice): void {
    if (this.said.has(notice.code)) return;
    this.said.add(notice.code);
    this.tell(notice);
  }

  /** Other settings, other circumstances: all of it may be said again. */
  forget(): void {
    this.said.clear();
  }
}
