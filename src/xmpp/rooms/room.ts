import type { Element } from '@xmpp/client';
import type { Clock } from '../../base/clock';
import { plain } from '../../base/printable';
import { addressOf } from '../addresses';
import { BlockedError } from '../errors';
import { NS } from '../namespaces';
import { SendError } from '../send-error';
import { errorOf, StanzaError, type Xml } from '../stanzas';
import type { JoinRequests } from './join-requests';
import {
  defaultForm,
  entrance,
  type OccupantPresence,
  occupantPresence,
  type RoomEvent,
  subjectOf,
} from './room-events';
import { refusal, refusalCode } from './room-refusals';
import { returnAfter } from './room-return';
import { type JoinOptions, Occupancy } from './room-state';

/** Parts of all rooms that one room needs. */
export interface RoomHost {
  readonly options: {
    clock: Clock;
    answerMs?: number;
    offlineMs?: number;
    selfPingMs?: number;
  };
  readonly joinRequests: JoinRequests;
  /** True if there is a session. */
  readonly online: boolean;
  /** Sends presence. If it is lost with the line, the next session sends it again. */
  send(make: (xml: Xml) => Element, failed?: (error: Error) => void): void;
  /** @throws StanzaError, XmppError */
  ask(type: 'get' | 'set', content: (xml: Xml) => Element, to: string): Promise<Element>;
  emit(event: RoomEvent): void;
  /** Reports why we are not in. */
  tell(room: string, why: SendError): void;
}

interface Waiter {
  resolve(): void;
  reject(error: Error): void;
  cancel(): void;
}

/** Nicks that are tried if one is taken: `nick`, `nick_2`, … */
const MAX_NICKS = 9;
/** Milliseconds in a room after which a kick counts as the first one again. */
const STABLE_MS = 10 * 60_000;

/** One room (XEP-0045), and our place in it. */
export class Room {
  /** `out`: we are not in it, and nobody waits for it. If a node listens there, a timer brings us back. */
  phase: 'out' | 'joining' | 'joined' = 'out';
  nick: string;
  /** The nick that was asked for. `nick` is our present one. */
  asked: string;
  /** The reason why we are not in it; undefined if we are, or nothing is known yet. */
  why: SendError | undefined;
  /** When we last tried to come in, by the steady clock. */
  tried = Number.NEGATIVE_INFINITY;
  readonly occupancy = new Occupancy();
  private nickTries = 0;
  /** Passwords still to try; the first one goes with the next presence. */
  private passwords: string[] = [];
  private waiters: Waiter[] = [];
  /** The answer's time-out, the next try, or the next self-ping. */
  private timer: (() => void) | undefined;
  private retries = 0;
  /** Number of refusals or kicks in a row. */
  private refusals = 0;
  /** When we last came in. */
  private since = Number.NEGATIVE_INFINITY;
  /** True if the room did not exist the last time. */
  private missed = false;

  constructor(
    readonly jid: string,
    /** Options of the last `join`. */
    public wanted: JoinOptions,
    private readonly host: RoomHost,
  ) {
    this.nick = wanted.nick;
    this.asked = wanted.nick;
  }

  /** Resolves when we are in; rejects with the reason why not. */
  wait(): Promise<void> {
    const { clock, offlineMs = 3_600_000 } = this.host.options;
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        resolve,
        reject,
        cancel: clock.after(offlineMs, () => {
          this.waiters = this.waiters.filter((other) => other !== waiter);
          reject(new SendError('room-time', { room: plain(this.jid) }));
        }),
      };
      this.waiters.push(waiter);
    });
  }

  /** Tells all waiting callers that we are in, or why not. */
  settle(error?: Error): void {
    for (const waiter of this.waiters.splice(0)) {
      waiter.cancel();
      if (error) waiter.reject(error);
      else waiter.resolve();
    }
  }

  stopTimer(): void {
    this.timer?.();
    this.timer = undefined;
  }

  /** A session begins: it may be accepted by a room that refused an earlier one. */
  begin(): void {
    if (this.why?.code === 'room-line') {
      this.phase = 'out';
      this.rest();
    } else if (this.phase !== 'out' || this.host.joinRequests.listens(this.jid)) this.enter();
  }

  /** The stream was resumed, and so was our place. */
  resumed(): void {
    if (this.phase === 'out') this.rest();
    else if (this.phase === 'joining') this.enter();
    else {
      this.watch();
      this.settle();
      this.rename();
    }
  }

  /** Takes a stanza of the room. */
  take(stanza: Element): void {
    if (this.phase === 'out') return;
    if (stanza.name === 'message') this.onMessage(stanza);
    else if (stanza.name === 'presence' && stanza.attrs.type === 'error') this.onRefusal(stanza);
    else if (stanza.name === 'presence') this.onPresence(stanza);
  }

  /** Announces that we come in; offline, the next session does it. */
  enter(): void {
    this.stopTimer();
    this.phase = 'joining';
    this.asked = this.host.joinRequests.nick(this.jid) ?? this.wanted.nick;
    this.nick = this.asked;
    this.nickTries = 0;
    const own = this.wanted.password;
    this.passwords = [...new Set([...this.host.joinRequests.passwords(this.jid), ...(own ? [own] : [])])];
    this.knock();
  }

  private knock(): void {
    if (!this.host.online) return;
    const { clock, answerMs = 30_000 } = this.host.options;
    this.occupancy.clear();
    this.tried = clock.steady();
    this.timer?.();
    this.timer = clock.after(answerMs, () =>
      this.giveUpAndRetry(new SendError('room-time', refusal(this, ''))),
    );
    const [password] = this.passwords;
    this.host.send(
      (xml) => entrance(xml, `${this.jid}/${this.nick}`, password),
      (error) => {
        // Each try would break the line that everything else uses.
        if (error instanceof BlockedError) this.refused(new SendError('room-line', refusal(this, '')));
      },
    );
  }

  /** Asks for the nick that is wanted now (XEP-0045 §7.6). */
  rename(): void {
    const nick = this.host.joinRequests.nick(this.jid);
    if (nick === undefined || nick === this.asked || !this.host.online) return;
    this.asked = nick;
    this.host.send((xml) => xml('presence', { to: `${this.jid}/${nick}` }));
  }

  private onMessage(stanza: Element): void {
    if (stanza.attrs.type === 'error') {
      // The room does not know us any more (XEP-0045 §7.4): it was restarted, or our server lost us.
      if (this.phase === 'joined' && errorOf(stanza).condition === 'not-acceptable') this.lost();
      return;
    }
    if (this.phase !== 'joined' || stanza.attrs.type !== 'groupchat') return;
    this.watch();
    const set = subjectOf(stanza);
    if (set) this.host.emit({ type: 'subject', room: this.jid, ...set });
  }

  private onPresence(stanza: Element): void {
    const seen = occupantPresence(stanza);
    if (!seen) return;
    const isOwn = seen.codes.has(110) || (this.phase === 'joined' && seen.nick === this.nick);
    if (seen.codes.has(303) && seen.newNick && !seen.available) {
      this.occupancy.rename(seen.nick, seen.newNick);
      if (isOwn) this.nick = seen.newNick;
      this.host.emit({ type: 'nick', room: this.jid, from: seen.nick, to: seen.newNick, own: isOwn });
    } else if (isOwn && seen.available) this.entered(seen.nick, seen.codes.has(201));
    else if (isOwn) this.thrownOut(seen);
    else if (seen.available) {
      const isNew = this.occupancy.set(seen.nick, seen.jid);
      // Occupants who were there before us come first. They did not just join.
      if (isNew && this.phase === 'joined') {
        this.host.emit({ type: 'occupant-joined', room: this.jid, nick: seen.nick, ...jidPart(seen.jid) });
      }
    } else {
      const jid = seen.jid ?? this.occupancy.jidOf(seen.nick);
      this.occupancy.delete(seen.nick);
      if (this.phase === 'joined')
        this.host.emit({ type: 'occupant-left', room: this.jid, nick: seen.nick, ...jidPart(jid) });
    }
  }

  private entered(nick: string, created: boolean): void {
    if (this.phase === 'joined') return;
    this.nick = nick;
    if (!created) {
      this.joined(false);
      return;
    }
    // A new room is locked until its owner has sent a form.
    this.host.ask('set', defaultForm, this.jid).then(
      () => this.joined(true),
      (error: Error) => {
        if (error instanceof StanzaError) {
          this.refused(new SendError('room-form', refusal(this, error.condition)));
        } else this.retry();
      },
    );
  }

  private joined(created: boolean): void {
    if (this.phase !== 'joining') return;
    this.phase = 'joined';
    this.missed = false;
    this.retries = 0;
    this.why = undefined;
    this.since = this.host.options.clock.steady();
    this.watch();
    this.settle();
    this.host.emit({ type: 'joined', room: this.jid, nick: this.nick, created });
  }

  private thrownOut({ codes, destroyed, by, reason }: OccupantPresence): void {
    const why = { ...(by && { by }), ...(reason && { reason }) };
    const room = this.jid;
    // The service or its line to us broke (XEP-0045 §9.1, §9.6). Nobody threw us out.
    const broke = codes.has(332) || codes.has(333);
    if (broke) {
      this.why = new SendError('room-left', refusal(this, reason ?? ''));
      this.retry();
      this.host.emit({ type: 'left', room, ...(reason && { reason }) });
      return;
    }
    if (this.host.options.clock.steady() - this.since >= STABLE_MS) this.refusals = 0;
    this.occupancy.clear();
    this.phase = 'out';
    if (destroyed) this.host.emit({ type: 'destroyed', room, ...destroyed });
    else if (codes.has(301)) this.host.emit({ type: 'banned', room, ...why });
    else if (codes.has(307)) this.host.emit({ type: 'kicked', room, ...why });
    else this.host.emit({ type: 'left', room, ...(reason && { reason }) });
    const code = destroyed
      ? 'room-destroyed'
      : codes.has(301)
        ? 'room-banned'
        : codes.has(307)
          ? 'room-kicked'
          : codes.has(321) || codes.has(322)
            ? 'room-members'
            : 'room-left';
    const words = [by, reason ?? destroyed?.reason].filter((word) => word).join(': ');
    this.refused(new SendError(code, refusal(this, words || '–')));
  }

  private onRefusal(stanza: Element): void {
    const { condition, text } = errorOf(stanza);
    if (this.phase === 'joined') {
      const nick = addressOf(stanza.attrs.from)?.resource;
      if (nick === this.asked && nick !== this.nick) {
        this.host.emit({ type: 'nick-refused', room: this.jid, nick, reason: condition });
      }
      return;
    }
    if (condition === 'conflict' && this.nickTries < MAX_NICKS - 1) {
      this.nickTries += 1;
      this.nick = `${this.asked}_${this.nickTries + 1}`;
      this.knock();
      return;
    }
    // If several nodes are in a room, one of them may know the password.
    if (condition === 'not-authorized' && this.passwords.length > 1) {
      this.passwords.shift();
      this.knock();
      return;
    }
    // Prosody says the same of a room whose owner is just opening it.
    if (condition === 'item-not-found' && !this.missed) {
      this.missed = true;
      this.retry();
      return;
    }
    const why = text === '' ? condition : `${condition}: ${text}`;
    const { code, passes } = refusalCode(condition);
    const error = new SendError(code, refusal(this, why));
    if (passes) this.giveUpAndRetry(error);
    else this.refused(error);
  }

  /** Tells waiting callers. The trouble passes by itself, so another try follows later. */
  private giveUpAndRetry(error: SendError): void {
    this.why = error;
    this.retry();
    this.settle(error);
    this.host.tell(this.jid, error);
  }

  private retry(): void {
    this.phase = 'joining';
    this.occupancy.clear();
    this.timer?.();
    const wait = returnAfter('room-left', this.retries) ?? 0;
    this.retries += 1;
    this.timer = this.host.options.clock.after(wait, () => this.enter());
  }

  /**
   * We are out, and the reason does not pass by itself. A node that writes tries again at once, a node that listens
   * after a while.
   */
  private refused(error: SendError): void {
    this.missed = false;
    this.phase = 'out';
    this.why = error;
    this.rest();
    this.settle(error);
    this.host.tell(this.jid, error);
  }

  rest(): void {
    this.stopTimer();
    if (!this.why || !this.host.joinRequests.listens(this.jid)) return;
    const wait = returnAfter(this.why.code, this.refusals);
    this.refusals += 1;
    if (wait === undefined) return;
    this.timer = this.host.options.clock.after(wait, () => {
      // Nobody may listen any more: a rule was taken away, or its node.
      if (this.host.joinRequests.listens(this.jid)) this.enter();
    });
  }

  private lost(): void {
    this.host.emit({ type: 'left', room: this.jid });
    this.enter();
  }

  /** Asks if we are still in, after a time without any message. */
  watch(): void {
    this.timer?.();
    this.timer = this.host.options.clock.after(this.host.options.selfPingMs ?? 300_000, () =>
      this.selfPing(),
    );
  }

  private selfPing(): void {
    this.host
      .ask('get', (xml) => xml('ping', { xmlns: NS.ping }), `${this.jid}/${this.nick}`)
      .then(
        () => this.phase === 'joined' && this.watch(),
        (error: Error) => {
          if (this.phase !== 'joined') return;
          // XEP-0410 §3.4: only this error says that we are out. Others come from our own client, or from the way
          // there.
          if (error instanceof StanzaError && error.condition === 'not-acceptable') this.lost();
          else this.watch();
        },
      );
  }
}

function jidPart(jid: string | undefined): { jid: string } | undefined {
  return jid ? { jid } : undefined;
}
