/**
 * Everything that comes in for the flows of an account, once: it checks senders, finds what a message refers to, and
 * drops copies. Receipts and answers that servers and people expect of any client go out from here.
 */

import { randomUUID } from 'node:crypto';
import { BoundedMap, BoundedSet } from '../../base/bounded-map';
import { DAY } from '../../base/time-units';
import { addressOf } from '../addresses';
import { Archives } from '../archive/archives';
import { automaticElement } from '../automatic';
import { NS } from '../namespaces';
import { originalOf, type SentEntry, type SentMessages } from '../sent-messages';
import type { SessionState, Stanzas, Xml } from '../stanzas';
import type { Speaker } from './allow-list';
import { readArchived } from './archived-reader';
import { Copies } from './copies';
import type { InboxListener, InboxOptions, InboxRooms } from './inbox-types';
import type { Lateness } from './lateness';
import { type ChatEvent, type ChatMessage, type ReadContext, readStanza } from './stanza-reader';
import { StrangerLimit } from './stranger-limit';

const MAX_KNOWN = 1_000;
/** Milliseconds and number of messages that are kept for a flow that a deploy restarts. */
const ABSENT_MS = 20_000;
const MAX_MISSED = 200;
/** Milliseconds after which all nodes of a starting flow are there. */
const STARTED_MS = 100;

/** A flow between its end and its beginning. */
interface Absent {
  missed: ChatMessage[];
  stop: () => void;
}

export class Inbox {
  private readonly listening = new Set<InboxListener>();
  private readonly absent = new Map<string, Absent>();
  private readonly copies: Copies;
  private readonly answered = new BoundedMap<string, number>(MAX_KNOWN);
  private readonly asked = new BoundedSet<string>(MAX_KNOWN);
  /** Subjects of the messages of others, for their corrections. */
  private readonly heard = new BoundedMap<string, Pick<ChatMessage, 'refersTo' | 'alertId'>>(MAX_KNOWN);
  private ends: (() => void)[] = [];
  private own = '';
  private readonly strangerLimit: StrangerLimit;
  private readonly archives: Archives | undefined;

  constructor(
    private readonly stanzas: Stanzas,
    private readonly rooms: InboxRooms,
    private readonly memory: SentMessages,
    private readonly options: InboxOptions,
  ) {
    this.copies = new Copies(options.clock);
    this.strangerLimit = new StrangerLimit(options.clock, (sender) => options.flooded(sender));
    const { positions, clock } = options;
    if (!positions) return;
    this.archives = new Archives(stanzas, {
      ...{ clock, positions },
      wants: (archive) =>
        [...this.listening].some(
          (one) => one.archive && (archive === stanzas.account || one.rooms.has(archive)),
        ),
      read: ({ id, stamp, message }, archive, { showsJids }) =>
        readArchived(message, { archive, id, stamp, showsJids }, this.context(true)),
      deliver: (message) => this.guard(() => this.message(message)),
      caughtUp: () => this.guard(() => options.caughtUp?.()),
      notice: (level, said) => options.notice?.(level, said),
    });
  }

  /** We came into a room. */
  entered(room: string): void {
    this.archives?.entered(room);
  }

  /** Everything that was handed over is dealt with. */
  close(): void {
    this.archives?.close();
  }

  /**
   * A flow begins to listen, and gets the messages since it was last there. The result ends that; `comesBack` if a
   * deploy restarts it: the server delivers each message only once. What it has not passed on goes back to be offered.
   */
  add(listener: InboxListener): (comesBack: boolean, back?: readonly ChatMessage[]) => void {
    this.listening.add(listener);
    // Receipts for what an earlier process sent come from there.
    this.stanzas.expect?.([...listener.allow.names, ...this.memory.recipients]);
    const absent = this.absent.get(listener.id);
    if (absent) {
      absent.stop();
      absent.stop = this.options.clock.after(STARTED_MS, () => {
        this.absent.delete(listener.id);
        for (const message of absent.missed) this.guard(() => this.offer(message, [listener]));
      });
    }
    if (this.ends.length === 0) {
      this.ends = [
        this.stanzas.onStanza((stanza) => this.guard(() => this.receive(stanza))),
        this.stanzas.onState((state) => this.stateChanged(state)),
      ];
      this.stateChanged(this.stanzas.state);
    } else this.archives?.listenerCame([...listener.rooms].filter((room) => this.rooms.isJoined(room)));
    return (comesBack, back = []) => this.leave(listener, comesBack, back);
  }

  private leave(listener: InboxListener, comesBack: boolean, back: readonly ChatMessage[]): void {
    if (!this.listening.delete(listener)) return;
    const before = this.absent.get(listener.id);
    before?.stop();
    this.absent.delete(listener.id);
    const gone = (): void => {
      this.absent.delete(listener.id);
      if (this.listening.size + this.absent.size === 0) for (const end of this.ends.splice(0)) end();
    };
    if (!comesBack) gone();
    else {
      const stop = this.options.clock.after(ABSENT_MS, gone);
      this.absent.set(listener.id, { missed: [...back, ...(before?.missed ?? [])], stop });
    }
  }

  /** An error must not escape here, because it would end Node-RED. */
  private guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.options.failed(error as Error);
    }
  }

  /** The flows that listen. */
  get listeners(): Iterable<InboxListener> {
    return this.listening;
  }

  /** Flows for which messages that were written before may still come. */
  get behind(): InboxListener[] {
    const { account, state } = this.stanzas;
    if (state.phase === 'stopped') return [];
    const isBehind = ({ archive, rooms }: InboxListener): boolean =>
      archive === true && this.archives !== undefined && !this.archives.hasRead([account, ...rooms]);
    return [...this.listening].filter((one) => state.phase !== 'online' || isBehind(one));
  }

  /** True if this node listens to a room. */
  wants(room: string, node: string): boolean {
    return [...this.listening].some(({ id, rooms }) => id === node && rooms.has(room));
  }

  /** True if a flow still listens to this room. */
  wantsRoom(room: string): boolean {
    return [...this.listening].some(({ rooms }) => rooms.has(room));
  }

  private stateChanged(state: SessionState): void {
    if (state.phase === 'online') this.own = state.jid;
    this.archives?.stateChanged(state);
  }

  private receive(stanza: Parameters<typeof readStanza>[0]): void {
    const { message, events } = readStanza(stanza, this.context(false));
    for (const event of events) this.event(event);
    if (message && !this.archives?.hold(message)) this.message(message);
  }

  /** @param wanted rooms count as such before we are in them */
  private context(wanted: boolean): ReadContext {
    return {
      account: this.stanzas.account,
      now: this.options.clock.now(),
      isRoom: (bare) => this.rooms.isJoined(bare) || (wanted && this.wantsRoom(bare)),
    };
  }

  private message(message: ChatMessage): void {
    if (this.isEcho(message)) return;
    const speaker = this.speaker(message);
    const listeners = [...this.listening].filter(({ allow }) => allow.allows(speaker));
    if (listeners.length + this.absent.size === 0 || this.copies.has(message)) return;
    message.realJid = speaker.realJid;
    if (message.encrypted) {
      this.encrypted(message, listeners);
      return;
    }
    this.archives?.begin(message);
    this.relate(message);
    if (message.reactions && !this.isReactionToUs(message)) return;
    for (const { missed } of this.absent.values()) if (missed.length < MAX_MISSED) missed.push(message);
    this.offer(
      message,
      listeners.filter(({ id }) => !this.absent.has(id)),
    );
  }

  private offer(message: ChatMessage, listeners: InboxListener[]): void {
    const speaker = this.speaker(message);
    const taken: [id: string, pass: (listeners: readonly string[]) => void][] = [];
    const late: string[] = [];
    let lateness: Lateness = 'overheard';
    const isForAll = !message.archived || message.delivered;
    for (const listener of listeners.filter(
      ({ allow, archive }) => (isForAll || archive) && allow.allows(speaker),
    )) {
      const pass = listener.offer(message);
      if (pass === 'late' || pass === 'overheard') {
        late.push(listener.id);
        if (pass === 'late') lateness = pass;
      } else if (pass) taken.push([listener.id, pass]);
    }
    if (taken.length > 0) this.options.heard?.();
    const takers = taken.map(([id]) => id);
    if (late.length > 0 && message.archived) this.options.late?.(message, late, lateness, takers.length > 0);
    for (const [, pass] of taken) pass(takers);
    if (taken.length > 0 && message.wantsReceipt) this.sendReceipt(message);
  }

  /** Own messages come back from rooms, and from the server where the account talks to itself. */
  private isEcho({
    bare,
    resource,
    room,
    nick,
    kind,
    id,
    stanzaId,
    archived,
    realJid,
  }: ChatMessage): boolean {
    if (room !== undefined && archived) {
      // The nick of then may be another one's now.
      if (realJid !== undefined) return realJid === this.stanzas.account;
      if (id !== undefined && this.memory.find(id, room) !== undefined) return true;
    }
    if (room !== undefined) {
      if (nick === undefined || !this.rooms.isOwn(room, nick)) return false;
      if (kind === 'groupchat' && id !== undefined && stanzaId !== undefined) {
        this.memory.learnStanzaId(id, room, stanzaId);
      }
      return true;
    }
    if (bare !== this.stanzas.account) return false;
    const own = addressOf(this.own);
    return (
      (own?.bare === bare && own.resource === resource) ||
      (id !== undefined && this.memory.find(id, bare) !== undefined)
    );
  }

  private speaker({
    bare,
    resource,
    room,
    nick,
    archived,
    realJid,
  }: Pick<ChatMessage, 'bare' | 'resource' | 'room' | 'nick' | 'archived' | 'realJid'>): Speaker {
    // Somebody else may have had the nick when it was written.
    if (archived) return { bare, resource, room, realJid };
    const known = room !== undefined && nick !== undefined ? this.rooms.realJid(room, nick) : undefined;
    return { bare, resource, room, realJid: known };
  }

  /** Finds the message of ours that it is about. */
  private relate(message: ChatMessage): void {
    const { chat, from, id, reactions, replyTo, quote, replaces, kind } = message;
    const sender = kind === 'groupchat' ? from : message.bare;
    const named = reactions?.id ?? replyTo;
    const entry =
      (named !== undefined ? this.ours(message, named) : undefined) ??
      (quote !== undefined ? this.memory.findQuoted(quote, chat) : undefined);
    const before = replaces === undefined ? undefined : this.heard.get(`${sender}\n${replaces}`);
    // Only who said it can correct it; and an id that was never heard may be anybody's.
    if (!before) message.replaces = undefined;
    message.refersTo = entry ? originalOf(entry) : before?.refersTo;
    message.alertId = entry ? entry.alertId : before?.alertId;
    if (reactions) message.reaction = this.memory.react(reactions.id, chat, sender, reactions.emojis);
    // The memory may have been written, and the effect not.
    if (message.interrupted && message.reaction) message.reaction.added = [...(reactions?.emojis ?? [])];
    if (id !== undefined && !reactions) {
      this.heard.set(`${sender}\n${id}`, { refersTo: message.refersTo, alertId: message.alertId });
    }
  }

  /** Reactions to messages of others in a room are not for us, and repeated ones say nothing. */
  private isReactionToUs({ room, refersTo, reaction }: ChatMessage): boolean {
    if (room !== undefined && refersTo === undefined) return false;
    return reaction !== undefined && reaction.added.length + reaction.removed.length > 0;
  }

  /** The message of ours with this id that went to where this one comes from. */
  private ours({ chat, room, kind }: ChatMessage, id: string): SentEntry | undefined {
    const found = this.memory.find(id, chat);
    if (found || room === undefined || kind === 'groupchat') return found;
    // A private answer in a room to a message for all of it.
    return this.memory.find(id, room);
  }

  private encrypted(message: ChatMessage, listeners: InboxListener[]): void {
    const { from, bare, resource, to, kind, id, encrypted, carbon } = message;
    if (!encrypted) return;
    const now = this.options.clock.steady();
    // In a room others read along, and can read; a copy is for the device that it went to.
    const mayAnswer = kind === 'chat' && !carbon;
    const answered = mayAnswer && now - (this.answered.get(to) ?? Number.NEGATIVE_INFINITY) >= DAY;
    if (answered) {
      this.answered.set(to, now);
      this.send((xml) =>
        xml(
          'message',
          { to, type: 'chat', id: randomUUID() },
          xml('body', {}, this.options.cannotRead),
          automaticElement(xml, 1),
        ),
      );
    }
    const event = { from, bare, resource, event: 'encrypted' as const, encrypted, answered };
    for (const listener of listeners) listener.event({ ...event, ...(id !== undefined && { id }) });
  }

  private event(event: ChatEvent): void {
    switch (event.event) {
      case 'receipt':
      case 'displayed':
      case 'failed': {
        // Only a recipient of a message can report on it.
        const entry = this.memory.find(event.id, event.bare) ?? this.memory.find(event.id, event.from);
        if (!entry) return;
        const about = {
          ...event,
          id: originalOf(entry),
          ...(entry.alertId !== undefined && { alertId: entry.alertId }),
        };
        for (const listener of this.listening) listener.event(about);
        return;
      }
      case 'subscribe':
        this.subscription(event);
        return;
      case 'invitation':
        if (!this.isKnown(event.bare) && !this.strangerLimit.mayAsk(event.bare)) return;
        for (const listener of this.listening) listener.event(event);
        return;
      default: {
        if (event.from === this.own) return;
        if (event.event === 'unsubscribe') this.asked.delete(event.bare);
        const room = this.rooms.isJoined(event.bare) ? event.bare : undefined;
        const speaker = this.speaker({ ...event, room, nick: room && event.resource });
        if (room !== undefined && this.rooms.isOwn(room, event.resource)) return;
        for (const listener of this.listening) if (listener.allow.allows(speaker)) listener.event(event);
      }
    }
  }

  private isKnown(bare: string): boolean {
    return [...this.listening].some(({ allow }) => allow.allows({ bare, resource: '' }));
  }

  /** Accepted where the person may speak anyway; others wait for somebody to decide, and are told of once. */
  private subscription(event: ChatEvent & { event: 'subscribe' }): void {
    const { bare } = event;
    const accepted = this.isKnown(bare);
    if (accepted) this.send((xml) => xml('presence', { to: bare, type: 'subscribed' }));
    // The server asks again at every login.
    if (this.asked.has(bare) || (!accepted && !this.strangerLimit.mayAsk(bare))) return;
    this.asked.add(bare);
    for (const listener of this.listening) listener.event({ ...event, accepted });
  }

  private sendReceipt({ from, type, id }: ChatMessage): void {
    if (id === undefined) return;
    this.send((xml) =>
      xml(
        'message',
        { to: from, type, id: randomUUID() },
        xml('received', { xmlns: NS.receipts, id }),
        xml('store', { xmlns: NS.hints }),
      ),
    );
  }

  private send(make: (xml: Xml) => Parameters<Stanzas['send']>[0]): void {
    this.stanzas.load().then(
      (xml) => this.stanzas.send(make(xml), () => {}),
      () => {},
    );
  }
}
