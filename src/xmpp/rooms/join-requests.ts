import type { JoinOptions } from './room-state';

/** One node's request to be in a room. */
export interface JoinRequest extends JoinOptions {
  /**
   * True if the node listens there: we come back by ourselves. A node that only writes rejoins with its next message.
   */
  readonly listens: boolean;
}

/**
 * Rooms that nodes want to be in, with nick and password. Several nodes share one place in a room, and any of them may
 * change its mind.
 */
export class JoinRequests {
  private readonly rooms = new Map<string, Map<string, JoinRequest>>();

  /** @param plain the nick of nodes without a typed one. */
  constructor(private readonly plain: string) {}

  set(room: string, node: string, request: JoinRequest): void {
    const requests = this.rooms.get(room) ?? new Map<string, JoinRequest>();
    this.rooms.set(room, requests);
    // A new request of the same node keeps its place: the nick must not change because one of them was deployed.
    requests.set(node, request);
  }

  delete(room: string, node: string): void {
    const requests = this.rooms.get(room);
    requests?.delete(node);
    if (requests?.size === 0) this.rooms.delete(room);
  }

  /** True if a node listens there. */
  listens(room: string): boolean {
    return this.of(room).some(({ listens }) => listens);
  }

  /** Rooms that this node listens to. */
  roomsOf(node: string): string[] {
    return [...this.rooms].filter(([, requests]) => requests.get(node)?.listens).map(([room]) => room);
  }

  /** The first typed nick, listening nodes first; undefined if no node wants the room. */
  nick(room: string): string | undefined {
    const nicks = this.of(room).map(({ nick }) => nick);
    return nicks.find((nick) => nick !== this.plain) ?? nicks[0];
  }

  /** The nodes' passwords for a room, each once. */
  passwords(room: string): string[] {
    const all = this.of(room).flatMap(({ password }) => (password ? [password] : []));
    return [...new Set(all)];
  }

  clear(): void {
    this.rooms.clear();
  }

  private of(room: string): JoinRequest[] {
    const requests = [...(this.rooms.get(room)?.values() ?? [])];
    return [...requests.filter(({ listens }) => listens), ...requests.filter(({ listens }) => !listens)];
  }
}
