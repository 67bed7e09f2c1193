/** Maximum occupants that are remembered, because a room may be as large as its server likes. */
const MAX_OCCUPANTS = 2_000;
const MAX_NICK_LENGTH = 1_023;

/** Occupants of a room, bounded. Those beyond the bound are still heard, but their real JIDs are not remembered. */
export class Occupancy {
  private jids = new Map<string, string | undefined>();

  /** @returns true if this nick is new; false also if the bound is reached. */
  set(nick: string, jid: string | undefined): boolean {
    const isNew = !this.jids.has(nick);
    if (isNew && (this.jids.size >= MAX_OCCUPANTS || nick.length > MAX_NICK_LENGTH)) return false;
    this.jids.set(nick, jid);
    return isNew;
  }

  jidOf(nick: string): string | undefined {
    return this.jids.get(nick);
  }

  rename(from: string, to: string): void {
    if (!this.jids.has(from)) return;
    const jid = this.jids.get(from);
    this.jids.delete(from);
    this.jids.set(to, jid);
  }

  delete(nick: string): void {
    this.jids.delete(nick);
  }

  clear(): void {
    this.jids.clear();
  }
}

export interface JoinOptions {
  nick: string;
  password?: string;
}
