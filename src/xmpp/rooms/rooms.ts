import type { Element } from '@xmpp/client';
import type { Clock } from '../../base/clock';
import { plain } from '../../base/printable';
import { addressOf, bareOf, lowerAscii } from '../addresses';
import { SendError } from '../send-error';
import type { SessionState, Stanzas, Xml } from '../stanzas';
import { type JoinRequest, JoinRequests } from './join-requests';
import { Room, type RoomHost } from './room';
import { invitation, type RoomEvent } from './room-events';
import type { JoinOptions } from './room-state';

export type { RoomEvent } from './room-events';
export type { JoinOptions } from './room-state';

export interface RoomsOptions {
  clock: Clock;
  /** How long a room may take to answer, in milliseconds. @default 30000 */
  answerMs?: number;
  /** How long somebody waits for a join while there is no connection, in milliseconds. @default 3600000 */
  offlineMs?: number;
  /** Milliseconds without a message after which the room is asked if we are still in (XEP-0410). @default 300000 */
  selfPingMs?: number;
}

const MAX_ROOMS = 200;
/**
 * Shortest time between two returns for an invitation that the room did not pass on, in milliseconds. Anybody could
 * send it.
 */
const INVITED_MS = 10_000;

/**
 * The rooms of a session (XEP-0045). It joins them, comes back after a lost line, and after a refusal or a kick if a
 * node listens there. It notices when a room has lost us. It asks for nothing of a room's history. Room JIDs are
 * compared in lower case.
 */
export class Rooms {
  private rooms = new Map<string, Room>();
  private handlers = new Set<(event: RoomEvent) => void>();
  private troubles = new Set<(room: string, why: SendError) => void>();
  private xml: Xml | undefined;
  private readonly joinRequests: JoinRequests;
  private readonly host: RoomHost;
  private readonly ends: (() => void)[];

  constructor(
    private readonly stanzas: Stanzas,
    private readonly options: RoomsOptions,
  ) {
    this.joinRequests = new JoinRequests(stanzas.account.split('@', 1)[0] || 'bot');
    const isOnline = (): boolean => stanzas.state.phase === 'online';
    this.host = {
      options,
      joinRequests: this.joinRequests,
      get online() {
        return isOnline();
      },
      send: (make, failed) => this.send(make, failed),
      ask: (type, content, to) => this.ask(type, content, to),
      emit: (event) => this.emit(event),
      tell: (room, why) => this.tell(room, why),
    };
    this.ends = [
      stanzas.onStanza((stanza) => this.onStanza(stanza)),
      stanzas.onState((state) => this.onState(state)),
    ];
  }

  /**
   * Resolves when there is a connection and we are in the room, at once if that is so already.
   * @throws SendError if the room refuses: `room-password`, `room-banned`, `room-members`, `room-nick`, …
   */
  join(room: string, options: JoinOptions): Promise<void> {
    const jid = lowerAscii(room);
    const at = this.rooms.get(jid) ?? this.add(jid, options);
    if (!at) return Promise.reject(new SendError('rooms-many', { most: MAX_ROOMS }));
    if (at.phase === 'out') at.wanted = { ...at.wanted, ...options };
    const { state } = this.stanzas;
    if (state.phase === 'stopped') return Promise.reject(state.reason);
    if (at.phase === 'joined' && state.phase === 'online') return Promise.resolve();
    // The XML library has to be loaded when the session begins: waiting messages go right behind the presence.
    this.load().catch(() => {});
    const joined = at.wait();
    if (at.phase === 'out') at.enter();
    return joined;
  }

  /**
   * Sets a node's request to be in a room, in place of its former one. If it listens, we go in, and come back by
   * ourselves. {@link onTrouble} reports the reasons that keep us out.
   */
  want(room: string, node: string, request: JoinRequest): void {
    const jid = lowerAscii(room);
    this.joinRequests.set(jid, node, request);
    const at = this.rooms.get(jid);
    if (at?.phase === 'joined') at.rename();
    else if (at?.phase === 'joining' && at.why && this.online) at.enter();
    else if (request.listens) {
      this.join(jid, request).catch((error: Error) => {
        if (error instanceof SendError && error.code === 'rooms-many') this.tell(jid, error);
      });
    }
  }

  /** Ends a node's request; we stay in until {@link leave}. */
  unwant(room: string, node: string): void {
    const jid = lowerAscii(room);
    this.joinRequests.delete(jid, node);
    const at = this.rooms.get(jid);
    if (at?.phase === 'joined') at.rename();
  }

  /** Rooms that a node listens to and that we are not in; `why` if that is known. */
  missing(node: string): { room: string; why: SendError | undefined }[] {
    const out = this.joinRequests.roomsOf(node).filter((room) => !this.isJoined(room));
    return out.map((room) => ({ room, why: this.rooms.get(room)?.why }));
  }

  /**
   * Reports why we are not in a room, each time that it refuses or throws us out. The result takes the handler away.
   */
  onTrouble(handler: (room: string, why: SendError) => void): () => void {
    this.troubles.add(handler);
    return () => this.troubles.delete(handler);
  }

  /** Leaves a room, and does not come back by itself. */
  leave(room: string): void {
    const at = this.rooms.get(lowerAscii(room));
    if (!at) return;
    this.rooms.delete(at.jid);
    at.stopTimer();
    const wasIn = at.phase === 'joined';
    at.settle(new SendError('room-left', { room: plain(at.jid) }));
    if (this.online && at.phase !== 'out') {
      this.send((xml) => xml('presence', { to: `${at.jid}/${at.nick}`, type: 'unavailable' }));
    }
    at.phase = 'out';
    if (wasIn) this.emit({ type: 'left', room: at.jid });
  }

  isJoined(room: string): boolean {
    return this.rooms.get(lowerAscii(room))?.phase === 'joined';
  }

  /** JIDs of the rooms that we are in. */
  get joined(): string[] {
    return [...this.rooms.values()].filter(({ phase }) => phase === 'joined').map(({ jid }) => jid);
  }

  /** Our nick there, which may be another one than asked for. */
  nickIn(room: string): string | undefined {
    const at = this.rooms.get(lowerAscii(room));
    return at?.phase === 'joined' ? at.nick : undefined;
  }

  /** Our state in a room, or on the way into it; undefined if we are in none. */
  wanted(room: string): JoinOptions | undefined {
    const at = this.rooms.get(lowerAscii(room));
    if (!at || at.phase === 'out') return undefined;
    const [password = at.wanted.password] = this.joinRequests.passwords(at.jid);
    return { nick: at.asked, ...(password && { password }) };
  }

  /** The real bare JID behind a nick, if the room shows it. */
  realJid(room: string, nick: string): string | undefined {
    return addressOf(this.rooms.get(lowerAscii(room))?.occupancy.jidOf(nick))?.bare;
  }

  isOwn(room: string, nick: string): boolean {
    return this.nickIn(room) === nick;
  }

  /** The result takes the handler away again. */
  onEvent(handler: (event: RoomEvent) => void): () => void {
    this.handlers.add(handler);
    return () => this.handlers.delete(handler);
  }

  /** Ends without a word to the rooms. The session ends with it, and they see that. */
  close(reason: Error = new SendError('closed')): void {
    for (const end of this.ends.splice(0)) end();
    for (const at of this.rooms.values()) {
      at.stopTimer();
      at.settle(reason);
    }
    this.rooms.clear();
    this.joinRequests.clear();
    this.handlers.clear();
    this.troubles.clear();
  }

  private get online(): boolean {
    return this.stanzas.state.phase === 'online';
  }

  private add(jid: string, wanted: JoinOptions): Room | undefined {
    if (this.rooms.size >= MAX_ROOMS) return undefined;
    const at = new Room(jid, wanted, this.host);
    this.rooms.set(jid, at);
    return at;
  }

  private onState(state: SessionState): void {
    if (state.phase === 'online') {
      for (const at of this.rooms.values()) {
        if (state.resumed) at.resumed();
        else at.begin();
      }
      return;
    }
    for (const at of this.rooms.values()) {
      at.stopTimer();
      if (state.phase !== 'stopped') continue;
      at.phase = 'out';
      at.settle(state.reason);
    }
  }

  private onStanza(stanza: Element): void {
    const invited = invitation(stanza);
    if (invited) this.onInvitation(invited);
    this.rooms.get(bareOf(stanza.attrs.from))?.take(stanza);
  }

  /** Follows an invitation. Only rooms that a node listens to count. */
  private onInvitation({ room, mediated }: { room: string; mediated: boolean }): void {
    const at = this.rooms.get(room);
    if (!at?.why || at.phase === 'joined' || !this.online || !this.joinRequests.listens(room)) return;
    if (mediated || this.options.clock.steady() - at.tried >= INVITED_MS) at.enter();
  }

  private tell(room: string, why: SendError): void {
    for (const handler of this.troubles) handler(room, why);
  }

  private async ask(type: 'get' | 'set', content: (xml: Xml) => Element, to: string): Promise<Element> {
    const xml = await this.load();
    return this.stanzas.ask(xml('iq', { type, to }, content(xml)), {
      timeoutMs: this.options.answerMs ?? 30_000,
    });
  }

  /** Sends presence. If it is lost with the line, the next session sends it again. */
  private send(make: (xml: Xml) => Element, failed: (error: Error) => void = () => {}): void {
    const done = (error?: Error): void => {
      if (error) failed(error);
    };
    const xml = this.xml;
    // Sent at once if possible, so that it goes before the messages that wait for the session.
    if (xml) this.stanzas.send(make(xml), done);
    else
      this.load()
        .then((loaded) => this.stanzas.send(make(loaded), done))
        .catch(() => {});
  }

  private async load(): Promise<Xml> {
    this.xml ??= await this.stanzas.load();
    return this.xml;
  }

  private emit(event: RoomEvent): void {
    for (const handler of this.handlers) handler(event);
  }
}
