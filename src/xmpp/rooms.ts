import type { Element } from '@xmpp/client';
import type { Clock } from '../time/clock';
import { addressOf, bareOf, lowerAscii } from './addresses';
import { errorOf, NS_MUC, NS_MUC_OWNER, occupantPresence, type RoomEvent } from './room-events';
import { refusal, refusalCode } from './room-refusals';
import { type JoinOptions, newRoom, type Room, type Waiter } from './room-state';
import { SendError, shown } from './send-error';
import type { SessionState, Stanzas, Xml } from './stanzas';
import { StanzaError } from './stanzas';

export type { RoomEvent } from './room-events';
export type { JoinOptions } from './room-state';

export interface RoomsOptions {
  clock: Clock;
  /** How long a room may take to answer, in milliseconds. @default 30000 */
  answerMs?: number;
  /** How long somebody waits for a join while there is no connection, in milliseconds. @default 3600000 */
  offlineMs?: number;
  /** Without a word from the room for so long, it is asked whether we are still in (XEP-0410). @default 300000 */
  silenceMs?: number;
}

/** Nicks tried where one is taken: `nick`, `nick_2`, … */
const MOST_NICKS = 9;
const MOST_ROOMS = 200;
/** Waits before another try after the room or its server went away. */
const RETRY_MIN = 2_000;
const RETRY_MAX = 5 * 60_000;

/**
 * The rooms of a session (XEP-0045): joins them, comes back after a lost line, and notices when a room has lost us.
 * Nothing of a room's history is asked for. Room JIDs are compared in lower case.
 */
export class Rooms {
  #rooms = new Map<string, Room>();
  #handlers = new Set<(event: RoomEvent) => void>();
  #xml: Xml | undefined;
  readonly #ends: (() => void)[];

  constructor(
    private readonly stanzas: Stanzas,
    private readonly options: RoomsOptions,
  ) {
    this.#ends = [
      stanzas.onStanza((stanza) => this.#onStanza(stanza)),
      stanzas.onState((state) => this.#onState(state)),
    ];
  }

  /**
   * Resolves when there is a connection and we are in the room; at once where that is so already.
   * @throws SendError where the room refuses: `room-password`, `room-banned`, `room-members`, `room-nick`, …
   */
  join(room: string, options: JoinOptions): Promise<void> {
    const jid = lowerAscii(room);
    const at = this.#rooms.get(jid) ?? this.#add(jid, options);
    if (!at) return Promise.reject(new SendError('rooms-many', { most: MOST_ROOMS }));
    if (at.phase === 'out') at.wanted = { ...at.wanted, ...options };
    const { state } = this.stanzas;
    if (state.phase === 'stopped') return Promise.reject(state.reason);
    if (at.phase === 'joined' && state.phase === 'online') return Promise.resolve();
    // It has to be there when the session is: what waits for the room goes right behind the presence.
    this.#load().catch(() => {});
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        resolve,
        reject,
        cancel: this.options.clock.after(this.options.offlineMs ?? 3_600_000, () => {
          at.waiters = at.waiters.filter((other) => other !== waiter);
          reject(new SendError('room-time', { room: shown(jid) }));
        }),
      };
      at.waiters.push(waiter);
      if (at.phase === 'out') this.#enter(at);
    });
  }

  /** Goes out, and does not come back by itself. */
  leave(room: string): void {
    const at = this.#rooms.get(lowerAscii(room));
    if (!at) return;
    this.#rooms.delete(at.jid);
    at.timer?.();
    const wasIn = at.phase === 'joined';
    this.#settle(at, new SendError('room-left', { room: shown(at.jid) }));
    if (this.#online && at.phase !== 'out') {
      this.#send((xml) => xml('presence', { to: `${at.jid}/${at.nick}`, type: 'unavailable' }));
    }
    at.phase = 'out';
    if (wasIn) this.#emit({ type: 'left', room: at.jid });
  }

  isJoined(room: string): boolean {
    return this.#rooms.get(lowerAscii(room))?.phase === 'joined';
  }

  /** JIDs of the rooms that we are in. */
  get joined(): string[] {
    return [...this.#rooms.values()].filter(({ phase }) => phase === 'joined').map(({ jid }) => jid);
  }

  /** Our nick there, which may be another one than asked for. */
  nickIn(room: string): string | undefined {
    const at = this.#rooms.get(lowerAscii(room));
    return at?.phase === 'joined' ? at.nick : undefined;
  }

  /** How we are in a room, or on our way into it; undefined where we are not. */
  wanted(room: string): JoinOptions | undefined {
    const at = this.#rooms.get(lowerAscii(room));
    return at && at.phase !== 'out' ? at.wanted : undefined;
  }

  /** The real bare JID behind a nick, where the room shows it. */
  realJid(room: string, nick: string): string | undefined {
    return addressOf(this.#rooms.get(lowerAscii(room))?.occupancy.jidOf(nick))?.bare;
  }

  isOwn(room: string, nick: string): boolean {
    return this.nickIn(room) === nick;
  }

  /** The result takes the handler away again. */
  onEvent(handler: (event: RoomEvent) => void): () => void {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  /** Ends without a word to the rooms: the session ends with it, and they see that. */
  close(reason: Error = new SendError('closed')): void {
    for (const end of this.#ends.splice(0)) end();
    for (const at of this.#rooms.values()) {
      at.timer?.();
      this.#settle(at, reason);
    }
    this.#rooms.clear();
    this.#handlers.clear();
  }

  get #online(): boolean {
    return this.stanzas.state.phase === 'online';
  }

  #add(jid: string, wanted: JoinOptions): Room | undefined {
    if (this.#rooms.size >= MOST_ROOMS) return undefined;
    const at = newRoom(jid, wanted);
    this.#rooms.set(jid, at);
    return at;
  }

  /** Says that we come in; offline it happens with the next session. */
  #enter(at: Room): void {
    at.timer?.();
    at.timer = undefined;
    at.phase = 'joining';
    at.nick = at.wanted.nick;
    at.nickTries = 0;
    this.#knock(at);
  }

  #knock(at: Room): void {
    if (!this.#online) return;
    const { clock, answerMs = 30_000 } = this.options;
    at.occupancy.clear();
    at.timer?.();
    at.timer = clock.after(answerMs, () =>
      this.#giveUpAndRetry(at, new SendError('room-time', refusal(at, ''))),
    );
    const { password } = at.wanted;
    this.#send((xml) => {
      const x = xml('x', { xmlns: NS_MUC }, xml('history', { maxstanzas: '0' }));
      if (password) x.children.push(xml('password', {}, password));
      return xml('presence', { to: `${at.jid}/${at.nick}` }, x);
    });
  }

  #onState(state: SessionState): void {
    if (state.phase === 'online') {
      for (const at of this.#rooms.values()) {
        if (at.phase === 'joined' && state.resumed) {
          this.#watch(at);
          this.#settle(at);
        } else if (at.phase !== 'out') this.#enter(at);
      }
      return;
    }
    for (const at of this.#rooms.values()) {
      at.timer?.();
      at.timer = undefined;
      if (state.phase === 'stopped') this.#fail(at, state.reason);
    }
  }

  #onStanza(stanza: Element): void {
    const at = this.#rooms.get(bareOf(stanza.attrs.from));
    if (!at || at.phase === 'out') return;
    if (stanza.name === 'message') this.#onMessage(at, stanza);
    else if (stanza.name === 'presence' && stanza.attrs.type === 'error') this.#onRefusal(at, stanza);
    else if (stanza.name === 'presence') this.#onPresence(at, stanza);
  }

  #onMessage(at: Room, stanza: Element): void {
    if (stanza.attrs.type === 'error') {
      // The room does not know us any more (XEP-0045 §7.4): it was restarted, or our server lost us.
      if (at.phase === 'joined' && errorOf(stanza).condition === 'not-acceptable') this.#lost(at);
      return;
    }
    if (at.phase !== 'joined' || stanza.attrs.type !== 'groupchat') return;
    this.#watch(at);
    const subject = stanza.getChildText('subject');
    if (subject === null || stanza.getChild('body') || stanza.getChild('thread')) return;
    const nick = addressOf(stanza.attrs.from)?.resource;
    this.#emit({ type: 'subject', room: at.jid, subject, ...(nick && { nick }) });
  }

  #onPresence(at: Room, stanza: Element): void {
    const seen = occupantPresence(stanza);
    if (!seen) return;
    const isOwn = seen.codes.has(110) || (at.phase === 'joined' && seen.nick === at.nick);
    if (seen.codes.has(303) && seen.newNick && !seen.available) {
      at.occupancy.rename(seen.nick, seen.newNick);
      if (isOwn) at.nick = seen.newNick;
      this.#emit({ type: 'nick', room: at.jid, from: seen.nick, to: seen.newNick, own: isOwn });
    } else if (isOwn && seen.available) this.#entered(at, seen.nick, seen.codes.has(201));
    else if (isOwn) this.#thrownOut(at, seen);
    else if (seen.available) {
      const isNew = at.occupancy.set(seen.nick, seen.jid);
      // Those who were there before us come first; they did not just join.
      if (isNew && at.phase === 'joined') {
        this.#emit({ type: 'occupant-joined', room: at.jid, nick: seen.nick, ...jidPart(seen.jid) });
      }
    } else {
      const jid = seen.jid ?? at.occupancy.jidOf(seen.nick);
      at.occupancy.delete(seen.nick);
      if (at.phase === 'joined')
        this.#emit({ type: 'occupant-left', room: at.jid, nick: seen.nick, ...jidPart(jid) });
    }
  }

  #entered(at: Room, nick: string, created: boolean): void {
    if (at.phase === 'joined') return;
    at.nick = nick;
    if (!created) {
      this.#joined(at, false);
      return;
    }
    // A new room is locked until its owner has sent a form; an empty one takes the defaults (XEP-0045 §10.1.2).
    this.#ask(at, 'set', (xml) =>
      xml('query', { xmlns: NS_MUC_OWNER }, xml('x', { xmlns: 'jabber:x:data', type: 'submit' })),
    ).then(
      () => this.#joined(at, true),
      (error: Error) => {
        if (error instanceof StanzaError) {
          this.#fail(at, new SendError('room-form', refusal(at, error.condition)));
        } else this.#retry(at);
      },
    );
  }

  #joined(at: Room, created: boolean): void {
    if (at.phase !== 'joining') return;
    at.phase = 'joined';
    at.missed = false;
    at.retries = 0;
    this.#watch(at);
    this.#settle(at);
    this.#emit({ type: 'joined', room: at.jid, nick: at.nick, created });
  }

  #thrownOut(at: Room, seen: NonNullable<ReturnType<typeof occupantPresence>>): void {
    const { codes, destroyed, by, reason } = seen;
    const why = { ...(by && { by }), ...(reason && { reason }) };
    const room = at.jid;
    // The service or its line to us broke (XEP-0045 §9.1, §9.6): nobody meant us.
    const broke = codes.has(332) || codes.has(333);
    if (broke) {
      this.#emit({ type: 'left', room, ...(reason && { reason }) });
      this.#retry(at);
      return;
    }
    at.timer?.();
    at.timer = undefined;
    at.phase = 'out';
    at.occupancy.clear();
    if (destroyed) this.#emit({ type: 'destroyed', room, ...destroyed });
    else if (codes.has(301)) this.#emit({ type: 'banned', room, ...why });
    else if (codes.has(307)) this.#emit({ type: 'kicked', room, ...why });
    else this.#emit({ type: 'left', room, ...(reason && { reason }) });
    this.#settle(at, new SendError(codes.has(301) ? 'room-banned' : 'room-left', { room: shown(room) }));
  }

  #onRefusal(at: Room, stanza: Element): void {
    if (at.phase !== 'joining') return;
    const { condition, text } = errorOf(stanza);
    if (condition === 'conflict' && at.nickTries < MOST_NICKS - 1) {
      at.nickTries += 1;
      at.nick = `${at.wanted.nick}_${at.nickTries + 1}`;
      this.#knock(at);
      return;
    }
    // Also what Prosody says of a room whose owner is just opening it.
    if (condition === 'item-not-found' && !at.missed) {
      at.missed = true;
      this.#retry(at);
      return;
    }
    const why = text === '' ? condition : `${condition}: ${text}`;
    const { code, passes } = refusalCode(condition);
    const error = new SendError(code, refusal(at, why));
    if (passes) this.#giveUpAndRetry(at, error);
    else this.#fail(at, error);
  }

  /** Whoever waits hears of it; what is wrong passes by itself, so that it is tried again later. */
  #giveUpAndRetry(at: Room, error: Error): void {
    this.#settle(at, error);
    this.#retry(at);
  }

  #retry(at: Room): void {
    at.phase = 'joining';
    at.occupancy.clear();
    at.timer?.();
    const wait = Math.min(RETRY_MAX, RETRY_MIN * 2 ** at.retries);
    at.retries = Math.min(at.retries + 1, 10);
    at.timer = this.options.clock.after(wait, () => this.#enter(at));
  }

  #fail(at: Room, error: Error): void {
    at.missed = false;
    at.timer?.();
    at.timer = undefined;
    at.phase = 'out';
    this.#settle(at, error);
  }

  #lost(at: Room): void {
    this.#emit({ type: 'left', room: at.jid });
    this.#enter(at);
  }

  /** Asks whether we are still in, once nothing was heard for a while. */
  #watch(at: Room): void {
    at.timer?.();
    at.timer = this.options.clock.after(this.options.silenceMs ?? 300_000, () => this.#selfPing(at));
  }

  #selfPing(at: Room): void {
    this.#ask(at, 'get', (xml) => xml('ping', { xmlns: 'urn:xmpp:ping' }), `${at.jid}/${at.nick}`).then(
      () => at.phase === 'joined' && this.#watch(at),
      (error: Error) => {
        if (at.phase !== 'joined') return;
        // XEP-0410 §3.4: only this one says that we are out; others come from our own client, or from the way there.
        if (error instanceof StanzaError && error.condition === 'not-acceptable') this.#lost(at);
        else this.#watch(at);
      },
    );
  }

  async #ask(at: Room, type: 'get' | 'set', content: (xml: Xml) => Element, to = at.jid): Promise<Element> {
    const xml = await this.#load();
    return this.stanzas.ask(xml('iq', { type, to }, content(xml)), {
      timeoutMs: this.options.answerMs ?? 30_000,
    });
  }

  /** What is lost with the line is said again with the next session. */
  #send(make: (xml: Xml) => Element): void {
    const xml = this.#xml;
    // At once where it can be, so that it goes before the messages that wait for the session.
    if (xml) this.stanzas.send(make(xml), () => {});
    else
      this.#load()
        .then((loaded) => this.stanzas.send(make(loaded), () => {}))
        .catch(() => {});
  }

  async #load(): Promise<Xml> {
    this.#xml ??= await this.stanzas.load();
    return this.#xml;
  }

  #settle(at: Room, error?: Error): void {
    for (const waiter of at.waiters.splice(0)) {
      waiter.cancel();
      if (error) waiter.reject(error);
      else waiter.resolve();
    }
  }

  #emit(event: RoomEvent): void {
    for (const handler of this.#handlers) handler(event);
  }
}

function jidPart(jid: string | undefined): { jid: string } | undefined {
  return jid ? { jid } : undefined;
}
