import type { Node } from 'node-red';
import { type NameIn, text } from '../../base/catalogue';
import type { Clock } from '../../base/clock';
import type { ReadText, Translate } from '../../base/translate';
import { AllowList } from '../../xmpp/receiving/allow-list';
import type { InboxListener } from '../../xmpp/receiving/inbox-types';
import { type Lateness, mayAct } from '../../xmpp/receiving/lateness';
import type { ChatEvent, ChatMessage } from '../../xmpp/receiving/stanza-reader';
import { type Pattern, PatternError, spokenTo } from '../../xmpp/receiving/text-pattern';
import type { RoomEvent } from '../../xmpp/rooms/rooms';
import type { SendError } from '../../xmpp/send-error';
import type { Heard } from '../homeassistant/shown-chat';
import type { Answered } from './answering';
import type { Chat } from './chat';
import type { ChatAnswers } from './chat-answers';
import { chatEventMessage, chatMessage } from './chat-messages';

/** Settings of one `xmpp-in`. */
export interface ListenSettings {
  /** Allowed senders, as typed: see {@link AllowList}. */
  allow: string;
  /** Bare JIDs of rooms to be in. */
  rooms: readonly string[];
  /** Empty: the name of the account. */
  nick: string;
  /** Password for rooms that need one. */
  password: string | undefined;
  kind: 'any' | 'chat' | 'groupchat';
  pattern: Pattern | undefined;
  /** True to hear only messages to our nick in rooms. */
  addressed: boolean;
  /** Oldest message that is heard, in milliseconds; undefined: any age. */
  maxAge: number | undefined;
  /** True to hear what was written while nobody was there, from the server's archive (XEP-0313). */
  archive: boolean;
  /** Called with each message that goes to output 1. */
  heard?: ((message: Heard) => void) | undefined;
  /** Answers questions about topics, and tells devices what they are told. */
  answers?: ChatAnswers | undefined;
}

/** Time that a room is kept for a node that a deploy makes anew, in milliseconds. */
const ROOM_KEPT = 10_000;
/** The log does not repeat what every message would say. */
const SAID_MOST = 50;

/** One `xmpp-in`: the rooms that it is in, and the way from what comes in to its outputs. */
export class ChatReceiver implements InboxListener {
  readonly id: string;
  readonly allow: AllowList;
  readonly rooms: Set<string>;
  readonly archive: boolean;
  readonly hears: 'any' | 'chat' | 'groupchat';
  private readonly said = new Set<string>();
  /** The last reported reason, by room, why we are not in it; the same reason again is no news. */
  private readonly troubles = new Map<string, string>();
  /** Messages that wait for what was recorded, or for the connection to the devices. */
  private readonly waiting = new Set<ChatMessage>();
  private ends: ((comesBack: boolean, back?: readonly ChatMessage[]) => void)[] = [];
  private isClosed = false;

  constructor(
    private readonly node: Node,
    private readonly chat: Chat,
    private readonly settings: ListenSettings,
    private readonly clock: Clock,
    private readonly translate: Translate,
    private readonly read: ReadText,
  ) {
    this.id = node.id;
    this.allow = new AllowList(settings.allow, chat.stanzas.account);
    this.rooms = new Set(settings.rooms);
    this.archive = settings.archive;
    this.hears = settings.kind;
  }

  start(): void {
    const { chat } = this;
    const joinAllowed = (): void => {
      // Unanswered requests are repeated with the next session.
      if (chat.stanzas.state.phase === 'online') this.joinAllowed().catch(() => {});
    };
    this.ends = [
      chat.inbox.add(this),
      chat.rooms.onEvent((event) => this.roomEvent(event)),
      chat.rooms.onTrouble((room, why) => this.trouble(room, why)),
      chat.stanzas.onState(joinAllowed),
    ];
    for (const room of this.rooms) this.join(room);
    joinAllowed();
  }

  /** Leaves the rooms that no other node listens to; a deploy makes the node anew, and leaves none. */
  close(removed: boolean): void {
    this.isClosed = true;
    const waiting = [...this.waiting];
    for (const end of this.ends.splice(0)) end(!removed, waiting);
    const { chat } = this;
    for (const room of this.rooms) {
      const leave = (): void => {
        if (!chat.inbox.wants(room, this.id)) chat.rooms.unwant(room, this.id);
        if (!chat.inbox.wantsRoom(room)) chat.rooms.leave(room);
      };
      if (removed) leave();
      else this.clock.after(ROOM_KEPT, leave);
    }
  }

  offer(message: ChatMessage): ((listeners: readonly string[]) => void) | Lateness | undefined {
    const { kind, maxAge, addressed, pattern } = this.settings;
    if (kind !== 'any' && message.kind !== kind) return undefined;
    const isLate = !mayAct(message, maxAge, this.clock.now());
    if (isLate) {
      const { from, bare, resource, text, stamp } = message;
      const late = {
        event: 'late' as const,
        from,
        bare,
        resource,
        text,
        stamp: new Date(stamp).toISOString(),
      };
      this.send(undefined, chatEventMessage(late));
      // The server keeps it for whoever was away, and says nothing more about it.
      if (!message.archived) return undefined;
    }
    const text = this.saidToUs(message);
    const match = text === undefined ? undefined : this.match(message, text);
    if (text === undefined || !match) return undefined;
    if (isLate) {
      const isToUs = message.kind === 'chat' || addressed || pattern || message.refersTo !== undefined;
      return isToUs ? 'late' : 'overheard';
    }
    const { reactions } = message;
    const payload = reactions ? reactions.emojis.join(' ') : text;
    const matched = match.length > 0 ? match : undefined;
    return (listeners) => {
      const { answers } = this.settings;
      const passOn = (answered: Answered | undefined, help?: string): void =>
        this.send(chatMessage(message, payload, matched, listeners, { answered, help }), undefined);
      const pass = (): void => {
        this.waiting.delete(message);
        // The node that a deploy made in its place gets it.
        if (this.isClosed) return;
        const answered = answers?.take(message);
        const help = answers?.helpFor(message);
        if (help) void help.then((words) => passOn(undefined, words));
        else if (answered instanceof Promise) void answered.then((one) => passOn(one));
        else passOn(answered);
        const { bare: from, nick, kind: heardKind } = message;
        const isReaction = reactions !== undefined;
        this.settings.heard?.({ from, nick, kind: heardKind, isReaction, said: payload });
      };
      // What an earlier process recorded belongs to the answer.
      const loading = answers?.loadingFor(message);
      if (!loading) pass();
      else {
        this.waiting.add(message);
        void loading.then(pass, pass);
      }
    };
  }

  event(event: ChatEvent): void {
    this.send(undefined, chatEventMessage(event));
  }

  /** The text without our nick; undefined if somebody else is meant. */
  private saidToUs({ kind, room, text, refersTo }: ChatMessage): string | undefined {
    if (!this.settings.addressed || kind !== 'groupchat' || room === undefined) return text;
    const said = spokenTo(text, this.chat.rooms.nickIn(room) ?? '');
    // A reaction or reply to our message is addressed to us.
    return said ?? (refersTo === undefined ? undefined : text);
  }

  private match({ reactions, reaction }: ChatMessage, text: string): string[] | undefined {
    const { pattern } = this.settings;
    if (!pattern) return [];
    // Reactions that are taken back have to match too: else the flow would never hear of it.
    const looked = reactions ? [...reactions.emojis, ...(reaction?.removed ?? [])].join(' ') : text;
    try {
      return pattern.match(looked);
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      this.once(this.translate('warning.patternTime', { reason: this.read(error.text) }));
      return undefined;
    }
  }

  /** Some of the allowed senders may be rooms, and nothing is heard from a room without being in it. */
  private async joinAllowed(): Promise<void> {
    for (const jid of this.allow.bareJids) {
      if (this.rooms.has(jid) || (await this.chat.kinds.of(jid)) !== 'groupchat') continue;
      if (this.isClosed || this.rooms.has(jid)) continue;
      this.rooms.add(jid);
      this.join(jid);
    }
  }

  private join(room: string): void {
    const { chat } = this;
    const nick = this.settings.nick || chat.stanzas.account.split('@', 1)[0] || 'bot';
    const { password } = this.settings;
    chat.rooms.want(room, this.id, { nick, ...(password && { password }), listens: true });
  }

  /** The status shows the trouble as long as it lasts; the error is told once, until we are in. */
  private trouble(room: string, { code, text: { params } }: SendError): void {
    if (!this.rooms.has(room) || this.isClosed || this.troubles.get(room) === code) return;
    this.troubles.set(room, code);
    const why = this.read(text(`room.${code as NameIn<'room'>}`, params));
    const event = { event: 'refused', from: room, bare: room, resource: '', room, reason: code };
    this.node.error(this.translate('error.room', { room, why }), chatEventMessage(event) as never);
  }

  private roomEvent(event: RoomEvent): void {
    if (!this.rooms.has(event.room)) return;
    const { type, room, ...more } = event;
    if (type === 'joined' && this.troubles.delete(room)) this.node.log(this.translate('log.room', { room }));
    if (type === 'nick-refused') this.once(this.translate('warning.nick', { room, nick: event.nick }));
    this.send(
      undefined,
      chatEventMessage({ event: type, from: room, bare: room, resource: '', room, ...more }),
    );
  }

  private send(message: object | undefined, event: object | undefined): void {
    this.node.send([message ?? null, event ?? null] as never);
  }

  private once(text: string): void {
    if (this.said.has(text) || this.said.size >= SAID_MOST) return;
    this.said.add(text);
    this.node.warn(text);
  }
}
