import type { Clock } from '../../base/clock';
import type { ChatKind } from '../chat-kind';
import type { RecipientKinds } from '../rooms/recipient-kinds';
import type { Rooms } from '../rooms/rooms';
import { SendError } from '../send-error';
import { whileOnline } from '../session/while-online';
import type { Stanzas } from '../stanzas';

export interface RecipientGateOptions {
  stanzas: Stanzas;
  rooms: Rooms;
  kinds: RecipientKinds;
  clock: Clock;
  /** The node whose messages these are. */
  node: string;
  /** The nick in rooms. */
  nick: string;
  roomPassword: string | undefined;
  /** Milliseconds that a message waits for a connection. */
  offlineMs: number;
}

/** Called once, when the recipient can be written to, or with the reason why not. */
export type Passed = (kind: ChatKind, error?: Error) => void;

/** Maximum messages that wait for a room or an answer. */
const MAX_WAITING = 20_000;

/**
 * Before the first message to a recipient it has to be known whether that is a room, and we have to be in it. Who
 * comes meanwhile waits behind, so that everything goes out in the order in which it came.
 */
export class RecipientGate {
  private waiting = new Map<string, Passed[]>();
  private count = 0;
  private stop: Error | undefined;
  /** Rooms that are to be written to. */
  private readonly prepared = new Set<string>();

  constructor(private readonly options: RecipientGateOptions) {}

  through(to: string, asked: ChatKind | 'auto', passed: Passed): void {
    const { stanzas, rooms, kinds } = this.options;
    const full = this.count >= MAX_WAITING ? new SendError('waiting', { most: MAX_WAITING }) : undefined;
    const refusal = this.stop ?? full;
    if (refusal) {
      passed('chat', refusal);
      return;
    }
    const before = this.waiting.get(to);
    if (before) {
      this.count += 1;
      before.push(passed);
      return;
    }
    const kind = asked === 'auto' ? kinds.peek(to) : asked;
    const isIn = kind === 'groupchat' && stanzas.state.phase === 'online' && rooms.isJoined(to);
    if (kind === 'chat' || (kind && isIn)) {
      passed(kind);
      return;
    }
    const waiting = [passed];
    this.count += 1;
    this.waiting.set(to, waiting);
    this.open(to, kind ?? 'auto').then(
      (found) => this.let(to, waiting, found),
      (error: Error) => this.let(to, waiting, kind ?? 'chat', error),
    );
  }

  /** Finds out what a recipient is before the first message, and goes in where it is a room. */
  prepare(to: string, asked: ChatKind | 'auto', failed: (error: Error) => void): void {
    const { rooms, node, nick, roomPassword } = this.options;
    this.through(to, asked, (kind, error) => {
      if (error) failed(error);
      else if (kind === 'groupchat' && !this.stop) {
        // The predecessor of this node may have gone in under another nick.
        rooms.want(to, node, { nick, ...(roomPassword && { password: roomPassword }), listens: false });
        this.prepared.add(to);
      }
    });
  }

  /** @param removed true if no successor will want to be in the rooms. */
  close(reason: Error, removed: boolean): void {
    this.stop = reason;
    if (removed) for (const room of this.prepared) this.options.rooms.unwant(room, this.options.node);
    for (const [to, waiting] of [...this.waiting]) this.let(to, waiting, 'chat', reason);
  }

  private async open(to: string, asked: ChatKind | 'auto'): Promise<ChatKind> {
    const { stanzas, rooms, kinds, clock, nick, roomPassword, offlineMs } = this.options;
    const kind = await whileOnline(stanzas, clock, offlineMs, () =>
      asked === 'auto' ? kinds.of(to) : Promise.resolve(asked),
    );
    if (kind === 'groupchat') await rooms.join(to, { nick, ...(roomPassword && { password: roomPassword }) });
    return kind;
  }

  private let(to: string, waiting: Passed[], kind: ChatKind, error?: Error): void {
    if (this.waiting.get(to) !== waiting) return;
    this.waiting.delete(to);
    this.count -= waiting.length;
    for (const passed of waiting) passed(kind, error);
  }
}
